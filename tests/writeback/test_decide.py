"""What the shop is told: each parcel once, and a cancellation that it does not know of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import events
from chalicelib.domain.order import SETTLE, Order
from chalicelib.writeback.decide import decide
from tests.events import NOW, bought, line, order, paid, reserved
from tests.histories import cancelled, note, registered, shipped

ALL = ("ship", "cancel")


def ordered(*facts: events.Fact, tells: tuple[str, ...] = ALL) -> Order:
    """Return an order of two pieces whose shop wants to hear of it."""
    one = order(what=bought(line(quantity=2)))
    first = replace(one.received, tells=tells)
    return replace(one, facts=(first, *one.facts[1:])).plus([paid("20.00"), reserved(), *facts])


def wishes(one: Order, *, later: timedelta = timedelta()) -> list[str]:
    """Return the effects that the step asks for."""
    return [command.key for command in decide(one, NOW + later)]


def told(what: str) -> events.ShopTold:
    """Return the fact that the shop knows."""
    return events.ShopTold(at=NOW, what=what, reference="f1")


def test_every_registered_parcel_is_told_once() -> None:
    """In the order of their numbers; the shop's answer ends it."""
    two = ordered(*shipped(1, {"l-TEE-1": 1}), *shipped(2, {"l-TEE-1": 1}))
    assert wishes(two) == ["tell:shipped:1", "tell:shipped:2"]
    assert wishes(two.plus([told("shipped:1")])) == ["tell:shipped:2"]
    assert wishes(two.plus([told("shipped:1"), told("shipped:2")])) == []


def test_a_parcel_that_the_carrier_does_not_know_is_no_news() -> None:
    """Nor is one without its delivery note: nobody knows what lies in it."""
    assert wishes(ordered(note(1, {"l-TEE-1": 2}))) == []
    assert wishes(ordered(registered(1))) == []


@pytest.mark.parametrize("tells", [(), ("cancel",)])
def test_a_shop_that_takes_no_parcels_costs_nothing(tells: tuple[str, ...]) -> None:
    """What it can take was frozen into the order, so nobody is even woken."""
    assert wishes(ordered(*shipped(1, {"l-TEE-1": 2}), tells=tells)) == []


def test_an_order_of_before_is_left_alone() -> None:
    """Orders that were stored before shops were told name nothing that is to be told."""
    assert wishes(order(*shipped(1, {"l-TEE-1": 1}))) == []


@pytest.mark.parametrize("who", ["staff", "customer", "kontor"])
def test_a_cancellation_made_here_is_told(who: str) -> None:
    """Once, whoever made it."""
    one = ordered(cancelled(who))
    assert wishes(one) == ["tell:cancelled"]
    assert wishes(one.plus([told("cancelled")])) == []


def test_a_cancellation_made_in_the_shop_is_no_news_there() -> None:
    """Nor may a shop be told that cannot take it."""
    assert wishes(ordered(cancelled("shop"))) == []
    echo = events.OrderCancelled(at=NOW, by="shop", modified_at=NOW)
    assert wishes(ordered(cancelled("staff"), echo)) == []
    assert wishes(ordered(echo, cancelled("staff"))) == []
    back = events.OrderReinstated(at=NOW, modified_at=NOW)
    assert wishes(ordered(echo, back, cancelled("staff"))) == ["tell:cancelled"]
    assert wishes(ordered(cancelled("staff"), tells=("ship",))) == []


def test_a_cancellation_after_a_parcel_had_left_is_told_as_a_parcel_only() -> None:
    """The goods are on their way: they come back as a return."""
    one = ordered(*shipped(1, {"l-TEE-1": 2}), cancelled("staff"))
    assert wishes(one) == ["tell:shipped:1"]


def test_a_shop_that_says_itself_that_all_is_sent_is_not_told() -> None:
    """Its staff have closed the order there."""
    hold = events.HoldPlaced(at=NOW, code="fulfilled_in_shop", text="sent")
    assert wishes(ordered(hold, *shipped(1, {"l-TEE-1": 2}))) == []


def test_a_call_whose_answer_was_lost_is_repeated_when_it_had_time_to_settle() -> None:
    """Not before: the other worker may still be on the line."""
    intent = events.EffectIntended(at=NOW, effect="tell:shipped:1")
    one = ordered(*shipped(1, {"l-TEE-1": 2}), intent)
    assert wishes(one) == []
    assert wishes(one, later=SETTLE) == ["tell:shipped:1"]

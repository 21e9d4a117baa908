"""Which units move: what the shelf must do so that it agrees with the order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import events
from chalicelib.domain.commands import (
    Command,
    IssueStock,
    PutAwayReturn,
    ReleaseStock,
    ReserveStock,
)
from chalicelib.domain.events import LineQuantity, Units
from chalicelib.domain.order import Order
from chalicelib.stock.decide import RETRY_SHORT, decide
from tests.events import NOW, bought, line, order, reserved
from tests.histories import cancelled, note, received_return, registered, shipped, short

TWO = bought(line("A", quantity=2), line("B"))


def wishes(one: Order, *, minutes: int = 0) -> list[Command]:
    """Return what the step asks for."""
    return list(decide(one, NOW + timedelta(minutes=minutes)))


def units(**counts: int) -> tuple[Units, ...]:
    """Return units by SKU."""
    return tuple(Units(sku=sku, quantity=count) for sku, count in counts.items())


def test_an_accepted_order_wants_all_its_units_at_once() -> None:
    """One wish for the whole order, whether it is paid or not."""
    assert wishes(order(what=TWO)) == [ReserveStock(units=units(A=2, B=1))]


def test_an_order_that_is_not_accepted_wants_nothing() -> None:
    """What does not add up takes no units from others."""
    assert wishes(order(what=TWO, accepted=False)) == []


def test_lines_of_one_sku_are_one_wish_and_what_needs_no_stock_is_none() -> None:
    """Downloads and lines without a SKU are left out."""
    what = bought(
        line("A", line_id="l1"), line("A", quantity=2, line_id="l2"), line(None),
        replace(line("PDF"), ships=False),
    )  # fmt: skip
    assert wishes(order(what=what)) == [ReserveStock(units=units(A=3))]


def test_what_is_set_aside_is_not_wanted_again() -> None:
    """Only the rest is wanted, and nothing at all once it is complete."""
    assert wishes(order(reserved("A"), what=TWO)) == [ReserveStock(units=units(A=1, B=1))]
    assert wishes(order(reserved("A", 2), reserved("B"), what=TWO)) == []


def test_after_a_shortage_the_next_look_comes_later_or_with_new_stock() -> None:
    """Not with every other fact of the order, but at once when units have come in."""
    waiting = order(short("A"), what=TWO)
    before = RETRY_SHORT.seconds // 60 - 1
    assert wishes(waiting, minutes=before) == []
    assert len(wishes(waiting, minutes=before + 1)) == 1
    arrived = waiting.plus([events.StockArrived(at=NOW + timedelta(seconds=1), sku="A")])
    assert len(wishes(arrived)) == 1


def test_a_registered_parcel_takes_its_units_out_once() -> None:
    """The units of its delivery note; a note alone takes nothing."""
    all_set = order(reserved("A", 2), reserved("B"), what=TWO)
    assert wishes(all_set.plus([note(1, {"l-A": 2})])) == []
    gone = all_set.plus(shipped(1, {"l-A": 2}))
    assert wishes(gone) == [IssueStock(shipment=1, units=units(A=2))]
    issued = events.StockIssued(at=NOW, shipment=1, units=units(A=2))
    assert wishes(gone.plus([issued])) == []


def test_a_parcel_of_things_without_stock_is_noted_without_units() -> None:
    """So that nobody asks again."""
    what = bought(line(None, line_id="x"))
    assert wishes(order(*shipped(1, {"x": 1}), what=what)) == [IssueStock(shipment=1, units=())]


def test_a_parcel_without_a_delivery_note_moves_nothing() -> None:
    """Nobody knows what is in it; the order stays readable."""
    assert wishes(order(reserved(), registered(1))) == []


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        ([], {}),
        ([reserved("A", 2)], {"A": 2}),
        ([reserved("A", 2), reserved("B")], {"A": 2, "B": 1}),
        ([reserved("A", 2), events.StockIssued(at=NOW, shipment=1, units=units(A=1))], {"A": 1}),
        ([reserved("A", 2), events.StockReleased(at=NOW, units=units(A=2))], {}),
    ],
)
def test_a_cancelled_order_lets_go_of_what_is_still_here(
    facts: list[events.Fact], left: dict[str, int]
) -> None:
    """Once, and never of what has gone out."""
    one = order(*facts, cancelled(), what=TWO)
    assert wishes(one) == ([ReleaseStock(units=units(**left))] if left else [])
    released = one.plus([events.StockReleased(at=NOW.replace(hour=9), units=units(**left))])
    assert wishes(released) == []


def test_a_cancelled_order_reserves_nothing_more() -> None:
    """Also when stock comes in for it."""
    assert wishes(order(short("A"), cancelled(), what=TWO), minutes=99) == []


def test_what_came_back_is_put_away_once_and_only_what_can_be_sold() -> None:
    """Each line of the return says whether it may be sold again."""
    back = events.ReturnReceived(
        at=NOW,
        return_id="R1",
        lines=(
            LineQuantity(line_id="l-A", quantity=2, restock=True),
            LineQuantity(line_id="l-B", quantity=1, restock=False),
        ),
    )
    one = order(reserved("A", 2), reserved("B"), back, what=TWO)
    assert wishes(one) == [PutAwayReturn(return_id="R1", units=units(A=2))]
    done = events.StockReturned(at=NOW, return_id="R1", units=units(A=2))
    assert wishes(one.plus([done])) == []


def test_two_returns_are_put_away_each_for_itself() -> None:
    """Their wishes have different names."""
    one = order(
        reserved("A", 2), reserved("B"), received_return({"l-A": 1}, "R1"),
        received_return({"l-A": 1}, "R2"), what=TWO,
    )  # fmt: skip
    assert [wish.key for wish in wishes(one)] == ["put-away:R1", "put-away:R2"]


def test_a_changed_order_is_tried_at_once() -> None:
    """The shortage was of what was bought before."""
    revised = events.OrderRevised(
        at=NOW + timedelta(minutes=1), modified_at=NOW, changes=("total",), is_about_goods=True
    )
    now = NOW + timedelta(minutes=2)
    assert not list(decide(order(short()), now))
    [command] = decide(order(short(), revised), now)
    assert isinstance(command, ReserveStock)

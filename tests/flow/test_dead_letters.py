"""Dead letters: what failed too often becomes a task for a person, once, and is never lost."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import waiting
from chalicelib.domain.events import Fact, HoldPlaced, HoldReleased
from chalicelib.domain.order import Order
from chalicelib.flow.dead_letters import handle
from chalicelib.flow.steps import STEPS, due
from tests.events import NOW, order, paid, reserved
from tests.fakes import FakeInbox, Fuse


class OneOrder:
    """A store with a single order."""

    def __init__(self, one: Order | None) -> None:
        self.one = one

    def load(self, merchant_id: str, order_id: str) -> Order | None:
        """Read an order."""
        return self.one if order_id == "o1" and merchant_id == "demo" else None

    def record(self, order: Order, facts: Iterable[Fact]) -> Order:
        """Add facts to it."""
        self.one = order.plus(facts)
        return self.one


def bury(body: dict[str, Any], orders: OneOrder, *, minutes: int = 0) -> FakeInbox:
    """Let the worker take one letter."""
    inbox: Any = FakeInbox(Fuse())
    handle(body, orders, inbox, NOW + timedelta(minutes=minutes))
    return inbox


LETTER = {"step": "documents", "merchant_id": "demo", "order_id": "o1"}


def test_a_dead_letter_of_an_order_is_a_hold_in_the_merchants_words() -> None:
    """The order stops, staff sees which step failed and how to try again."""
    orders = OneOrder(order(paid(), reserved()))
    bury(LETTER, orders)
    assert orders.one
    [blocker] = waiting.blockers(orders.one, NOW)
    assert blocker.code == "documents_failed"
    assert blocker.owner == "staff"
    assert "documents" in blocker.text
    assert "Release" in blocker.text
    assert not waiting.is_ready_to_ship(orders.one, NOW)


def test_a_shop_that_could_not_be_told_keeps_no_parcel_waiting() -> None:
    """Staff see it and release it; what is paid and reserved leaves the house all the same."""
    orders = OneOrder(order(paid(), reserved()))
    bury(LETTER | {"step": "writeback"}, orders)
    assert orders.one
    [blocker] = waiting.blockers(orders.one, NOW)
    assert (blocker.code, blocker.owner) == ("writeback_failed", "staff")
    assert waiting.is_ready_to_ship(orders.one, NOW)


def test_the_same_trouble_is_one_hold_however_many_letters() -> None:
    """Ten letters of one step are one task; another step's trouble is another."""
    orders = OneOrder(order())
    for minutes in range(3):
        bury(LETTER, orders, minutes=minutes)
    bury(LETTER | {"step": "stock"}, orders)
    assert orders.one
    placed = [fact.code for fact in orders.one.all(HoldPlaced)]
    assert placed == ["documents_failed", "stock_failed"]


def test_a_released_hold_comes_back_when_it_fails_again() -> None:
    """Whoever released it in vain sees it again."""
    orders = OneOrder(order())
    bury(LETTER, orders)
    assert orders.one
    orders.one = orders.one.plus([HoldReleased(at=NOW, code="documents_failed", by="staff")])
    bury(LETTER, orders, minutes=5)
    assert [hold.code for hold in orders.one.holds()] == ["documents_failed"]


def test_releasing_it_lets_the_step_try_again() -> None:
    """After the release the step is woken as if nothing had happened."""
    orders = OneOrder(order(paid(), reserved()))
    bury(LETTER, orders)
    assert orders.one
    released = orders.one.plus([HoldReleased(at=NOW, code="documents_failed", by="staff")])
    assert "documents" in due(released, NOW)


@pytest.mark.parametrize("step", ["intake", "payment"])
def test_a_delivery_that_cannot_be_processed_is_kept_as_a_problem(step: str) -> None:
    """It stays in the inbox with the reason, to be replayed when the cause is mended."""
    letter = {"step": step, "merchant_id": "demo", "delivery_id": "demo-woo/k1"}
    inbox = bury(letter, OneOrder(None))
    code, text = inbox.failures["demo-woo/k1"]
    assert code == "not_processed"
    assert step in text
    assert "Replay" in text


@pytest.mark.parametrize(
    "letter",
    [
        LETTER | {"order_id": "o9"},
        LETTER | {"merchant_id": "other"},
        {},
        {"DDBStreamBatchInfo": {"shardId": "s", "startSequenceNumber": "1"}},
    ],
)
def test_a_letter_about_nothing_we_hold_is_logged_and_done(letter: dict[str, Any]) -> None:
    """It must not come back for ever, nor touch another merchant's order."""
    orders = OneOrder(order())
    before = orders.one
    inbox = bury(letter, orders)
    assert orders.one is before
    assert inbox.failures == {}


def test_a_row_the_router_could_not_route_names_the_router() -> None:
    """The parked row comes under the dead letters' own name; a person reads who failed."""
    orders = OneOrder(order())
    bury(LETTER | {"step": "dead_letters"}, orders)
    assert orders.one
    assert [hold.code for hold in orders.one.holds()] == ["router_failed"]
    assert "router" not in STEPS

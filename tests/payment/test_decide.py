"""When an order has waited too long for its money: said once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import events
from chalicelib.domain.commands import MarkOverdue
from chalicelib.domain.events import Policy
from chalicelib.domain.order import Order
from chalicelib.payment.decide import decide
from tests.events import NOW, order, paid
from tests.histories import cancelled

WEEK = timedelta(days=7)
MOMENT = timedelta(milliseconds=1)


def is_late(one: Order, after: timedelta = WEEK) -> bool:
    """Tell whether the step says so, so long after the order came in."""
    wishes = [x for x in decide(one, NOW + after) if isinstance(x, MarkOverdue)]
    assert len(wishes) <= 1
    return bool(wishes)


def test_after_the_time_for_payment_an_unpaid_order_is_overdue() -> None:
    """To the moment, and only once."""
    assert not is_late(order(), WEEK - MOMENT)
    assert is_late(order(), WEEK)
    assert not is_late(order(events.PaymentOverdue(at=NOW + WEEK)), 2 * WEEK)


def test_the_time_for_payment_is_the_merchants_policy() -> None:
    """As it was when the order came in."""
    month = order(policy=Policy(payment_days=30))
    assert not is_late(month, timedelta(days=29))
    assert is_late(month, timedelta(days=30))


@pytest.mark.parametrize(
    "one",
    [
        order(paid()),
        order(paid("12.00")),
        order(cancelled()),
        order(accepted=False),
    ],
    ids=["paid", "overpaid", "cancelled", "not accepted"],
)
def test_an_order_that_waits_for_no_money_is_never_overdue(one: Order) -> None:
    """Settled, cancelled, or not even accepted."""
    assert not is_late(one, 9 * WEEK)


def test_a_part_is_not_enough() -> None:
    """The rest is still owed."""
    assert is_late(order(paid("9.99")))


def test_an_edit_of_what_it_costs_gives_the_time_anew() -> None:
    """Nobody is late for what was added yesterday; a new address changes nothing."""
    later = NOW + timedelta(days=6)
    edit = events.OrderRevised(at=later, modified_at=later, changes=("total",), is_about_goods=True)
    moved = replace(edit, changes=("delivery address",), is_about_goods=False)
    assert not is_late(order(edit), WEEK)
    assert is_late(order(edit), WEEK + timedelta(days=6))
    assert is_late(order(moved), WEEK)

"""Parked money on the real table: oldest first, page by page; found by its order."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.order import Order
from chalicelib.flow.router import early_payments
from chalicelib.store.payments import TRIES, Payments
from tests.contracts.test_stores_inbox import PAYMENT
from tests.events import NOW, bought, line

pytestmark = pytest.mark.engine


def park(merchant: str, *minutes: int, delivery: str = "demo-stripe/evt") -> None:
    """Park movements, each so many minutes ago."""
    for ago in minutes:
        movement = replace(PAYMENT, id=f"p{ago}", delivery_id=delivery and f"{delivery}_{ago}")
        Payments().park(merchant, movement, NOW - timedelta(minutes=ago))


def test_the_oldest_waits_first_and_pages_join(merchant: str) -> None:
    """Each movement once."""
    park(merchant, 1, 5, 3, 2, 4)
    found: list[str] = []
    start: dict[str, Any] | None = None
    for _ in range(3):
        page, start = Payments().parked(merchant, limit=2, start=start)
        found += [movement.id for movement in page]
    assert found == ["p5", "p4", "p3", "p2", "p1"]


def test_what_waits_is_tried_seldomer_the_longer_it_waits(merchant: str) -> None:
    """Whenever it reaches one of the ages, and never after a month; others' never."""
    ages = [age // timedelta(minutes=1) for age in TRIES]
    assert (ages[0], ages[-1]) == (10, 30 * 24 * 60)
    park(merchant, *ages, 1, 9, 30 * 24 * 60 + 8)
    last = NOW - timedelta(minutes=5)
    assert sorted(Payments().to_retry(merchant, last, NOW)) == sorted(f"p{age}" for age in ages)
    later = NOW + timedelta(minutes=5)
    assert Payments().to_retry(merchant, last + timedelta(minutes=6), later) == ["p9"]
    assert Payments().to_retry("other", last, NOW) == []


def test_what_has_found_its_order_is_not_tried_again(merchant: str) -> None:
    """Nor found by the order it named."""
    park(merchant, 10)
    Payments().settle(merchant, "p10")
    assert Payments().to_retry(merchant, NOW - timedelta(minutes=5), NOW) == []
    assert list(early_payments(order(merchant, PAYMENT.order_reference))) == []


def test_a_new_order_finds_what_waits_for_its_id_or_number_whenever_it_came(merchant: str) -> None:
    """Nothing else is read, however much waits."""
    park(merchant, 1, 60 * 24 * 90)
    by_id, by_number = order(merchant, "727", number="9"), order(merchant, "9", number="727")
    for one in (by_id, by_number):
        woken = sorted(wake.payment_id for wake in early_payments(one))
        assert woken == ["p1", "p129600"]
    assert list(early_payments(order(merchant, "728"))) == []


def order(merchant: str, external_id: str, number: str = "x") -> Order:
    """Return an order of a shop."""
    what = bought(line(price="1"), external_id=external_id, number=number)
    return Order(merchant_id=merchant, id="o1", bought=what)

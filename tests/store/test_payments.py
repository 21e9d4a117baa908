"""Parked money on the real table: oldest first, page by page, and what came in lately."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.flow.router import EARLY, early_payments
from chalicelib.store.payments import Payments
from tests.contracts.test_stores_inbox import PAYMENT
from tests.events import NOW

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


def test_only_what_came_in_lately_is_looked_at_when_an_order_comes(merchant: str) -> None:
    """Payments of the last minutes may belong to it; older ones are the sweeper's."""
    limit = EARLY // timedelta(minutes=1)
    park(merchant, 1, limit, limit + 1)
    woken = [wake.delivery_id for wake in early_payments(merchant, NOW)]
    assert woken == [f"demo-stripe/evt_{limit}", "demo-stripe/evt_1"]
    assert list(early_payments("other", NOW)) == []


def test_money_booked_by_hand_has_no_delivery_to_read_again(merchant: str) -> None:
    """Nothing is woken for it."""
    park(merchant, 1, delivery="")
    assert list(early_payments(merchant, NOW)) == []

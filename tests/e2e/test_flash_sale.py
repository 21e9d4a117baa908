"""Thirty webhooks at once want twenty pieces: twenty get theirs, ten are told, none is lost."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.conftest import Merchant, until
from tests.e2e.test_journey import CREATED
from tests.events import woocommerce_order

pytestmark = pytest.mark.e2e
BUYERS, PIECES = 30, 20
ANSWERS = {"reserved", "short"}


def test_thirty_orders_at_once_for_twenty_pieces(merchant: Merchant) -> None:
    """From the shop's webhooks through every queue to the shelf; goods that come in serve more."""
    merchant.stock("TEE-1", PIECES)
    numbers = [800 + number for number in range(BUYERS)]

    def buy(number: int) -> int:
        body = woocommerce_order(number=number, status="pending", quantity=1)
        return merchant.send("woocommerce", body, CREATED)[0]

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(buy, numbers)) == {202}
    states = Counter(
        merchant.order_when(str(number), lambda one: one["states"]["stock"] in ANSWERS)["states"][
            "stock"
        ]
        for number in numbers
    )
    assert states == {"reserved": PIECES, "short": BUYERS - PIECES}
    assert merchant.level("TEE-1") == (PIECES, PIECES, 0)
    merchant.stock("TEE-1", BUYERS)
    assert until(lambda: merchant.level("TEE-1") == (BUYERS, BUYERS, 0))

"""What a shop's page may ask: how much may still be sold."""

from __future__ import annotations

import pytest

from chalicelib.domain.events import StockReserved, Units
from chalicelib.store.stock import StockOrders
from tests.api.conftest import Caller
from tests.events import NOW, bought, line

pytestmark = pytest.mark.engine


def test_availability_is_what_a_shop_may_still_sell(call: Caller) -> None:
    """Of several SKUs at once; unknown ones have none."""
    call("PUT", "/v1/products/A", {"on_hand": 5})
    one = call.place(what=bought(line("A", quantity=2)))
    StockOrders().record(one, [StockReserved(at=NOW, units=(Units(sku="A", quantity=2),))])
    answer = call("GET", "/v1/availability?sku=A,B")
    assert answer.json["items"] == [
        {"sku": "A", "available": 3},
        {"sku": "B", "available": None},
    ]


def test_between_one_and_a_hundred_skus_are_answered(call: Caller) -> None:
    """Anything else names the field."""
    for bad in ("", "?sku=", "?sku=,", "?sku=" + ",".join(f"s{n}" for n in range(101))):
        assert call("GET", f"/v1/availability{bad}").json["field"] == "sku"

"""Products and stock over HTTP: what lies there, what is set aside, what may still be sold."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.events import StockReserved, Units
from chalicelib.store.allocation import StockOrders
from tests.api.conftest import Caller
from tests.events import NOW, bought, line

pytestmark = pytest.mark.engine


def levels(told: dict[str, Any]) -> tuple[int, int, int]:
    """Return on hand, reserved, available."""
    return told["on_hand"], told["reserved"], told["available"]


def reserve(call: Caller, count: int) -> None:
    """Set units of A aside for an order."""
    one = call.place(what=bought(line("A", quantity=count)), name=f"r{count}")
    fact = StockReserved(at=NOW, units=(Units(sku="A", quantity=count),))
    StockOrders().record(one, [fact])


def adjust(call: Caller, difference: Any, sku: str = "A") -> Any:
    """Correct what may be sold."""
    return call("POST", "/v1/stock/adjustments", {"sku": sku, "difference": difference})


def test_a_product_is_made_and_described(call: Caller) -> None:
    """By its SKU in the address; what is not named takes its default."""
    new = {"sku": "A", "name": "Kanne", "weight_g": 800, "on_hand": 5, "ean": "4006381333931"}
    told = call("PUT", "/v1/products/A", new).json
    assert levels(told) == (5, 0, 5)
    assert call.get("/v1/products/A") == told
    assert call.get("/v1/products")["items"] == [told]
    assert levels(call("PUT", "/v1/products/B", {}).json) == (0, 0, 0)


def test_units_that_are_set_aside_stay_so(call: Caller) -> None:
    """Counting the shelf changes what may be sold, never what is promised."""
    call("PUT", "/v1/products/A", {"on_hand": 5})
    reserve(call, 2)
    assert levels(call.get("/v1/products/A")) == (5, 2, 3)
    assert levels(call("PUT", "/v1/products/A", {"on_hand": 9}).json) == (9, 2, 7)
    answer = call("PUT", "/v1/products/A", {"on_hand": 1})
    assert answer.problem() == (422, "reserved")
    assert answer.json["field"] == "on_hand"


def test_a_new_name_leaves_the_stock_alone(call: Caller) -> None:
    """Without `on_hand` nothing is counted, whatever is sold meanwhile."""
    call("PUT", "/v1/products/A", {"on_hand": 5})
    reserve(call, 2)
    told = call("PUT", "/v1/products/A", {"name": "Kanne, blau"}).json
    assert (told["name"], levels(told)) == ("Kanne, blau", (5, 2, 3))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"on_hand": -1}, "on_hand"),
        ({"on_hand": "many"}, "on_hand"),
        ({"on_hand": 1.5}, "on_hand"),
        ({"weight_g": -1}, "weight_g"),
        ({"weight_g": None}, "weight_g"),
        ({"sku": "B"}, "sku"),
        ({"name": 5}, "name"),
        ({"name": ["x"]}, "name"),
    ],
)
def test_a_product_that_cannot_be_names_the_field(
    call: Caller, body: dict[str, Any], field: str
) -> None:
    """And nothing is written."""
    answer = call("PUT", "/v1/products/A", body)
    assert answer.problem() == (400, "bad_field")
    assert answer.json["field"] == field
    assert call("GET", "/v1/products/A").status == 404


@pytest.mark.parametrize("sku", ["%23", "a%23b", "%20a", "x" * 81])
def test_a_sku_must_be_one(call: Caller, sku: str) -> None:
    """Signs that would break its key, blanks at the beginning, and novels are refused."""
    assert call("PUT", f"/v1/products/{sku}", {}).problem() == (400, "bad_field")


def test_a_sku_may_hold_signs_that_an_address_must_encode(call: Caller) -> None:
    """Blanks, umlauts and slashes: what is written is what is read."""
    for sent, sku in (("Caf%C3%A9%20gro%C3%9F", "Café groß"), ("A%2FB", "A/B"), ("50%25", "50%")):
        assert call("PUT", f"/v1/products/{sent}", {"sku": sku}).json["sku"] == sku
        assert call.get(f"/v1/products/{sent}")["sku"] == sku


def test_stock_is_corrected_by_a_difference(call: Caller) -> None:
    """Up and down, but never below what there is."""
    call("PUT", "/v1/products/A", {"on_hand": 5})
    assert levels(adjust(call, 3).json) == (8, 0, 8)
    assert levels(adjust(call, -8).json) == (0, 0, 0)
    answer = adjust(call, -1)
    assert answer.problem() == (422, "too_few")
    assert answer.json["field"] == "difference"
    assert adjust(call, 1, "X").problem() == (404, "not_found")
    assert adjust(call, "one").problem() == (400, "bad_field")


def test_products_are_listed_page_by_page(call: Caller) -> None:
    """By SKU, each once."""
    for sku in ("C", "A", "B"):
        call("PUT", f"/v1/products/{sku}", {})
    first = call.get("/v1/products?limit=2")
    assert [item["sku"] for item in first["items"]] == ["A", "B"]
    second = call.get(f"/v1/products?limit=2&cursor={first['next']}")
    assert [item["sku"] for item in second["items"]] == ["C"]
    assert second["next"] is None

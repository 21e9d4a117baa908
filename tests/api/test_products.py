"""Products over HTTP: described in full, found, changed, put away, and every movement told."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.events import Location
from chalicelib.domain.levels import Level, Movement, movement
from chalicelib.runtime.settings import settings_of
from chalicelib.store.happenings import FULL
from chalicelib.store.merchants import Merchants, Settings
from chalicelib.store.movements import Movements
from chalicelib.store.products import Products
from chalicelib.store.stock import Shelf
from tests.api.conftest import Answer, Caller

pytestmark = pytest.mark.engine

WHOLE = {
    "sku": "TEA", "name": "Grüner  Tee", "ean": "4006381333931", "weight_g": 120,
    "length_mm": 200, "width_mm": 80, "height_mm": 50, "hs_code": "090210", "origin": "JP",
    "min_stock": 3, "backorder": True, "preorder": False, "expected_on": "2026-12-01",
    "lots": False, "on_hand": 5,
}  # fmt: skip


def two_places(call: Caller) -> None:
    """Give the merchant a second location."""
    places = (Location(), Location(id="berlin", name="Berlin", priority=2))
    Merchants().save_settings(call.merchant, Settings(locations=places))
    settings_of.forget()


def adjust(call: Caller, **body: Any) -> Answer:
    """Do something to the shelf."""
    return call("POST", "/v1/stock/adjustments", {"sku": "A", **body})


def moved(call: Caller, sku: str, before: Level | None, location: str = "main") -> Level:
    """Tell the newest movement of a level, as the table's stream does."""
    after = Shelf().products(call.merchant, [sku], [location])[sku].at(location)
    found = movement(sku, before, after)
    assert found
    Movements().write_all(call.merchant, [found])
    return after


def test_everything_a_product_is_comes_back(call: Caller) -> None:
    """As it was sent, with what lies where."""
    told = call("PUT", "/v1/products/TEA", WHOLE).json
    assert {name: told[name] for name in WHOLE if name != "name"} == {
        name: value for name, value in WHOLE.items() if name != "name"
    }
    assert told["levels"] == [{"location": "main", "on_hand": 5, "reserved": 0, "available": 5}]
    assert call.get("/v1/products/TEA") == told


def test_a_patch_changes_what_it_names(call: Caller) -> None:
    """And nothing else; an unknown product is not made by it."""
    call("PUT", "/v1/products/TEA", WHOLE)
    told = call("PATCH", "/v1/products/TEA", {"min_stock": 9, "expected_on": None}).json
    assert (told["min_stock"], told["expected_on"], told["ean"]) == (9, None, WHOLE["ean"])
    assert told["on_hand"] == 5
    assert call("PATCH", "/v1/products/TEA", {"weight_g": "x"}).json["field"] == "weight_g"
    assert call("PATCH", "/v1/products/NO", {"min_stock": 1}).problem() == (404, "not_found")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"ean": "12"}, "ean"),
        ({"hs_code": "abc"}, "hs_code"),
        ({"origin": "XX"}, "origin"),
        ({"min_stock": -1}, "min_stock"),
        ({"height_mm": 10**9}, "height_mm"),
        ({"name": "x" * 501}, "name"),
        ({"expected_on": "soon"}, "expected_on"),
        ({"parts": [{"sku": "", "quantity": 1}]}, "parts[0].sku"),
        ({"parts": [{"sku": "A", "quantity": 0}]}, "parts[0].quantity"),
        ({"parts": [{"sku": "A"}, {"sku": "A"}]}, "parts"),
        ({"parts": [{"sku": "A"}], "on_hand": 2}, "on_hand"),
        ({"parts": "A"}, "parts"),
    ],
)
def test_what_cannot_be_names_its_field(call: Caller, body: dict[str, Any], field: str) -> None:
    """With the reason, and nothing is written."""
    answer = call("PUT", "/v1/products/P", body)
    assert answer.problem() == (400, "bad_field")
    assert answer.json["field"] == field
    assert call("GET", "/v1/products/P").status == 404


def test_a_location_must_be_one_of_the_merchants(call: Caller) -> None:
    """Its levels are apart from each other and add up."""
    two_places(call)
    call("PUT", "/v1/products/A", {"on_hand": 5})
    told = call("PUT", "/v1/products/A", {"on_hand": 2, "location": "berlin"}).json
    assert (told["on_hand"], told["available"]) == (7, 7)
    assert [(x["location"], x["on_hand"]) for x in told["levels"]] == [("berlin", 2), ("main", 5)]
    answer = call("PUT", "/v1/products/A", {"on_hand": 2, "location": "paris"})
    assert answer.problem() == (422, "no_such_location")
    assert answer.json["field"] == "location"
    assert adjust(call, difference=1, location="paris").json["field"] == "location"


def test_a_bundle_is_as_many_as_its_parts_make(call: Caller) -> None:
    """Over several depths; alone and in the list."""
    call("PUT", "/v1/products/LEAF", {"on_hand": 10})
    call("PUT", "/v1/products/TIN", {"on_hand": 4})
    call("PUT", "/v1/products/TEA", {"parts": [{"sku": "LEAF", "quantity": 2}]})
    told = call("PUT", "/v1/products/GIFT", {"parts": [{"sku": "TEA"}, {"sku": "TIN"}]}).json
    assert (told["available"], told["on_hand"]) == (4, 0)
    assert told["parts"] == [{"sku": "TEA", "quantity": 1}, {"sku": "TIN", "quantity": 1}]
    listed = {item["sku"]: item["available"] for item in call.get("/v1/products")["items"]}
    assert listed == {"GIFT": 4, "LEAF": 10, "TEA": 5, "TIN": 4}
    answer = adjust(call, sku="GIFT", difference=1)
    assert answer.problem() == (422, "bundle")


def test_a_bundle_without_an_end_is_refused(call: Caller) -> None:
    """A circle, too many depths, and parts that there are not."""
    for sku, part in (("B1", None), ("B2", "B1"), ("B3", "B2"), ("B4", "B3")):
        assert call("PUT", f"/v1/products/{sku}", _of(part)).status == 200
    for sku, part, code in (
        ("B2", "B4", "bundle_circle"),
        ("B2", "B2", "bundle_circle"),
        ("B5", "B4", "bundle_depth"),
        ("B5", "NO", "unknown_part"),
    ):
        answer = call("PUT", f"/v1/products/{sku}", _of(part))
        assert answer.problem() == (422, code)
        assert answer.json["field"].startswith("parts")


def _of(part: str | None) -> dict[str, Any]:
    return {"parts": [{"sku": part, "quantity": 1}]} if part else {"on_hand": 1}


def skus(call: Caller, query: str) -> list[str]:
    """Return the SKUs that a list holds."""
    return [item["sku"] for item in call.get(f"/v1/products?{query}")["items"]]


def test_products_are_found_by_ean_sku_and_name(call: Caller) -> None:
    """What begins a SKU comes first, then what begins a name; each once."""
    for sku, name, ean in (
        ("TEA-1", "Grüner Tee", "4006381333931"),
        ("TEA-2", "Schwarzer Tee", ""),
        ("CUP", "Teacup", ""),
        ("X", "TEA-2 Ersatz", ""),
    ):
        call("PUT", f"/v1/products/{sku}", {"name": name, "ean": ean})
    assert skus(call, "search=4006381333931") == ["TEA-1"]
    assert skus(call, "search=TEA-") == ["TEA-1", "TEA-2", "X"]
    assert skus(call, "search=gr%C3%BCner%20%20TEE") == ["TEA-1"]
    assert skus(call, "search=tea") == ["X", "CUP"]
    assert skus(call, "search=nothing") == []
    assert skus(call, "") == ["CUP", "TEA-1", "TEA-2", "X"]


def test_what_is_found_is_read_page_by_page(call: Caller) -> None:
    """From the SKUs on to the names, each product once."""
    for sku, name in (("A1", "x"), ("A2", "a2"), ("A3", "x"), ("B", "A1 again"), ("C", "a2 too")):
        call("PUT", f"/v1/products/{sku}", {"name": name})
    found, cursor = [], ""
    for _ in range(9):
        page = call.get(f"/v1/products?search=A&limit=2{cursor}")
        found += [item["sku"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert sorted(found) == ["A1", "A2", "A3", "B", "C"]
    assert call("GET", "/v1/products?cursor=WzFd").problem() == (400, "bad_field")


def test_what_is_below_its_minimum_is_listed(call: Caller) -> None:
    """By the mark that the stream keeps; of this merchant only."""
    for sku, count in (("LOW", 1), ("FINE", 9), ("NONE", 0)):
        call("PUT", f"/v1/products/{sku}", {"on_hand": count, "min_stock": 3})
        Products().note_low(call.merchant, sku)
    assert skus(call, "below_minimum=1") == ["LOW", "NONE"]
    assert skus(call, "below_minimum=1&limit=1") == ["LOW"]
    assert skus(call.other(), "below_minimum=1") == []


def test_a_product_put_away_is_listed_no_more(call: Caller) -> None:
    """Its history stays, and it can come back; not while units of it are promised."""
    call("PUT", "/v1/products/A", {"on_hand": 1})
    assert call("DELETE", "/v1/products/A").json["archived"] is True
    assert skus(call, "") == []
    assert skus(call, "archived=1") == ["A"]
    assert call.get("/v1/products/A")["on_hand"] == 1
    assert call("PATCH", "/v1/products/A", {"archived": False}).json["archived"] is False
    assert skus(call, "") == ["A"]
    assert call("DELETE", "/v1/products/B").problem() == (404, "not_found")


def test_units_come_and_go_for_a_reason(call: Caller) -> None:
    """Received, corrected, counted, taken back: kind, words and person are in the movement."""
    call("PUT", "/v1/products/A", {})
    assert adjust(call, kind="receipt", difference=9, reason="Lieferung 7", by="anna").status == 201
    level = moved(call, "A", None)
    assert adjust(call, kind="correction", difference=-2, reason="zerbrochen").json["on_hand"] == 7
    level = moved(call, "A", level)
    assert adjust(call, kind="count", on_hand=6, reason="Inventur").json["on_hand"] == 6
    level = moved(call, "A", level)
    assert adjust(call, kind="return", difference=1).json["on_hand"] == 7
    level = moved(call, "A", level)
    told = call.get("/v1/products/A/movements")["items"]
    assert [(x["kind"], x["quantity"], x["on_hand"], x["reason"]) for x in told] == [
        ("return", 1, 7, ""),
        ("count", -1, 6, "Inventur"),
        ("correction", -2, 7, "zerbrochen"),
        ("receipt", 9, 9, "Lieferung 7"),
    ]
    assert (told[3]["by"], told[3]["seq"], told[3]["location"]) == ("anna", 1, "main")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "theft", "difference": 1}, "kind"),
        ({"kind": "receipt", "difference": -1}, "difference"),
        ({"kind": "return", "difference": 0}, "difference"),
        ({"kind": "receipt"}, "difference"),
        ({"kind": "count"}, "on_hand"),
        ({"kind": "count", "on_hand": -1}, "on_hand"),
        ({"kind": "correction", "difference": 0}, "difference"),
        ({"difference": 1.5}, "difference"),
        ({"difference": 1, "reason": "x" * 201}, "reason"),
    ],
)
def test_an_adjustment_that_cannot_be_names_its_field(
    call: Caller, body: dict[str, Any], field: str
) -> None:
    """And nothing moves."""
    call("PUT", "/v1/products/A", {"on_hand": 5})
    answer = adjust(call, **body)
    assert answer.problem() == (400, "bad_field")
    assert answer.json["field"] == field
    assert call.get("/v1/products/A")["on_hand"] == 5


def test_movements_of_several_places_are_read_page_by_page(call: Caller) -> None:
    """Newest first over all of them, or of one."""
    two_places(call)
    call("PUT", "/v1/products/A", {})
    levels: dict[str, Level | None] = {"main": None, "berlin": None}
    for count, place in enumerate(("main", "berlin", "main", "main", "berlin"), 1):
        adjust(call, kind="receipt", difference=count, location=place)
        levels[place] = moved(call, "A", levels[place], place)
    found, cursor = [], ""
    for _ in range(9):
        page = call.get(f"/v1/products/A/movements?limit=2{cursor}")
        found += [(item["location"], item["quantity"]) for item in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == [("berlin", 5), ("main", 4), ("main", 3), ("berlin", 2), ("main", 1)]
    one = call.get("/v1/products/A/movements?location=berlin")["items"]
    assert [item["quantity"] for item in one] == [5, 2]
    assert call("GET", "/v1/products/A/movements?location=x").json["field"] == "location"
    assert call("GET", "/v1/products/A/movements?cursor=WzFd").json["field"] == "cursor"


def test_the_audit_names_what_is_missing(call: Caller) -> None:
    """Sound as long as every movement is there; a gap and a difference where some are not."""
    call("PUT", "/v1/products/A", {"on_hand": 5})
    sound = call.get("/v1/products/A/audit")
    assert (sound["is_sound"], sound["levels"][0]["counted_on_hand"]) == (True, 5)
    # Once the level has no room for more notes, they are the stream's, which nobody reads here.
    noted: list[Movement] = []
    while (found := call.get("/v1/products/A/audit"))["is_sound"]:
        noted = Movements().all(call.merchant, "A", "main", most=99)
        assert adjust(call, difference=1).status == 201
        assert len(noted) <= FULL
    assert [x["kind"] for x in found["levels"][0]["findings"]] == ["gap", "difference"]
    Movements().write_all(call.merchant, noted)
    assert call.get("/v1/products/A/audit")["is_sound"] is True
    assert call.other()("GET", "/v1/products/A/audit").status == 404


def test_lots_are_received_counted_and_shown(call: Caller) -> None:
    """Each with its date; what is wrong with one is named."""
    call("PUT", "/v1/products/A", {"lots": True})
    body = {"kind": "receipt", "difference": 5, "lot": "L1", "best_before": "2027-03-01"}
    assert adjust(call, **body).status == 201
    told = adjust(call, kind="receipt", difference=2, lot="L0").json
    assert told["on_hand"] == 7
    assert [(x["lot"], x["best_before"], x["on_hand"]) for x in told["batches"]] == [
        ("L1", "2027-03-01", 5),
        ("L0", None, 2),
    ]
    assert adjust(call, kind="count", on_hand=4, lot="L1").json["on_hand"] == 6
    assert adjust(call, kind="receipt", difference=1).json["field"] == "lot"
    assert adjust(call, difference=-5, lot="L1").json["field"] == "difference"
    other = adjust(call, kind="receipt", difference=1, lot="L1", best_before="2027-04-01")
    assert other.problem() == (422, "other_lot")
    assert adjust(call, difference=1, lot="L1", best_before="soon").json["field"] == "best_before"
    assert call.get("/v1/products/A")["on_hand"] == 6

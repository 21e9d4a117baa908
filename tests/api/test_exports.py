"""Products and orders as CSV: they come in again as they went out, and no cell is a formula."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from urllib.request import urlopen

import pytest

from chalicelib.api import exports
from chalicelib.api.export_rows import ORDER_COLUMNS, PRODUCT_COLUMNS
from chalicelib.domain.product import Product
from chalicelib.runtime import sheets
from tests.api.conftest import Caller
from tests.api.test_imports import quiet, send, work
from tests.events import bought, line, paid
from tests.recorded.reading import delivery, names, recorded

pytestmark = pytest.mark.engine
__all__ = ["quiet"]  # a fixture that holds for this module too

PRODUCTS = """sku;name;ean;weight_kg;hs_code;origin;on_hand;location;min_stock;parts;backorder;\
expected_on;lots
K-1;=cmd|' /C calc'!A0;4006381333931;0,85;69120023;DE;5;main;2;;ja;1.12.2026;nein
K-1;;;;;;3;halle;;;;;
BUCH;Buch;;;;;;;;;;;
SET;Teeset;;;;;;;;2 x K-1, BUCH;;;
"""


def fetched(call: Caller, kind: str, **params: str) -> str:
    """Export, and fetch the file as a browser does."""
    query = "&".join(f"{name}={value}" for name, value in params.items())
    told = call.get(f"/v1/exports/{kind}?{query}")
    assert told["next"] is None
    with urlopen(told["url"], timeout=10) as answer:
        assert answer.headers["Content-Type"] == "text/csv"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{kind}.csv"'
        data: bytes = answer.read()
    text = data.decode("utf-8-sig")
    assert text.count("\r\n") - 1 == told["rows"] or '"' in text
    return text


def imported(call: Caller, kind: str, text: str, **params: Any) -> dict[str, Any]:
    """Import a table and return what came of it."""
    started = send(call, kind, text.encode(), **params)
    result: dict[str, Any] = work(call, started.json["id"])
    assert (result["state"], result["problems"]) == ("done", [])
    return dict(result["result"])


@pytest.fixture(autouse=True)
def two_places(call: Caller) -> None:
    """Give both merchants a second location."""
    for one in (call, call.other()):
        places = [{"id": "main"}, {"id": "halle", "priority": 2}]
        assert one("PUT", "/v1/settings", {"locations": places}).status == 200


def test_products_come_back_as_they_went_out(call: Caller) -> None:
    """Every column, every location; importing the export changes nothing."""
    imported(call, "products", PRODUCTS)
    text = fetched(call, "products")
    result = imported(call, "products", text)
    assert (result["new"], result["changed"], result["known"]) == (0, 0, 3)
    other = call.other()
    assert imported(other, "products", text)["new"] == 3
    assert fetched(other, "products") == text


def test_no_cell_of_an_export_is_a_formula(call: Caller) -> None:
    """What a customer or an importer typed in is text to a spreadsheet."""
    imported(call, "products", PRODUCTS)
    text = fetched(call, "products")
    assert ";'=cmd|' /C calc'!A0;" in text
    rows = {row.cells[0]: row.cells for row in reversed(sheets.read(text.encode()).rows)}
    assert rows["K-1"][PRODUCT_COLUMNS.index("name")] == "=cmd|' /C calc'!A0"


def test_orders_come_back_as_they_went_out(call: Caller) -> None:
    """Each line a row; an import by the same connection knows them all."""
    for name in names("generic"):
        body = delivery("generic", recorded("generic", name)).body
        assert call("POST", "/v1/orders", body).status == 201
        order = call("POST", "/v1/orders", body).json
        work_lists(call, order["id"])
    text = fetched(call, "orders", worklist="all")
    told = send(call, "orders", text.encode(), preview=1).json
    assert told["problems"] == []
    assert {item["state"] for item in told["items"]} == {"known"}
    other = call.other()
    again = send(other, "orders", text.encode(), preview=1).json
    assert again["found"] == len(names("generic"))
    assert [item["difference"] for item in again["items"]] == [None] * again["found"]
    assert {item["state"] for item in again["items"]} == {"new"}


def work_lists(call: Caller, order_id: str) -> None:
    """Bring an order into the lists, as the stream does."""
    from chalicelib.runtime import clock
    from chalicelib.store.orders import Orders

    order, head = Orders().load_with_head(call.merchant, order_id)
    assert order is not None
    Orders().project(order, head, clock.now())


def test_orders_are_exported_by_list(call: Caller) -> None:
    """With what has been paid; an unknown list or kind is refused."""
    call.place(paid(), name="o1", what=bought(line("A")))
    rows = sheets.read(fetched(call, "orders", worklist="to_ship").encode()).rows
    states = {row.cells[ORDER_COLUMNS.index("payment_state")] for row in rows}
    assert "paid" in states
    assert call("GET", "/v1/exports/orders?worklist=x").problem() == (400, "bad_field")
    assert call("GET", "/v1/exports/parcels").problem() == (404, "not_found")
    assert call("GET", "/v1/exports/products?cursor=WzFd").problem() == (400, "bad_field")


def test_what_takes_too_long_is_cut_into_parts(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each part has a header; together they are everything, once."""
    rows = "".join(f"P-{n};x;;;;;1;main;;;;;\n" for n in range(5))
    imported(call, "products", PRODUCTS.partition("\n")[0] + "\n" + rows)
    monkeypatch.setitem(exports.AT_ONCE, "products", 2)
    ticks = iter(range(0, 1000, 100))
    cursor, parts = None, []
    while True:
        made = exports.write(call.merchant, "products", cursor=cursor, clock=lambda: next(ticks))
        parts.append(made.rows)
        if made.next is None:
            break
        cursor = made.next
    assert parts == [2, 2, 1]


def test_a_product_without_units_has_a_row() -> None:
    """So that it is not forgotten."""
    from chalicelib.api.export_rows import product_rows

    [row] = product_rows(replace(Product(sku="A"), name="x"))
    assert dict(zip(PRODUCT_COLUMNS, row, strict=True))["on_hand"] == ""

"""The stream's images become movements; they are kept once and read newest first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.events import StockReserved, Units
from chalicelib.domain.levels import Movement
from chalicelib.store.movements import Movements, movement_of
from chalicelib.store.stock import StockRow, stock_key
from tests.contracts.stores import Stores, real_stores
from tests.events import NOW


def image(merchant: str, sku: str, location: str = "main") -> dict[str, Any]:
    """Return a row as the stream shows it."""
    row = StockRow.get(merchant, stock_key(sku, location), consistent_read=True)
    return row.serialize()


def moved(seq: int, location: str = "main", sku: str = "A") -> Movement:
    """Return the movement that made the seq-th level of a location."""
    at = NOW + timedelta(minutes=seq)
    return Movement(
        sku=sku, location=location, kind="receipt", quantity=1, held=0, on_hand=seq, reserved=0,
        at=at, seq=seq, reason="Lieferung", by="anna",
    )  # fmt: skip


def test_only_levels_are_movements() -> None:
    """A product's own row, a row that went, and no row at all are none."""
    product = {"pk": {"S": "m"}, "sk": {"S": "SKU#A#"}, "data": {"S": "{}"}}
    assert movement_of(None, product) is None
    assert movement_of(product, None) is None
    assert movement_of(None, None) is None


@pytest.mark.engine
def test_a_level_written_by_an_order_tells_its_movement(merchant: str) -> None:
    """Number and cause are in the row, so that the stream alone tells what happened."""
    stores: Stores = real_stores(merchant)
    stores.shelve("A b", 5)
    first = image(merchant, "A b")
    one = stores.place()
    stores.stock_orders.record(one, [StockReserved(at=NOW, units=(Units(sku="A b", quantity=2),))])
    told = movement_of(first, image(merchant, "A b"))
    assert told == Movement(
        sku="A b", location="main", kind="reservation", quantity=0, held=2, on_hand=5, reserved=2,
        at=NOW, seq=2, order_id="o1",
    )  # fmt: skip
    assert movement_of(None, first) == Movement(
        sku="A b", location="main", kind="count", quantity=5, held=0, on_hand=5, reserved=0,
        at=NOW, seq=1,
    )  # fmt: skip


@pytest.mark.engine
def test_movements_are_kept_once_and_read_newest_first(merchant: str) -> None:
    """Of all locations in the order of time, page by page."""
    store = Movements()
    for one in [moved(1), moved(2), moved(2), moved(3), moved(2, "berlin"), moved(1, sku="A b")]:
        store.write(merchant, one)
    first = store.page(merchant, "A", {"main": 0, "berlin": 0}, limit=2)
    assert (first[0].location, first[0].seq) == ("main", 3)
    assert {(x.location, x.seq) for x in store.page(merchant, "A", {"main": 3}, limit=9)} == {
        ("main", 1), ("main", 2),
    }  # fmt: skip
    every = store.page(merchant, "A", {"main": 0, "berlin": 0}, limit=9)
    assert len(every) == 4
    assert [x.at for x in every] == sorted((x.at for x in every), reverse=True)

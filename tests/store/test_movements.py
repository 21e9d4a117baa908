"""The stream's images become movements; they are kept once and read newest first."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.audit import audit
from chalicelib.domain.events import StockReserved, Units
from chalicelib.domain.levels import Cause, Level, Movement
from chalicelib.store import codec
from chalicelib.store.happenings import FULL
from chalicelib.store.movements import Movements, movements_of
from chalicelib.store.stock import Shelf, StockRow, stock_key
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
    assert movements_of(None, product) == []
    assert movements_of(product, None) == []
    assert movements_of(None, None) == []


@pytest.mark.engine
def test_a_level_notes_what_happened_in_the_write_that_does_it(merchant: str) -> None:
    """So a movement is read the moment it is made, and no row is written for it."""
    stores: Stores = real_stores(merchant)
    stores.shelve("A b", 5)
    first = image(merchant, "A b")
    one = stores.place()
    stores.stock_orders.record(one, [StockReserved(at=NOW, units=(Units(sku="A b", quantity=2),))])
    assert movements_of(first, image(merchant, "A b")) == []
    assert movements_of(None, first) == []
    assert Movements().all(merchant, "A b", "main", most=9) == [
        Movement(
            sku="A b", location="main", kind="count", quantity=5, held=0, on_hand=5, reserved=0,
            at=NOW, seq=1,
        ),
        Movement(
            sku="A b", location="main", kind="reservation", quantity=0, held=2, on_hand=5,
            reserved=2, at=NOW, seq=2, order_id="o1",
        ),
    ]  # fmt: skip


@pytest.mark.engine
def test_what_a_level_has_no_room_for_moves_on_together(merchant: str) -> None:
    """Every change is told once, by its row or by the level, and they add up to what is there."""
    level, old, cause = Level(), None, Cause(kind="receipt", at=NOW, by="anna")
    for n in range(3 * FULL):
        level = Shelf().adjust(merchant, "A", "main", n + 1, cause)
        new = image(merchant, "A")
        for _ in range(2):  # the stream may tell it twice
            Movements().write_all(merchant, movements_of(old, new))
        old = new
        told = Movements().all(merchant, "A", "main", most=99)
        assert audit(level, told).is_sound
        assert Movements().page(merchant, "A", {"main": 0}, limit=99) == told[::-1]
    assert [one.quantity for one in told] == [n + 1 for n in range(3 * FULL)]
    assert [one.seq for one in Movements().page(merchant, "A", {"main": 5}, limit=9)] == [
        4,
        3,
        2,
        1,
    ]
    kept = StockRow.query(merchant, StockRow.sk.startswith("MOVE#A#"))
    assert len([*kept]) <= 3


@pytest.mark.engine
def test_a_change_that_was_not_noted_is_a_movement_of_its_own(merchant: str) -> None:
    """Levels of before there were notes go on as they were, and so do their movements."""
    old = StockRow(merchant, stock_key("A", "main"), available=5, reserved=0, seq=1)
    old.cause = '{"kind":"count","at":"2026-11-23T08:00:00Z"}'
    old.save()
    [first] = movements_of(None, old.serialize())
    row = StockRow(merchant, "MOVE#A#main#0000000001", data=json.dumps(codec.plain(first)))
    row.save()
    Shelf().adjust(merchant, "A", "main", 2, Cause(kind="receipt", at=NOW))
    told = Movements().all(merchant, "A", "main", most=9)
    assert [(one.seq, one.quantity) for one in told] == [(1, 5), (2, 2)]


@pytest.mark.engine
def test_movements_are_kept_once_and_read_newest_first(merchant: str) -> None:
    """Of all locations in the order of time, page by page."""
    store = Movements()
    for one in [moved(1), moved(2), moved(2), moved(3), moved(2, "berlin"), moved(1, sku="A b")]:
        store.write_all(merchant, [one])
    first = store.page(merchant, "A", {"main": 0, "berlin": 0}, limit=2)
    assert (first[0].location, first[0].seq) == ("main", 3)
    assert {(x.location, x.seq) for x in store.page(merchant, "A", {"main": 3}, limit=9)} == {
        ("main", 1), ("main", 2),
    }  # fmt: skip
    every = store.page(merchant, "A", {"main": 0, "berlin": 0}, limit=9)
    assert len(every) == 4
    assert [x.at for x in every] == sorted((x.at for x in every), reverse=True)

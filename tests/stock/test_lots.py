"""Lots: what expires first goes first, the note names it, and every lot can be accounted for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.documents.parcel_papers import delivery_note
from chalicelib.domain import events, goods
from chalicelib.domain.events import Units
from chalicelib.domain.lots import Lot, first_expired
from chalicelib.domain.product import Product
from chalicelib.store.stock import lot_key
from tests.events import NOW, bought, line, order, paid
from tests.fakes import SETTINGS, World

MARCH, JUNE = date(2027, 3, 1), date(2027, 6, 1)


def lot(name: str, available: int, best_before: date | None = None) -> Lot:
    """Return a lot."""
    return Lot(name=name, available=available, best_before=best_before)


def world(quantity: int, *lots: Lot) -> World:
    """Return a house with a product in lots, and a paid order of it."""
    house = World()
    one = order(paid(amount=f"{quantity * 10}.00"), what=bought(line("A", quantity=quantity)))
    house.orders.create(replace(one, facts=(), version=0), one.facts)
    house.database.shelve("demo", Product(sku="A", lots=True), sum(x.available for x in lots))
    for each in lots:
        key = lot_key("A", "main", each.name, each.best_before)
        house.database.lots["demo", key] = each
    return house


def there(house: World) -> dict[str, tuple[int, int]]:
    """Return by lot what is available and what is reserved."""
    return {x.name: (x.available, x.reserved) for x in house.database.lots.values()}


def named(units: tuple[Units, ...]) -> list[tuple[str, int]]:
    """Return lots and their pieces."""
    return [(unit.lot, unit.quantity) for unit in units]


def test_what_expires_first_is_sent_first_and_named_on_the_note() -> None:
    """Chosen when it is set aside, so that paper and shelf say the same."""
    house = world(5, lot("L2", 9, JUNE), lot("L1", 3, MARCH), lot("L3", 9))
    house.settle()
    [one] = house.all_orders()
    [reserved], [issued] = one.all(events.StockReserved), one.all(events.StockIssued)
    assert named(reserved.units) == named(issued.units) == [("L1", 3), ("L2", 2)]
    assert {unit.best_before for unit in issued.units} == {MARCH, JUNE}
    assert there(house) == {"L1": (0, 0), "L2": (7, 0), "L3": (9, 0)}
    before = replace(one, facts=one.facts[: one.facts.index(issued)])
    unpacked = [x for x in before.facts if getattr(x, "kind", "") != "delivery_note"]
    lines = goods.delivery_notes(one)[1].lines
    packing = replace(before, facts=tuple(unpacked))
    note = delivery_note(packing, SETTINGS, lines, number="n", now=NOW)
    assert note.lines[0].details == (
        "Charge L1: 3, haltbar bis 01.03.2027, Charge L2: 2, haltbar bis 01.06.2027"
    )


def test_units_let_go_go_back_to_their_lots() -> None:
    """A cancelled order leaves nothing behind."""
    house = World()
    one = order(what=bought(line("A", quantity=4)))
    house.orders.create(replace(one, facts=(), version=0), one.facts)
    house.database.shelve("demo", Product(sku="A", lots=True), 5)
    for each in (lot("L1", 3, MARCH), lot("L2", 2, JUNE)):
        house.database.lots["demo", lot_key("A", "main", each.name, each.best_before)] = each
    house.settle()
    assert there(house) == {"L1": (0, 3), "L2": (1, 1)}
    [now] = house.all_orders()
    house.orders.record(now, [events.OrderCancelled(at=NOW, by="staff")])
    house.settle()
    assert there(house) == {"L1": (3, 0), "L2": (2, 0)}


def test_what_comes_back_goes_to_the_lot_it_left() -> None:
    """First those that left first."""
    house = world(4, lot("L1", 3, MARCH), lot("L2", 2, JUNE))
    house.settle()
    [one] = house.all_orders()
    back = (events.LineQuantity(line_id="l-A", quantity=4, restock=True),)
    house.orders.record(one, [
        events.ReturnAuthorized(at=NOW, return_id="R1", lines=back),
        events.ReturnReceived(at=NOW, return_id="R1", lines=back),
    ])  # fmt: skip
    house.settle()
    assert there(house) == {"L1": (3, 0), "L2": (2, 0)}


def test_units_in_no_lot_come_last() -> None:
    """A shelf from before lots were kept is used up, not lost."""
    wanted = Units(sku="A", quantity=5)
    assert named(tuple(first_expired(wanted, [lot("L1", 2, MARCH)]))) == [("L1", 2), ("", 3)]


days = st.none() | st.dates(date(2027, 1, 1), date(2027, 12, 31))


@given(st.integers(1, 9), st.lists(st.tuples(days, st.integers(0, 4)), max_size=5))
def test_no_lot_gives_more_than_it_has_and_none_is_passed_over(
    count: int, batches: list[Any]
) -> None:
    """All units are told, and a later lot is opened only when the earlier ones are empty."""
    lots = [lot(f"L{n}", available, day) for n, (day, available) in enumerate(batches)]
    told = list(first_expired(Units(sku="A", quantity=count), lots))
    assert sum(unit.quantity for unit in told) == count
    given_out = {unit.lot: unit.quantity for unit in told}
    ordered = sorted(lots, key=lambda one: (one.best_before or date.max, one.name))
    left = count
    for one in ordered:
        assert given_out.get(one.name, 0) == min(left, one.available)
        left -= min(left, one.available)
    assert given_out.get("", 0) == left

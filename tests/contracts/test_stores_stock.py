"""What every store of stock promises: levels move with their facts, all together or not at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from chalicelib.domain import events
from chalicelib.domain.errors import Conflict
from chalicelib.domain.events import StockFact, StockIssued, StockReleased, StockReserved, Units
from tests.contracts.stores import Stores, kinds
from tests.events import NOW
from tests.histories import short


def units(**counts: int) -> tuple[Units, ...]:
    """Return units by SKU."""
    return tuple(Units(sku=sku, quantity=count) for sku, count in counts.items())


def reserved(minutes: int = 0, **counts: int) -> StockFact:
    """Return a reservation."""
    return StockReserved(at=NOW + timedelta(minutes=minutes), units=units(**counts))


def issued(shipment: int = 1, **counts: int) -> StockFact:
    """Return the issue of a parcel."""
    return StockIssued(at=NOW, shipment=shipment, units=units(**counts))


def back(return_id: str = "R1", **counts: int) -> StockFact:
    """Return units of a return that were put away."""
    return events.StockReturned(at=NOW, return_id=return_id, units=units(**counts))


def test_units_move_with_the_fact_that_says_so(stores: Stores) -> None:
    """Set aside, sent out, taken back: each fact changes its levels once."""
    stores.shelve("A", 5)
    one = stores.stock_orders.record(stores.place(), [reserved(A=2)])
    assert stores.level("A") == (3, 2)
    one = stores.stock_orders.record(one, [issued(A=2)])
    assert stores.level("A") == (3, 0)
    one = stores.stock_orders.record(one, [back(A=1)])
    assert stores.level("A") == (4, 0)
    assert stores.load() == one


def test_units_that_are_let_go_can_be_sold_again(stores: Stores) -> None:
    """A release undoes a reservation."""
    stores.shelve("A", 5)
    one = stores.stock_orders.record(stores.place(), [reserved(A=2)])
    stores.stock_orders.record(one, [StockReleased(at=NOW, units=units(A=2))])
    assert stores.level("A") == (5, 0)


def test_too_few_units_are_a_conflict_and_nothing_moves(stores: Stores) -> None:
    """Neither the SKU that is short nor the one beside it, nor the order."""
    stores.shelve("A", 5)
    stores.shelve("B", 1)
    one = stores.place()
    with pytest.raises(Conflict):
        stores.stock_orders.record(one, [reserved(A=2, B=2)])
    assert (stores.level("A"), stores.level("B")) == ((5, 0), (1, 0))
    assert stores.load() == one


def test_an_unknown_sku_is_a_conflict(stores: Stores) -> None:
    """Nothing is made up on the shelf."""
    with pytest.raises(Conflict):
        stores.stock_orders.record(stores.place(), [reserved(X=1)])
    assert stores.shelf.products(stores.merchant, ["X"], ["main"]) == {}


def test_an_order_that_has_moved_on_moves_no_units(stores: Stores) -> None:
    """The lock of the order holds for the shelf too: decide again."""
    stores.shelve("A", 5)
    seen = stores.place()
    stores.orders.append(seen, [events.NoteAdded(at=NOW, text="x", by="staff")])
    with pytest.raises(Conflict):
        stores.stock_orders.record(seen, [reserved(A=2)])
    assert stores.level("A") == (5, 0)


def test_telling_it_twice_moves_units_once(stores: Stores) -> None:
    """A known fact is left out, also by a caller with the newest order."""
    stores.shelve("A", 5)
    one = stores.stock_orders.record(stores.place(), [reserved(A=2)])
    assert stores.stock_orders.record(one, [reserved(A=2)]) is one
    assert stores.level("A") == (3, 2)


def test_several_facts_of_one_run_may_move_the_same_sku(stores: Stores) -> None:
    """A parcel goes out while the rest is set aside and two returns are put away."""
    stores.shelve("A", 6)
    one = stores.stock_orders.record(stores.place(), [reserved(A=2)])
    facts = [reserved(5, A=3), issued(A=2), back("R1", A=1), back("R2", A=1)]
    after = stores.stock_orders.record(one, facts)
    assert stores.level("A") == (3, 3)
    assert kinds(stores.load().facts[-4:]) == [
        "StockReserved", "StockIssued", "StockReturned", "StockReturned",
    ]  # fmt: skip
    assert stores.load() == after


def test_more_cannot_go_out_than_was_set_aside(stores: Stores) -> None:
    """A level never falls below zero, on either side."""
    stores.shelve("A", 5)
    one = stores.stock_orders.record(stores.place(), [reserved(A=1)])
    with pytest.raises(Conflict):
        stores.stock_orders.record(one, [issued(A=2)])
    with pytest.raises(Conflict):
        stores.stock_orders.record(one, [StockReleased(at=NOW, units=units(A=2))])
    assert stores.level("A") == (4, 1)


def test_facts_without_units_are_just_appended(stores: Stores) -> None:
    """A shortage, or a return of which nothing can be sold, touches no shelf."""
    one = stores.stock_orders.record(stores.place(), [short("X", available=None)])
    after = stores.stock_orders.record(one, [back()])
    assert stores.load() == after
    assert kinds(after.facts[2:]) == ["StockShort", "StockReturned"]


def test_another_merchants_shelf_is_another_shelf(stores: Stores) -> None:
    """The same SKU of two merchants has nothing in common."""
    stores.shelve("A", 5)
    assert stores.shelf.products("other", ["A"], ["main"]) == {}


def in_lot(name: str, count: int, best_before: date | None = None) -> Units:
    """Return units of a lot."""
    return Units(sku="A", quantity=count, lot=name, best_before=best_before)


def test_lots_move_with_their_level(stores: Stores) -> None:
    """Both or neither: a lot that has too few refuses the whole of it."""
    stores.shelve("A", 0)
    until = date(2027, 3, 1)
    stores.fill("A", "L1", until, 2)
    stores.fill("A", "L2", None, 5)
    one = stores.place()
    with pytest.raises(Conflict):
        stores.stock_orders.record(one, [StockReserved(at=NOW, units=(in_lot("L1", 3, until),))])
    assert stores.level("A") == (7, 0)
    units_of_both = (in_lot("L1", 2, until), in_lot("L2", 1))
    one = stores.stock_orders.record(one, [StockReserved(at=NOW, units=units_of_both)])
    stores.stock_orders.record(one, [StockIssued(at=NOW, shipment=1, units=units_of_both)])
    assert stores.level("A") == (4, 0)
    lots = stores.shelf.lots(stores.merchant, "A", "main")
    assert [(x.name, x.available, x.best_before) for x in lots if x.on_hand] == [("L2", 4, None)]


def test_very_many_units_move_in_portions(stores: Stores) -> None:
    """A transaction holds 100 rows; an order of 120 articles takes several, and each unit once."""
    skus = [f"SKU-{n:03}" for n in range(120)]
    for sku in skus:
        stores.shelve(sku, 5)
    units = tuple(Units(sku=sku, quantity=2) for sku in skus)
    one = stores.stock_orders.record(stores.place(), [StockReserved(at=NOW, units=units)])
    one = stores.stock_orders.record(one, [StockIssued(at=NOW, shipment=1, units=units)])
    assert stores.load() == one
    assert {stores.level(sku) for sku in skus} == {(3, 0)}
    assert [fact.more for fact in one.all(StockIssued)] == [True, True, False]


def test_every_location_has_a_level_of_its_own(stores: Stores) -> None:
    """Read together, moved together or not at all, each by what lies there."""
    stores.shelve("A", 2)
    stores.shelve("A", 3, "berlin")
    there = stores.shelf.products(stores.merchant, ["A"], ["main", "berlin", "nowhere"])["A"]
    assert {x.location: x.available for x in there.levels if x.on_hand} == {"berlin": 3, "main": 2}
    assert there.available == 5
    one = stores.place()
    both = (
        Units(sku="A", quantity=2),
        Units(sku="A", quantity=4, location="berlin"),
    )
    with pytest.raises(Conflict):
        stores.stock_orders.record(one, [StockReserved(at=NOW, units=both)])
    fewer = (both[0], Units(sku="A", quantity=3, location="berlin"))
    one = stores.stock_orders.record(one, [StockReserved(at=NOW, units=fewer)])
    stores.stock_orders.record(one, [StockIssued(at=NOW, shipment=1, units=fewer[1:])])
    after = stores.shelf.products(stores.merchant, ["A"], ["main", "berlin"])["A"]
    assert (after.available, after.reserved) == (0, 2)
    assert after.at("berlin").on_hand == 0

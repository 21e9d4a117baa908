"""Many orders at once: first come, first served, in one write."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.domain import events
from chalicelib.domain.errors import Conflict
from chalicelib.domain.lots import Lot
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.stock.levels import MovingShelf
from chalicelib.store.allocation import Append, append_of
from chalicelib.store.portions import MOST
from chalicelib.store.stock import lot_key
from tests.events import NOW, bought
from tests.histories import cancelled, shipped
from tests.stock.house import House


def test_a_batch_is_one_read_of_the_levels_and_one_write() -> None:
    """However many orders there are of one SKU."""
    house = House(A=100)
    wakes = [house.order(f"o{number:02}", A=1) for number in range(50)]
    assert house.run(*wakes) == []
    assert house.level("A") == (50, 50)
    assert (house.count("stock.read"), house.count("stock.transact")) == (1, 1)
    assert house.count("orders.load") == 50


def test_who_came_first_is_served_first() -> None:
    """Whatever the order of the messages; who comes too late waits, with the reason as a fact."""
    house = House(A=3)
    late = house.order("late", after=9, A=1)
    early = [house.order(f"o{number}", after=number, A=1) for number in range(3)]
    assert house.run(late, *reversed(early)) == []
    assert house.reserved("o0", "o1", "o2", "late") == ["o0", "o1", "o2"]
    [short] = house.load("late").all(events.StockShort)
    assert [(m.sku, m.wanted, m.available) for m in short.missing] == [("A", 1, 0)]


def test_what_an_order_can_not_use_is_left_for_the_next() -> None:
    """Who wants more than there is waits whole; the next one takes what it needs."""
    house = House(A=3, B=0)
    wakes = [
        house.order("both", A=1, B=1), house.order("four", after=1, A=4),
        house.order("three", after=2, A=3),
    ]  # fmt: skip
    assert house.run(*wakes) == []
    assert house.reserved("both", "four", "three") == ["three"]
    assert house.level("A") == (0, 3)


def test_what_a_cancelled_order_lets_go_serves_the_next_of_the_batch() -> None:
    """Both are in one write."""
    house = House(A=1)
    first, second = house.order("o1", A=1), house.order("o2", after=1, A=1)
    house.run(first)
    house.book.record(house.load("o1"), [cancelled()])
    assert house.run(first, second) == []
    assert (house.level("A"), house.count("stock.transact")) == ((0, 1), 1)
    assert house.reserved("o2") == ["o2"]


def test_the_same_order_twice_in_a_batch_is_one() -> None:
    """A wake-up names an order; two of them ask for nothing more."""
    house = House(A=5)
    wake, other = house.order("o1", A=1), house.order("o2", A=1)
    assert house.run(wake, other, wake) == []
    assert house.level("A") == (3, 2)


def test_an_order_that_is_alone_runs_as_ever() -> None:
    """One load, one read, one write."""
    house = House(A=5)
    assert house.run(house.order("o1", A=1)) == []
    assert house.fuse.touches == ["orders.load", "stock.read", "stock.transact"]


def test_orders_with_nothing_to_do_are_no_write() -> None:
    """Doubled wake-ups cost a look."""
    house = House(A=5)
    wakes = [house.order("o1", A=1), house.order("o2", A=1)]
    house.run(*wakes)
    assert house.run(*wakes) == []
    assert house.count("stock.transact") == 0
    assert house.level("A") == (3, 2)


def test_more_than_one_write_takes_is_several() -> None:
    """Sixty orders with a SKU each of their own are 120 rows."""
    house = House(**{f"S{number}": 1 for number in range(60)})
    wakes = [house.order(f"o{number}", **{f"S{number}": 1}) for number in range(60)]
    assert house.run(*wakes) == []
    assert house.count("stock.transact") == 2
    assert all(level.available == 0 for level in house.database.levels.values())


def test_each_merchant_is_written_for_itself() -> None:
    """Two merchants' SKUs of one name have nothing in common."""
    house = House(A=5)
    house.database.shelve("other", Product(sku="A"), 1)
    mine = [house.order("o1", A=1), house.order("o2", A=1)]
    others = [house.order(name, merchant="other", A=1) for name in ("x1", "x2")]
    assert house.run(mine[0], others[0], mine[1], others[1]) == []
    assert house.level("A") == (3, 2)
    assert house.database.levels["other", "A", "main"].available == 0


def moving(order: str, **counts: int) -> Append:
    """Return an order that sets aside so many units of each SKU; below zero, lets them go."""
    empty = Order(merchant_id="demo", id=order, bought=bought())
    facts = [
        (events.StockReserved if count > 0 else events.StockReleased)(
            at=NOW, units=(events.Units(sku=sku, quantity=abs(count)),)
        )
        for sku, count in counts.items()
    ]
    append = append_of(empty, facts)
    assert append
    return append


def test_levels_move_along_and_refuse_as_the_table_would() -> None:
    """What was read once is not read again; nothing moves where one level of several would not."""
    house = House(A=3, B=1)
    shelf = MovingShelf(house.shelf)
    shelf.move(moving("o1", A=2))
    for refused in ({"A": 2}, {"C": -1}, {"X": 1}):
        with pytest.raises(Conflict):
            shelf.move(moving("o2", B=1, **refused))
    found = shelf.products("demo", ["A", "B", "X"], ["main", "berlin"])
    assert {
        sku: [(x.location, x.available, x.reserved) for x in one.levels]
        for sku, one in found.items()
    } == {"A": [("main", 1, 2), ("berlin", 0, 0)], "B": [("main", 1, 0), ("berlin", 0, 0)]}


def test_lots_move_along_with_their_levels() -> None:
    """What expires first goes to who came first; each lot is written once for all."""
    house = House(A=5)
    house.database.shelve("demo", Product(sku="A", lots=True), 5)
    for name, count, month in (("L1", 3, 1), ("L2", 2, 6)):
        day = date(2027, month, 1)
        house.database.lots["demo", lot_key("A", "main", name, day)] = Lot(
            name=name, best_before=day, available=count
        )
    wakes = [house.order(f"o{number}", after=number, A=2) for number in range(3)]
    assert house.run(*wakes) == []
    assert house.count("stock.transact") == 1
    chosen = [
        [(unit.lot, unit.quantity) for unit in fact.units]
        for name in ("o0", "o1")
        for fact in house.load(name).all(events.StockReserved)
    ]
    assert chosen == [[("L1", 2)], [("L1", 1), ("L2", 1)]]
    assert house.reserved("o2") == []
    assert [(x.available, x.reserved) for x in house.database.lots.values()] == [(0, 3), (1, 1)]


def test_a_lot_that_is_gone_spoils_no_write_for_others() -> None:
    """An order whose lot holds less than it says runs alone, after the others."""
    house = House(A=9)
    wakes = [house.order(f"o{number}", after=number, A=1) for number in range(3)]
    units = (events.Units(sku="A", quantity=1, lot="L1"),)
    house.database.lots["demo", lot_key("A", "main", "L1", None)] = Lot(name="L1", available=1)
    house.book.record(house.load("o0"), [events.StockReserved(at=NOW, units=units)])
    house.book.append(house.load("o0"), [cancelled()])
    house.database.lots["demo", lot_key("A", "main", "L1", None)] = Lot(name="L1")
    assert house.run(*wakes) == ["o0"]
    assert house.reserved("o1", "o2") == ["o1", "o2"]


def test_an_order_of_more_units_than_one_write_takes_keeps_nobody_waiting() -> None:
    """It runs alone after the others, in as many writes as it takes."""
    skus = {f"S{number}": 1 for number in range(MOST + 1)}
    house = House(**dict.fromkeys(skus, 2))
    wakes = [house.order("large", **skus), house.order("o1", S1=1), house.order("o2", S2=1)]
    assert house.run(*wakes) == []
    assert house.count("stock.transact") == 3
    assert house.reserved("large", "o1", "o2") == ["large", "o1", "o2"]


def test_a_parcel_that_was_told_in_part_is_told_to_its_end() -> None:
    """Whoever comes after a stop between two writes of an order does not take it for done."""
    house = House(A=9, B=9)
    wakes = [house.order("o1", A=1, B=1), house.order("o2", A=1)]
    house.run(*wakes)
    half = events.StockIssued(
        at=NOW, shipment=1, units=(events.Units(sku="A", quantity=1),), more=True
    )
    house.book.append(house.load("o1"), shipped(1, {"l-A": 1, "l-B": 1}))
    house.book.record_many([Append(order=house.load("o1").plus([half]), new=(half,))])
    assert house.run(*wakes) == []
    assert (house.level("A"), house.level("B")) == ((7, 1), (8, 0))
    assert [fact.more for fact in house.load("o1").all(events.StockIssued)] == [True, False]

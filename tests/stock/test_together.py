"""Many orders at once: first come, first served, and no order spoils the write for the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.domain import events, goods
from chalicelib.domain.commands import Command, WakeUp
from chalicelib.domain.errors import Conflict, Retryable
from chalicelib.domain.levels import Cause
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.runtime.step import Step
from chalicelib.stock.decide import decide
from chalicelib.stock.levels import MovingShelf
from chalicelib.stock.perform import perform
from chalicelib.stock.together import TRIES, Together
from chalicelib.store.allocation import Append, RefusedError
from chalicelib.store.stock import Move
from tests.events import NOW, bought, line, reserved
from tests.fakes import Clock, Database, FakeShelf, FakeStockOrders, Fuse, Killed
from tests.histories import cancelled, shipped


def here(merchant_id: str) -> tuple[events.Location, ...]:
    """Return the one location that a merchant has at first."""
    return (events.Location(),)


class House:
    """The stock step over rows in memory."""

    def __init__(self, **levels: int) -> None:
        """Put units on the shelf."""
        self.fuse, self.database, self.clock = Fuse(), Database(), Clock()
        self.book = FakeStockOrders(self.database, self.fuse)
        self.shelf = FakeShelf(self.database, self.fuse)
        self.pauses: list[int] = []
        self.decide: Callable[..., Iterator[Command]] = decide
        for sku, count in levels.items():
            self.database.shelve("demo", Product(sku=sku), count)

    def order(self, name: str, *, after: int = 0, merchant: str = "demo", **skus: int) -> WakeUp:
        """Take in an order of so many pieces, `after` so many seconds."""
        lines = tuple(line(sku, quantity=count) for sku, count in skus.items())
        at = NOW + timedelta(seconds=after)
        received = events.OrderReceived(
            at=at, delivery_id="d", policy=events.Policy(), access_token="t"
        )
        empty = Order(merchant_id=merchant, id=name, bought=bought(*lines))
        self.book.create(empty, (received, events.OrderAccepted(at=at)))
        return WakeUp(step="stock", merchant_id=merchant, order_id=name)

    def run(self, *wakes: WakeUp) -> list[str]:
        """Run the step for these orders; return those that come back."""
        self.fuse.touches.clear()
        step = Step(
            name="stock",
            decide=self.decide,
            perform=partial(perform, shelf=self.shelf, locations_of=here),
            orders=self.book,
            now=self.clock,
        )
        together = Together(
            step=step,
            book=self.book,
            shelf=self.shelf,
            locations_of=here,
            pause=self.pauses.append,
        )
        return [wake.order_id for wake in together.run(wakes)]

    def load(self, name: str) -> Order:
        """Read an order."""
        found = self.book.load("demo", name)
        assert found
        return found

    def reserved(self, *names: str) -> list[str]:
        """Return which of these orders have all their units."""
        return [n for n in names if not goods.unreserved(self.load(n))]

    def level(self, sku: str) -> tuple[int, int]:
        """Return what is available and what is reserved."""
        found = self.database.levels["demo", sku, "main"]
        return found.available, found.reserved

    def count(self, touch: str) -> int:
        """Return how often the outside was touched so in the last run."""
        return self.fuse.touches.count(touch)


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


class Meddler(FakeStockOrders):
    """Lets somebody else be faster, right before a write."""

    def __init__(self, database: Database, fuse: Fuse) -> None:
        """Begin with nobody in the way."""
        super().__init__(database, fuse)
        self.before: list[Callable[[], Any]] = []

    def record_many(self, appends: Sequence[Append]) -> None:
        """Write, after whoever was faster."""
        if self.before:
            self.before.pop(0)()
        super().record_many(appends)


@pytest.fixture
def house() -> House:
    """Return a house with three A in which somebody may be faster."""
    house = House(A=3)
    house.book = Meddler(house.database, house.fuse)
    return house


def faster(house: House, *deeds: Callable[[], Any]) -> None:
    """Let these happen, each right before the next write."""
    assert isinstance(house.book, Meddler)
    house.book.before = list(deeds)


def take(house: House, count: int) -> Callable[[], None]:
    """Return a deed that sells A elsewhere."""

    def deed() -> None:
        level = house.database.levels["demo", "A", "main"]
        house.database.levels["demo", "A", "main"] = replace(
            level, available=level.available - count
        )

    return deed


def test_units_that_are_gone_meanwhile_are_not_sold(house: House) -> None:
    """The levels are read again, the orders are not; who came first still is."""
    wakes = [house.order(f"o{number}", after=number, A=1) for number in range(3)]
    faster(house, take(house, 1))
    assert house.run(*wakes) == []
    assert (house.count("stock.read"), house.count("orders.load")) == (2, 3)
    assert house.pauses == [1]
    assert house.reserved("o0", "o1", "o2") == ["o0", "o1"]
    assert house.level("A") == (0, 2)


def test_an_order_that_moved_on_keeps_its_place(house: House) -> None:
    """Only this one is loaded again, and it is still the first."""
    wakes = [house.order(f"o{number}", after=number, A=2) for number in range(2)]
    noted = events.NoteAdded(at=NOW, text="x", by="staff")
    faster(house, lambda: house.book.append(house.book.load("demo", "o0"), [noted]))  # type: ignore[arg-type]
    assert house.run(*wakes) == []
    assert house.reserved("o0", "o1") == ["o0"]
    assert house.count("stock.transact") == 2


def test_an_order_cancelled_meanwhile_takes_nothing(house: House) -> None:
    """What it would have had goes to the next."""
    wakes = [house.order(f"o{number}", after=number, A=2) for number in range(2)]
    faster(house, lambda: house.book.append(house.book.load("demo", "o0"), [cancelled()]))  # type: ignore[arg-type]
    house.run(*wakes)
    assert house.reserved("o0", "o1") == ["o1"]


def refuse() -> None:
    """Stand in the way of a write."""
    raise RefusedError


def test_who_is_refused_too_often_comes_back(house: House) -> None:
    """Bounded tries with pauses between them; nothing is written, nothing is lost."""
    wakes = [house.order(f"o{number}", A=1) for number in range(2)]
    faster(house, *[refuse] * TRIES)
    assert sorted(house.run(*wakes)) == ["o0", "o1"]
    assert house.pauses == list(range(1, TRIES + 1))
    assert house.level("A") == (3, 0)
    assert house.run(*wakes) == []
    assert house.level("A") == (1, 2)


def break_one(house: House, name: str) -> None:
    """Let the step have a bug with one order."""

    def broken(order: Order, now: datetime) -> Iterator[Command]:
        if order.id == name:
            msg = "a bug"
            raise ZeroDivisionError(msg)
        yield from decide(order, now)

    house.decide = broken


def unreadable(house: House, name: str) -> None:
    """Let one order's row be damaged."""
    house.database.rows[f"demo#{name}", 1].facts = "no json"


def sent_unreserved(house: House, name: str) -> None:
    """Let more of an order have gone out than the shelf knows of."""
    one = house.load(name)
    house.book.append(one, [reserved("A", 3), *shipped(1, {"l-A": 3})])


@pytest.mark.parametrize("spoil", [break_one, unreadable, sent_unreserved])
def test_an_order_that_fails_keeps_no_other_from_its_units(
    house: House, spoil: Callable[[House, str], None]
) -> None:
    """It runs alone after the others, and comes back alone."""
    wakes = [house.order(f"o{number}", after=number, A=1) for number in range(3)]
    spoil(house, "o0")
    assert house.run(*wakes) == ["o0"]
    assert house.reserved("o1", "o2") == ["o1", "o2"]
    assert house.level("A") == (1, 2)
    assert house.count("stock.transact") == (6 if spoil is sent_unreserved else 1)


def test_a_write_that_fails_for_all_is_tried_for_each(house: House) -> None:
    """The answer does not say which order is to blame; each order's own run does."""
    wakes = [house.order(f"o{number}", A=1) for number in range(3)]

    def fail() -> None:
        code = "database"
        raise Retryable(code, "a row is too large")

    faster(house, fail)
    assert house.run(*wakes) == []
    assert house.level("A") == (0, 3)
    assert house.count("stock.transact") == 3


def test_a_lost_answer_is_not_written_again(house: House) -> None:
    """The write took effect, its answer was lost: the next look finds the facts."""
    wakes = [house.order(f"o{number}", A=1) for number in range(2)]
    house.fuse.at, house.fuse.after = 4, True  # two loads, the levels, the write
    with pytest.raises(Killed):
        house.run(*wakes)
    house.fuse.at = None
    assert house.level("A") == (1, 2)
    assert house.run(*wakes) == []
    assert house.level("A") == (1, 2)


def move(available: int, reserved: int) -> Move:
    """Return a change of a level."""
    cause = Cause(kind="reservation", at=NOW)
    return Move(available=available, reserved=reserved, cause=cause)


def test_levels_move_along_and_refuse_as_the_table_would() -> None:
    """What was read once is not read again; nothing moves where one level of several would not."""
    house = House(A=3, B=1)
    shelf = MovingShelf(house.shelf)
    shelf.move("demo", {("A", "main"): move(-2, 2)})
    for sku, change in (("A", (-2, 2)), ("B", (0, -1)), ("X", (-1, 1))):
        moves = {("B", "main"): move(-1, 1)} | {(sku, "main"): move(*change)}
        with pytest.raises(Conflict):
            shelf.move("demo", moves)
    found = shelf.products("demo", ["A", "B", "X"], ["main", "berlin"])
    assert {
        sku: [(x.location, x.available, x.reserved) for x in one.levels]
        for sku, one in found.items()
    } == {"A": [("main", 1, 2), ("berlin", 0, 0)], "B": [("main", 1, 0), ("berlin", 0, 0)]}
    assert house.count("stock.read") == 4

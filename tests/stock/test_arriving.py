"""Goods come in for orders that wait: first received, first served, and nobody is forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from chalicelib.domain import events, goods
from chalicelib.domain.events import Location, Policy
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.runtime.step import Step
from chalicelib.stock.arriving import AT_ONCE, Arrivals
from chalicelib.stock.decide import decide
from chalicelib.stock.perform import perform
from chalicelib.stock.together import Together
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.waiting_orders import Waiter
from tests.events import NOW, bought, line
from tests.fakes import Clock, Database, FakeShelf, FakeStockOrders, Fuse


class FakeQueue:
    """The waiting orders in memory."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def page(self, merchant_id: str, sku: str, *, limit: int, after: str = "") -> list[Waiter]:
        begin = f"WAIT#{sku}#"
        mine = sorted(key for who, key in self.database.waiting if who == merchant_id)
        found = [key for key in mine if key.startswith(begin) and key > after][:limit]
        parts = [key.removeprefix(begin).split("#") for key in found]
        return [Waiter(sku=sku, since=since, order_id=order) for since, order in parts]

    def remove(self, merchant_id: str, waiters: Iterable[Waiter]) -> None:
        self.database.waiting -= {(merchant_id, waiter.key) for waiter in waiters}


class House:
    """A shelf that is empty, and orders that want what should lie there."""

    def __init__(self, *skus: str) -> None:
        self.database, self.clock = Database(), Clock()
        self.book = FakeStockOrders(self.database, Fuse())
        self.shelf = FakeShelf(self.database, Fuse())
        for sku in skus:
            self.database.shelve("demo", Product(sku=sku), 0)
        step = Step(
            name="stock",
            decide=decide,
            perform=partial(perform, shelf=self.shelf, locations_of=lambda _: (Location(),)),
            orders=self.book,
            now=self.clock,
        )
        self.together = Together(
            step=step, book=self.book, shelf=self.shelf, locations_of=lambda _: (Location(),)
        )
        self.arrivals = Arrivals(
            queue=FakeQueue(self.database),
            book=self.book,
            available=lambda _, sku: self.level(sku),
            serve=self.together.run,
        )

    def level(self, sku: str) -> int:
        return self.database.levels["demo", sku, "main"].available

    def order(self, name: str, *, after: int = 0, **skus: int) -> None:
        """Take in an order that finds too little."""
        at = NOW + timedelta(seconds=after)
        what = bought(*(line(sku, quantity=count) for sku, count in skus.items()))
        received = events.OrderReceived(at=at, delivery_id="d", policy=Policy(), access_token="t")
        empty = Order(merchant_id="demo", id=name, bought=what)
        one = self.book.create(empty, (received, events.OrderAccepted(at=at)))
        facts = [
            fact
            for wish in decide(one, self.clock())
            for fact in perform(
                one, wish, self.clock(), shelf=self.shelf, locations_of=lambda _: (Location(),)
            )
        ]
        self.book.record(one, facts)

    def arrive(self, sku: str, count: int) -> Job:
        """Put units on the shelf and run the job to its end."""
        key = ("demo", sku, "main")
        level = self.database.levels[key]
        self.database.levels[key] = replace(level, available=level.available + count)
        self.clock.now += timedelta(hours=1)
        job = new_job("demo", "arrivals", self.clock(), subject=sku, is_standing=True)
        job = replace(job, state="running")
        while not job.is_over:
            job = self.arrivals.advance(job, self.clock())
        return job

    def whole(self) -> list[str]:
        """Return the orders that have all they want."""
        names = sorted({key.split("#")[1] for key, _ in self.database.rows})
        loaded = [self.book.load("demo", name) for name in names]
        return [one.id for one in loaded if one and not goods.unreserved(one)]


def test_who_came_first_is_served_first() -> None:
    """Whatever order they were looked at in; the last ones keep their place."""
    house = House("A")
    for name, after in (("c", 30), ("a", 10), ("d", 40), ("b", 20)):
        house.order(name, after=after, A=1)
    house.arrive("A", 2)
    assert house.whole() == ["a", "b"]
    assert len(house.database.waiting) == 2
    job = house.arrive("A", 5)
    assert house.whole() == ["a", "b", "c", "d"]
    assert (job.done, house.database.waiting, house.level("A")) == (2, set(), 3)


def test_more_orders_than_a_slice_takes_are_all_served() -> None:
    """Page by page, each once."""
    house = House("A")
    count = 2 * AT_ONCE + 7
    for number in range(count):
        house.order(f"o{number:03}", after=number, A=1)
    job = house.arrive("A", count)
    assert (len(house.whole()), job.done, house.database.waiting) == (count, count, set())


def test_an_order_that_misses_something_else_lets_others_by() -> None:
    """It stays in the queue; the units go to those who can be served."""
    house = House("A", "B")
    house.order("both", after=1, A=1, B=1)
    house.order("one", after=2, A=1)
    house.arrive("A", 1)
    assert house.whole() == ["one"]
    house.arrive("A", 1)
    house.arrive("B", 1)
    assert house.whole() == ["both", "one"]


def test_an_order_that_was_cancelled_leaves_the_queue_and_takes_nothing() -> None:
    """The row it left behind costs one look."""
    house = House("A")
    house.order("gone", after=1, A=1)
    house.order("here", after=2, A=1)
    one = house.book.load("demo", "gone")
    assert one
    house.book.record(one, [events.OrderCancelled(at=NOW, by="staff")])
    house.arrive("A", 1)
    assert house.whole() == ["here"]
    assert house.database.waiting == set()
    again = house.book.load("demo", "gone")
    assert again
    assert not again.has(events.StockArrived)


def test_an_order_that_wants_more_than_came_in_is_not_told_of_each_piece() -> None:
    """A thousand of them would each be written for every single unit that comes back."""
    house = House("A")
    house.order("big", after=1, A=3)
    house.order("small", after=2, A=1)
    house.arrive("A", 1)
    big = house.book.load("demo", "big")
    assert big
    assert (house.whole(), big.has(events.StockArrived)) == (["small"], False)
    house.arrive("A", 3)
    assert house.whole() == ["big", "small"]


def test_without_anything_left_nobody_is_woken() -> None:
    """Goods that were sold again meanwhile cost one read."""
    house = House("A")
    house.order("a", A=1)
    job = house.arrive("A", 0)
    assert (job.state, job.done) == ("done", 0)
    one = house.book.load("demo", "a")
    assert one
    assert not one.has(events.StockArrived)

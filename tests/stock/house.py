"""The stock step over rows in memory, with somebody who is faster if a test wants it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from chalicelib.domain import events, goods
from chalicelib.domain.commands import Command, WakeUp
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.runtime.step import Step
from chalicelib.stock.decide import decide
from chalicelib.stock.perform import perform
from chalicelib.stock.together import Together
from chalicelib.store.allocation import Append
from tests.events import NOW, bought, line
from tests.fakes import Clock, Database, FakeShelf, FakeStockOrders, Fuse


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

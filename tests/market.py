"""A market in memory: buyers, a shelf, and a queue of wake-ups that several workers read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from random import Random

from chalicelib.domain import events, goods
from chalicelib.domain.commands import WakeUp
from chalicelib.domain.errors import Conflict
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.runtime.step import Step
from chalicelib.stock.decide import RETRY_SHORT, decide
from chalicelib.stock.perform import perform
from chalicelib.stock.together import Together
from chalicelib.store.allocation import Append
from tests.events import NOW, bought, line
from tests.fakes import Database, FakeOrders, FakeShelf, FakeStockOrders, Fuse, Killed
from tests.histories import cancelled, received_return, shipped

KINDS = (events.StockReserved, events.StockReleased, events.StockIssued, events.StockReturned)
PATIENCE = 200  # batches of one worker
Basket = dict[str, int]


def here(merchant_id: str) -> tuple[events.Location, ...]:
    """Return the one location that a merchant has at first."""
    return (events.Location(),)


class Ticking:
    """A clock that moves on whenever somebody looks."""

    def __init__(self) -> None:
        """Begin at the usual moment."""
        self.now = NOW

    def __call__(self) -> datetime:
        """Return a moment nobody else has seen."""
        self.now += timedelta(milliseconds=1)
        return self.now


class Book(FakeStockOrders):
    """Remembers what was written together."""

    def __init__(self, database: Database, fuse: Fuse) -> None:
        """Begin with nothing."""
        super().__init__(database, fuse)
        self.written: list[tuple[Append, ...]] = []

    def record_many(self, appends: Sequence[Append]) -> None:
        """Write, and look at the levels."""
        super().record_many(appends)
        self.written.append(tuple(appends))
        assert all(level.available >= 0 for level in self.database.levels.values())
        assert all(level.reserved >= 0 for level in self.database.levels.values())


class Market:
    """Some buyers, a shelf, and a queue of wake-ups that several workers read."""

    def __init__(self, shelf: Basket, wanted: list[Basket], fuse: Fuse, chance: Random) -> None:
        """Take all orders in, in the order of their numbers."""
        self.chance, self.database, self.clock = chance, Database(), Ticking()
        self.book = Book(self.database, fuse)
        self.shelf = FakeShelf(self.database, fuse)
        self.at_first = shelf
        for sku, units in shelf.items():
            self.database.shelve("demo", Product(sku=sku, weight_g=1), units)
        self.names = [f"o{number:02}" for number in range(len(wanted))]
        self.queue = [self._place(*one) for one in zip(self.names, wanted, strict=True)]

    def _place(self, name: str, basket: Basket) -> WakeUp:
        lines = tuple(line(sku, quantity=count) for sku, count in basket.items())
        at = self.clock()
        received = events.OrderReceived(
            at=at, delivery_id=name, policy=events.Policy(), access_token="t"
        )
        self.quiet.create(
            Order(merchant_id="demo", id=name, bought=bought(*lines)),
            (received, events.OrderAccepted(at=at)),
        )
        return WakeUp(step="stock", merchant_id="demo", order_id=name)

    @property
    def quiet(self) -> FakeOrders:
        """The orders, without a turn for anybody else."""
        return FakeOrders(self.database, Fuse())

    def orders(self) -> list[Order]:
        """Return all orders, first come first."""
        found = [self.quiet.load("demo", name) for name in self.names]
        return [order for order in found if order]

    def worker(self, size: int) -> None:
        """Take batches until the queue is empty; what fails or dies comes back."""
        step = Step(
            name="stock", decide=decide, orders=self.book, now=self.clock,
            perform=partial(perform, shelf=self.shelf, locations_of=here),
        )  # fmt: skip
        together = Together(
            step=step, book=self.book, shelf=self.shelf, locations_of=here, pause=lambda _: None
        )
        for _ in range(PATIENCE):
            if not self.queue:
                return
            batch, self.queue = self.queue[:size], self.queue[size:]
            try:
                back = list(together.run(batch))
            except Killed:
                back = batch
            self.queue += back
            if self.chance.random() < 0.1:  # standard queues deliver at least once
                self.queue.append(self.chance.choice(batch))
        msg = "the queue is never empty"
        raise AssertionError(msg)

    def meddler(self, count: int) -> None:
        """Cancel, send or take back some orders, whatever the workers are at."""
        for _ in range(count):
            name = self.chance.choice(self.names)
            with suppress(Conflict, Killed):
                one = self.book.load("demo", name)
                if one and (facts := self._happening(one)):
                    self.book.append(one, facts)
            # The stream tells of what was appended, even if who did it died over it.
            self.queue.append(WakeUp(step="stock", merchant_id="demo", order_id=name))

    def _happening(self, one: Order) -> list[events.Fact]:
        pieces = {item.id: item.quantity for item in goods.tracked(one)}
        if goods.shipments(one):
            is_back = one.has(events.ReturnReceived)
            return [] if is_back else [received_return(pieces, restock=self.chance.random() < 0.7)]
        if not goods.unreserved(one) and self.chance.random() < 0.5:
            return shipped(1, pieces)
        return [cancelled()] if self.chance.random() < 0.5 else []

    def finish(self) -> None:
        """Take the last messages, and check that each order got its answer: none was lost."""
        self.worker(50)
        assert [one.id for one in self.orders() if list(decide(one, self.clock()))] == []

    def settle(self) -> None:
        """Wake what still waits, later, until nothing changes any more."""
        for _ in range(2):
            self.clock.now += RETRY_SHORT + timedelta(minutes=1)
            self.queue += [
                WakeUp(step="stock", merchant_id="demo", order_id=name) for name in self.names
            ]
            self.worker(50)

    def account(self) -> None:
        """Check that levels are what the facts of all orders say."""
        moved: Counter[tuple[type[events.Fact], str]] = Counter()
        for one in self.orders():
            for fact in one.all(events.StockFact):
                moved.update({(type(fact), unit.sku): unit.quantity for unit in fact.units})
        for sku, units in self.at_first.items():
            level = self.database.levels["demo", sku, "main"]
            reserved, released, issued, returned = (moved[kind, sku] for kind in KINDS)
            assert level.reserved == reserved - released - issued
            assert level.available == units - reserved + released + returned

    def account_for_who_waits(self) -> None:
        """Check that at rest nobody waits for what is there, and nobody has a part."""
        for one in self.orders():
            if one.has(events.OrderCancelled):
                assert not self._holds(one)
                continue
            missing = goods.unreserved(one)
            levels = self.database.levels
            assert not missing or any(
                levels["demo", sku, "main"].available < count for sku, count in missing.items()
            )
            assert not missing or not goods.reserved(one)

    def _holds(self, one: Order) -> Counter[tuple[str, str]]:
        held = one.allocated(events.StockReserved)
        held.subtract(one.allocated(events.StockReleased, events.StockIssued))
        return +held

"""One way to speak to the fakes and to the real stores, so that both keep the same promises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from chalicelib.domain.deliveries import Delivery
from chalicelib.domain.events import Fact
from chalicelib.domain.levels import Cause, Level
from chalicelib.domain.lots import Lot
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.store.allocation import StockOrders
from chalicelib.store.bucket import Bucket
from chalicelib.store.documents import Numbers
from chalicelib.store.inbox import Inbox
from chalicelib.store.lots import adjust
from chalicelib.store.orders import Orders
from chalicelib.store.payments import Payments
from chalicelib.store.products import Products
from chalicelib.store.stock import Shelf, lot_key
from tests.events import NOW, order
from tests.fakes import (
    Database,
    FakeArchive,
    FakeInbox,
    FakeNumbers,
    FakeOrders,
    FakeParking,
    FakeShelf,
    FakeStockOrders,
    Fuse,
)


@dataclass
class Stores:
    """What the steps use of the stores, and how a test puts things there."""

    merchant: str
    orders: Any
    stock_orders: Any
    shelf: Any
    numbers: Any
    archive: Any
    inbox: Any
    parking: Any
    shelve: Callable[..., None]
    fill: Callable[[str, str, date | None, int], None]
    deliver: Callable[[Delivery], None]

    def place(self, *facts: Fact, name: str = "o1") -> Order:
        """Create an order that was received and accepted, with further facts."""
        one = order(*facts)
        empty = replace(one, merchant_id=self.merchant, id=name, facts=(), version=0)
        created: Order = self.orders.create(empty, one.facts)
        return created

    def load(self, name: str = "o1") -> Order:
        """Read an order that is there."""
        found: Order | None = self.orders.load(self.merchant, name)
        assert found
        return found

    def level(self, sku: str) -> tuple[int, int]:
        """Return what is available and what is reserved of a SKU."""
        level: Level = self.shelf.products(self.merchant, [sku], ["main"])[sku].at("main")
        return level.available, level.reserved


def fake_stores(merchant: str) -> Stores:
    """Return stores in memory."""
    database, fuse = Database(), Fuse()
    inbox = FakeInbox(fuse)

    def shelve(sku: str, available: int, location: str = "main") -> None:
        database.shelve(merchant, Product(sku=sku, weight_g=250), available, location)

    def fill(sku: str, name: str, best_before: date | None, count: int) -> None:
        lot = Lot(name=name, best_before=best_before, available=count)
        database.lots[merchant, lot_key(sku, "main", name, best_before)] = lot
        level = database.levels[merchant, sku, "main"]
        database.levels[merchant, sku, "main"] = replace(level, available=level.available + count)

    def deliver(delivery: Delivery) -> None:
        inbox.deliveries[delivery.id] = delivery

    return Stores(
        merchant=merchant,
        orders=FakeOrders(database, fuse),
        stock_orders=FakeStockOrders(database, fuse),
        shelf=FakeShelf(database, fuse),
        numbers=FakeNumbers(fuse),
        archive=FakeArchive(fuse),
        inbox=inbox,
        parking=FakeParking(fuse),
        shelve=shelve,
        fill=fill,
        deliver=deliver,
    )


def real_stores(merchant: str) -> Stores:
    """Return the stores of the product; the local engine must be there."""

    def shelve(sku: str, available: int, location: str = "main") -> None:
        Products().put(merchant, Product(sku=sku, weight_g=250))
        seen = Level(location=location)
        Shelf().count(merchant, sku, seen, available, Cause(kind="count", at=NOW))

    def fill(sku: str, name: str, best_before: date | None, count: int) -> None:
        lot = Lot(name=name, best_before=best_before)
        adjust(merchant, sku, lot, count, Cause(kind="receipt", at=NOW))

    def deliver(delivery: Delivery) -> None:
        Inbox().save(delivery, step="intake")

    return Stores(
        merchant=merchant,
        orders=Orders(),
        stock_orders=StockOrders(),
        shelf=Shelf(),
        numbers=Numbers(),
        archive=Bucket(),
        inbox=Inbox(),
        parking=Payments(),
        shelve=shelve,
        fill=fill,
        deliver=deliver,
    )


def kinds(facts: Sequence[Fact]) -> list[str]:
    """Return the kinds of facts by name."""
    return [type(fact).__name__ for fact in facts]

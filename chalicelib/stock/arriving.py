"""The job that serves waiting orders when goods come in: first received, first served.

It gives the orders that wait for a SKU to the stock step in their order, some dozen at a time, as
long as there is something left; an order that still cannot be served keeps its place.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from chalicelib.domain import goods, states
from chalicelib.domain.commands import WakeUp
from chalicelib.domain.events import Fact, StockArrived
from chalicelib.runtime import clock
from chalicelib.store.jobs import wake_standing
from chalicelib.store.waiting_orders import Waiter, WaitingOrders

if TYPE_CHECKING:
    from chalicelib.domain.order import Order
    from chalicelib.store.jobs import Job

AT_ONCE = 45


class Queue(Protocol):
    """Who waits for what."""

    def page(self, merchant_id: str, sku: str, *, limit: int, after: str = "") -> list[Waiter]:
        """Return who waits for a SKU, first come first."""
        ...

    def remove(self, merchant_id: str, waiters: Iterable[Waiter]) -> None:
        """Take orders out of the queue."""
        ...


class Book(Protocol):
    """The orders."""

    def load(self, merchant_id: str, order_id: str) -> Order | None:
        """Read an order."""
        ...

    def record(self, order: Order, facts: Iterable[Fact]) -> Order:
        """Add facts about what has happened already."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """Serves the orders that wait, a slice at a time."""

    queue: Queue
    book: Book
    available: Callable[[str, str], int]
    serve: Callable[[list[WakeUp]], object]

    def advance(self, job: Job, now: datetime) -> Job:
        """Serve the next orders; done when nothing is left or nobody waits behind the last."""
        merchant_id, sku = job.merchant_id, job.subject
        after = str(job.cursor.get("after", ""))
        left = self.available(merchant_id, sku)
        if left <= 0:
            return replace(job, state="done", cursor={}, total=job.done, updated_at=now)
        waiters = self.queue.page(merchant_id, sku, limit=AT_ONCE, after=after)
        told = [waiter for waiter in waiters if self._told(merchant_id, waiter, left, now)]
        wakes = [WakeUp(step="stock", merchant_id=merchant_id, order_id=x.order_id) for x in told]
        if wakes:
            self.serve(wakes)
        served = [x for x in waiters if not self._waits(merchant_id, x)]
        self.queue.remove(merchant_id, served)
        done = job.done + len(served)
        if len(waiters) < AT_ONCE:
            return replace(job, state="done", done=done, cursor={}, total=done, updated_at=now)
        return replace(job, done=done, cursor={"after": waiters[-1].key}, updated_at=now)

    def _told(self, merchant_id: str, waiter: Waiter, left: int, now: datetime) -> bool:
        """Tell an order that goods came in; not one that wants more, or each piece would tell."""
        order = self.book.load(merchant_id, waiter.order_id)
        if order is None or not waits_for(order, waiter.sku):
            return False
        if goods.unreserved(order)[waiter.sku] > left and not order.policy.partial_reservation:
            return False
        self.book.record(order, [StockArrived(at=now, sku=waiter.sku)])
        return True

    def _waits(self, merchant_id: str, waiter: Waiter) -> bool:
        order = self.book.load(merchant_id, waiter.order_id)
        return order is not None and waits_for(order, waiter.sku)


def waits_for(order: Order, sku: str) -> bool:
    """Tell whether an order still waits for units of a SKU."""
    return not states.is_cancelled(order) and sku in goods.unreserved(order)


def arrived(merchant_id: str, sku: str) -> None:
    """Have the waiting orders served, if there are any: a look costs one read unit."""
    if WaitingOrders().page(merchant_id, sku, limit=1):
        wake_standing(merchant_id, "arrivals", sku, clock.now())


def all_arrived(merchant_id: str, skus: Collection[str]) -> None:
    """Have the orders served that wait for any of these SKUs: one look for all of them."""
    for sku in WaitingOrders().ever(merchant_id, skus):
        arrived(merchant_id, sku)


def advance(job: Job, now: datetime) -> Job:
    """Serve the next orders that wait for the SKU which the job is about."""
    # The worker's parts make the step; nothing of the rest of them is needed to decide.
    from chalicelib.stock.worker import book, locations_of, shelf, together  # noqa: PLC0415

    def available(merchant_id: str, sku: str) -> int:
        places = [location.id for location in locations_of(merchant_id)]
        product = shelf.products(merchant_id, [sku], places).get(sku)
        return product.available if product else 0

    arrivals = Arrivals(queue=WaitingOrders(), book=book, available=available, serve=together.run)
    return arrivals.advance(job, now)

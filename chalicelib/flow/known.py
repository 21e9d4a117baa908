"""Orders as this process has seen them grow, so that a row that follows needs no read (ADR 0020).

Rows are only ever added, each named by the version it makes: what was read once stays true, and a
row that is missing shows. Only what the lists show may be changed by others; that is why nothing
is kept for long.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.runtime.logging import log
from chalicelib.store.order_rows import key_of, row_of
from chalicelib.store.orders import order_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.domain.order import Order
    from chalicelib.store.orders import Found, Head

MOST = 200  # orders
LARGEST = 200  # facts and lines of an order that is kept
# Shorter than the time after which anybody else looks at a new order (the sweeper, intake).
FRESH = timedelta(minutes=4)


class Stored(Protocol):
    """The orders as they are stored."""

    def find(self, merchant_id: str, order_id: str) -> Found:
        """Read all that is kept under an order's name."""
        ...

    def project(self, order: Order, head: Head | None, now: datetime) -> Head | None:
        """Bring the lists up to date; return what they show, None if somebody was faster."""
        ...


@dataclass(frozen=True, slots=True)
class _Seen:
    order: Order | None
    head: Head | None
    until: datetime


class Known:
    """The orders of all merchants, as far as this process knows them."""

    def __init__(self, orders: Stored) -> None:
        """Take where orders are read that are not known, or not far enough."""
        self._orders = orders
        self._seen: OrderedDict[str, _Seen] = OrderedDict()

    def follow(
        self, merchant_id: str, order_id: str, images: Sequence[dict[str, Any]], now: datetime
    ) -> tuple[Order | None, Head | None]:
        """Return an order with its new rows, oldest first, and what the lists show of it."""
        key = key_of(merchant_id, order_id)
        seen = self._seen.pop(key, None)
        if seen is None or seen.until <= now:
            seen = _Seen(None, None, now + FRESH)
        order, head, until = _grown(key, seen.order, images), seen.head, seen.until
        if order is None:
            found = self._orders.find(merchant_id, order_id)
            order, head = found.order, found.head
            until = min(now + FRESH, found.wake_at or now + FRESH)
        if order and len(order.facts) + len(order.bought.lines) <= LARGEST:
            # What the lists show is known once `project` came to its end.
            self._seen[key] = _Seen(order, None, until)
        if len(self._seen) > MOST:
            self._seen.popitem(last=False)
        return order, head

    def project(self, order: Order, head: Head | None, now: datetime) -> None:
        """Bring the lists up to date, and remember what they show."""
        key = key_of(order.merchant_id, order.id)
        shown, seen = self._orders.project(order, head, now), self._seen.get(key)
        if seen and shown:
            self._seen[key] = replace(seen, head=shown)
        elif seen:
            del self._seen[key]


def _grown(key: str, order: Order | None, images: Sequence[dict[str, Any]]) -> Order | None:
    """Return the order with these rows; None where one between them is missing."""
    merchant_id, _, order_id = key.partition("#")
    try:
        for image in images:
            version = int(image["sk"]["S"].removeprefix("EVENT#"))
            known = order.version if order else 0
            if version > known + 1:
                return None
            if version == known + 1:
                order = order_of(merchant_id, order_id, [row_of(image)], before=order)
    except Exception:  # noqa: BLE001 - what the stream tells strangely is read from the table
        log.exception("cannot read a row of the stream", step="router", order=order_id)
        return None
    return order

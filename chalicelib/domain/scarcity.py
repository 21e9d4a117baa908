"""Goods that an order waits for: what is missing, whose turn it is, and when it should come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import events, goods, states
from chalicelib.domain.blocker import Blocker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from chalicelib.domain.order import Order


def missing(order: Order) -> tuple[events.Shortage, ...]:
    """Return what was too little when the shelf was last asked, and still is not set aside."""
    short, rest = order.last(events.StockShort), goods.unreserved(order)
    return tuple(item for item in short.missing if item.sku in rest) if short else ()


def expected_on(order: Order) -> date | None:
    """Return the day when all that is missing should be there; None if nobody knows."""
    days = [item.expected_on if item.backorder else None for item in missing(order)]
    known = [day for day in days if day is not None]
    return max(known) if known and len(known) == len(days) else None


def lapsed(order: Order) -> events.StockReleased | None:
    """Return the release of units that nobody paid for in time, until somebody pays."""
    moves = [x for x in order.all(events.StockFact) if isinstance(x, _HOLDING)]
    last = moves[-1] if moves else None
    is_expired = isinstance(last, events.StockReleased) and last.reason == "expired"
    if is_expired and states.payment(order) is states.Payment.UNPAID:
        return last if isinstance(last, events.StockReleased) else None
    return None


_HOLDING = (events.StockReserved, events.StockReleased)


def blockers(order: Order) -> Iterator[Blocker]:
    """Yield why the goods of an order are not set aside."""
    if gone := lapsed(order):
        yield Blocker(
            code="reservation_expired",
            text="It was not paid in time, so its goods were let go.",
            owner="customer",
            since=gone.at,
            next="Goods are set aside again when the money arrives.",
        )
        return
    short = order.last(events.StockShort)
    for item in missing(order):
        yield _blocker(item, short.at if short else order.received.at)


def _blocker(item: events.Shortage, since: datetime) -> Blocker:
    if item.available is None:
        return Blocker(
            code="unknown_sku",
            text=f"SKU {item.sku} is not known in stock"
            + (f"; did you mean {item.suggestion}?" if item.suggestion else "."),
            owner="staff",
            since=since,
            next="Create the product or correct the SKU.",
        )
    text = f"SKU {item.sku}: {item.wanted} wanted, {item.available} available"
    day = f", expected on {item.expected_on}" if item.expected_on else ""
    return Blocker(
        code="backorder" if item.backorder else "short_stock",
        text=f"{text}{day if item.backorder else ''}.",
        owner="supplier" if item.backorder else "staff",
        since=since,
        next="Goes on by itself when stock arrives.",
    )


# What keeps only the missing part of an order waiting, where a merchant ships in parts.
PARTIAL = frozenset({"short_stock", "unknown_sku", "backorder"})

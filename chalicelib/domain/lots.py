"""Lots: batches with a best-before date; what expires first is set aside and sent first.

The lot is chosen when units are set aside, so that the delivery note can name it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from chalicelib.domain import events, goods
from chalicelib.domain.events import Units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from chalicelib.domain.order import Order

Place = tuple[str, str]  # SKU and location


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """Units of one batch at a location; `best_before` is None where none is known."""

    name: str
    location: str = "main"
    best_before: date | None = None
    available: int = 0
    reserved: int = 0
    seq: int = 0

    @property
    def on_hand(self) -> int:
        """What lies on the shelf, set aside or not."""
        return self.available + self.reserved


def first_expired(wanted: Units, lots: Iterable[Lot]) -> Iterator[Units]:
    """Part units over lots, what expires first first; what is in no lot comes last."""
    left = wanted.quantity
    for lot in sorted(lots, key=lambda one: (one.best_before or date.max, one.name)):
        if (count := min(left, lot.available)) > 0:
            yield replace(wanted, quantity=count, lot=lot.name, best_before=lot.best_before)
            left -= count
    if left > 0:
        yield replace(wanted, quantity=left)


class Book:
    """The lots of an order's units, given out once each in the order in which they came."""

    def __init__(
        self, order: Order, came: type[events.StockFact], *went: type[events.StockFact]
    ) -> None:
        """Take the lots of facts that brought units, without those that took some away."""
        self._left: Counter[tuple[str, str, str, date | None]] = Counter()
        for kind in (came, *went):
            for fact in order.all(kind):
                for unit in fact.units:
                    count = unit.quantity if kind is came else -unit.quantity
                    self._left[unit.sku, unit.location, unit.lot, unit.best_before] += count

    def take(self, count: Mapping[Place, int]) -> tuple[Units, ...]:
        """Give out units with their lots; those of no lot, or too many, are just units."""
        wishes = sorted(count.items())
        return tuple(unit for place, wanted in wishes for unit in self._of(place, wanted))

    def _of(self, place: Place, wanted: int) -> Iterator[Units]:
        sku, location = place
        for key, there in list(self._left.items()):
            if key[:2] == place and key[2] and (count := min(wanted, there)) > 0:
                self._left[key] -= count
                wanted -= count
                yield Units(
                    sku=sku, location=location, quantity=count, lot=key[2], best_before=key[3]
                )
        if wanted > 0:
            yield Units(sku=sku, location=location, quantity=wanted)


def held(order: Order) -> Book:
    """Return the lots of the units that are set aside and still here."""
    return Book(order, events.StockReserved, events.StockReleased, events.StockIssued)


def packed(order: Order) -> Book:
    """Return the lots that are left for the next delivery note."""
    issued = order.all(events.StockIssued)
    book, done = held(order), {fact.shipment for fact in issued if not fact.more}
    for number, note in goods.delivery_notes(order).items():
        if number not in done:
            book.take(goods.units_of(order, note.lines))
    return book

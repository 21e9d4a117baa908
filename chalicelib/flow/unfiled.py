"""Numbers that were drawn and whose writer has died: their orders' documents are woken.

Each number is looked at once, a sweep or two after it was drawn: long after it should be filed.
Where no number was drawn this reads how far the series are, and nothing else.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

from chalicelib.domain.commands import WakeUp
from chalicelib.domain.formats import HOME
from chalicelib.store.register import Drawing

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chalicelib.store.documents import Counter
    from chalicelib.store.merchants import Drawn, Registered

# How far back the day may lie that a number drawn before the last sweep bears.
REACH = timedelta(days=1)


class Drawings(Protocol):
    """The register, as far as numbers without a document are looked for."""

    def counters(self, merchant_id: str) -> dict[str, Counter]:
        """Return how far each series is."""
        ...

    def unfiled(self, merchant_id: str, drawing: Drawing) -> list[str]:
        """Return the orders of numbers whose documents are not filed."""
        ...


def look(
    register: Drawings, merchant: Registered, now: datetime
) -> tuple[list[WakeUp], Mapping[str, Drawn]]:
    """Return whose documents to wake, and how far was looked, for the next sweep."""
    found: dict[str, Drawn] = {}
    is_first, wakes = merchant.drawn is None, list[WakeUp]()
    since = (merchant.swept_at or now) - REACH
    days = [*_days(since, now)]
    for series, counter in register.counters(merchant.id).items():
        looked, seen = (merchant.drawn or {}).get(series, (0, 0))
        if is_first:
            looked = seen = counter.last
        if looked < seen:
            drawing = Drawing(series=series, first=looked + 1, last=seen, days=days)
            wakes += [
                WakeUp(step="documents", merchant_id=merchant.id, order_id=order_id)
                for order_id in register.unfiled(merchant.id, drawing)
            ]
        found[series] = (seen, counter.last)
    return wakes, found


def _days(since: datetime, until: datetime) -> Iterator[str]:
    on, last = since.astimezone(HOME).date(), until.astimezone(HOME).date()
    while on <= last:
        yield on.isoformat()
        on += timedelta(days=1)

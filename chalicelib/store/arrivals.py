"""What came in, newest first: read hour by hour, so that no webhook pays for being listed."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.store.inbox import InboxRow, delivery_id, hour_of
from chalicelib.store.tables import moment, stamp, translated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
# How many hours one page looks into: each costs half a read unit, also where nothing came.
HOURS_AT_ONCE = 96
MOST = 2000  # rows read for one answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A genuine delivery without its body."""

    id: str
    connection_id: str
    step: str
    received_at: datetime


@dataclass(slots=True, kw_only=True)
class Pulse:
    """When each connection was last heard of, and how often within a day.

    `is_cut`: more came than was counted, so the counts are the least there were.
    """

    last: dict[str, datetime] = field(default_factory=dict)
    day: Counter[str] = field(default_factory=Counter)
    is_cut: bool = False


class Arrivals:
    """The deliveries of a merchant by time."""

    def page(
        self, merchant_id: str, connection_id: str, *, limit: int, before: datetime, since: datetime
    ) -> tuple[list[Arrival], datetime | None]:
        """Return a connection's deliveries before a moment, newest first, and where to go on.

        A page ends when it is full, or when it has looked through some days; None: that is all.
        Deliveries of the same millisecond stay on one page.
        """
        found: list[Arrival] = []
        start, last = max(since, before - HOURS_AT_ONCE * HOUR), before
        for read, one in enumerate(self._newest(merchant_id, start, before)):
            if (len(found) >= limit or read >= MOST) and one.received_at < last:
                return found, last
            last = one.received_at
            if one.connection_id == connection_id:
                found.append(one)
        return found, start if start > since else None

    def pulse(
        self, merchant_id: str, wanted: Collection[str], now: datetime, back: timedelta
    ) -> Pulse:
        """Return when connections were last heard of; ends once a day and all wanted are known."""
        pulse, read = Pulse(), 0
        for hour, rows in self._hours(merchant_id, now - back, now):
            if now - hour > DAY and not set(wanted) - pulse.last.keys():
                break
            for one in rows:
                read += 1
                pulse.last.setdefault(one.connection_id, one.received_at)
                pulse.day[one.connection_id] += now - one.received_at <= DAY
                if read == MOST:
                    pulse.is_cut = True
                    return pulse
        return pulse

    def _newest(self, merchant_id: str, start: datetime, end: datetime) -> Iterator[Arrival]:
        for _, rows in self._hours(merchant_id, start, end):
            yield from rows

    def _hours(
        self, merchant_id: str, start: datetime, end: datetime
    ) -> Iterator[tuple[datetime, Iterator[Arrival]]]:
        """Yield each hour's end with what came in it from `start` on and before `end`."""
        first, last = (int(at.timestamp()) // 3600 for at in (start, end))
        for hour in range(last, first - 1, -1):
            begin = datetime.fromtimestamp(hour * 3600, UTC)
            low, high = max(start, begin), min(end, begin + HOUR)
            if low < high:
                yield high, self._rows(merchant_id, low, high)

    def _rows(self, merchant_id: str, start: datetime, end: datetime) -> Iterator[Arrival]:
        # `between` is closed at both ends: what came at `end` itself is on the page before.
        span = InboxRow.received_at.between(stamp(start), stamp(end))
        key = hour_of(merchant_id, start)
        with translated():
            for row in InboxRow.recent.query(key, span, scan_index_forward=False):
                if row.received_at >= stamp(end):
                    continue
                connection_id = row.pk.split("#", 1)[1]
                yield Arrival(
                    id=delivery_id(connection_id, row.sk),
                    connection_id=connection_id,
                    step=row.step or "",
                    received_at=moment(row.received_at),
                )

"""The book of the day: every append that moved money, by the time it was told (ADR 0017)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.domain.takings import Taking
from chalicelib.store.order_rows import OrderRow, facts_in
from chalicelib.store.payments import PaymentRow
from chalicelib.store.tables import cursor_of, moment, stamp, translated

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.domain.events import Fact

DAY = "DAY#"
AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What one append told of an order's money; `id` names the append."""

    id: str
    order_id: str
    at: datetime
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a day brought, added up once it was over."""

    on: date
    takings: tuple[Taking, ...]


class MoneyMoved:
    """Reads the movements of one merchant's orders by their time."""

    def page(
        self, merchant_id: str, since: datetime, *, limit: int, start: dict[str, Any] | None
    ) -> tuple[list[Moved], dict[str, Any] | None]:
        """Return appends since a moment, the newest first, and the next page's key."""
        with translated():
            found = OrderRow.by_money.query(
                merchant_id,
                OrderRow.money_at >= stamp(since),
                limit=limit,
                page_size=limit,
                last_evaluated_key=start,
                scan_index_forward=False,
            )
            return [_moved(row) for row in found], cursor_of(found)

    def onwards(
        self,
        merchant_id: str,
        span: tuple[datetime, datetime],
        *,
        limit: int,
        start: dict[str, Any] | None,
    ) -> tuple[list[Moved], dict[str, Any] | None]:
        """Return appends between two moments, the oldest first, and the next page's key."""
        with translated():
            found = OrderRow.by_money.query(
                merchant_id, OrderRow.money_at.between(*(stamp(one) for one in span)),
                limit=limit, page_size=limit, last_evaluated_key=start,
            )  # fmt: skip
            return [_moved(row) for row in found], cursor_of(found)

    def between(self, merchant_id: str, start: datetime, end: datetime) -> Iterator[Moved]:
        """Yield the appends from one moment to just before another, oldest first."""
        with translated():
            rows = OrderRow.by_money.query(
                merchant_id,
                OrderRow.money_at.between(stamp(start), stamp(end)),
                page_size=AT_ONCE,
            )
            for row in rows:
                if row.money_at < stamp(end):
                    yield _moved(row)

    def days(self, merchant_id: str, first: date, last: date) -> dict[date, Day]:
        """Return the days in this span that are added up already."""
        span = range((last - first).days + 1)
        keys = [(merchant_id, f"{DAY}{first + timedelta(days=number)}") for number in span]
        with translated():
            days = [_day(row) for row in PaymentRow.batch_get(keys)] if keys else []
        return {day.on: day for day in days}

    def keep_day(self, merchant_id: str, on: date, takings: Sequence[Taking]) -> None:
        """Remember what a day brought; doing so again changes nothing."""
        row = PaymentRow(
            merchant_id,
            f"{DAY}{on}",
            kind="day",
            source="",
            reference=str(on),
            amount="",
            currency="",
            booked_at="",
            detail=msgspec.json.encode(tuple(takings)).decode(),
        )
        with translated():
            row.save()


def _moved(row: OrderRow) -> Moved:
    return Moved(
        id=f"{row.pk}#{row.sk}",
        order_id=row.pk.split("#", 1)[1],
        at=moment(row.money_at),
        facts=facts_in(row),
    )


def _day(row: PaymentRow) -> Day:
    takings = msgspec.json.decode(row.detail or "[]", type=tuple[Taking, ...])
    return Day(on=date.fromisoformat(row.reference), takings=takings)

"""What the books do not agree on: each difference once, from the night it was first seen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec
from pynamodb.expressions.update import Action

from chalicelib.store.payments import PaymentRow
from chalicelib.store.tables import cursor_of, moment, stamp, translated

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "DIFF#"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What should be and what was found; `is_healed` where the ledger itself could mend it.

    `what` names the figure or row: `owed`, `bank:…`, `payment:stripe:…`.
    """

    order_id: str
    number: str
    what: str
    expected: str
    found: str
    is_healed: bool = False
    since: datetime | None = None


class Differences:
    """The differences of all merchants (table payments)."""

    def note(self, merchant_id: str, one: Difference, run: datetime) -> None:
        """Write a difference that a run has found; it keeps the time it was first seen."""
        detail = msgspec.json.encode({"run": stamp(run), "difference": one}).decode()
        actions: list[Action] = [
            PaymentRow.kind.set("difference"),
            PaymentRow.source.set(one.what),
            PaymentRow.reference.set(one.number),
            PaymentRow.order_id.set(one.order_id),
            PaymentRow.amount.set(""),
            PaymentRow.currency.set(""),
            PaymentRow.booked_at.set(stamp(run)),
            PaymentRow.detail.set(detail),
            PaymentRow.parked_of.set(place_of(merchant_id)),
            PaymentRow.since.set(PaymentRow.since | stamp(run)),
        ]
        with translated():
            PaymentRow(merchant_id, f"{PREFIX}{one.order_id}#{one.what}").update(actions)

    def page(
        self, merchant_id: str, *, limit: int, start: dict[str, Any] | None = None
    ) -> tuple[list[Difference], dict[str, Any] | None]:
        """Return differences, those that are longest there first, and the next page's key."""
        with translated():
            found = PaymentRow.parked.query(
                place_of(merchant_id), limit=limit, page_size=limit, last_evaluated_key=start
            )
            return [_difference(row) for row in found], cursor_of(found)

    def count(self, merchant_id: str) -> int:
        """Count the differences that are on the list."""
        with translated():
            return int(PaymentRow.parked.count(place_of(merchant_id)))

    def settle(self, merchant_id: str, run: datetime) -> None:
        """Take those off the list that a run has not found any more."""
        for row in list(self._older(merchant_id, run)):
            with translated():
                row.update([PaymentRow.parked_of.remove(), PaymentRow.since.remove()])

    def _older(self, merchant_id: str, run: datetime) -> Iterator[PaymentRow]:
        with translated():
            for row in PaymentRow.parked.query(place_of(merchant_id)):
                if msgspec.json.decode(row.detail or "{}")["run"] < stamp(run):
                    yield row


def place_of(merchant_id: str) -> str:
    """Return where the index lists the differences."""
    return f"{merchant_id}#differences"


def _difference(row: PaymentRow) -> Difference:
    kept = msgspec.json.decode(row.detail or "{}")["difference"]
    return msgspec.convert(kept | {"since": moment(row.since or "")}, Difference)

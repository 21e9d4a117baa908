"""Reports that a provider has announced and that were not read yet (table payments)."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Conflict
from chalicelib.store.payments import PaymentRow
from chalicelib.store.tables import stamp, translated

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

PREFIX = "REPORT#"


def announce(merchant_id: str, connection_id: str, name: str, now: datetime) -> None:
    """Note a report by its name; noting it again changes nothing."""
    row = PaymentRow(
        merchant_id,
        _key(connection_id, name),
        kind="report",
        source=connection_id,
        reference=name,
        amount="",
        currency="",
        booked_at=stamp(now),
        parked_of=_place(merchant_id, connection_id),
        since=stamp(now),
    )
    with suppress(Conflict), translated():
        row.save(condition=PaymentRow.pk.does_not_exist())


def announced(merchant_id: str, connection_id: str, since: datetime) -> list[str]:
    """Return the reports announced since a moment that were not read yet, by name."""
    with translated():
        place, news = _place(merchant_id, connection_id), PaymentRow.since >= stamp(since)
        return [row.reference for row in PaymentRow.parked.query(place, news)]


def read_through(merchant_id: str, connection_id: str, names: Iterable[str]) -> None:
    """Take reports that are read off the list."""
    with translated():
        for name in names:
            row = PaymentRow(merchant_id, _key(connection_id, name))
            row.update([PaymentRow.parked_of.remove()], condition=PaymentRow.pk.exists())


def _place(merchant_id: str, connection_id: str) -> str:
    return f"{merchant_id}#reports#{connection_id}"


def _key(connection_id: str, name: str) -> str:
    return f"{PREFIX}{connection_id}#{name}"

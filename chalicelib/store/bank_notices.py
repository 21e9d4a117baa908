"""What banks tell of an entry beside the statement: the payments of a batch (table payments)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from chalicelib.domain.bank import BankTransaction
from chalicelib.store.payments import PaymentRow
from chalicelib.store.tables import stamp, translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from chalicelib.store.bank import Entry

NOTICE, AWAITED = "NOTICE#", "BATCH#"
LARGEST = 350_000  # bytes; a row of DynamoDB takes 400 KB


class Notices:
    """The details of entries, and the entries that wait for them, by account and batch."""

    def keep(
        self, merchant_id: str, batches: Mapping[str, Sequence[BankTransaction]], now: datetime
    ) -> None:
        """Keep the payments of each batch; what is kept already is the same."""
        with translated(), PaymentRow.batch_write() as batch:
            for name, parts in batches.items():
                detail = msgspec.json.encode(parts).decode()
                if len(detail) <= LARGEST:
                    batch.save(_row(merchant_id, f"{NOTICE}{name}", "notice", now, detail))

    def find(
        self, merchant_id: str, names: Iterable[str]
    ) -> dict[str, tuple[BankTransaction, ...]]:
        """Return the payments of these batches, of those that are known."""
        return {
            row.sk.removeprefix(NOTICE): msgspec.json.decode(
                row.detail or "[]", type=tuple[BankTransaction, ...]
            )
            for row in self._rows(merchant_id, NOTICE, names)
        }

    def await_details(self, merchant_id: str, entries: Iterable[Entry], now: datetime) -> None:
        """Note which entries wait for their details."""
        with translated(), PaymentRow.batch_write() as batch:
            for one in entries:
                name = f"{AWAITED}{place_of(one.transaction)}"
                batch.save(_row(merchant_id, name, "awaited", now, one.id))

    def awaited(self, merchant_id: str, names: Iterable[str]) -> dict[str, str]:
        """Return by batch the id of the entry that waits for its details."""
        rows = self._rows(merchant_id, AWAITED, names)
        return {row.sk.removeprefix(AWAITED): row.detail or "" for row in rows}

    def _rows(self, merchant_id: str, prefix: str, names: Iterable[str]) -> list[PaymentRow]:
        keys = [(merchant_id, f"{prefix}{name}") for name in dict.fromkeys(names)]
        with translated():
            return list(PaymentRow.batch_get(keys, consistent_read=True)) if keys else []


def place_of(one: BankTransaction) -> str:
    """Name the entry that a transaction stands in, among all accounts of a merchant."""
    return f"{''.join(one.account.split()).upper()}|{one.batch}"


def _row(merchant_id: str, name: str, kind: str, now: datetime, detail: str) -> PaymentRow:
    return PaymentRow(
        merchant_id,
        name,
        kind=kind,
        source="bank",
        reference="",
        amount="",
        currency="",
        booked_at=stamp(now),
        detail=detail,
    )

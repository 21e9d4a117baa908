"""Mandates of direct debits, the debits drawn on them, and the files of these (table payments)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

import msgspec
from pynamodb.transactions import TransactWrite

from chalicelib.domain.money import Money
from chalicelib.store.payments import PaymentRow
from chalicelib.store.tables import connection, stamp, translated

if TYPE_CHECKING:
    from collections.abc import Sequence

MANDATE, DEBIT, CLAIM, FILE = "MANDATE#", "DEBIT#", "COLLECT#", "PAIN008#"
MANDATES, FILES = "mandates", "debit_files"
MOST_FILES = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """A customer's leave to collect; `email` says whose orders, `used` how often it was.

    `scheme` is CORE or B2B; who has taken it back is told by `revoked_on`.
    """

    reference: str
    signed_on: date
    iban: str
    holder: str
    email: str
    scheme: str = "CORE"
    used: int = 0
    revoked_on: date | None = None
    version: int = 0

    @property
    def sequence(self) -> str:
        """How the next debit is drawn: FRST the first time, then RCUR."""
        return "RCUR" if self.used else "FRST"


class DebitFileState(StrEnum):
    """Whether a file may be uploaded; `undoing` until its mandates are as they were before."""

    READY = "ready"
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Debit:
    """A debit on a mandate for an order; `id` is its end-to-end id, `turn` counts the order's."""

    id: str
    order_id: str
    number: str
    amount: Money
    mandate: Mandate
    file_id: str
    drawn_at: datetime
    turn: int = 0
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DebitFile:
    """A file of debits; the bank shall collect on the day `collect_on`, unless it was undone."""

    id: str
    made_at: datetime
    collect_on: date
    format: str
    amount: Money
    debits: tuple[str, ...]
    key: str
    by: str = ""
    state: DebitFileState = DebitFileState.READY
    undone_at: datetime | None = None
    undone_by: str = ""


T = TypeVar("T", Mandate, Debit, DebitFile)


class Debits:
    """Mandates, debits and files of all merchants."""

    def keep_mandate(self, merchant_id: str, mandate: Mandate) -> Mandate:
        """Write a mandate, new or changed; Conflict if anybody was faster or it is there."""
        after = replace(mandate, version=mandate.version + 1)
        same = PaymentRow.version == mandate.version
        with translated():
            _of_mandate(merchant_id, after).save(
                condition=same if mandate.version else PaymentRow.pk.does_not_exist()
            )
        return after

    def mandate(self, merchant_id: str, reference: str) -> Mandate | None:
        """Read a mandate."""
        return self._read(merchant_id, f"{MANDATE}{reference}", Mandate)

    def mandates(self, merchant_id: str) -> list[Mandate]:
        """List the mandates that are in force, by their references."""
        return self._listed(merchant_id, MANDATES, Mandate)

    def claim(self, merchant_id: str, debit: Debit) -> None:
        """Draw a debit for an order; Conflict if another file has done so already.

        With the version of a debit whose file was never made, it takes that one's place.
        """
        row = _row(merchant_id, f"{DEBIT}{debit.id}", debit, debit.id)
        after = replace(debit, version=debit.version + 1)
        once = _row(merchant_id, f"{CLAIM}{debit.order_id}#{debit.turn}", after, debit.id)
        once.version = after.version
        free = (
            PaymentRow.version == debit.version if debit.version else PaymentRow.pk.does_not_exist()
        )
        with translated(), TransactWrite(connection=connection()) as transaction:
            transaction.save(row, condition=PaymentRow.pk.does_not_exist())
            transaction.save(once, condition=free)

    def take_back(self, merchant_id: str, debit: Debit) -> bool:
        """Count a debit off its mandate, once; False if that is done. Conflict if others write."""
        mandate = self.mandate(merchant_id, debit.mandate.reference)
        with translated():
            row = PaymentRow.get(merchant_id, f"{DEBIT}{debit.id}", consistent_read=True)
        if row.version or mandate is None:
            return False
        after = replace(mandate, used=max(mandate.used - 1, 0), version=mandate.version + 1)
        row.version = 1
        with translated(), TransactWrite(connection=connection()) as transaction:
            transaction.save(row, condition=PaymentRow.version.does_not_exist())
            transaction.save(
                _of_mandate(merchant_id, after), condition=PaymentRow.version == mandate.version
            )
        return True

    def debit(self, merchant_id: str, debit_id: str) -> Debit | None:
        """Read a debit by its end-to-end id."""
        return self._read(merchant_id, f"{DEBIT}{debit_id}", Debit)

    def claimed(self, merchant_id: str, order_id: str, turn: int) -> Debit | None:
        """Return the debit that has been drawn for an order already."""
        return self._read(merchant_id, f"{CLAIM}{order_id}#{turn}", Debit)

    def keep_file(self, merchant_id: str, file: DebitFile) -> None:
        """Write a file's entry."""
        row = _row(merchant_id, f"{FILE}{file.id}", file, file.id)
        row.parked_of, row.since = f"{merchant_id}#{FILES}", file.id
        with translated():
            row.save()

    def file(self, merchant_id: str, file_id: str) -> DebitFile | None:
        """Read a file's entry."""
        return self._read(merchant_id, f"{FILE}{file_id}", DebitFile)

    def files(self, merchant_id: str) -> list[DebitFile]:
        """List the newest files, the newest first."""
        return self._listed(merchant_id, FILES, DebitFile, limit=MOST_FILES, newest=True)

    def _read(self, merchant_id: str, name: str, kind: type[T]) -> T | None:
        with translated():
            try:
                row = PaymentRow.get(merchant_id, name, consistent_read=True)
            except PaymentRow.DoesNotExist:
                return None
        return msgspec.json.decode(row.detail or "", type=kind)

    def _listed(
        self,
        merchant_id: str,
        place: str,
        kind: type[T],
        *,
        limit: int | None = None,
        newest: bool = False,
    ) -> list[T]:
        with translated():
            found = PaymentRow.parked.query(
                f"{merchant_id}#{place}", limit=limit, scan_index_forward=not newest
            )
            rows: Sequence[PaymentRow] = list(found)
        return [msgspec.json.decode(row.detail or "", type=kind) for row in rows]


def _of_mandate(merchant_id: str, mandate: Mandate) -> PaymentRow:
    row = _row(merchant_id, f"{MANDATE}{mandate.reference}", mandate, mandate.reference)
    row.version = mandate.version
    if mandate.revoked_on is None:
        row.parked_of, row.since = f"{merchant_id}#{MANDATES}", mandate.reference
    return row


def _row(merchant_id: str, name: str, value: Mandate | Debit | DebitFile, of: str) -> PaymentRow:
    amount = None if isinstance(value, Mandate) else value.amount
    return PaymentRow(
        merchant_id,
        name,
        kind="debit",
        source="bank",
        reference=of,
        amount=str(amount.minor) if amount else "",
        currency=amount.currency if amount else "",
        booked_at=stamp(value.made_at) if isinstance(value, DebitFile) else "",
        detail=msgspec.json.encode(value).decode(),
    )

"""Refunds that the merchant's bank shall transfer, and the files made of them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from chalicelib.domain.errors import Conflict
from chalicelib.domain.money import Money
from chalicelib.store.payments import PaymentRow
from chalicelib.store.tables import stamp, translated

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action

    from chalicelib.domain.events import RefundRequested
    from chalicelib.domain.order import Order

TRANSFER, FILE = "TRANSFER#", "SEPA#"
WAITING, FILES = "transfer", "sepa_file"
# In place of a file: none yet, and none ever.
FREE, WITHDRAWN = "-", "withdrawn"


class FileState(StrEnum):
    """What became of a file: `making` until its bytes lie in the bucket.

    It is `sending` until all its refunds are recorded.
    """

    MAKING = "making"
    READY = "ready"
    SENDING = "sending"
    SENT = "sent"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transfer:
    """A refund to transfer; its name is the end-to-end id. `file_id` is the file it is in."""

    refund_id: str
    order_id: str
    number: str
    amount: Money
    iban: str
    holder: str
    since: datetime
    file_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFile:
    """A file of transfers, and what it was made with; `format` is its ISO 20022 name."""

    id: str
    state: FileState
    made_at: datetime
    format: str
    pay_on: str
    amount: Money
    refunds: tuple[str, ...]
    key: str = ""
    by: str = ""
    version: int = 0


class Transfers:
    """The transfers and files of all merchants."""

    def put(self, order: Order, request: RefundRequested, now: datetime) -> None:
        """Put a refund on the list; one that is known there stays as it is."""
        transfer = Transfer(
            refund_id=request.refund_id,
            order_id=order.id,
            number=order.bought.number,
            amount=request.amount,
            iban=request.iban,
            holder=request.holder,
            since=now,
        )
        with suppress(Conflict), translated():
            _row(order.merchant_id, transfer).save(condition=PaymentRow.pk.does_not_exist())

    def load(self, merchant_id: str, refund_id: str) -> Transfer | None:
        """Read a transfer."""
        with translated():
            try:
                row = PaymentRow.get(merchant_id, f"{TRANSFER}{refund_id}", consistent_read=True)
            except PaymentRow.DoesNotExist:
                return None
        return _transfer(row)

    def waiting(self, merchant_id: str, *, limit: int) -> list[Transfer]:
        """List the transfers that are in no file, the oldest first."""
        with translated():
            found = PaymentRow.parked.query(_place(merchant_id, WAITING), limit=limit)
            return [_transfer(row) for row in found]

    def claim(self, merchant_id: str, refund_id: str, file_id: str) -> None:
        """Take a transfer for one file; Conflict if it is in another or was withdrawn."""
        free = (PaymentRow.delivery_id == FREE) | (PaymentRow.delivery_id == file_id)
        with translated():
            PaymentRow(merchant_id, f"{TRANSFER}{refund_id}").update(
                [PaymentRow.delivery_id.set(file_id), PaymentRow.parked_of.remove()],
                condition=free,
            )

    def free(self, merchant_id: str, refund_id: str, file_id: str) -> None:
        """Put a transfer of a file that is undone on the list again."""
        row = PaymentRow(merchant_id, f"{TRANSFER}{refund_id}")
        actions: list[Action] = [
            PaymentRow.delivery_id.set(FREE),
            PaymentRow.parked_of.set(_place(merchant_id, WAITING)),
        ]
        with suppress(Conflict), translated():
            row.update(actions, condition=PaymentRow.delivery_id == file_id)

    def withdraw(self, merchant_id: str, refund_id: str) -> None:
        """Take a transfer off the list for good; Conflict if it is in a file."""
        self.claim(merchant_id, refund_id, WITHDRAWN)

    def files(self, merchant_id: str, *, limit: int = 50) -> list[TransferFile]:
        """List the files, the newest first."""
        with translated():
            found = PaymentRow.parked.query(
                _place(merchant_id, FILES), limit=limit, scan_index_forward=False
            )
            return [_file(row) for row in found]

    def file(self, merchant_id: str, file_id: str) -> TransferFile | None:
        """Read a file's entry."""
        with translated():
            try:
                return _file(PaymentRow.get(merchant_id, f"{FILE}{file_id}", consistent_read=True))
            except PaymentRow.DoesNotExist:
                return None

    def keep(self, merchant_id: str, file: TransferFile) -> TransferFile:
        """Write a file's entry; Conflict if anybody was faster."""
        same = PaymentRow.version == file.version
        condition = same if file.version else PaymentRow.pk.does_not_exist()
        row = PaymentRow(
            merchant_id,
            f"{FILE}{file.id}",
            kind=FILES,
            parked_of=_place(merchant_id, FILES),
            since=f"{stamp(file.made_at)}#{file.id}",
            source="bank",
            reference=file.id,
            amount=str(file.amount.minor),
            currency=file.amount.currency,
            booked_at=stamp(file.made_at),
            detail=msgspec.json.encode(file).decode(),
            version=file.version + 1,
        )
        with translated():
            row.save(condition=condition)
        return _file(row)


def _place(merchant_id: str, what: str) -> str:
    return f"{merchant_id}#{what}"


def _row(merchant_id: str, transfer: Transfer) -> PaymentRow:
    return PaymentRow(
        merchant_id,
        f"{TRANSFER}{transfer.refund_id}",
        kind="transfer",
        source="bank",
        reference=transfer.refund_id,
        amount=str(transfer.amount.minor),
        currency=transfer.amount.currency,
        booked_at=stamp(transfer.since),
        order_id=transfer.order_id,
        delivery_id=FREE,
        parked_of=_place(merchant_id, WAITING),
        since=f"{stamp(transfer.since)}#{transfer.refund_id}",
        detail=msgspec.json.encode(transfer).decode(),
    )


def _transfer(row: PaymentRow) -> Transfer:
    found = msgspec.json.decode(row.detail or "", type=Transfer)
    return replace(found, file_id=row.delivery_id.removeprefix(FREE))


def _file(row: PaymentRow) -> TransferFile:
    found = msgspec.json.decode(row.detail or "", type=TransferFile)
    return replace(found, version=int(row.version or 0))

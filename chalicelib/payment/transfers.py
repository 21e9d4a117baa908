"""Files of transfers: made once of what waits, then sent to the bank by a person, or undone."""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from chalicelib.domain import formats, refunding, sepa
from chalicelib.domain.errors import Conflict, Permanent
from chalicelib.domain.events import RefundRecorded, RefundRequested
from chalicelib.domain.money import total
from chalicelib.domain.refunding import Progress
from chalicelib.payment.credit_transfer import FORMATS, Payer, write
from chalicelib.store.bucket import Bucket
from chalicelib.store.jobs import Jobs, new_job, wake
from chalicelib.store.orders import Orders
from chalicelib.store.transfers import WITHDRAWN, FileState, Transfer, TransferFile, Transfers

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.domain.order import Order
    from chalicelib.store.jobs import Job
    from chalicelib.store.merchants import Settings

MOST = 200  # in one file: each is one order to write to when it is sent
# What looks whether a file that was confirmed or undone is done with, and after how many seconds.
KIND, LATER = "transfer_file", 60.0
OVER = {Progress.PAID, Progress.FAILED, Progress.WITHDRAWN}
PURPOSE = {"de": "Erstattung Bestellung", "en": "Refund of order"}


def make(
    merchant_id: str, settings: Settings, *, version: str, pay_on: str, by: str, now: datetime
) -> TransferFile:
    """Make a file of what waits; one that a crash has left half made is finished first.

    Permanent names the setting or field that stands against it.
    """
    payer = payer_of(settings)
    for file in Transfers().files(merchant_id):
        if file.state is FileState.MAKING:
            return _finished(merchant_id, file, payer)
    waiting = Transfers().waiting(merchant_id, limit=MOST)
    if not waiting:
        raise Permanent("nothing_to_transfer", "No refund waits to be transferred.")
    file = TransferFile(
        id=f"KT{now:%Y%m%d%H%M%S}{secrets.token_hex(3).upper()}",
        state=FileState.MAKING,
        made_at=now,
        format=_format(version),
        pay_on=_day(pay_on, now).isoformat(),
        amount=total((one.amount for one in waiting), "EUR"),
        refunds=tuple(one.refund_id for one in waiting),
        by=by,
    )
    return _finished(merchant_id, Transfers().keep(merchant_id, file), payer)


def payer_of(settings: Settings) -> Payer:
    """Return whose account is debited; Permanent names the setting that is missing."""
    if not sepa.is_iban(settings.iban):
        raise Permanent("no_account", "settings.iban: must be the IBAN of your own account.")
    name = settings.bank_holder or settings.name
    if not sepa.plain(name, 70):
        raise Permanent("no_account", "settings.bank_holder: must be given.")
    bic = sepa.compact(settings.bic)
    return Payer(
        name=name,
        iban=settings.iban,
        bic=bic if sepa.is_bic(bic) else "",
        purpose=f"{settings.name} {PURPOSE.get(settings.language, PURPOSE['en'])}".strip(),
    )


def _format(version: str) -> str:
    if version and version not in FORMATS:
        raise Permanent("bad_field", f"format: one of {', '.join(FORMATS)}.")
    return version or FORMATS[0]


def _day(text: str, now: datetime) -> date:
    today = now.astimezone(formats.HOME).date()
    try:
        day = date.fromisoformat(text) if text else today
    except ValueError:
        raise Permanent("bad_field", "pay_on: must be a day like 2026-12-01.") from None
    if not 0 <= (day - today).days <= 365:  # noqa: PLR2004 - a year
        raise Permanent("bad_field", "pay_on: must be today or a day of the next year.")
    return day


def _finished(merchant_id: str, file: TransferFile, payer: Payer) -> TransferFile:
    """Claim what the file shall hold, and write it: what another file has is left out."""
    taken = [one for name in file.refunds if (one := _claimed(merchant_id, name, file.id))]
    if not taken:
        Transfers().keep(merchant_id, replace(file, state=FileState.UNDONE, refunds=()))
        raise Permanent("nothing_to_transfer", "What waited is in another file already.")
    data = write(
        taken,
        payer,
        name=file.id,
        version=file.format,
        made_at=file.made_at,
        pay_on=date.fromisoformat(file.pay_on),
    )
    key = f"jobs/{merchant_id}/transfers/{file.id}.xml"
    Bucket().put(key, data)
    ready = replace(
        file,
        state=FileState.READY,
        key=key,
        amount=total((one.amount for one in taken), "EUR"),
        refunds=tuple(one.refund_id for one in taken),
    )
    return Transfers().keep(merchant_id, ready)


def _claimed(merchant_id: str, refund_id: str, file_id: str) -> Transfer | None:
    try:
        if _progress(merchant_id, refund_id) in OVER:
            # The bank has paid it out of a file that was undone: it leaves the list for good.
            Transfers().withdraw(merchant_id, refund_id)
            return None
        Transfers().claim(merchant_id, refund_id, file_id)
    except Conflict:
        return None
    return Transfers().load(merchant_id, refund_id)


def send(merchant_id: str, file_id: str, *, by: str, now: datetime) -> TransferFile:
    """Note that a file is with the bank: its refunds are paid; doing it again changes nothing."""
    file = file_of(merchant_id, file_id)
    if file.state is FileState.READY:
        promised(merchant_id, KIND, file_id, now)
        sending = replace(file, state=FileState.SENDING, by=by)
        file = Transfers().keep(merchant_id, sending)
    if file.state not in {FileState.SENDING, FileState.SENT}:
        raise Permanent("not_ready", "This file is not ready: it was undone or is being made.")
    return _recorded(merchant_id, file, now)


def promised(merchant_id: str, kind: str, file_id: str, now: datetime) -> None:
    """Have a job look soon whether all was done: whoever does it may die half way."""
    job = Jobs().create(new_job(merchant_id, kind, now, subject=file_id))
    wake(merchant_id, job.id, delay=LATER)


def advance(job: Job, now: datetime) -> Job:
    """Do what is left of a file that was confirmed or undone."""
    file = file_of(job.merchant_id, job.subject)
    if file.state is FileState.SENDING:
        _recorded(job.merchant_id, file, now)
    elif file.state is FileState.UNDONE:
        _freed(job.merchant_id, file)
    count = len(file.refunds)
    return replace(job, state="done", done=count, total=count)


def _recorded(merchant_id: str, file: TransferFile, now: datetime) -> TransferFile:
    for name in file.refunds:
        transfer = Transfers().load(merchant_id, name)
        if transfer:
            _record(merchant_id, transfer, file.by, now)
    if file.state is FileState.SENT:
        return file
    try:
        return Transfers().keep(merchant_id, replace(file, state=FileState.SENT))
    except Conflict:  # somebody else has recorded the same
        return file_of(merchant_id, file.id)


def _record(merchant_id: str, transfer: Transfer, by: str, now: datetime) -> None:
    order = Orders().load(merchant_id, transfer.order_id)
    request = order and refunding.request_of(order, transfer.refund_id)
    if not order or not request or refunding.progress(order, request) in OVER:
        return
    fact = RefundRecorded(
        at=now,
        source="bank",
        reference=transfer.refund_id,
        amount=transfer.amount,
        booked_at=now,
        return_id=request.return_id,
        by=request.by or by,
        refund_id=transfer.refund_id,
        payment=request.payment,
    )
    Orders().record(order, [fact])


def undo(merchant_id: str, file_id: str, *, by: str, now: datetime) -> TransferFile:
    """Put the transfers of a file that was not sent on the list again."""
    file = file_of(merchant_id, file_id)
    if file.state in {FileState.SENDING, FileState.SENT} or any(
        _progress(merchant_id, x) is Progress.PAID for x in file.refunds
    ):
        raise Permanent("sent", "This file is with the bank: its transfers can not be undone here.")
    if file.state is not FileState.UNDONE:
        promised(merchant_id, KIND, file_id, now)
        undone = replace(file, state=FileState.UNDONE, by=by)
        file = Transfers().keep(merchant_id, undone)
    _freed(merchant_id, file)
    return file


def _freed(merchant_id: str, file: TransferFile) -> None:
    for name in file.refunds:
        Transfers().free(merchant_id, name, file.id)


def in_step(order: Order) -> None:
    """Take off the list what was paid by hand, and put on it again what turned out not to be."""
    for request in order.all(RefundRequested):
        name = (order.merchant_id, request.refund_id)
        if request.way != "transfer":
            continue
        match refunding.progress(order, request):
            case Progress.PAID:
                with suppress(Conflict):
                    Transfers().withdraw(*name)
            case Progress.LISTED:
                Transfers().free(*name, WITHDRAWN)


def is_in_file(merchant_id: str, refund_id: str) -> bool:
    """Tell whether a transfer is in a file that the bank may have."""
    transfer = Transfers().load(merchant_id, refund_id)
    return transfer is not None and transfer.file_id not in {"", WITHDRAWN}


def _progress(merchant_id: str, refund_id: str) -> Progress | None:
    """Tell how far a transfer's refund is, for the bank's statement may have shown it already."""
    transfer = Transfers().load(merchant_id, refund_id)
    order = Orders().load(merchant_id, transfer.order_id) if transfer else None
    request = order and refunding.request_of(order, refund_id)
    return refunding.progress(order, request) if order and request else None


def file_of(merchant_id: str, file_id: str) -> TransferFile:
    """Return a file's entry; Permanent(`not_found`) if there is none."""
    file = Transfers().file(merchant_id, file_id)
    if file is None:
        raise Permanent("not_found", "There is no such file.")
    return file

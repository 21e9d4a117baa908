"""Collecting by direct debit: which orders have a mandate, and the file that draws on it."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from chalicelib.domain import balance, events, formats, sepa, states
from chalicelib.domain.errors import Conflict, Permanent
from chalicelib.domain.money import total
from chalicelib.payment.direct_debit import FORMATS, write
from chalicelib.payment.open_items import heads
from chalicelib.payment.transfers import payer_of, promised
from chalicelib.store.bank import Bank
from chalicelib.store.bucket import Bucket
from chalicelib.store.debits import Debit, DebitFile, DebitFileState, Debits, Mandate
from chalicelib.store.orders import Orders

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order
    from chalicelib.store.jobs import Job
    from chalicelib.store.merchants import Settings

KIND = "debit_file"  # the job that finishes an undoing
MOST = 200  # in one file
LONGEST = 35  # signs of an end-to-end id
FARTHEST = 365  # days ahead
UNMADE = timedelta(minutes=15)  # after which a file that is not there will never be
SATURDAY = 5
PURPOSE = {"de": "Bestellung", "en": "order"}


def due(merchant_id: str, now: datetime) -> Iterator[tuple[Order, Debit]]:
    """Yield the orders to be paid by direct debit that have a mandate and were not drawn yet."""
    by_customer = {_customer(one.email): one for one in Debits().mandates(merchant_id)}
    if not by_customer:
        return
    for head in heads(merchant_id):
        mandate = by_customer.get(head.summary.get("customer", ""))
        order = Orders().load(merchant_id, head.order_id) if mandate else None
        if order is None or mandate is None or not _is_to_collect(order):
            continue
        turn = len(balance.standing(order, events.ChargebackRecorded))
        before = Debits().claimed(merchant_id, order.id, turn)
        if before is None or _is_lost(merchant_id, before, now):
            version = before.version if before else 0
            yield order, _debit(order, mandate, now, turn=turn, version=version)


def _is_lost(merchant_id: str, debit: Debit, now: datetime) -> bool:
    """Tell whether a debit was drawn for a file that was undone, or that a crash kept unmade."""
    file = Debits().file(merchant_id, debit.file_id)
    if file is None:
        return now - debit.drawn_at > UNMADE
    return file.state is DebitFileState.UNDONE


def _debit(order: Order, mandate: Mandate, now: datetime, *, turn: int, version: int) -> Debit:
    return Debit(
        id="",
        order_id=order.id,
        number=order.bought.number,
        amount=balance.wanted(order),
        mandate=mandate,
        file_id="",
        drawn_at=now,
        turn=turn,
        version=version,
    )


def _customer(email: str) -> str:
    """Return what the heads call the customer of this address."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()[:16]


def _is_to_collect(order: Order) -> bool:
    is_debit = bool(is_by_debit(order.bought.payment_method))
    is_open = balance.wanted(order).minor > 0 and order.bought.currency == "EUR"
    return is_debit and is_open and not states.is_cancelled(order)


def is_by_debit(method: str) -> bool:
    """Tell whether a shop's name of a payment means our own direct debit."""
    text = method.lower().replace(" ", "").replace("_", "").replace("-", "")
    return any(name in text for name in ("lastschrift", "directdebit", "sepadebit", "sepadd"))


def make(
    merchant_id: str, settings: Settings, *, version: str, collect_on: str, by: str, now: datetime
) -> DebitFile:
    """Make a file of what is due; Permanent names the setting or field that stands against it."""
    creditor = payer_of(settings)
    if not sepa.is_creditor_id(settings.creditor_id):
        raise Permanent("no_creditor_id", "settings.creditor_id: must be your creditor identifier.")
    if version and version not in FORMATS:
        raise Permanent("bad_field", f"format: one of {', '.join(FORMATS)}.")
    on = _day(collect_on, settings, now)
    file_id = f"KD{now:%Y%m%d%H%M%S}{secrets.token_hex(3).upper()}"
    taken = list(_claimed(merchant_id, file_id, by, now, on))
    if not taken:
        raise Permanent("nothing_to_collect", "No order with a mandate is to be collected.")
    file = DebitFile(
        id=file_id,
        made_at=now,
        collect_on=on,
        format=version or FORMATS[0],
        amount=total((one.amount for one in taken), "EUR"),
        debits=tuple(one.id for one in taken),
        key=f"jobs/{merchant_id}/debits/{file_id}.xml",
        by=by,
    )
    purpose = f"{settings.name} {PURPOSE.get(settings.language, PURPOSE['en'])}".strip()
    data = write(
        taken,
        replace(creditor, purpose=purpose),
        creditor_id=settings.creditor_id,
        name=file.id,
        version=file.format,
        made_at=now,
        collect_on=on,
    )
    Bucket().put(file.key, data)
    Debits().keep_file(merchant_id, file)
    return file


def _claimed(merchant_id: str, file_id: str, by: str, now: datetime, on: date) -> Iterator[Debit]:
    """Draw what is due, each order once, and write it down with the order."""
    used: dict[str, Mandate] = {}
    for order, drawn in islice(due(merchant_id, now), MOST):
        name = drawn.mandate.reference
        mandate = used.get(name, drawn.mandate)
        own = f"{file_id}-{_reference(order.bought.number)}"[:LONGEST]
        debit = replace(drawn, id=own, file_id=file_id, mandate=mandate)
        try:
            Debits().claim(merchant_id, debit)
        except Conflict:
            continue
        after = replace(mandate, used=mandate.used + 1)
        used[name] = Debits().keep_mandate(merchant_id, after)
        text = f"Direct debit of {debit.amount} on {on}, mandate {name}."
        Orders().record(order, [events.NoteAdded(at=now, text=text, by=by)])
        yield debit


def undo(merchant_id: str, file_id: str, *, by: str, now: datetime) -> DebitFile:
    """Take back a file that the bank has not got: its orders are due again, its mandates as before.

    Permanent(`sent`) if a statement shows one of its debits.
    """
    file = file_of(merchant_id, file_id)
    if file.state is DebitFileState.READY:
        if _is_seen(merchant_id, file):
            raise Permanent("sent", "This file is with the bank: a statement shows its debits.")
        promised(merchant_id, KIND, file_id, now)
        file = replace(file, state=DebitFileState.UNDOING, undone_at=now, undone_by=by)
        Debits().keep_file(merchant_id, file)
    return _undone(merchant_id, file)


def advance(job: Job, now: datetime) -> Job:
    """Do what is left of a file that is being undone."""
    del now
    file = file_of(job.merchant_id, job.subject)
    if file.state is DebitFileState.UNDOING:
        _undone(job.merchant_id, file)
    return replace(job, state="done", done=len(file.debits), total=len(file.debits))


def _undone(merchant_id: str, file: DebitFile) -> DebitFile:
    if file.state is not DebitFileState.UNDOING or file.undone_at is None:
        return file
    for debit, order in _drawn(merchant_id, file):
        Debits().take_back(merchant_id, debit)
        text = f"Direct debit of {debit.amount} on {file.collect_on} taken back: it was not sent."
        # At the moment of the undoing, so that it is told once however often this is tried.
        told = events.NoteAdded(at=file.undone_at, text=text, by=file.undone_by)
        if order:
            Orders().record(order, [told])
    after = replace(file, state=DebitFileState.UNDONE)
    Debits().keep_file(merchant_id, after)
    return after


def _drawn(merchant_id: str, file: DebitFile) -> Iterator[tuple[Debit, Order | None]]:
    for name in file.debits:
        if debit := Debits().debit(merchant_id, name):
            yield debit, Orders().load(merchant_id, debit.order_id)


def _is_seen(merchant_id: str, file: DebitFile) -> bool:
    """Tell whether the bank has shown one of a file's debits, as money or as one that came back."""
    names = set[str]()
    for _, order in _drawn(merchant_id, file):
        told = (
            order.all(events.PaymentReceived) + order.all(events.ChargebackRecorded)
            if order
            else ()
        )
        names |= {fact.reference.partition("-")[0] for fact in told if fact.source == "bank"}
    entries = Bank().known(merchant_id, sorted(names))
    return any(one.transaction.end_to_end_id in file.debits for one in entries.values())


def file_of(merchant_id: str, file_id: str) -> DebitFile:
    """Return a file's entry; Permanent(`not_found`) if there is none."""
    file = Debits().file(merchant_id, file_id)
    if file is None:
        raise Permanent("not_found", "There is no such file.")
    return file


def _reference(number: str) -> str:
    """Return an order's number as a bank takes it in a reference: one wrong sign fails the file."""
    return "".join(sign for sign in sepa.plain(number, LONGEST) if sign not in " /")


def _day(text: str, settings: Settings, now: datetime) -> date:
    """Return the day of collection: late enough that the customer was told before."""
    first = first_day(settings, now)
    try:
        day = date.fromisoformat(text) if text else first
    except ValueError:
        raise Permanent("bad_field", "collect_on: must be a day like 2026-12-01.") from None
    if not 0 <= (day - first).days <= FARTHEST:
        raise Permanent("bad_field", f"collect_on: must be {first} or later, within a year.")
    return _workday(day)


def first_day(settings: Settings, now: datetime) -> date:
    """Return the first working day of which the customer can have been told in time."""
    return _workday(now.astimezone(formats.HOME).date() + timedelta(days=settings.debit_notice))


def _workday(day: date) -> date:
    """Return the day, or the Monday behind a weekend."""
    return day + timedelta(days=max(7 - day.weekday(), 0) * (day.weekday() >= SATURDAY))

"""Mollie: signed events, and the older calls that only name a payment, which is then read back.

Amounts are decimals as text with their currency. A payment stays `paid` when money goes back; its
refunds and chargebacks are told beside it, each under its own name. So is what was captured of it
in parts: an event tells only the sum, so the payment is read back then. What Mollie keeps is told
by the balance only (`balance-transaction.created`); `settlementAmount` is before its fees.
Format: docs.mollie.com, webhooks (next-gen and classic), payments, captures and orders API.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain.deliveries import Verdict, is_signed
from chalicelib.domain.errors import Permanent
from chalicelib.domain.fields import Field, header, read
from chalicelib.payment.amounts import in_major
from chalicelib.payment.mollie_reading import CALL, KEY, confirm, lacks, thing_of
from chalicelib.payment.port import Ignored, MovementKind, Notice, Read, needed
from chalicelib.payment.reading_back import call_key
from chalicelib.providers.captures import captured
from chalicelib.providers.port import MARK, ORDER_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery, Secrets
    from chalicelib.domain.money import Money

SECRET = re.compile(r"\S{8,}")
KINDS = {
    "paid": MovementKind.RECEIVED,
    "authorized": MovementKind.AUTHORIZED,
    "canceled": MovementKind.AUTHORIZATION_VOIDED,
    "expired": MovementKind.AUTHORIZATION_VOIDED,
}
WHEN = {
    MovementKind.RECEIVED: ("paidAt",),
    MovementKind.AUTHORIZED: ("authorizedAt",),
    MovementKind.AUTHORIZATION_VOIDED: ("canceledAt", "expiredAt"),
}


def check(settings: Mapping[str, str], secrets: Secrets) -> None:
    """Raise Permanent(`not_set_up`) without both a key to read payments and a secret of events."""
    del settings
    if "webhook_secret" in secrets:
        needed(secrets, "secrets.webhook_secret", SECRET, "at least 8 characters without blanks")
    if "api_key" in secrets or "webhook_secret" not in secrets:
        needed(secrets, "secrets.api_key", KEY, "a key like live_…")


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Check `sha256=` hex(HMAC-SHA256) over the raw body; a bare call is checked by reading back.

    What a delivery is, its body says and never a missing header.
    """
    del now  # Mollie signs no time
    if CALL.fullmatch(raw.strip()):
        return Verdict.UNVERIFIED
    given = [each.strip() for each in header(headers, "x-mollie-signature").split(",")]
    texts = [each.removeprefix("sha256=") for each in given if each.startswith("sha256=")]
    is_genuine = any(is_signed(text, raw, secrets, encoding="hex") for text in texts)
    return Verdict.GENUINE if is_genuine else Verdict.FORGED


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return the event's id; a bare call says that something is new, not what."""
    del headers
    if CALL.fullmatch(raw.strip()):
        return call_key(raw.strip().decode())
    try:
        body = read(raw)
        name = body.at("id").text() if body.at("resource").text() == "event" else ""
    except Permanent:
        name = ""
    return name or hashlib.sha256(raw).hexdigest()


def translate(delivery: Delivery) -> tuple[Read, ...]:
    """Read an event's payment, refund or chargeback, or a payment that was read back."""
    thing = thing_of(read(delivery.body))
    resource = thing.at("resource").text()
    reader = READERS.get(resource)
    if reader is None:
        return (Ignored(reason=f"{resource or 'a thing without a name'} moves no money by itself"),)
    return tuple(reader(thing))


def _payments(order: Field) -> Iterator[Read]:
    """Yield the movements of an order's payments, which may leave its name out."""
    reference = _order_reference(order) or order.at("orderNumber").text().removeprefix("#")
    for payment in order.at("_embedded").at("payments").each():
        for told in _payment(payment):
            if isinstance(told, Notice) and not told.order_reference:
                yield replace(told, order_reference=reference)
            else:
                yield told


def _payment(payment: Field) -> Iterator[Read]:
    """Yield a payment's own movement, then what of it went back."""
    order, name = _order_reference(payment), payment.at("id").name()
    yield from _paid(payment, name, order)
    inner = payment.at("_embedded")
    for refund in inner.at("refunds").each():
        for told in _refund(refund):
            yield replace(told, order_reference=order) if isinstance(told, Notice) else told
    for back in inner.at("chargebacks").each():
        for told in _chargeback(back):
            yield replace(told, order_reference=order) if isinstance(told, Notice) else told


def _paid(payment: Field, name: str, order: str) -> Iterator[Read]:
    status, counted = payment.at("status").text(), payment.at("amountCaptured")
    was_promised = payment.at("authorizedAt").value is not None
    kind = KINDS.get(status)
    parts = captured(payment, _money)
    for part in parts:
        yield Notice(
            kind=MovementKind.RECEIVED,
            reference=part.reference,
            order_reference=order,
            amount=part.amount,
            booked_at=part.captured_at,
            payer=payment.at("details").at("consumerName").text(),
            payment=name,
            earlier=part.earlier,
        )
    if kind is MovementKind.RECEIVED and parts:
        return
    if kind is None or (kind is MovementKind.AUTHORIZATION_VOIDED and not was_promised):
        yield Ignored(reason=f"payment {name} is {status or 'without a status'}")
        return
    is_counted = status == "paid" and counted.value is not None
    amount = _money(counted if is_counted else payment.at("amount"))
    if not amount:
        yield Ignored(reason=f"of payment {name} nothing is captured")
        return
    yield Notice(
        kind=kind,
        reference=name,
        order_reference=order,
        amount=amount,
        booked_at=_moment(payment, *WHEN[kind], "createdAt"),
        payer=payment.at("details").at("consumerName").text(),
    )


def _refund(refund: Field) -> Iterator[Read]:
    status, name = refund.at("status").text(), refund.at("id").name()
    if status == "refunded":
        yield _back(MovementKind.REFUNDED, refund, "createdAt")
    elif status in {"failed", "canceled"}:
        yield _back(MovementKind.REFUND_FAILED, refund, "createdAt")
    else:
        yield Ignored(reason=f"refund {name} is {status or 'without a status'}")


def _chargeback(back: Field) -> Iterator[Read]:
    yield _back(MovementKind.CHARGED_BACK, back, "createdAt")
    if back.at("reversedAt").value is not None:
        yield _back(MovementKind.CHARGEBACK_REVERSED, back, "reversedAt")


def _deducted(entry: Field) -> Iterator[Read]:
    """Yield what Mollie kept of a payment or refund; only its balance tells that."""
    deducted, context = entry.at("deductions"), entry.at("context")
    inner = context.at(entry.at("type").text())
    payment = inner.at("paymentId").text() if isinstance(inner.value, dict) else ""
    payment, name = payment or context.at("paymentId").text(), entry.at("id").name()
    value = deducted.at("value")
    if not payment or value.number() >= 0:
        yield Ignored(reason=f"of {name} Mollie kept nothing")
        return
    kept = Field(value.path, -value.number())
    yield Notice(
        kind=MovementKind.FEE,
        reference=name,
        order_reference="",
        amount=in_major(kept, deducted.at("currency").currency()),
        booked_at=_moment(entry, "createdAt"),
        payment=payment,
    )


READERS: dict[str, Callable[[Field], Iterator[Read]]] = {
    "balance_transaction": _deducted,
    "balance-transaction": _deducted,
    "payment": _payment,
    "refund": _refund,
    "chargeback": _chargeback,
    "order": _payments,
}


def _back(kind: MovementKind, thing: Field, when: str) -> Read:
    amount, name = _money(thing.at("amount")), thing.at("id").name()
    metadata = thing.at("metadata")
    if not amount:
        return Ignored(reason=f"{name} is about nothing")
    return Notice(
        kind=kind,
        reference=name,
        order_reference="",
        amount=amount,
        booked_at=_moment(thing, when),
        payment=thing.at("paymentId").text(),
        refund=metadata.at(MARK).text() if isinstance(metadata.value, dict) else "",
    )


def _order_reference(payment: Field) -> str:
    metadata = payment.at("metadata")
    if not isinstance(metadata.value, dict):
        return ""  # a text or a number of somebody's own
    named = (metadata.at(key).text() for key in ORDER_KEYS)
    return next(filter(None, named), "").removeprefix("#")


def _money(amount: Field) -> Money:
    return in_major(amount.at("value"), amount.at("currency").currency())


def _moment(thing: Field, *names: str) -> datetime:
    for name in names:
        found = thing.at(name).moment()
        if found is not None:
            return found
    return thing.at(names[-1]).refuse("must be given")


__all__ = ["check", "confirm", "delivery_key", "lacks", "translate", "verify"]

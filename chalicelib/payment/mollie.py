"""Mollie: signed events, and the older calls that only name a payment, which is then read back.

Amounts are decimals as text with their currency. A payment stays `paid` when money goes back; its
refunds and chargebacks are told beside it, each under its own name. What Mollie keeps is told by
the balance only (`balance-transaction.created`); `settlementAmount` is before its fees.
Format: docs.mollie.com, webhooks (next-gen and classic) and payments API (payment object).
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
from chalicelib.payment.port import Ignored, MovementKind, Notice, Read, needed
from chalicelib.payment.reading_back import call_key, read_back
from chalicelib.providers.port import MARK, ORDER_KEYS
from chalicelib.runtime.http import fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery, Secrets
    from chalicelib.domain.money import Money
    from chalicelib.payment.port import Way

ADDRESS = "https://api.mollie.com"
# The older call: a form with one field, and no signature.
CALL = re.compile(rb"id=([a-z]{2,6}_[A-Za-z0-9]{4,40})")
KEY = re.compile(r"(live|test|access)_\S{8,}")
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


def confirm(delivery: Delivery, way: Way) -> Delivery:
    """Return the payment as Mollie has it now, in place of a call that only names it."""
    found = CALL.fullmatch(delivery.body.strip())
    name = found.group(1).decode() if found else ""
    if not name.startswith("tr_"):
        raise Permanent("bad_payload", f"id: must be a payment (tr_…), is {name or 'missing'}")
    needed(way.secrets, "secrets.api_key", KEY, "a key like live_…")
    sign = fixed(Authorization=f"Bearer {way.secrets['api_key'].strip()}")
    api, query = way.call(ADDRESS, sign), {"embed": "refunds,chargebacks"}
    return replace(delivery, body=read_back(api, f"/v2/payments/{name}", name=name, query=query))


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
    body = read(delivery.body)
    thing = body
    if body.at("resource").text() == "event":
        thing = body.at("_embedded").at("entity")
        if thing.value is None:
            thing.refuse("must be given (subscribe to events with their full payload)")
    resource = thing.at("resource").text()
    reader = READERS.get(resource)
    if reader is None:
        return (Ignored(reason=f"{resource or 'a thing without a name'} moves no money by itself"),)
    return tuple(reader(thing))


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
    status, captured = payment.at("status").text(), payment.at("amountCaptured")
    was_promised = payment.at("authorizedAt").value is not None
    kind = KINDS.get(status)
    if kind is None or (kind is MovementKind.AUTHORIZATION_VOIDED and not was_promised):
        yield Ignored(reason=f"payment {name} is {status or 'without a status'}")
        return
    is_captured = status == "paid" and captured.value is not None
    amount = _money(captured if is_captured else payment.at("amount"))
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

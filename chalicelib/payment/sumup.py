"""SumUp: calls that name a checkout, signed or not, whose payments are then read back.

Amounts are decimals in major units. A checkout stays `PAID` when money goes back; refunds,
chargebacks and fees are events of its transaction. SumUp calls only for a checkout, so a refund
is heard of when the checkout is told of again.
Format: developer.sumup.com, webhooks (three generations), checkouts and transactions API; the
signed one as the official SDK 0.4.0 checks it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.domain.deliveries import Verdict, is_signed
from chalicelib.domain.errors import Permanent
from chalicelib.domain.fields import Field, header, read
from chalicelib.domain.money import Money
from chalicelib.payment.amounts import in_major
from chalicelib.payment.port import Ignored, MovementKind, Notice, Read, needed
from chalicelib.payment.reading_back import call_key, read_back
from chalicelib.runtime.http import fixed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery, Secrets
    from chalicelib.payment.port import Way

ADDRESS = "https://api.sumup.com"
TOLERANCE = timedelta(seconds=300)
NAME = re.compile(r"[0-9A-Za-z-]{8,64}")
MERCHANT = re.compile(r"[0-9A-Za-z]{4,20}")
KEY = re.compile(r"\S{16,}")
SECRET = re.compile(r"\S{8,}")
UNSIGNED = frozenset({"CHECKOUT_STATUS_CHANGED", "checkout.status.updated"})
# What an event of a transaction does, and in which states it has done so.
KINDS = {"REFUND": MovementKind.REFUNDED, "CHARGE_BACK": MovementKind.CHARGED_BACK}
DONE = frozenset({"REFUNDED", "SUCCESSFUL", "PAID_OUT", "RECONCILED"})
# States of a transaction whose money came in, whatever went back since.
PAID = frozenset({"SUCCESSFUL", "REFUNDED", "CHARGE_BACK"})


def check(settings: Mapping[str, str], secrets: Secrets) -> None:
    """Raise Permanent(`not_set_up`) without the key that checkouts are read back with."""
    del settings
    needed(secrets, "secrets.api_key", KEY, "the API key, as SumUp shows it")
    if "webhook_secret" in secrets:
        needed(secrets, "secrets.webhook_secret", SECRET, "at least 8 characters without blanks")


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Leave what names a checkout to the worker; the kind that is signed must be signed well.

    `t=…,v1=…`: HMAC-SHA256 in hex over `v1:time:raw body`, five minutes before or after. Which
    kind it is, its body says and never a missing header.
    """
    try:
        name, has_signature = _named(raw)
    except Permanent:
        return Verdict.FORGED
    if not name:
        return Verdict.FORGED
    if not has_signature:
        return Verdict.UNVERIFIED
    given = header(headers, "x-sumup-webhook-signature")
    pairs = [part.strip().partition("=") for part in given.split(",")]
    stamp = next((value for key, _, value in pairs if key == "t"), "")
    if not (stamp.isascii() and stamp.isdigit()):
        return Verdict.FORGED
    message = f"v1:{stamp}:".encode() + raw
    signatures = [value for key, _, value in pairs if key == "v1"]
    if not any(is_signed(each, message, secrets, encoding="hex") for each in signatures):
        return Verdict.FORGED
    age = abs(int(now.timestamp()) - int(stamp))
    return Verdict.UNVERIFIED if age <= TOLERANCE.total_seconds() else Verdict.STALE


def confirm(delivery: Delivery, way: Way) -> Delivery:
    """Return the checkout and its transactions as SumUp has them, in place of what names it."""
    name, _ = _named(delivery.body)
    if not name:
        raise Permanent("bad_payload", "id: must name a checkout of SumUp, is missing")
    check(way.settings, way.secrets)
    key = way.secrets["api_key"].strip()
    api = way.call(ADDRESS, fixed(Authorization=f"Bearer {key}"))
    checkout = read_back(api, f"/v0.1/checkouts/{name}", name=name)
    found = read(checkout)
    merchant = found.at("merchant_code").text()
    parts = []
    for each in found.at("transactions").each():
        paid = each.at("id").text()
        if each.at("status").text() in PAID and NAME.fullmatch(paid):
            if not MERCHANT.fullmatch(merchant):
                found.at("merchant_code").refuse("must be given")
            place = f"/v2.1/merchants/{merchant}/transactions"
            parts.append(read_back(api, place, name=paid, query={"id": paid}))
    body = b'{"checkout": ' + checkout + b', "transactions": [' + b", ".join(parts) + b"]}"
    return replace(delivery, body=body)


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return the id of a signed event; any other call says that something is new, not what."""
    del headers
    try:
        name, has_signature = _named(raw)
        event = read(raw).at("id").text() if has_signature else ""
    except Permanent:
        name = event = ""
    return event or call_key(name or hashlib.sha256(raw).hexdigest())


def translate(delivery: Delivery) -> tuple[Read, ...]:
    """Read a checkout that was read back: its payments, and what became of them."""
    body = read(delivery.body)
    checkout = body.at("checkout").needed()
    found = [each for paid in body.at("transactions").each() for each in _movements(paid, checkout)]
    status = checkout.at("status").text()
    return tuple(found) or (Ignored(reason=f"checkout is {status or 'without a status'}"),)


def _movements(paid: Field, checkout: Field) -> Iterator[Read]:
    """Yield a transaction's own movement, then what of it went back and what it cost."""
    name, status = paid.at("id").name(), paid.at("status").text()
    if status not in PAID:
        yield Ignored(reason=f"transaction {name} is {status or 'without a status'}")
        return
    order = checkout.at("checkout_reference").text().removeprefix("#")
    currency = paid.at("currency").currency()
    amount, at = in_major(paid.at("amount"), currency), paid.at("timestamp")
    yield _notice(MovementKind.RECEIVED, name, amount, at, order=order)
    for event in paid.at("transaction_events").each():
        kind = KINDS.get(event.at("event_type").text() or event.at("type").text())
        status = event.at("status").text()
        if kind is MovementKind.REFUNDED and status == "FAILED":
            kind = MovementKind.REFUND_FAILED
        if kind and (status in DONE or kind is MovementKind.REFUND_FAILED):
            when = (
                event.at("date") if event.at("timestamp").value is None else event.at("timestamp")
            )
            own, back = f"{name}:{event.at('id').name()}", in_major(event.at("amount"), currency)
            yield _notice(kind, own, back, when, order=order, payment=name)
    for event in paid.at("events").each():
        cost = max(Money.of(event.at("fee_amount").number(), currency), Money.zero(currency))
        if event.at("type").text() == "PAYOUT":
            own = f"{name}:fee:{event.at('id').name()}"
            yield _notice(MovementKind.FEE, own, cost, at, order=order, payment=name)


def _notice(
    kind: MovementKind, reference: str, amount: Money, at: Field, *, order: str, payment: str = ""
) -> Read:
    if not amount:
        return Ignored(reason=f"{reference} is about nothing")
    booked_at = at.needed().moment()
    if booked_at is None:
        at.refuse("must be a date and time of ISO 8601")
    return Notice(
        kind=kind,
        reference=reference,
        order_reference=order,
        amount=amount,
        booked_at=booked_at,
        payment=payment,
    )


def _named(raw: bytes) -> tuple[str, bool]:
    """Return the checkout that a call names, and whether it is of the kind that is signed."""
    body = read(raw)
    thing = body.at("object")
    if thing.value is not None:
        is_checkout = body.at("type").text().startswith("checkouts.")
        name = thing.at("id").text() if is_checkout else ""
        return (name if NAME.fullmatch(name) else ""), True
    if body.at("event_type").text() not in UNSIGNED:
        return "", False
    inner = body.at("payload").at("checkout_id").text()
    name = inner or body.at("id").text()
    return (name if NAME.fullmatch(name) else ""), False

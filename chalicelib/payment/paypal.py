"""PayPal: events signed with a certificate that lies at PayPal, so the worker checks them.

Amounts are decimals as text with their currency. A refund names its payment only in a link.
Format: developer.paypal.com, webhooks (event names, verification) and payments API v2 (captures).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import time
import zlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.domain.deliveries import Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.domain.fields import Field, header, read
from chalicelib.payment.amounts import in_major
from chalicelib.payment.certificates import public_key, system_roots
from chalicelib.payment.port import Ignored, MovementKind, Notice, Read, needed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery, Secrets
    from chalicelib.domain.money import Money
    from chalicelib.payment.port import Way

# Nothing else is called, whatever address a delivery names: whoever sends it has written that.
CERTIFICATE = re.compile(
    r"(https://api(?:-m)?(\.sandbox)?\.paypal\.com)(/v1/notifications/certs/[A-Za-z0-9_-]{1,100})"
)
SIGNER = "messageverificationcerts{}.paypal.com"
ALGORITHM = "SHA256WITHRSA"
SIGNED = ("paypal-transmission-id", "paypal-transmission-time", "paypal-transmission-sig")
# What PayPal's own simulator signs with, WEBHOOK_ID, is none of it.
WEBHOOK = re.compile(r"[A-Z0-9]{8,50}")
# Where the order's name stands, in the current version of the interface and in the first.
ORDER = ("custom_id", "invoice_id", "custom", "invoice_number")
REMEMBERED = 3600.0  # seconds
_KNOWN: dict[str, tuple[float, bytes]] = {}
WON = frozenset(
    {"RESOLVED_SELLER_FAVOUR", "RESOLVED_SELLER_FAVOR", "CANCELED_BY_BUYER", "DENIED",
     "RESOLVED_WITH_PAYOUT"}
)  # fmt: skip


def check(settings: Mapping[str, str], secrets: Secrets) -> None:
    """Raise Permanent(`not_set_up`) without the name that PayPal has given to the webhook."""
    del secrets
    needed(settings, "settings.webhook_id", WEBHOOK, "the webhook's ID as PayPal shows it")


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Leave to the worker what can be genuine: fully signed, with a certificate at PayPal."""
    del raw, secrets, now
    is_full = all(header(headers, name) for name in SIGNED)
    is_known = header(headers, "paypal-auth-algo").upper() == ALGORITHM
    is_there = CERTIFICATE.fullmatch(header(headers, "paypal-cert-url"))
    return Verdict.UNVERIFIED if is_full and is_known and is_there else Verdict.FORGED


def confirm(delivery: Delivery, way: Way) -> Delivery:
    """Check RSA-SHA256 over `id|time|webhook|crc32 of the raw body`; Permanent(`bad_signature`)."""
    # Heavy, and needed by nobody who has no such provider.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    check(way.settings, way.secrets)
    name, at, given = (header(delivery.headers, each) for each in SIGNED)
    webhook = way.settings["webhook_id"].strip()
    message = f"{name}|{at}|{webhook}|{zlib.crc32(delivery.body)}".encode()
    key = _key(delivery, way)
    try:
        key.verify(base64.b64decode(given, validate=True), message, PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        text = "The signature does not match. Is settings.webhook_id the ID of this webhook?"
        raise Permanent("bad_signature", text) from None
    return delivery


def _key(delivery: Delivery, way: Way) -> Any:  # noqa: ANN401 - cryptography is imported late
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey  # noqa: PLC0415

    found = CERTIFICATE.fullmatch(header(delivery.headers, "paypal-cert-url"))
    if found is None:
        raise Permanent("bad_signature", "The certificate does not lie at PayPal.")
    host, sandbox, path = found.groups()
    until, pem = _KNOWN.get(found.group(), (0.0, b""))
    is_fresh = time.monotonic() >= until
    if is_fresh:
        pem = way.call(host).call("GET", path).body
    signer = SIGNER.format(sandbox or "")
    key = public_key(pem, signer, delivery.received_at, system_roots())
    if not isinstance(key, RSAPublicKey):
        raise Permanent("bad_signature", "The certificate has another kind of key than RSA.")
    if is_fresh:
        _KNOWN[found.group()] = (time.monotonic() + REMEMBERED, pem)
    return key


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return a hash of signature and body.

    With the signature, for a forged copy must not take the place of the delivery itself.
    """
    parts = [*(header(headers, name).encode() for name in SIGNED), raw]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def translate(delivery: Delivery) -> Read | tuple[Read, ...]:
    """Read the movement of money in an event; events that move none are ignored by name."""
    event = read(delivery.body)
    kind = event.at("event_type").text()
    reader = READERS.get(kind)
    if reader is None:
        return Ignored(reason=f"event {kind or 'without a type'} moves no money we follow")
    happened = event.at("create_time").needed().moment()
    return reader(event.at("resource").needed(), happened or delivery.received_at)


# ---- one reader for each kind of event -------------------------------------------------------


def _received(capture: Field, at: datetime) -> tuple[Read, ...]:
    """Return the payment and, beside it, what PayPal keeps of it."""
    told = _notice(MovementKind.RECEIVED, capture, at)
    fee = capture.at("seller_receivable_breakdown").at("paypal_fee")
    fee = capture.at("transaction_fee") if fee.value is None else fee
    if not isinstance(told, Notice) or fee.value is None or not (kept := _money(fee)):
        return (told,)
    name = told.reference
    cost = replace(told, kind=MovementKind.FEE, reference=f"{name}:fee", amount=kept, payment=name)
    return told, cost


def _authorized(authorization: Field, at: datetime) -> Read:
    return _notice(MovementKind.AUTHORIZED, authorization, at)


def _voided(authorization: Field, at: datetime) -> Read:
    return _notice(MovementKind.AUTHORIZATION_VOIDED, authorization, at)


def _refunded(refund: Field, at: datetime) -> Read:
    is_failed = refund.at("status").text().upper() in {"FAILED", "CANCELLED"}
    kind = MovementKind.REFUND_FAILED if is_failed else MovementKind.REFUNDED
    return _notice(kind, refund, at, payment=_payment_above(refund))


def _reversed(reversal: Field, at: datetime) -> Read:
    """Read money that was taken back, under the payment's name: its dispute is the same money."""
    payment = _payment_above(reversal) or reversal.at("id").name()
    return _notice(MovementKind.CHARGED_BACK, reversal, at, payment=payment, reference=payment)


def _disputed(dispute: Field, at: datetime) -> Read:
    stage = dispute.at("dispute_life_cycle_stage").text().upper()
    if stage not in {"CHARGEBACK", "PRE_ARBITRATION", "ARBITRATION"}:
        return Ignored(reason=f"the dispute is at {stage or 'no stage'} and has taken no money yet")
    return _dispute(MovementKind.CHARGED_BACK, dispute, at)


def _resolved(dispute: Field, at: datetime) -> Read:
    outcome = dispute.at("dispute_outcome").at("outcome_code").text().upper()
    if outcome not in WON:
        return Ignored(reason=f"the dispute ended with {outcome or 'no outcome'}")
    return _dispute(MovementKind.CHARGEBACK_REVERSED, dispute, at)


READERS: dict[str, Callable[[Field, datetime], Read | tuple[Read, ...]]] = {
    "PAYMENT.AUTHORIZATION.CREATED": _authorized,
    "PAYMENT.AUTHORIZATION.VOIDED": _voided,
    "PAYMENT.CAPTURE.COMPLETED": _received,
    "PAYMENT.SALE.COMPLETED": _received,
    "PAYMENT.CAPTURE.REFUNDED": _refunded,
    "PAYMENT.SALE.REFUNDED": _refunded,
    "PAYMENT.CAPTURE.REVERSED": _reversed,
    "PAYMENT.SALE.REVERSED": _reversed,
    "CUSTOMER.DISPUTE.CREATED": _disputed,
    "CUSTOMER.DISPUTE.UPDATED": _disputed,
    "CUSTOMER.DISPUTE.RESOLVED": _resolved,
}


def _dispute(kind: MovementKind, dispute: Field, at: datetime) -> Read:
    listed = dispute.at("disputed_transactions").each()
    sale = listed[0] if listed else Field("resource.disputed_transactions[0]", None)
    payment = sale.at("seller_transaction_id").name()
    amount = _money(dispute.at("dispute_amount"))
    if not amount:
        return Ignored(reason="the dispute is about nothing")
    return Notice(
        kind=kind,
        reference=payment,
        order_reference=_order_reference(sale.at("custom"), sale.at("invoice_number")),
        amount=amount,
        booked_at=at,
        payer=sale.at("buyer").at("name").text(),
        payment=payment,
    )


def _notice(
    kind: MovementKind, thing: Field, at: datetime, *, payment: str = "", reference: str = ""
) -> Read:
    amount, name = _money(thing.at("amount")), thing.at("id").name()
    if not amount:
        return Ignored(reason=f"{name} is about nothing")
    return Notice(
        kind=kind,
        reference=reference or name,
        order_reference=_order_reference(*(thing.at(name) for name in ORDER)),
        amount=amount,
        booked_at=at,
        payment=payment,
        refund=thing.at("custom_id").text(),
    )


def _payment_above(thing: Field) -> str:
    """Return the capture that a refund belongs to: the last part of its link `up`.

    What the first version of the interface calls a sale is named.
    """
    if sale := thing.at("sale_id").text():
        return sale
    for link in thing.at("links").each():
        if link.at("rel").text() == "up":
            return link.at("href").text().rstrip("/").rpartition("/")[2]
    return ""


def _order_reference(*fields: Field) -> str:
    """Return the first that is a name; some plugins put JSON of their own into the same field."""
    named = (each.text() for each in fields)
    return next((x for x in named if x and not x.startswith("{")), "").removeprefix("#")


def _money(amount: Field) -> Money:
    """Read an amount, also as the first version of the interface wrote it: total and currency."""
    value, code = amount.at("value"), amount.at("currency_code")
    if value.value is None and amount.at("total").value is not None:
        value = amount.at("total")
    if code.value is None and amount.at("currency").value is not None:
        code = amount.at("currency")
    return in_major(value, code.currency())

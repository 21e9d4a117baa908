"""Stripe: signed events about payments, refunds and disputes.

Amounts are whole numbers in Stripe's own minor units, times are seconds since 1970.
Format: docs.stripe.com, API reference (events) and webhooks (signatures).
"""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NoReturn

from chalicelib.domain.deliveries import Verdict, is_signed
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money, exponent
from chalicelib.payment.port import Ignored, MovementKind, Notice
from chalicelib.providers.port import MARK, ORDER_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.domain.deliveries import Delivery, Secrets

TOLERANCE = timedelta(seconds=300)
# Where Stripe counts otherwise than ISO 4217: it has no ariary fifths, and kept hundredths of
# currencies that gave them up.
MINOR_DIGITS = {"MGA": 0, "ISK": 2, "UGX": 2}
LARGEST = 10**15  # beyond it there is no money, only a broken body
Json = dict[str, object]


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Check `t=…,v1=…`: HMAC-SHA256 in hex over time, point and raw body, within five minutes."""
    lowered = {name.lower(): text for name, text in headers.items()}
    pairs = [part.strip().partition("=") for part in lowered.get("stripe-signature", "").split(",")]
    stamp = next((value for name, _, value in pairs if name == "t"), "")
    if not (stamp.isascii() and stamp.isdigit()):
        return Verdict.FORGED
    message = stamp.encode() + b"." + raw
    given = [value for name, _, value in pairs if name == "v1"]
    if not any(is_signed(value, message, secrets, encoding="hex") for value in given):
        return Verdict.FORGED
    age = abs(int(now.timestamp()) - int(stamp))
    return Verdict.GENUINE if age <= TOLERANCE.total_seconds() else Verdict.STALE


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return the event's id; a body without one is known by its hash."""
    del headers
    try:
        name = json.loads(raw)["id"]
    except (ValueError, RecursionError, KeyError, TypeError):
        name = None
    return name if isinstance(name, str) and name else hashlib.sha256(raw).hexdigest()


def translate(delivery: Delivery) -> Notice | Ignored:
    """Read the movement of money in an event; events that move none are ignored by name."""
    event = _read(delivery.body)
    kind = _text(event, "type")
    reader = READERS.get(kind)
    if reader is None:
        return Ignored(reason=f"event {kind or 'without a type'} moves no money we follow")
    data = _object(event.get("data"), "data")
    happened = _moment(event.get("created"), "created") or delivery.received_at
    return reader(_object(data.get("object"), "data.object"), happened)


# ---- one reader for each kind of event -------------------------------------------------------


def _received(intent: Json, at: datetime) -> Notice | Ignored:
    return _notice(MovementKind.RECEIVED, intent, "amount_received", at)


def _authorized(intent: Json, at: datetime) -> Notice | Ignored:
    return _notice(MovementKind.AUTHORIZED, intent, "amount_capturable", at)


def _refunded(refund: Json, at: datetime) -> Notice | Ignored:
    status = _text(refund, "status")
    if status in {"failed", "canceled"}:
        return _refund_failed(refund, at)
    if status != "succeeded":
        return Ignored(reason=f"refund {_text(refund, 'id')} is {status or 'without a status'}")
    return _notice(MovementKind.REFUNDED, refund, "amount", at)


def _refund_failed(refund: Json, at: datetime) -> Notice | Ignored:
    return _notice(MovementKind.REFUND_FAILED, refund, "amount", at)


def _voided(intent: Json, at: datetime) -> Notice | Ignored:
    if _text(intent, "capture_method") != "manual":
        return Ignored(reason="the payment captures by itself: nothing was promised")
    return _notice(MovementKind.AUTHORIZATION_VOIDED, intent, "amount", at)


def _expired(charge: Json, at: datetime) -> Notice | Ignored:
    """Read a promise that ran out, under the name of the payment that it was told with."""
    named = {**charge, "id": _text(charge, "payment_intent") or charge.get("id")}
    return _notice(MovementKind.AUTHORIZATION_VOIDED, named, "amount", at)


def _fee(charge: Json, at: datetime) -> Notice | Ignored:
    """Read what Stripe keeps of a charge, if the event tells it: as a rule only payouts do."""
    entry = charge.get("balance_transaction")
    if not isinstance(entry, dict):
        return Ignored(reason="the charge does not tell its fee")
    payment = _text(charge, "payment_intent") or _text(charge, "id")
    told = {**entry, "payment_intent": payment, "metadata": charge.get("metadata")}
    return _notice(MovementKind.FEE, told, "fee", at)


def _charge_refunded(charge: Json, at: datetime) -> Notice | Ignored:
    """Read the newest refund of a charge: under its own id, so `refund.created` is the same."""
    refunds = charge.get("refunds")
    listed = refunds.get("data") if isinstance(refunds, dict) else None
    known = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
    if not known:
        return Ignored(reason="the charge does not name its refund; refund.created does")
    newest = max(known, key=lambda each: _moment(each.get("created"), "created") or at)
    # What names the order is on the payment as a rule, seldom on the refund.
    metadata = {**_metadata(charge), **_metadata(newest)}
    return _refunded({**newest, "metadata": metadata}, at)


def _disputed(dispute: Json, at: datetime) -> Notice | Ignored:
    return _notice(MovementKind.CHARGED_BACK, dispute, "amount", at)


def _dispute_won(dispute: Json, at: datetime) -> Notice | Ignored:
    return _notice(MovementKind.CHARGEBACK_REVERSED, dispute, "amount", at)


def _dispute_opened(dispute: Json, at: datetime) -> Notice | Ignored:
    if not dispute.get("balance_transactions"):
        return Ignored(reason="the dispute has not taken any money yet")
    return _disputed(dispute, at)


READERS: dict[str, Callable[[Json, datetime], Notice | Ignored]] = {
    "payment_intent.succeeded": _received,
    "payment_intent.amount_capturable_updated": _authorized,
    "payment_intent.canceled": _voided,
    "charge.expired": _expired,
    "charge.succeeded": _fee,
    "charge.updated": _fee,
    "refund.created": _refunded,
    "refund.updated": _refunded,
    "charge.refund.updated": _refunded,
    "refund.failed": _refund_failed,
    "charge.refunded": _charge_refunded,
    "charge.dispute.created": _dispute_opened,
    "charge.dispute.funds_withdrawn": _disputed,
    "charge.dispute.funds_reinstated": _dispute_won,
}


def _notice(kind: MovementKind, source: Json, field: str, at: datetime) -> Notice | Ignored:
    amount = _money(source, field)
    if not amount:
        return Ignored(reason=f"{field} is zero")
    reference = _text(source, "id")
    if not reference:
        _refuse("data.object.id", "must be given", source.get("id"))
    return Notice(
        kind=kind,
        reference=reference,
        order_reference=_order_reference(source),
        amount=amount,
        booked_at=at,
        payer=_payer(source),
        payment=_text(source, "payment_intent"),
        refund=_text(_metadata(source), MARK),
    )


def _metadata(source: Json) -> Json:
    found = source.get("metadata")
    return found if isinstance(found, dict) else {}


def _order_reference(source: Json) -> str:
    named = (_text(_metadata(source), key) for key in ORDER_KEYS)
    return next(filter(None, named), "").removeprefix("#")


def _payer(source: Json) -> str:
    shipping = source.get("shipping")
    candidates = (
        _text(_metadata(source), "customer_name"),
        _text(shipping, "name") if isinstance(shipping, dict) else "",
        _text(source, "receipt_email"),
    )
    return next(filter(None, candidates), "")


# ---- typed reading ---------------------------------------------------------------------------


def _read(body: bytes) -> Json:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        text = f"body: must be JSON ({type(error).__name__})"
        raise Permanent("bad_payload", text) from None
    return _object(value, "body")


def _object(value: object, path: str) -> Json:
    if not isinstance(value, dict):
        _refuse(path, "must be an object", value)
    return value


def _text(source: Json, name: str) -> str:
    """Return a text on one line, as printable signs; empty for anything else."""
    value = source.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    return "".join(sign for sign in value if sign.isprintable()).strip()


def _money(source: Json, field: str) -> Money:
    currency, path = _text(source, "currency").upper(), f"data.object.{field}"
    try:
        digits = MINOR_DIGITS.get(currency, exponent(currency))
    except ValueError:
        _refuse("data.object.currency", "must be a currency of ISO 4217", source.get("currency"))
    value = source.get(field)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < LARGEST:
        _refuse(path, "must be a whole number of minor units, not negative", value)
    return Money.of(Decimal(value).scaleb(-digits), currency)


def _moment(value: object, path: str) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(int(str(value)), UTC)
    except (ValueError, OverflowError, OSError):
        return _refuse(path, "must be seconds since 1970", value)


def _refuse(path: str, reason: str, value: object) -> NoReturn:
    shown = json.dumps(value)[:40] if value is not None else "missing"
    raise Permanent("bad_payload", f"{path}: {reason}, is {shown}") from None

"""Adyen: standard webhooks, a list of signed items in every call.

Amounts are whole numbers in Adyen's own minor units, `success` is the text `true` or `false`.
The signature covers eight fields of an item and nothing else, so nothing else is read for money.
Fees are in the settlement reports alone; that one is ready is told here, and the rest at night.
Format: docs.adyen.com, webhooks (structure, types) and verify HMAC signatures.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import TYPE_CHECKING

from chalicelib.domain.deliveries import Verdict, webhook_secrets
from chalicelib.domain.errors import Permanent
from chalicelib.domain.fields import Field, header, read
from chalicelib.payment.amounts import in_minor
from chalicelib.payment.port import Ignored, MovementKind, Notice, Read, needed, setting

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery, Secrets
    from chalicelib.domain.money import Money

SIGNED = (
    "pspReference",
    "originalReference",
    "merchantAccountCode",
    "merchantReference",
    "amount.value",
    "amount.currency",
    "eventCode",
    "success",
)
KEY = re.compile(r"([0-9A-Fa-f]{2}){16,}")
# Where Adyen counts otherwise than ISO 4217.
MINOR_DIGITS = {"CLP": 2, "CVE": 0, "IDR": 0, "ISK": 2}
REPORT = re.compile(r"settlement_detail_report_batch_\d{1,9}[0-9A-Za-z_-]{0,40}\.csv")
# What the worker hands the translator of a connection's settings.
SETTINGS = ("capture", "merchant_account")
KINDS = {
    "AUTHORISATION": MovementKind.AUTHORIZED,
    "CAPTURE": MovementKind.RECEIVED,
    # The money that was told as received does not come.
    "CAPTURE_FAILED": MovementKind.CHARGED_BACK,
    "REFUND": MovementKind.REFUNDED,
    "REFUND_FAILED": MovementKind.REFUND_FAILED,
    "REFUNDED_REVERSED": MovementKind.REFUND_FAILED,
    "CHARGEBACK": MovementKind.CHARGED_BACK,
    "SECOND_CHARGEBACK": MovementKind.CHARGED_BACK,
    "CHARGEBACK_REVERSED": MovementKind.CHARGEBACK_REVERSED,
    "CANCELLATION": MovementKind.AUTHORIZATION_VOIDED,
    "EXPIRE": MovementKind.AUTHORIZATION_VOIDED,
}
# Events that share the reference of another one of the same kind.
OWN_NAMES = frozenset({"CAPTURE_FAILED", "SECOND_CHARGEBACK"})


def check(settings: Mapping[str, str], secrets: Secrets) -> None:
    """Raise Permanent(`not_set_up`) where something is missing that no delivery can do without."""
    needed(settings, "settings.capture", re.compile("automatic|manual"), "automatic or manual")
    needed(secrets, "secrets.webhook_secret", KEY, "the HMAC key in hexadecimal, as Adyen shows it")


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Check every item: base64(HMAC-SHA256(key, eight fields with colons)); and the sign-in."""
    del now  # Adyen signs no time
    keys = [bytes.fromhex(text) for key in webhook_secrets(secrets) if (text := _hex(key))]
    if not _is_signed_in(headers, secrets):
        return Verdict.FORGED
    try:
        items = _items(read(raw))
        is_genuine = all(_is_signed(item, keys) for item in items)
    except Permanent:
        return Verdict.FORGED
    return Verdict.GENUINE if is_genuine and items else Verdict.FORGED


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return a hash of what the items tell, in their order; other bodies go by their own hash."""
    del headers
    try:
        items = _items(read(raw))
        named = "\n".join(_signed_text(item) for item in items).encode() if items else raw
    except Permanent:
        named = raw
    return hashlib.sha256(named).hexdigest()


def translate(delivery: Delivery) -> tuple[Read, ...]:
    """Read the movement of each item; items that move no money are ignored by name."""
    is_automatic = setting(delivery, "capture") == "automatic"
    account = setting(delivery, "merchant_account")
    return tuple(
        _report(item, account)
        if item.at("eventCode").text() == "REPORT_AVAILABLE"
        else _movement(item, is_automatic=is_automatic)
        for item in _items(read(delivery.body))
    )


def _report(item: Field, account: str) -> Ignored:
    """Return which settlement report is ready, by what Adyen has signed: its name and account."""
    name, own = item.at("pspReference").text(), item.at("merchantAccountCode").text()
    if not REPORT.fullmatch(name) or not item.at("success").flag():
        return Ignored(reason="a report that says nothing of payouts")
    if own != account:
        return Ignored(reason=f"report {name} is of {own}, and settings.merchant_account is not")
    return Ignored(reason=f"report {name} is ready", report=name)


def _movement(item: Field, *, is_automatic: bool) -> Read:
    event, name = item.at("eventCode").text(), item.at("pspReference").name()
    kind = KINDS.get(event)
    if kind is None:
        return Ignored(reason=f"event {event or 'without a code'} moves no money we follow")
    if not item.at("success").flag() and event == "REFUND":
        kind = MovementKind.REFUND_FAILED
    elif not item.at("success").flag():
        return Ignored(reason=f"{event} {name} had no success")
    if event == "CAPTURE" and is_automatic:
        return Ignored(reason=f"{event} {name} is money that its authorisation has told")
    if event == "AUTHORISATION" and is_automatic:
        kind = MovementKind.RECEIVED
    payment = item.at("originalReference").text()
    reference = f"{name}:{event.lower()}" if event in OWN_NAMES else name
    if kind is MovementKind.AUTHORIZATION_VOIDED:
        payment = reference = payment or name
        if is_automatic:  # what was told as received does not come
            kind, reference = MovementKind.CHARGED_BACK, f"{payment}:{event.lower()}"
    amount = _money(item)
    if not amount:
        return Ignored(reason=f"{event} {name} is about nothing")
    happened = item.at("eventDate").needed().moment()
    if happened is None:
        item.at("eventDate").refuse("must be a date and time of ISO 8601")
    return Notice(
        kind=kind,
        reference=reference,
        order_reference=item.at("merchantReference").text().removeprefix("#"),
        amount=amount,
        booked_at=happened,
        payment=payment,
        refund=item.at("merchantReference").text(),
    )


def _money(item: Field) -> Money:
    amount = item.at("amount")
    return in_minor(amount.at("value"), amount.at("currency").currency(), MINOR_DIGITS)


def _items(body: Field) -> list[Field]:
    body.at("notificationItems").needed()
    found = [each.at("NotificationRequestItem") for each in body.at("notificationItems").each()]
    return [item.needed() for item in found]


def _signed_text(item: Field) -> str:
    """Return the eight fields as they stand: nothing in them is escaped, a missing one is empty."""
    return ":".join(_as_sent(item, way.split(".")) for way in SIGNED)


def _as_sent(item: Field, way: list[str]) -> str:
    place = item
    for name in way:
        place = place.at(name)
    value = place.value
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        place.refuse("must be text or a whole number")
    return "" if value is None else str(value)


def _is_signed(item: Field, keys: list[bytes]) -> bool:
    given = item.at("additionalData").at("hmacSignature").text().encode()
    message, found = _signed_text(item).encode("utf-8", "surrogatepass"), False
    for key in keys:
        digest = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest())
        found |= hmac.compare_digest(digest, given)
    return found


def _is_signed_in(headers: Mapping[str, str], secrets: Secrets) -> bool:
    """Check the user name and password that Adyen may be given to send, if we know any."""
    user, password = secrets.get("basic_user", ""), secrets.get("basic_password", "")
    if not (user or password):
        return True
    scheme, _, text = header(headers, "authorization").partition(" ")
    try:
        given = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    expected = f"{user}:{password}".encode()
    return scheme.lower() == "basic" and hmac.compare_digest(given, expected)


def _hex(key: bytes) -> str:
    text = key.decode(errors="replace").strip()
    return text if KEY.fullmatch(text) else ""

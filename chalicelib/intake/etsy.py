"""Etsy: receipts of the Open API as we poll them, and notices that one was paid or changed.

Money is a whole number with its divisor; times are seconds since 1970. Prices contain the seller's
VAT, of which Etsy tells nothing: its rate is the connection's, sent along with each polled page.
Tax that Etsy itself collects and pays stands beside the price and is not the seller's.
Format: developers.etsy.com, Open API 3.0 (ShopReceipt) and webhooks, signed as Standard Webhooks.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from chalicelib.domain.deliveries import OWN_RATE, Verdict, webhook_secrets
from chalicelib.domain.money import Money
from chalicelib.domain.order import Address, Bought
from chalicelib.intake.amounts import cents
from chalicelib.intake.etsy_lines import amount_of, lines_of, written
from chalicelib.intake.port import Hint, Ignored, Snapshot
from chalicelib.intake.reading import Field, header, own_rate, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.domain.deliveries import Delivery, Secrets

ID, STAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
TOLERANCE = timedelta(minutes=5)
PREFIX = "whsec_"
HOST = "openapi.etsy.com"
RECEIPT = re.compile(r"/v3/application/shops/\d+/receipts/(\d{1,20})/?", re.ASCII)
SECONDS = re.compile(r"\d{9,11}", re.ASCII)
CANCELLED = {"canceled", "cancelled"}


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Check HMAC-SHA256 over id, time and raw body; of several signatures one must fit."""
    stamp = header(headers, STAMP)
    message = f"{header(headers, ID)}.{stamp}.".encode() + raw
    given = [each.rpartition(",") for each in header(headers, SIGNATURE).split()]
    texts = [text.encode() for version, _, text in given if version in {"", "v1"} and text]
    is_genuine = False
    for key in _keys(secrets):
        digest = base64.b64encode(hmac.new(key, message, hashlib.sha256).digest())
        for text in texts:
            is_genuine |= hmac.compare_digest(digest, text)
    if not is_genuine or not SECONDS.fullmatch(stamp):
        return Verdict.FORGED
    age = abs(now.timestamp() - int(stamp))
    return Verdict.STALE if age > TOLERANCE.total_seconds() else Verdict.GENUINE


def _keys(secrets: Secrets) -> Iterator[bytes]:
    """Yield the keys in the secrets: what comes after the prefix is base64."""
    for secret in webhook_secrets(secrets):
        text = secret.strip()
        if not text.startswith(PREFIX.encode()):
            yield text
            continue
        with suppress(binascii.Error, ValueError):
            if key := base64.b64decode(text.removeprefix(PREFIX.encode()), validate=True):
                yield key


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return a hash of the notice's id, the rate and the body."""
    parts = [header(headers, ID).encode(), header(headers, OWN_RATE).encode(), raw]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def translate(delivery: Delivery) -> Snapshot | Ignored | Hint:
    """Read a receipt as it stands; a notice only says that there is one to be read."""
    body = read(delivery.body)
    if body.at("resource_url").value is not None or body.at("event_type").value is not None:
        return _notice(body)
    bought = _bought(body, delivery)
    status = body.at("status").text().lower()
    is_sent, is_paid = body.at("is_shipped").flag(), body.at("is_paid").flag()
    reason = "cancelled on Etsy" if status in CANCELLED else ""
    if status == "fully refunded" and not is_sent:
        reason = "refunded on Etsy"
    return Snapshot(
        bought=bought,
        paid=bought.total if is_paid and not reason and bought.total else None,
        payment_reference=f"etsy:{bought.external_id}" if is_paid else "",
        paid_at=_paid_at(body),
        fulfilled=is_sent,
        is_sent_by_first=True,
        cancelled=bool(reason),
        cancel_reason=reason,
        remarks=() if reason else tuple(_remarks(status)),
    )


def _notice(body: Field) -> Hint | Ignored:
    event = body.at("event_type").text()
    if not event.startswith("order."):
        return Ignored(reason=f"event {event or 'without a name'} is not about orders")
    address = body.at("resource_url").needed()
    found = None
    with suppress(ValueError):
        parts = urlsplit(address.text())
        # Only its number is taken from it; a strange host is a sign that this is not Etsy.
        if parts.scheme == "https" and parts.netloc == HOST:
            found = RECEIPT.fullmatch(parts.path)
    if found is None:
        address.refuse(f"must be the address of a receipt at {HOST}")
    return Hint(external_id=found[1], reason=f"Etsy tells of an order: {event}")


def _remarks(status: str) -> Iterator[str]:
    if status == "fully refunded":
        yield "All of the money went back on Etsy."
    if status == "partially refunded":
        yield "A part of the money went back on Etsy."


def _paid_at(receipt: Field) -> datetime | None:
    found = (_moment(each.at("paid_timestamp")) for each in receipt.at("transactions").each())
    return max((one for one in found if one), default=None)


def _moment(field: Field) -> datetime | None:
    """Return a moment told in seconds, or written out."""
    value = field.value
    is_number = isinstance(value, int) and not isinstance(value, bool)
    if not is_number and not (isinstance(value, str) and SECONDS.fullmatch(value)):
        return field.moment()
    try:
        return datetime.fromtimestamp(int(field.number()), UTC)
    except (ValueError, OverflowError, OSError):
        field.refuse("must be a moment in seconds since 1970")


def _time(receipt: Field, name: str) -> datetime | None:
    """Return a moment that newer answers call `created_timestamp`, older `create_timestamp`."""
    newer = _moment(receipt.at(f"{name}d_timestamp"))
    return newer or _moment(receipt.at(f"{name}_timestamp"))


def _bought(receipt: Field, delivery: Delivery) -> Bought:
    told = receipt.at("grandtotal")
    currency = told.at("currency_code").currency()
    total = Money(minor=cents(amount_of(told.needed(), currency)), currency=currency)
    placed = _time(receipt, "create") or delivery.received_at
    external_id = receipt.at("receipt_id").name()
    address = _address(receipt)
    return Bought(
        connection_id=delivery.connection_id,
        external_id=external_id,
        number=external_id,
        placed_at=placed,
        modified_at=_time(receipt, "update") or placed,
        currency=currency,
        total=total,
        prices_include_tax=True,
        lines=lines_of(receipt, total, own_rate(delivery)),
        billing=address,
        shipping=address,
        email=receipt.at("buyer_email").email(),
        note="\n".join(_notes(receipt)),
        payment_method=receipt.at("payment_method").text(),
    )


def _address(receipt: Field) -> Address:
    return Address(
        name=written(receipt.at("name")).text(),
        street=written(receipt.at("first_line")).text(),
        street2=written(receipt.at("second_line")).text(),
        zip=receipt.at("zip").text(),
        city=written(receipt.at("city")).text(),
        region=written(receipt.at("state")).text(),
        country=receipt.at("country_iso").text().upper(),
    )


def _notes(receipt: Field) -> Iterator[str]:
    """Yield what the buyer says, and what is to be written on a gift's card."""
    if message := written(receipt.at("message_from_buyer")).lines():
        yield message
    if receipt.at("is_gift").flag():
        yield "Gift"
        fields = (receipt.at("gift_message"), receipt.at("gift_sender"))
        yield from filter(None, (written(field).lines() for field in fields))

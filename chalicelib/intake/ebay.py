"""eBay: orders of the Fulfillment API as we poll them, and notices that one was placed.

Amounts are decimal strings with their currency. Prices contain the seller's VAT, of which eBay
tells nothing: its rate is the connection's, sent along with each polled page. VAT that eBay itself
collects and pays (imports, other member states) stands beside the price and is not the seller's.
Notices are signed with a key of eBay's that only the worker can fetch.
Format: developer.ebay.com, Sell Fulfillment API 1.20 and Notification API.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from typing import TYPE_CHECKING

from chalicelib.domain.deliveries import OWN_RATE, Verdict
from chalicelib.domain.money import Money
from chalicelib.domain.order import Address, Bought
from chalicelib.intake.amounts import cents, minor
from chalicelib.intake.ebay_lines import lines_of
from chalicelib.intake.port import Hint, Ignored, Snapshot
from chalicelib.intake.reading import Field, header, own_rate, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery, Secrets
    from chalicelib.runtime.http import Api

SIGNATURE = "x-ebay-signature"
ORDER_TOPICS = frozenset({"ORDER_CONFIRMATION", "ORDER_CHANGE"})
KEY_PATH = "/commerce/notification/v1/public_key/{}"
KEY_ID = re.compile(r"[\w-]{1,80}", re.ASCII)
REMEMBERED = 3600.0  # seconds, as eBay asks for
_KNOWN: dict[str, tuple[float, str]] = {}


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Tell what cannot be eBay's at all; the rest is checked by the worker, with eBay's key."""
    del raw, secrets, now  # eBay signs with its own key, and no time
    return Verdict.UNVERIFIED if _parts(headers)[0] else Verdict.FORGED


def challenge_answer(query: Mapping[str, str], secrets: Secrets, address: str) -> dict[str, str]:
    """Answer eBay's check of a new address, with the token we gave it: our webhook secret."""
    code, token = query.get("challenge_code", ""), secrets.get("webhook_secret", "")
    if not code or not token:
        return {}
    digest = hashlib.sha256(f"{code}{token}{address}".encode()).hexdigest()
    return {"challengeResponse": digest}


def verify_later(delivery: Delivery, api: Api) -> Verdict:
    """Check ECDSA over the raw body with the key that eBay itself hands out for this id."""
    key_id, signature = _parts(delivery.headers)
    if not key_id:
        return Verdict.FORGED
    until, pem = _KNOWN.get(key_id, (0.0, ""))
    if time.monotonic() >= until:
        answer = api.call("GET", KEY_PATH.format(key_id)).json()
        pem = str(answer.get("key", "")) if isinstance(answer, dict) else ""
        _KNOWN[key_id] = (time.monotonic() + REMEMBERED, pem)
    return Verdict.GENUINE if _is_signed(signature, delivery.body, pem) else Verdict.FORGED


def _parts(headers: Mapping[str, str]) -> tuple[str, bytes]:
    """Return key id and signature of the header: base64 of `{alg, kid, signature, digest}`."""
    try:
        told = json.loads(base64.b64decode(header(headers, SIGNATURE), validate=True))
        signature = base64.b64decode(told["signature"], validate=True)
        key_id = str(told["kid"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return "", b""
    return (key_id, signature) if KEY_ID.fullmatch(key_id) and signature else ("", b"")


def _is_signed(signature: bytes, body: bytes, pem: str) -> bool:
    """Check SHA-1 with ECDSA, which is eBay's choice; the key comes on one line."""
    # Heavy, and needed by nobody who does not sell there.
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ec import (  # noqa: PLC0415
        ECDSA,
        EllipticCurvePublicKey,
    )
    from cryptography.hazmat.primitives.hashes import SHA1  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_der_public_key  # noqa: PLC0415

    bare = re.sub(r"-----(BEGIN|END) PUBLIC KEY-----|\s", "", pem)
    try:
        key = load_der_public_key(base64.b64decode(bare, validate=True))
        if not isinstance(key, EllipticCurvePublicKey):
            return False
        key.verify(signature, body, ECDSA(SHA1()))  # noqa: S303 - the sender's choice, not ours
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return False
    return True


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return a hash of signature, rate and body; a notice sent again carries another count."""
    names = (SIGNATURE, OWN_RATE)
    parts = [*(header(headers, name).encode() for name in names), raw]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def translate(delivery: Delivery) -> Snapshot | Ignored | Hint:
    """Read an order as it stands; a notice only says that there is one to be read."""
    body = read(delivery.body)
    if body.at("notification").value is not None:
        return _notice(body)
    bought = _bought(body, delivery)
    state = body.at("orderPaymentStatus").text().upper()
    reason = _end(body, state)
    return Snapshot(
        bought=bought,
        paid=bought.total if state in {"PAID", "PARTIALLY_REFUNDED"} and bought.total else None,
        payment_reference=f"ebay:{bought.external_id}" if state != "PENDING" else "",
        paid_at=_paid_at(body),
        fulfilled=body.at("orderFulfillmentStatus").text().upper() == "FULFILLED",
        cancelled=bool(reason),
        cancel_reason=reason,
        remarks=tuple(_remarks(body, state)),
    )


def _notice(body: Field) -> Hint | Ignored:
    topic = body.at("metadata").at("topic").text()
    if topic not in ORDER_TOPICS:
        return Ignored(reason=f"topic {topic or 'without a name'} is not about orders")
    data = body.at("notification").at("data")
    order_id = data.at("orderId").text() or data.at("order").at("orderId").text()
    return Hint(external_id=order_id, reason=f"eBay tells of an order: {topic}")


def _end(order: Field, state: str) -> str:
    if order.at("cancelStatus").at("cancelState").text().upper() == "CANCELED":
        return "cancelled on eBay"
    is_unsent = order.at("orderFulfillmentStatus").text().upper() == "NOT_STARTED"
    return "refunded on eBay" if state == "FULLY_REFUNDED" and is_unsent else ""


def _remarks(order: Field, state: str) -> Iterator[str]:
    if order.at("cancelStatus").at("cancelState").text().upper() == "IN_PROGRESS":
        yield "The buyer asks on eBay to cancel the order."
    if state == "PARTIALLY_REFUNDED":
        yield "A part of the money went back on eBay."
    if state == "FAILED":
        yield "The payment failed on eBay."
    # Beside the state, because eBay leaves it at PAID while a payment is under review.
    if any(each.at("paymentStatus").text() == "FAILED" for each in _payments(order)):
        yield "One payment of the buyer failed on eBay."


def _payments(order: Field) -> list[Field]:
    return list(order.at("paymentSummary").at("payments").each())


def _paid_at(order: Field) -> datetime | None:
    moments = [each.at("paymentDate").moment() for each in _payments(order)]
    return max((one for one in moments if one), default=None)


def _bought(order: Field, delivery: Delivery) -> Bought:
    told = order.at("pricingSummary").at("total")
    currency = told.at("currency").currency()
    total = cents(minor(told.at("value").needed().number(), currency))
    rate = own_rate(delivery)
    placed = order.at("creationDate").moment() or delivery.received_at
    shipping, email = _shipping(order)
    billing = _billing(order.at("buyer")) or shipping
    external_id = order.at("orderId").name()
    methods = dict.fromkeys(each.at("paymentMethod").text() for each in _payments(order))
    return Bought(
        connection_id=delivery.connection_id,
        external_id=external_id,
        number=external_id,
        placed_at=placed,
        modified_at=order.at("lastModifiedDate").moment() or placed,
        currency=currency,
        total=Money(minor=total, currency=currency),
        prices_include_tax=True,
        lines=lines_of(order, currency, total, rate),
        billing=billing,
        shipping=shipping,
        email=email,
        phone=shipping.phone or billing.phone,
        note=order.at("buyerCheckoutNotes").lines(),
        payment_method=", ".join(filter(None, methods)),
        vat_id=_vat_id(order.at("buyer").at("taxIdentifier")),
    )


def _vat_id(field: Field) -> str:
    return field.at("taxpayerId").text() if field.at("taxIdentifierType").text() == "VATIN" else ""


def _shipping(order: Field) -> tuple[Address, str]:
    for each in order.at("fulfillmentStartInstructions").each():
        to = each.at("shippingStep").at("shipTo")
        if to.value is not None:
            return _address(to), to.at("email").email()
    return Address(), order.at("buyer").at("buyerRegistrationAddress").at("email").email()


def _billing(buyer: Field) -> Address | None:
    found = _address(buyer.at("buyerRegistrationAddress"))
    return found if found.is_deliverable() else None


def _address(field: Field) -> Address:
    place = field.at("contactAddress")
    return Address(
        name=field.at("fullName").text(),
        company=field.at("companyName").text(),
        street=place.at("addressLine1").text(),
        street2=place.at("addressLine2").text(),
        zip=place.at("postalCode").text(),
        city=place.at("city").text(),
        region=place.at("stateOrProvince").text(),
        country=place.at("countryCode").text().upper(),
        phone=field.at("primaryPhone").at("phoneNumber").text(),
    )

"""Generic orders: any shop, the phone and imports, in the shape published in `schema`.

Signed as `Kontor-Signature: t=<seconds>,v1=<hex>`, HMAC-SHA256 over `<seconds>.<body>`, at most
five minutes old or early; or, where a sender can sign no time, as `X-Signature`: HMAC-SHA256 over
the body, in hex or base64.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain.deliveries import Verdict, is_signed
from chalicelib.domain.forms import FORMS
from chalicelib.domain.money import Money
from chalicelib.domain.order import Address, Bought
from chalicelib.intake.charges import Terms, charges, line, settled
from chalicelib.intake.port import Ignored, Snapshot
from chalicelib.intake.reading import LONGEST_NAME, Field, header, read
from chalicelib.intake.schema import MOST_LINES, NOTE, PAYMENT_STATES, STATES, TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery, Secrets

TOLERANCE = 300  # seconds, both ways
STAMPED = re.compile(r"t=([0-9]{1,12}),v1=([0-9a-f]{64})")
COUNTRY = re.compile(r"[A-Z]{2}")
# What a state says of money that is promised; the others say nothing of it.
PROMISED = {"authorized": True, "unpaid": False}


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Check the stamped signature, or the plain one where there is no other."""
    stamped = header(headers, "kontor-signature")
    if stamped:
        return _verify_stamped(stamped, raw, secrets, now)
    plain = header(headers, "x-signature").removeprefix("sha256=")
    ways = ("hex", "base64")
    is_genuine = any(is_signed(plain, raw, secrets, encoding=each) for each in ways)
    return Verdict.GENUINE if is_genuine else Verdict.FORGED


def _verify_stamped(given: str, raw: bytes, secrets: Secrets, now: datetime) -> Verdict:
    parts = STAMPED.fullmatch(given.replace(" ", ""))
    if parts is None:
        return Verdict.FORGED
    stamp, signature = parts.groups()
    if not is_signed(signature, f"{stamp}.".encode() + raw, secrets, encoding="hex"):
        return Verdict.FORGED
    is_fresh = abs(now.timestamp() - int(stamp)) <= TOLERANCE
    return Verdict.GENUINE if is_fresh else Verdict.STALE


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return a hash of the body: the same document again says nothing new."""
    del headers  # a name that the sender gives its delivery is not signed
    return hashlib.sha256(raw).hexdigest()


def translate(delivery: Delivery) -> Snapshot | Ignored:
    """Read an order as the schema describes it."""
    order = read(delivery.body)
    state = order.at("state").choice(STATES)
    if state == "cancelled" and order.at("lines").value is None:
        bought = _unknown(order, delivery)
    else:
        bought = _bought(order, delivery)
    paid = _paid(order.at("payment"), bought)
    reference = _text(order.at("payment").at("reference")) or f"generic:{bought.external_id}"
    return Snapshot(
        bought=bought,
        paid=paid,
        payment_reference=reference if paid else "",
        paid_at=order.at("payment").at("paid_at").moment(),
        is_promised=PROMISED.get(order.at("payment").at("state").text().lower()),
        fulfilled=state == "fulfilled",
        cancelled=state == "cancelled",
        cancel_reason=_text(order.at("cancel_reason"), TEXT) if state == "cancelled" else "",
    )


def _unknown(order: Field, delivery: Delivery) -> Bought:
    """Return what a bare cancellation tells of an order: its id."""
    external_id = order.at("external_id").name()
    return Bought(
        connection_id=delivery.connection_id,
        external_id=external_id,
        number=_text(order.at("number")) or external_id,
        placed_at=delivery.received_at,
        modified_at=delivery.received_at,
        currency="EUR",
        total=Money.zero("EUR"),
        prices_include_tax=True,
        lines=(),
    )


def _bought(order: Field, delivery: Delivery) -> Bought:
    terms = Terms.of(order)
    fields = order.at("lines").needed().each()
    if len(fields) > MOST_LINES:
        order.at("lines").refuse(f"must be at most {MOST_LINES} lines")
    drafts = [line(field, place, terms) for place, field in enumerate(fields, 1)]
    lines, total = settled(order, [*drafts, *charges(order, drafts, terms)], terms)
    empty = _unknown(order, delivery)
    placed = order.at("placed_at").moment() or delivery.received_at
    billing, shipping = (
        _address(order.at("billing_address")),
        _address(order.at("shipping_address")),
    )
    return replace(
        empty,
        placed_at=placed,
        modified_at=order.at("modified_at").moment() or delivery.received_at,
        currency=terms.currency,
        total=total,
        prices_include_tax=terms.gross_prices,
        lines=lines,
        billing=billing if billing != Address() else shipping,
        shipping=shipping if shipping != Address() else billing,
        email=order.at("email").email(),
        phone=_text(order.at("phone")) or billing.phone or shipping.phone,
        locale=_text(order.at("locale")),
        note=order.at("note").lines()[:NOTE],
        payment_method=_text(order.at("payment").at("method")),
        vat_id=_text(order.at("vat_id")),
        buyer_reference=_text(order.at("buyer_reference")),
        invoice_form=order.at("invoice_form").choice(("", *FORMS)),
    )


def _paid(payment: Field, bought: Bought) -> Money | None:
    given = payment.at("paid")
    if isinstance(given.value, bool):  # not what the schema says, but its meaning is clear
        return (bought.total or None) if given.value else None
    is_given = given.value is not None and given.value != ""
    usual = "partially_paid" if is_given else "unpaid"
    state = payment.at("state").choice(PAYMENT_STATES, usual)
    if state in {"unpaid", "authorized"}:
        return None
    if not is_given and state == "partially_paid":
        given.refuse("must be given")
    paid = Terms(currency=bought.currency).money(given) if is_given else bought.total
    return paid or None


def _address(field: Field) -> Address:
    country = field.at("country")
    code = country.text().upper()
    if code and not COUNTRY.fullmatch(code):
        country.refuse("must be a code of ISO 3166-1 with two letters")
    names = ("name", "company", "street", "street2", "zip", "city", "region", "phone")
    return Address(country=code, **{name: _text(field.at(name)) for name in names})


def _text(field: Field, most: int = LONGEST_NAME) -> str:
    """Return one line of text, cut where it is longer than the schema allows."""
    return field.text()[:most]

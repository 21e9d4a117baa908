"""Saleor: webhooks with the fields we subscribe to, polled orders of the same shape, notices.

Sums are gross and net side by side, JSON numbers; times carry an offset. Saleor signs with its own
key, whose public half lies at the shop's address, so such a delivery is checked by the worker; with
a key of ours (which Saleor means to give up) the webhook can check it.
Format: docs.saleor.io, webhooks (payload signature) and API reference (Order).
"""

from __future__ import annotations

import hashlib
import re
import time
from typing import TYPE_CHECKING, Any

from chalicelib.domain.deliveries import Verdict, is_signed
from chalicelib.domain.money import Money
from chalicelib.domain.order import Address, Bought
from chalicelib.intake.detached import is_signed as is_signed_by
from chalicelib.intake.port import Ignored, Snapshot
from chalicelib.intake.reading import LONGEST_NAME, Field, header, read
from chalicelib.intake.saleor_lines import currency_of, lines_of
from chalicelib.intake.saleor_static import is_static, of_static

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery, Secrets
    from chalicelib.runtime.http import Api

SIGNATURES = ("saleor-signature", "x-saleor-signature")
EVENTS = ("saleor-event", "x-saleor-event")
ENDED = {"CANCELED": "cancelled in the shop", "EXPIRED": "expired in the shop"}
VAT_KEYS = frozenset({"vat_id", "vatid", "vat_number", "vatnumber", "ust_id", "ustid"})
KEYS = "/.well-known/jwks.json"
REMEMBERED = 600.0  # seconds
_KNOWN: dict[str, tuple[float, dict[str, Any]]] = {}
# A signature of Saleor's own: header, no payload, signature.
DETACHED = re.compile(r"[\w-]+\.\.[\w-]+", re.ASCII)


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Check hex(HMAC-SHA256) over the raw body; a signature of Saleor's own is checked later."""
    del now  # Saleor signs no time
    given = _first(headers, SIGNATURES)
    if DETACHED.fullmatch(given):
        return Verdict.UNVERIFIED
    is_genuine = bool(given) and is_signed(given, raw, secrets, encoding="hex")
    return Verdict.GENUINE if is_genuine else Verdict.FORGED


def verify_later(delivery: Delivery, api: Api) -> Verdict:
    """Check Saleor's own signature with the keys that lie at the address we know, never another.

    The keys are remembered for a while; one that does not fit may be older than the shop's newest.
    """
    given = _first(delivery.headers, SIGNATURES)
    for is_anew in (False, True):
        found, is_fresh = _keys(delivery.connection_id, api, is_anew=is_anew)
        if is_signed_by(given, delivery.body, found):
            return Verdict.GENUINE
        if is_fresh:
            break
    return Verdict.FORGED


def _keys(connection_id: str, api: Api, *, is_anew: bool) -> tuple[dict[str, Any], bool]:
    """Return a shop's public keys, and whether they were fetched this very moment."""
    until, found = _KNOWN.get(connection_id, (0.0, {}))
    if time.monotonic() < until and not is_anew:
        return found, False
    answer = api.call("GET", KEYS).json()
    found = answer if isinstance(answer, dict) else {}
    _KNOWN[connection_id] = (time.monotonic() + REMEMBERED, found)
    return found, True


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return a hash of event, signature and body: Saleor gives a delivery no name.

    With the signature, for a forged copy must not take the place of the delivery itself.
    """
    parts = [*(_first(headers, names).encode() for names in (EVENTS, SIGNATURES)), raw]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def translate(delivery: Delivery) -> Snapshot | Ignored:
    """Read an order as it stands; events about other things are ignored by name."""
    event = _first(delivery.headers, EVENTS).lower()
    if event and not event.startswith(("order_", "notify_user")):
        return Ignored(reason=f"event {event} is not about orders")
    order = _order(read(delivery.body))
    status = order.at("status").text().upper()
    if status == "DRAFT":
        return Ignored(reason="the order is a draft")
    bought = _bought(order, delivery)
    paid = _paid(order, bought.total)
    reason = _end(order, status, event)
    return Snapshot(
        bought=bought,
        paid=paid,
        payment_reference=f"saleor:{bought.external_id}" if paid else "",
        fulfilled=status == "FULFILLED",
        cancelled=bool(reason),
        cancel_reason=reason,
        remarks=tuple(_remarks(order, status, bought.currency)),
    )


def _first(headers: Mapping[str, str], names: tuple[str, ...]) -> str:
    return next(filter(None, (header(headers, name) for name in names)), "")


def _order(body: Field) -> Field:
    """Return the order: bare as polled, or in the wrappers of an event or a notice."""
    for wrapper in ("data", "event", "payload"):
        body = body.at(wrapper) if body.at(wrapper).value else body
    order = body.at("order") if body.at("order").value else body
    if order.at("lines").value is None and order.at("total").value is None:
        order.at("total_gross_amount").needed()
    return of_static(order) if is_static(order) else order


def _end(order: Field, status: str, event: str) -> str:
    """Return why an order shall not be carried out; one that was sent stays as it is."""
    if event in {"order_cancelled", "order_expired"}:
        status = "CANCELED" if event == "order_cancelled" else "EXPIRED"
    is_refunded = order.at("paymentStatus").text().upper() == "FULLY_REFUNDED"
    if is_refunded and status in {"UNCONFIRMED", "UNFULFILLED"}:
        return "refunded in the shop"
    return ENDED.get(status, "")


def _remarks(order: Field, status: str, currency: str) -> Iterator[str]:
    gone = Money.of(order.at("totalRefunded").at("amount").number(), currency)
    if gone.minor > 0:
        yield f"The shop gave {gone} of the money back."
    if status == "UNCONFIRMED":
        yield "The shop had not confirmed this order when it came."


def _paid(order: Field, total: Money) -> Money | None:
    """Return the sum that the shop has taken in; a bare `isPaid` means all of it."""
    captured = order.at("totalCaptured").at("amount")
    if captured.value is not None:
        return Money.of(captured.number(), total.currency) or None
    return (total or None) if order.at("isPaid").flag() else None


def _bought(order: Field, delivery: Delivery) -> Bought:
    currency = currency_of(order)
    placed = order.at("created").moment() or delivery.received_at
    billing = _address(order.at("billingAddress"))
    shipping = _address(order.at("shippingAddress"))
    external_id = order.at("id").name()
    gateways = dict.fromkeys(each.at("gateway").text() for each in order.at("payments").each())
    gross_prices = order.at("displayGrossPrices")
    return Bought(
        connection_id=delivery.connection_id,
        external_id=external_id,
        number=order.at("number").text()[:LONGEST_NAME] or external_id,
        placed_at=placed,
        modified_at=order.at("updatedAt").moment() or placed,
        currency=currency,
        total=Money.of(order.at("total").at("gross").at("amount").needed().number(), currency),
        prices_include_tax=gross_prices.value is None or gross_prices.flag(),
        lines=lines_of(order, currency),
        billing=billing if billing != Address() else shipping,
        shipping=shipping if shipping != Address() else billing,
        email=order.at("userEmail").email(),
        phone=billing.phone or shipping.phone,
        locale=order.at("languageCodeEnum").text().replace("_", "-").lower(),
        note=order.at("customerNote").lines(),
        payment_method=", ".join(filter(None, gateways)),
        vat_id=_vat_id(order),
    )


def _address(field: Field) -> Address:
    name = f"{field.at('firstName').text()} {field.at('lastName').text()}".strip()
    return Address(
        name=name,
        company=field.at("companyName").text(),
        street=field.at("streetAddress1").text(),
        street2=field.at("streetAddress2").text(),
        zip=field.at("postalCode").text(),
        city=field.at("city").text(),
        region=field.at("countryArea").text(),
        country=field.at("country").at("code").text().upper(),
        phone=field.at("phone").text(),
    )


def _vat_id(order: Field) -> str:
    """Return the VAT id that a storefront left in the metadata; Saleor has no field for it."""
    for entry in order.at("metadata").each():
        if entry.at("key").text().lower().replace("-", "_") in VAT_KEYS:
            return entry.at("value").text()
    return ""

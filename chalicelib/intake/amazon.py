"""Amazon: orders of the Selling Partner API as we poll them, and notices that one has changed.

Amounts are text in major units. Amazon sends notices to a queue or an event bus of AWS, unsigned;
from the bus a rule brings them to our webhook, with the webhook's secret in the header `x-api-key`.
Who may not see personal data gets orders without it.
Format: Selling Partner API, Orders 2026-01-01 and notification ORDER_CHANGE.
"""

from __future__ import annotations

import hashlib
import hmac
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain.deliveries import OWN_RATE, Verdict, webhook_secrets
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.domain.order import Address, Bought
from chalicelib.intake.amazon_lines import lines_of
from chalicelib.intake.port import Hint, Ignored, Snapshot
from chalicelib.intake.reading import Field, deleted, header, own_rate, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery, Secrets

KEY = "x-api-key"
CHANGED = "ORDER_CHANGE"
UNRELEASED = frozenset({"PENDING", "PENDING_AVAILABILITY"})
CANCELLED = "cancelled on Amazon"
LONGEST_TITLE = 80
# What a person has to know of an order's programme.
PROGRAMS = {
    "IN_STORE_PICK_UP": "The buyer collects this order in a store.",
    "AMAZON_EASY_SHIP": "Amazon's own carrier collects this order, with a label of Amazon's.",
}


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Compare the key in constant time: an event bus signs nothing, but sends a header of ours."""
    del raw, now
    given = header(headers, KEY).encode()
    found = False
    for secret in webhook_secrets(secrets):
        found |= hmac.compare_digest(secret, given)
    return Verdict.GENUINE if found else Verdict.FORGED


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return a hash of the notice's own id, else of the order and the rate it came with."""
    name = ""
    with suppress(Permanent):
        metadata = _document(raw).at("NotificationMetadata")
        name = metadata.at("NotificationId").text()
    parts = [name.encode()] if name else [header(headers, OWN_RATE).encode(), raw]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def translate(delivery: Delivery) -> Snapshot | Ignored | Hint:
    """Read an order as it stands; a notice only says that there is one to be read."""
    body = _document(delivery.body)
    if body.at("NotificationType").value is not None:
        return _notice(body)
    order = body.at("order") if body.at("order").value else body
    fulfillment = order.at("fulfillment")
    status = fulfillment.at("fulfillmentStatus").text().upper()
    if fulfillment.at("fulfilledBy").text().upper() == "AMAZON":
        return Ignored(reason="Amazon sends this order from its own warehouse")
    if status in UNRELEASED:
        return Ignored(reason=f"Amazon has not released this order yet: {status}")
    if status == "CANCELLED" and order.at("proceeds").at("grandTotal").value is None:
        gone = deleted(Field("", {"id": order.at("orderId").name()}), delivery)
        return replace(gone, cancel_reason=CANCELLED)
    return _snapshot(order, status, delivery)


def _document(raw: bytes) -> Field:
    """Return the body, out of the envelope that an event bus may put it in."""
    body = read(raw)
    return body.at("detail") if body.at("detail-type").value else body


def _notice(body: Field) -> Hint | Ignored:
    kind = body.at("NotificationType").text()
    if kind != CHANGED:
        return Ignored(reason=f"notification {kind} is not about orders")
    told = body.at("Payload").at("OrderChangeNotification")
    change = told.at("OrderChangeType").text()
    return Hint(external_id=told.at("AmazonOrderId").name(), reason=f"Amazon tells of {change}")


def _snapshot(order: Field, status: str, delivery: Delivery) -> Snapshot:
    bought = _bought(order, delivery)
    is_cancelled = status == "CANCELLED"
    # Amazon releases an order when it has the money, unless the carrier is to collect it.
    is_paid = not is_cancelled and "CashOnDelivery" not in _methods(order)
    return Snapshot(
        bought=bought,
        paid=bought.total if is_paid and bought.total else None,
        payment_reference=f"amazon:{bought.external_id}" if is_paid else "",
        fulfilled=status == "SHIPPED",
        cancelled=is_cancelled,
        cancel_reason=CANCELLED if is_cancelled else "",
        remarks=() if is_cancelled else tuple(_remarks(order)),
    )


def _remarks(order: Field) -> Iterator[str]:
    programs = (each.text() for each in order.at("programs").each())
    yield from (PROGRAMS[name] for name in programs if name in PROGRAMS)
    for item in order.at("orderItems").each():
        product, cancellation = item.at("product"), item.at("cancellation")
        title = product.at("title").text()[:LONGEST_TITLE]
        by = cancellation.at("cancellationRequest").at("requester").text().upper()
        is_done = bool(cancellation.at("cancellationExecution").value)
        if by == "BUYER" and not is_done:
            yield f"The buyer asks on Amazon to cancel: {title}."
        if product.at("customization").at("customizedUrl").text():
            yield f"Made to the buyer's wish, which Amazon shows: {title}."


def _methods(order: Field) -> dict[str, None]:
    paid = order.at("payment").at("paymentExecutions").each()
    return dict.fromkeys(filter(None, (each.at("paymentMethod").text() for each in paid)))


def _bought(order: Field, delivery: Delivery) -> Bought:
    told = order.at("proceeds").at("grandTotal")
    currency = told.at("currencyCode").currency()
    total = Money.of(told.at("amount").needed().number(), currency)
    placed = order.at("createdTime").moment() or delivery.received_at
    shipping = _address(order.at("recipient").at("deliveryAddress"))
    external_id = order.at("orderId").name()
    registration = _registration(order)
    lines, is_gross = lines_of(order, total, own_rate(delivery))
    return Bought(
        connection_id=delivery.connection_id,
        external_id=external_id,
        number=external_id,
        placed_at=placed,
        modified_at=order.at("lastUpdatedTime").moment() or placed,
        currency=currency,
        total=total,
        prices_include_tax=is_gross,
        lines=lines,
        billing=_billing(order.at("buyer"), registration, shipping),
        shipping=shipping,
        email=order.at("buyer").at("buyerEmail").email(),
        phone=shipping.phone,
        note="\n".join(_notes(order)),
        payment_method=", ".join(_methods(order)) or "Amazon",
        vat_id=registration.at("taxRegistrationNumber").text(),
    )


def _registration(order: Field) -> Field:
    """Return how the buyer is registered for VAT, if so."""
    for each in order.at("tax").at("taxRegistrations").each():
        kind = each.at("taxRegistrationType").text().upper()
        if each.at("entityType").text().upper() == "BUYER" and kind == "VAT":
            return each
    return Field("", None)


def _billing(buyer: Field, registration: Field, shipping: Address) -> Address:
    """Return who is billed: Amazon tells their address only of a business, else their name."""
    registered = _address(registration.at("taxRegistrationAddress"))
    found = registered if registered.street and registered.city else shipping
    legal = registration.at("legalName").text() or buyer.at("buyerCompanyName").text()
    name = buyer.at("buyerName").text() or found.name
    return replace(found, name=name, company=legal or found.company)


def _address(field: Field) -> Address:
    more = field.at("extendedFields")  # of Brazil only
    parts = [more.at("streetName").text(), more.at("streetNumber").text()]
    others = [field.at("addressLine2"), field.at("addressLine3"), more.at("neighborhood")]
    return Address(
        name=field.at("name").text(),
        company=field.at("companyName").text(),
        street=field.at("addressLine1").text() or " ".join(filter(None, parts)),
        street2=", ".join(filter(None, (each.text() for each in others))),
        zip=field.at("postalCode").text(),
        city=field.at("city").text() or field.at("municipality").text(),
        region=field.at("stateOrRegion").text(),
        country=field.at("countryCode").text().upper(),
        phone=field.at("phone").text(),
    )


def _notes(order: Field) -> Iterator[str]:
    """Yield what the buyer wants whoever packs and brings the parcel to know."""
    number = order.at("buyer").at("buyerPurchaseOrderNumber").text()
    wish = order.at("recipient").at("deliveryPreference")
    gifts = (
        item.at("fulfillment").at("packing").at("giftOption").at("giftMessage").lines()
        for item in order.at("orderItems").each()
    )
    yield from filter(None, (f"PO {number}" if number else "", *dict.fromkeys(gifts)))
    yield from filter(None, (wish.at(x).lines() for x in ("dropOffLocation", "addressInstruction")))

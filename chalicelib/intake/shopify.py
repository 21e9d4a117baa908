"""Shopify: webhooks with the REST order resource, and polled orders of the GraphQL API.

Amounts are strings in the shop's currency, gross or net by `taxes_included`; the `current_*` fields
are what is left after edits and refunds. Format: shopify.dev, Admin API, order and webhooks.
"""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.deliveries import Verdict, is_signed
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.domain.order import Address, Bought
from chalicelib.intake.port import Hint, Ignored, Snapshot
from chalicelib.intake.reading import LONGEST_NAME, Field, deleted, header, read
from chalicelib.intake.shopify_graphql import as_webhook
from chalicelib.intake.shopify_lines import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery, Secrets

# Topics whose body is the order as it stands.
EVENTS = ("create", "updated", "paid", "cancelled", "fulfilled", "partially_fulfilled")
ORDER_TOPICS = frozenset(f"orders/{event}" for event in EVENTS)
# Topics that name an order and tell only what changed of it: inside which object, if any.
THIN_TOPICS = {"orders/edited": "order_edit", "refunds/create": "", "order_transactions/create": ""}
# What a status says of money that is promised; the others say nothing of it.
PROMISED = {"authorized": True, "voided": False, "expired": False}
SENT = frozenset({"fulfilled", "partial", "partially_fulfilled"})
PAID_IN_FULL = frozenset({"paid", "partially_refunded"})
# What merchants call the field for it in their checkout, and what stands in it.
VAT_FIELD = re.compile(r"(eu )?(vat|ust|uid|umsatzsteuer|tax)[ .]*(id)?[ .]*(nr|number|no)?\.?")
VAT_ID = re.compile(r"[A-Z]{2}[0-9A-Z+*. -]{2,14}")


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Check base64(HMAC-SHA256) over the raw body."""
    del now  # Shopify signs no time
    given = _header(headers, "hmac-sha256")
    is_genuine = bool(given) and is_signed(given, raw, secrets, encoding="base64")
    return Verdict.GENUINE if is_genuine else Verdict.FORGED


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return a hash of Shopify's id of the delivery, else of the event and its topic."""
    topic = _header(headers, "topic")
    event = f"{_header(headers, 'event-id')}\0{topic}" if _header(headers, "event-id") else ""
    name = _header(headers, "webhook-id") or event
    return hashlib.sha256(name.encode() if name else topic.encode() + b"\0" + raw).hexdigest()


def stranger(delivery: Delivery, settings: Mapping[str, str]) -> str:
    """Return the shop that a delivery is of, if it is not the connection's.

    All shops that have the same app sign with the same secret.
    """
    sender = _header(delivery.headers, "shop-domain").lower()
    ours = settings.get("shop", "").strip().lower().removeprefix("https://").rstrip("/")
    return sender if ours and sender not in {"", ours} else ""


def translate(delivery: Delivery) -> Snapshot | Ignored | Hint:
    """Read an order as it stands; other topics are ignored by name."""
    if header(delivery.headers, "x-kontor-source") == "graphql":
        return _snapshot(as_webhook(read(delivery.body)), delivery)
    topic = _header(delivery.headers, "topic")
    if topic == "orders/delete":
        return deleted(read(delivery.body), delivery)
    if topic in THIN_TOPICS:
        return _hint(read(delivery.body), topic)
    if topic and topic not in ORDER_TOPICS:
        return Ignored(reason=f"topic {topic} does not carry an order")
    return _snapshot(read(delivery.body), delivery, topic)


def _hint(body: Field, topic: str) -> Hint:
    inside = body.at(THIN_TOPICS[topic]) if THIN_TOPICS[topic] else body
    return Hint(external_id=inside.at("order_id").name(), reason=topic)


def _snapshot(order: Field, delivery: Delivery, topic: str = "") -> Snapshot | Ignored:
    if "/DraftOrder/" in order.at("admin_graphql_api_id").text():
        return Ignored(reason="a draft is no order yet")
    bought = _bought(order, delivery)
    status = order.at("financial_status").text().lower()
    paid = _paid(order, status, bought.total)
    is_cancelled = bool(order.at("cancelled_at").text()) or topic == "orders/cancelled"
    reason = order.at("cancel_reason").text().lower() or "cancelled in the shop"
    sent = order.at("fulfillment_status").text().lower()
    if status == "refunded" and not is_cancelled and sent not in SENT:
        is_cancelled, reason = True, "refunded in the shop"
    return Snapshot(
        bought=bought,
        paid=paid,
        payment_reference=_reference(bought, paid) if paid else "",
        is_promised=PROMISED.get(status),
        fulfilled=sent == "fulfilled",
        cancelled=is_cancelled,
        cancel_reason=reason if is_cancelled else "",
        remarks=tuple(_remarks(order, bought)),
    )


def _header(headers: Mapping[str, str], name: str) -> str:
    """Return a header of Shopify's webhooks, or of their successor without the `X-`."""
    return header(headers, f"x-shopify-{name}") or header(headers, f"shopify-{name}")


def _paid(order: Field, status: str, total: Money) -> Money | None:
    if status in PAID_IN_FULL:
        return total or None
    rest = order.at("total_outstanding")
    if status != "partially_paid" or rest.value is None:
        return None
    paid = total - Money.of(rest.number(), total.currency)
    return paid if paid.minor > 0 else None


def _reference(bought: Bought, paid: Money) -> str:
    """Name the payment; a part of it by its amount, for the rest comes under another name."""
    name = f"shopify:{bought.external_id}"
    return name if paid == bought.total else f"{name}:{paid.minor}"


def _bought(order: Field, delivery: Delivery) -> Bought:
    currency = order.at("currency").currency()
    placed = order.at("created_at").moment() or delivery.received_at
    billing = _address(order.at("billing_address"))
    shipping = _address(order.at("shipping_address"))
    lines, total = lines_of(order, currency)
    gateways = [gateway.text() for gateway in order.at("payment_gateway_names").each()]
    external_id = order.at("id").name()
    name = order.at("name").text() or order.at("order_number").text() or external_id
    return Bought(
        connection_id=delivery.connection_id,
        external_id=external_id,
        number=name.removeprefix("#")[:LONGEST_NAME],
        placed_at=placed,
        modified_at=order.at("updated_at").moment() or placed,
        currency=currency,
        total=Money(minor=total, currency=currency),
        prices_include_tax=order.at("taxes_included").flag(),
        lines=lines,
        billing=billing if billing != Address() else shipping,
        shipping=shipping if shipping != Address() else billing,
        email=_email(order),
        phone=order.at("phone").text() or billing.phone or shipping.phone,
        locale=order.at("customer_locale").text(),
        note=_note(order),
        payment_method=", ".join(filter(None, gateways)),
        vat_id=_vat_id(order),
    )


def _address(field: Field) -> Address:
    name = f"{field.at('first_name').text()} {field.at('last_name').text()}".strip()
    return Address(
        name=name or field.at("name").text(),
        company=field.at("company").text(),
        street=field.at("address1").text(),
        street2=field.at("address2").text(),
        zip=field.at("zip").text(),
        city=field.at("city").text(),
        region=field.at("province_code").text() or field.at("province").text(),
        country=(field.at("country_code").text() or field.at("country").text()).upper(),
        phone=field.at("phone").text(),
    )


def _email(order: Field) -> str:
    customer = order.at("customer")
    named = customer.at("default_email_address").at("email_address")
    fields = (order.at("email"), order.at("contact_email"), customer.at("email"), named)
    return next(filter(None, (field.email() for field in fields)), "")


def _note(order: Field) -> str:
    """Return the customer's note, with the number of a business customer's own order."""
    number = order.at("po_number").text()
    return "\n".join(filter(None, (order.at("note").lines(), number and f"PO {number}")))


def _vat_id(order: Field) -> str:
    """Return the VAT id a checkout field left in the notes; the order itself has none."""
    for note in order.at("note_attributes").each():
        name = re.sub(r"[_-]", " ", note.at("name").text().lower())
        if VAT_FIELD.fullmatch(name) and VAT_ID.fullmatch(note.at("value").text().upper()):
            return note.at("value").text()
    return ""


def _remarks(order: Field, bought: Bought) -> Iterator[str]:
    """Yield what a person must see before an order goes on."""
    if order.at("test").flag():
        yield "The shop says that this is a test order: nobody has paid for it."
    gone = Money.of(_refunded(order), bought.currency)
    if gone.minor > 0:
        yield f"The shop gave {gone} of the money back."
    shown = order.at("presentment_currency").text().upper()
    if shown and shown != bought.currency:
        paid = _presented(order)
        yield f"The customer was shown {paid}; the shop keeps the order as {bought.total}."


def _refunded(order: Field) -> Decimal:
    """Return what the shop gave back so far: GraphQL adds it up, a webhook lists it."""
    if (told := order.at("total_refunded")).value is not None:
        return told.number()
    payments = [
        x for refund in order.at("refunds").each() for x in refund.at("transactions").each()
    ]
    back = [
        each.at("amount").number()
        for each in payments
        if each.at("kind").text() == "refund" and each.at("status").text() == "success"
    ]
    return sum(back, start=Decimal(0))


def _presented(order: Field) -> str:
    """Write what the customer was shown, as far as it can be read: nothing is booked by it."""
    currency = order.at("presentment_currency")
    money = order.at("total_price_set").at("presentment_money").at("amount")
    try:
        return str(Money.of(money.needed().number(), currency.currency()))
    except Permanent:
        return currency.text()

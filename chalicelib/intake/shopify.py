"""Shopify: webhooks with the REST order resource.

Amounts are strings in the shop's currency, gross or net by `taxes_included`; the `current_*` fields
are what is left after edits and refunds. Format: shopify.dev, Admin API, order and webhooks.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.deliveries import Verdict, is_signed
from chalicelib.domain.money import Money
from chalicelib.domain.order import Address, Bought, LineItem, LineKind
from chalicelib.intake.amounts import (
    Draft,
    cents,
    line_items,
    minor,
    per_cent,
    priced,
    settle,
    spread,
    untaxed,
)
from chalicelib.intake.port import Ignored, Snapshot
from chalicelib.intake.reading import LONGEST_NAME, Field, deleted, header, read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.domain.deliveries import Delivery, Secrets

# Topics whose body is the order as it stands; `orders/edited` and others name only what changed.
EVENTS = ("create", "updated", "paid", "cancelled", "fulfilled", "partially_fulfilled")
ORDER_TOPICS = frozenset(f"orders/{event}" for event in EVENTS)
PAID_IN_FULL = frozenset({"paid", "partially_refunded"})
# What merchants call the field for it in their checkout.
VAT_ID = re.compile(r"(vat|ust|uid)[ _-]?(id|idnr|number|nr)?\.?")


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


def translate(delivery: Delivery) -> Snapshot | Ignored:
    """Read an order as it stands; other topics are ignored by name."""
    topic = _header(delivery.headers, "topic")
    if topic == "orders/delete":
        return deleted(read(delivery.body), delivery)
    if topic and topic not in ORDER_TOPICS:
        return Ignored(reason=f"topic {topic} does not carry an order")
    order = read(delivery.body)
    bought = _bought(order, delivery)
    status = order.at("financial_status").text().lower()
    paid = _paid(order, status, bought.total)
    is_cancelled = bool(order.at("cancelled_at").text()) or topic == "orders/cancelled"
    reason = order.at("cancel_reason").text() or "cancelled in the shop"
    if status == "refunded" and not is_cancelled:
        is_cancelled, reason = True, "refunded in the shop"
    return Snapshot(
        bought=bought,
        paid=paid,
        payment_reference=_reference(bought, paid) if paid else "",
        fulfilled=order.at("fulfillment_status").text().lower() == "fulfilled",
        cancelled=is_cancelled,
        cancel_reason=reason if is_cancelled else "",
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
    lines, total = _lines(order, currency)
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
        note=order.at("note").lines(),
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
    fields = (order.at("email"), order.at("contact_email"), order.at("customer").at("email"))
    return next(filter(None, (field.email() for field in fields)), "")


def _vat_id(order: Field) -> str:
    """Return the VAT id a checkout field left in the notes; the order itself has none."""
    notes = order.at("note_attributes").each()
    found = (x.at("value") for x in notes if VAT_ID.fullmatch(x.at("name").text().lower()))
    return next((value.text() for value in found), "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What holds for all lines of an order; `is_cut` when some of them were taken back."""

    currency: str
    gross_prices: bool
    is_cut: bool


def _lines(order: Field, currency: str) -> tuple[tuple[LineItem, ...], int]:
    """Return the lines and the shop's total they belong to.

    An order that was edited or partly taken back is read as it stands now; one that is cancelled,
    or of which nothing is left, as it was.
    """
    items = order.at("line_items").each()
    now = [_left(item) for item in items]
    is_cut = any(now) and now != [item.at("quantity").count() for item in items]
    is_cut = is_cut and bool(order.at("current_total_price").text())
    terms = _Terms(
        currency=currency,
        gross_prices=order.at("taxes_included").flag(),
        is_cut=is_cut and not order.at("cancelled_at").text(),
    )
    drafts = [_product(item, terms) for item in items if _left(item) or not terms.is_cut]
    carriage = order.at("shipping_lines").each()
    drafts += [_shipping(x, terms) for x in carriage if not x.at("is_removed").flag()]
    return _settled(order, _spread(order, drafts, terms), terms)


def _settled(order: Field, drafts: list[Draft], terms: _Terms) -> tuple[tuple[LineItem, ...], int]:
    def whole(name: str) -> int:
        field = order.at(f"current_{name}" if terms.is_cut else name)
        return Money.of(field.number(), terms.currency).minor

    order.at("total_price").needed()
    total, tax = whole("total_price"), whole("total_tax")
    extras = _extras(order, drafts, terms)
    for more in (extras, []):
        found = settle([*drafts, *more], total, tax, gross_prices=terms.gross_prices)
        if found is not None:
            return line_items(found, terms.currency), total
    return line_items([*drafts, *extras], terms.currency), total


def _left(item: Field) -> int:
    """Return how many of a line are neither edited away nor refunded."""
    ordered, current = item.at("quantity").count(), item.at("current_quantity")
    return ordered if current.value is None else min(max(int(current.number()), 0), ordered)


def _product(item: Field, terms: _Terms) -> Draft:
    ordered = item.at("quantity").count()
    quantity = _left(item) if terms.is_cut else ordered
    share = Decimal(quantity) / ordered
    titles = (item.at("title").text(), item.at("variant_title").text())
    kind = _kind(item)
    carried = item.at("requires_shipping")
    return _priced(
        Draft(
            id=item.at("id").text() or item.path,
            name=item.at("name").text() or " - ".join(filter(None, titles)),
            tax_rate=_rate(item),
            sku=item.at("sku").text()[:LONGEST_NAME] or None,
            quantity=quantity,
            kind=kind,
            ships=kind is LineKind.PRODUCT and (carried.value is None or carried.flag()),
        ),
        full=item.at("price").needed().number() * ordered * share,
        off=_off(item) * share,
        tax=item.sum("tax_lines", "price") * share,
        terms=terms,
    )


def _kind(item: Field) -> LineKind:
    if item.at("gift_card").flag():
        return LineKind.GIFT_CARD
    is_tip = item.at("tip_payment_gateway").value or item.at("tip_payment_method").value
    return LineKind.FEE if is_tip else LineKind.PRODUCT


def _shipping(line: Field, terms: _Terms) -> Draft:
    full, reduced = line.at("price").number(), line.at("discounted_price")
    draft = Draft(
        id=f"shipping-{line.at('id').text() or line.path}",
        name=line.at("title").text() or line.at("code").text(),
        tax_rate=_rate(line),
        kind=LineKind.SHIPPING,
    )
    off = _off(line) if reduced.value is None else full - reduced.number()
    return _priced(draft, full=full, off=off, tax=line.sum("tax_lines", "price"), terms=terms)


def _priced(draft: Draft, *, full: Decimal, off: Decimal, tax: Decimal, terms: _Terms) -> Draft:
    """Give the draft its amounts; `full` and `off` are gross or net as the prices are."""
    base, saved, taken = (minor(each, terms.currency) for each in (full - off, off, tax))
    return priced(draft, base, saved, taken, gross_prices=terms.gross_prices)


def _off(item: Field) -> Decimal:
    """Return the discount: its allocations tell all of it, older payloads have the line's own."""
    is_old = item.at("discount_allocations").value is None
    total = item.at("total_discount").number()
    return total if is_old else item.sum("discount_allocations", "amount")


def _rate(item: Field) -> Decimal:
    return per_cent(100 * item.sum("tax_lines", "rate"))


def _spread(order: Field, drafts: list[Draft], terms: _Terms) -> list[Draft]:
    """Share out a tax that orders made through the API may carry beside the lines, not in them."""
    groups = (order.at("line_items").each(), order.at("shipping_lines").each())
    if any(line.at("tax_lines").value for group in groups for line in group):
        return drafts
    tax = cents(minor(order.at("total_tax").number(), terms.currency))
    return spread(drafts, tax, _rate(order), gross_prices=terms.gross_prices) if tax else drafts


def _extras(order: Field, drafts: Sequence[Draft], terms: _Terms) -> list[Draft]:
    """Return what is in the total but in no line: a tip, duties, fees added at the checkout."""
    prefix = "current" if terms.is_cut else "original"

    def whole(name: str) -> Decimal:
        return order.at(f"{prefix}_total_{name}_set").at("shop_money").at("amount").number()

    found = {"Duties": whole("duties"), "Fees": whole("additional_fees")}
    if all(draft.kind is not LineKind.FEE for draft in drafts):
        found["Tip"] = order.at("total_tip_received").number()
    return [
        untaxed(name.lower(), name, minor(amount, terms.currency), LineKind.FEE)
        for name, amount in found.items()
        if amount
    ]

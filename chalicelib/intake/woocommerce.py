"""WooCommerce: webhooks of WordPress shops, REST API v3.

Amounts are net strings beside their tax, whatever the shop's prices include; times ending in
`_gmt` carry no offset. Format: WooCommerce REST API documentation, orders and webhooks.
"""

from __future__ import annotations

import hashlib
import html
import re
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.deliveries import Verdict, is_signed
from chalicelib.domain.money import Money
from chalicelib.domain.order import Address, Bought, LineItem, LineKind
from chalicelib.intake.amounts import (
    Amounts,
    Draft,
    cents,
    line_items,
    minor,
    per_cent,
    rate_of,
    rate_over,
    settle,
    sharper,
    untaxed,
)
from chalicelib.intake.port import Ignored, Snapshot
from chalicelib.intake.reading import LONGEST_NAME, Field, deleted, header, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chalicelib.domain.deliveries import Delivery, Secrets

FORM = "application/x-www-form-urlencoded"
PING = re.compile(rb"webhook_id=\d+")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>")

# A refunded order shall not be carried out either; a failed one is: its customer may pay again.
CANCELLED = frozenset({"cancelled", "refunded", "trash"})
DRAFTS = frozenset({"auto-draft", "checkout-draft"})
PAID_STATUS = frozenset({"processing", "completed"})
# Here `processing` says that the goods may leave, not that money came.
TRANSFERS = frozenset({"bacs", "cheque"})
# Here even the date of payment is only the moment the order became `processing`.
PAID_LATER = frozenset({"cod", "invoice", "direct-debit", "german_market_purchase_on_account"})
PRODUCT, SHIPPING, FEE = LineKind.PRODUCT, LineKind.SHIPPING, LineKind.FEE
DEPOSIT = LineKind.DEPOSIT
PFAND = re.compile(r"(\b|einweg|mehrweg|flaschen)pfand\b|\bkaution\b|\bdeposit\b", re.IGNORECASE)
GROUPS = {"line_items": PRODUCT, "shipping_lines": SHIPPING, "fee_lines": FEE}
PART_OF = ("bundled_by", "composite_parent")
WPML = re.compile("wpml_language")
# The plugins for VAT ids have no common name for them.
VAT_ID = re.compile(r"_?(billing_)?(eu_)?vat(_id|_number)?")


def verify(raw: bytes, headers: Mapping[str, str], secrets: Secrets, now: datetime) -> Verdict:
    """Check base64(HMAC-SHA256) over the raw body; the ping at activation is a bare form."""
    del now  # WooCommerce signs no time
    signature = header(headers, "x-wc-webhook-signature")
    if not signature:
        is_form = header(headers, "content-type").lower().startswith(FORM)
        return Verdict.PING if is_form and PING.fullmatch(raw) else Verdict.FORGED
    is_genuine = is_signed(signature, raw, secrets, encoding="base64")
    return Verdict.GENUINE if is_genuine else Verdict.FORGED


def delivery_key(raw: bytes, headers: Mapping[str, str]) -> str:
    """Return a hash of webhook, topic and body: the shop's own delivery id is not unique."""
    names = ("x-wc-webhook-id", "x-wc-webhook-topic")
    parts = [*(header(headers, name).encode() for name in names), raw]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def translate(delivery: Delivery) -> Snapshot | Ignored:
    """Read an order as it stands; other topics are ignored by name."""
    topic = header(delivery.headers, "x-wc-webhook-topic")
    if topic and not topic.startswith("order."):
        return Ignored(reason=f"topic {topic} is not about orders")
    order = read(delivery.body)
    if topic == "order.deleted":
        return deleted(order, delivery)
    status = order.at("status").text().lower()
    if status in DRAFTS:
        return Ignored(reason=f"the order is a draft ({status})")
    bought = _bought(order, delivery)
    paid = _paid(order, status, bought.total)
    reference = order.at("transaction_id").text() or f"woocommerce:{bought.external_id}"
    return Snapshot(
        bought=bought,
        paid=paid,
        payment_reference=reference if paid else "",
        fulfilled=status == "completed",
        cancelled=status in CANCELLED,
        cancel_reason=f"{status} in the shop" if status in CANCELLED else "",
        remarks=() if status in CANCELLED else tuple(_remarks(order, bought.currency)),
        paid_at=_moment(order, "date_paid") if paid else None,
    )


def _remarks(order: Field, currency: str) -> Iterator[str]:
    """Yield what the shop has paid back of an order that goes on: the lines do not show it."""
    back = -sum((each.at("total").number() for each in order.at("refunds").each()), Decimal(0))
    if back > 0:
        yield f"The shop gave {Money.of(back, currency)} of the money back."


def _paid(order: Field, status: str, total: Money) -> Money | None:
    method = order.at("payment_method").text()
    has_date = bool(order.at("date_paid_gmt").text() or order.at("date_paid").text())
    if status == "refunded" or not total:
        return None
    if method in PAID_LATER:
        return total if has_date and status == "completed" else None
    return total if has_date or (status in PAID_STATUS and method not in TRANSFERS) else None


def _bought(order: Field, delivery: Delivery) -> Bought:
    currency = order.at("currency").currency()
    total = cents(minor(order.at("total").needed().number(), currency))
    placed = _moment(order, "date_created") or delivery.received_at
    billing, shipping = _address(order.at("billing")), _address(order.at("shipping"))
    method = _plain(order.at("payment_method_title")) or order.at("payment_method").text()
    external_id = order.at("id").name()
    return Bought(
        connection_id=delivery.connection_id,
        external_id=external_id,
        number=order.at("number").text()[:LONGEST_NAME] or external_id,
        placed_at=placed,
        modified_at=_moment(order, "date_modified") or placed,
        currency=currency,
        total=Money(minor=total, currency=currency),
        prices_include_tax=order.at("prices_include_tax").flag(),
        lines=_lines(order, currency, total),
        billing=billing,
        # An empty delivery address means: the same as the one on the bill.
        shipping=shipping if shipping != Address() else billing,
        email=order.at("billing").at("email").email(),
        phone=billing.phone or shipping.phone,
        locale=_meta(order, WPML),
        note=order.at("customer_note").lines(),
        payment_method=method,
        vat_id=order.at("billing").at("vat_id").text() or _meta(order, VAT_ID),
    )


def _moment(order: Field, name: str) -> datetime | None:
    return order.at(f"{name}_gmt").moment() or order.at(name).moment()


def _address(field: Field) -> Address:
    name = f"{field.at('first_name').text()} {field.at('last_name').text()}".strip()
    return Address(
        name=name,
        company=field.at("company").text(),
        street=field.at("address_1").text(),
        street2=field.at("address_2").text(),
        zip=field.at("postcode").text(),
        city=field.at("city").text(),
        region=field.at("state").text(),
        country=field.at("country").text().upper(),
        phone=field.at("phone").text(),
    )


def _meta(order: Field, name: re.Pattern[str]) -> str:
    """Return the first filled text of the order's meta data with a name like this."""
    for entry in order.at("meta_data").each():
        is_text = isinstance(entry.at("value").value, str)
        if is_text and name.fullmatch(entry.at("key").text()) and entry.at("value").text():
            return entry.at("value").text()
    return ""


def _plain(field: Field) -> str:
    """Return a name without the markup WordPress keeps in names."""
    return Field(field.path, html.unescape(TAG.sub("", field.text()))).text()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """One entry of line_items, shipping_lines or fee_lines with its amounts."""

    field: Field
    kind: LineKind
    quantity: int
    amounts: Amounts

    @property
    def rate_ids(self) -> tuple[str, ...]:
        """The tax rates applied; an entry without an amount was not."""
        taxes = self.field.at("taxes").each()
        return tuple(tax.at("id").text() for tax in taxes if tax.at("total").text())


def _lines(order: Field, currency: str, total: int) -> tuple[LineItem, ...]:
    groups = [(kind, order.at(name).each()) for name, kind in GROUPS.items()]
    sources = [_source(field, kind, currency) for kind, fields in groups for field in fields]
    rates = _rates(order, sources)
    # The parts of a bundle are lines of their own: they go into the parcel, the bundle does not.
    parts = [line.at(name) for line in order.at("line_items").each() for name in PART_OF]
    parents = {part.text() for part in parts}
    drafts = [_draft(source, rates, parents, currency) for source in sources]
    drafts = [replace(x, kind=DEPOSIT) if _is_deposit(x) else x for x in drafts]
    tax = cents(minor(order.at("total_tax").number(), currency))
    gross_prices = order.at("prices_include_tax").flag()
    cards = _gift_cards(order, currency)
    for extra in ([], cards):
        settled = settle([*drafts, *extra], total, tax, gross_prices=gross_prices)
        if settled is not None:
            return line_items(settled, currency)
    return line_items([*drafts, *cards], currency)


def _source(field: Field, kind: LineKind, currency: str) -> _Source:
    quantity = field.at("quantity").count() if kind is PRODUCT else 1
    net = minor(field.at("total").number(), currency)
    tax = minor(field.at("total_tax").number(), currency)
    return _Source(
        field=field,
        kind=LineKind.DISCOUNT if kind is FEE and net < 0 else kind,
        quantity=quantity,
        amounts=Amounts(
            net=cents(net),
            tax=cents(tax),
            exact_net=sharper(net, minor(field.at("price").number() * quantity, currency)),
            exact_tax=sharper(tax, minor(field.sum("taxes", "total"), currency)),
        ),
    )


def _draft(
    source: _Source, rates: Mapping[str, Decimal], parents: set[str], currency: str
) -> Draft:
    field, amounts = source.field, source.amounts
    is_product = source.kind is LineKind.PRODUCT
    number = field.at("id").text()
    title = field.at("method_title" if source.kind is SHIPPING else "name")
    known = [rates[rate_id] for rate_id in source.rate_ids if rate_id in rates]
    rate = sum(known, start=Decimal(0))
    return Draft(
        id=number or field.path,
        name=_plain(title),
        amounts=amounts,
        tax_rate=rate if known else rate_of(amounts.exact_net, amounts.exact_tax),
        discount=_discount(field, amounts, currency) if is_product else 0,
        sku=(field.at("sku").text()[:LONGEST_NAME] or None) if is_product else None,
        quantity=source.quantity,
        kind=source.kind,
        ships=is_product and number not in parents,
        part_of=next(filter(None, (field.at(name).text() for name in PART_OF)), ""),
    )


def _is_deposit(draft: Draft) -> bool:
    """Tell whether a fee is one by its name: shops have no other kind for it."""
    return draft.kind is FEE and bool(PFAND.search(draft.name))


def _discount(field: Field, amounts: Amounts, currency: str) -> int:
    """Return what coupons took off, gross; both amounts are rounded as the shop shows them."""
    if field.at("subtotal").value is None:
        return 0
    net = cents(minor(field.at("subtotal").number(), currency))
    tax = cents(minor(field.at("subtotal_tax").number(), currency))
    return max(0, net + tax - amounts.gross)


def _gift_cards(order: Field, currency: str) -> list[Draft]:
    """Return redeemed gift cards: their plugin takes them off the total, but off no line."""
    return [
        untaxed(
            f"gift-card-{card.at('id').text() or card.path}",
            card.at("code").text(),
            -minor(card.at("amount").number(), currency),
            LineKind.GIFT_CARD,
        )
        for card in order.at("gift_cards").each()
    ]


def _rates(order: Field, sources: Sequence[_Source]) -> dict[str, Decimal]:
    """Return per cent by rate id: as the shop says, else worked out over all lines with it."""
    rates: dict[str, Decimal] = {}
    for line in order.at("tax_lines").each():
        rate_id, given = line.at("rate_id").text(), line.at("rate_percent")
        if given.value is not None and not line.at("compound").flag():
            rates[rate_id] = per_cent(given.number())
            continue
        alone = [source.amounts for source in sources if source.rate_ids == (rate_id,)]
        if alone:
            rates[rate_id] = rate_over(alone)
    return rates

"""WooCommerce: webhooks of WordPress shops, REST API v3.

Amounts are net strings beside their tax, whatever the shop's prices include; times ending in
`_gmt` carry no offset. Format: WooCommerce REST API documentation, orders and webhooks.
"""

from __future__ import annotations

import hashlib
import json
import re
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.deliveries import Verdict, is_signed
from chalicelib.domain.money import Money
from chalicelib.domain.order import Address, Bought
from chalicelib.intake.amounts import cents, minor
from chalicelib.intake.port import Ignored, Snapshot
from chalicelib.intake.reading import LONGEST_NAME, Field, deleted, header, read
from chalicelib.intake.woocommerce_lines import lines_of, plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.domain.deliveries import Delivery, Secrets

FORM = "application/x-www-form-urlencoded"
PING = re.compile(rb"webhook_id=\d+")

# A refunded order shall not be carried out either; a failed one is: its customer may pay again.
CANCELLED = frozenset({"cancelled", "refunded", "trash"})
DRAFTS = frozenset({"auto-draft", "checkout-draft"})
PAID_STATUS = frozenset({"processing", "completed"})
# Here `processing` says that the goods may leave, not that money came.
TRANSFERS = frozenset({"bacs", "cheque"})
# Here even the date of payment is only the moment the order became `processing`.
PAID_LATER = frozenset({"cod", "invoice", "direct-debit", "german_market_purchase_on_account"})
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
    """Return a hash of the order as it stands: the shop's own delivery id is not unique.

    The same state told by two webhooks, or found by a poll after one, is one delivery. A body
    without the moment of its change counts with its topic.
    """
    with suppress(ValueError, RecursionError):
        order = json.loads(raw)
        if isinstance(order, dict) and order.get("date_modified_gmt"):
            state = {name: value for name, value in order.items() if name != "_links"}
            return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()
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
    method = plain(order.at("payment_method_title")) or order.at("payment_method").text()
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
        lines=lines_of(order, currency, total),
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

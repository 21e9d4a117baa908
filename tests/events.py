"""Bodies and orders to test with: synthetic, in the shape of the real ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from chalicelib.domain import events
from chalicelib.domain.money import Money, tax_within
from chalicelib.domain.order import Address, Bought, LineItem, LineKind, Order

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ANNA = Address(name="Anna Beispiel", street="Lindenallee 5", zip="50667", city="Köln", country="DE")


def eur(amount: str) -> Money:
    """Return an amount in euros."""
    return Money.of(amount, "EUR")


def line(
    sku: str | None = "TEE-1",
    *,
    quantity: int = 1,
    price: str = "10.00",
    rate: str = "19",
    kind: LineKind = LineKind.PRODUCT,
    line_id: str = "",
) -> LineItem:
    """Return a line of an order, prices gross."""
    whole = eur(price) * quantity
    return LineItem(
        id=line_id or f"l-{sku}",
        sku=sku,
        name=f"Article {sku}",
        quantity=quantity,
        unit_price=eur(price),
        total=whole,
        tax=tax_within(whole, Decimal(rate)),
        tax_rate=Decimal(rate),
        kind=kind,
        ships=kind is LineKind.PRODUCT,
    )


def bought(*lines: LineItem, total: str | None = None, **more: Any) -> Bought:
    """Return what was bought; the total is the sum of the lines unless another is given."""
    items = lines or (line(),)
    whole = sum((item.total for item in items), start=eur("0"))
    defaults: dict[str, Any] = {
        "connection_id": "demo-woo",
        "external_id": "727",
        "number": "1042",
        "placed_at": NOW,
        "modified_at": NOW,
        "currency": "EUR",
        "prices_include_tax": True,
        "billing": ANNA,
        "shipping": ANNA,
        "email": "anna@example.com",
        "locale": "de-DE",
    }
    given = eur(total) if total is not None else whole
    return Bought(lines=items, total=given, **(defaults | more))


def order(
    *facts: events.Fact,
    what: Bought | None = None,
    policy: events.Policy | None = None,
    accepted: bool = True,
) -> Order:
    """Return an order that was received (and accepted), with further facts."""
    first: list[events.Fact] = [
        events.OrderReceived(
            at=NOW, delivery_id="d1", policy=policy or events.Policy(), access_token="secret"
        )
    ]
    if accepted:
        first.append(events.OrderAccepted(at=NOW))
    empty = Order(merchant_id="demo", id="o1", bought=what or bought())
    return empty.plus([*first, *facts])


def paid(amount: str = "10.00", *, source: str = "stripe", at: datetime = NOW) -> events.Fact:
    """Return the fact that money came in."""
    return events.PaymentReceived(
        at=at, source=source, reference=f"ref-{amount}", amount=eur(amount), booked_at=at
    )


def reserved(sku: str = "TEE-1", quantity: int = 1) -> events.Fact:
    """Return the fact that units were set aside."""
    units = (events.Units(sku=sku, quantity=quantity, weight_g=250),)
    return events.StockReserved(at=NOW, units=units)


def woocommerce_order(
    *, number: int = 727, status: str = "on-hand", quantity: int = 2, sku: str = "TEE-1"
) -> bytes:
    """Return the body of a WooCommerce order: a gross shop, two rates, shipping, not paid."""
    body = {
        "id": number,
        "number": str(number),
        "status": status,
        "currency": "EUR",
        "date_created_gmt": "2026-11-23T07:55:00",
        "date_modified_gmt": "2026-11-23T07:55:01",
        "discount_total": "0.00",
        "discount_tax": "0.00",
        "shipping_total": "4.12",
        "shipping_tax": "0.78",
        "total": "38.92",
        "total_tax": "6.21",
        "prices_include_tax": True,
        "customer_id": 0,
        "billing": _address() | {"email": "anna@example.com", "phone": "+49 221 1234"},
        "shipping": _address(),
        "payment_method": "bacs" if status == "on-hold" else "stripe",
        "payment_method_title": "Karte",
        "transaction_id": "",
        "date_paid_gmt": "2026-11-23T07:55:01" if status == "processing" else None,
        "line_items": [
            _line(1, sku, quantity, "28.59", "5.43", 1, "Kanne aus Ton"),
        ],
        "tax_lines": [
            {"rate_id": 1, "label": "MwSt.", "rate_percent": 19, "tax_total": "5.43"},
        ],
        "shipping_lines": [
            {
                "id": 9,
                "method_id": "flat_rate",
                "method_title": "Versand",
                "total": "4.12",
                "total_tax": "0.78",
                "taxes": [{"id": 1, "total": "0.78"}],
            }
        ],
        "fee_lines": [],
        "coupon_lines": [],
        "refunds": [],
        "meta_data": [],
    }
    return json.dumps(body).encode()


def _address() -> dict[str, str]:
    return {
        "first_name": "Anna",
        "last_name": "Beispiel",
        "company": "",
        "address_1": "Lindenallee 5",
        "address_2": "",
        "city": "Köln",
        "state": "",
        "postcode": "50667",
        "country": "DE",
    }


def _line(
    number: int, sku: str, quantity: int, total: str, tax: str, rate: int, name: str
) -> dict[str, Any]:
    return {
        "id": number,
        "name": name,
        "product_id": number,
        "variation_id": 0,
        "quantity": quantity,
        "subtotal": total,
        "subtotal_tax": tax,
        "total": total,
        "total_tax": tax,
        "taxes": [{"id": rate, "total": tax, "subtotal": tax}],
        "meta_data": [],
        "sku": sku,
        "price": 14.295,
    }


def stripe_succeeded(
    *, order_reference: str = "727", amount: int = 3892, event: str = "evt_1"
) -> bytes:
    """Return the body of Stripe's `payment_intent.succeeded`."""
    intent = {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": amount,
        "amount_received": amount,
        "currency": "eur",
        "status": "succeeded",
        "metadata": {"order_id": order_reference},
        "created": 1_795_000_000,
    }
    body = {
        "id": event,
        "object": "event",
        "type": "payment_intent.succeeded",
        "created": 1_795_000_000,
        "livemode": False,
        "data": {"object": intent},
    }
    return json.dumps(body).encode()

"""The order that every other shop sends us, as JSON Schema 2020-12: what `generic` reads.

It is published at `/schemas/order.json`. A test holds it against the reader: what the schema
allows, the reader accepts; what the reader reads, the schema describes.
"""

from __future__ import annotations

from typing import Any

from chalicelib.domain.forms import FORMS

Schema = dict[str, Any]

MOST_LINES = 1000
NAME, TEXT, NOTE = 200, 500, 5000  # longest texts, in characters
KINDS = ("product", "digital", "shipping", "fee", "deposit", "discount", "gift_card")
STATES = ("open", "cancelled", "fulfilled")
PAYMENT_STATES = ("unpaid", "authorized", "partially_paid", "paid")


def text(most: int, says: str) -> Schema:
    """Return the schema of a text; null and a missing field mean the same."""
    return {"type": ["string", "null"], "maxLength": most, "description": says}


def _name(says: str) -> Schema:
    return {"type": "string", "maxLength": NAME, "pattern": r"\S", "description": says}


def _moment(says: str) -> Schema:
    says += " RFC 3339; a time without an offset is read as UTC."
    return {"type": ["string", "null"], "format": "date-time", "description": says}


def _flag(says: str, *, usual: bool) -> Schema:
    return {"type": "boolean", "default": usual, "description": says}


def _choice(words: tuple[str, ...], says: str) -> Schema:
    return {"enum": list(words), "default": words[0], "description": says}


def _money(says: str) -> Schema:
    return {"$ref": "#/$defs/money", "description": says}


def _rate(says: str) -> Schema:
    return {"$ref": "#/$defs/rate", "description": says}


def _list(name: str, says: str) -> Schema:
    items = {"$ref": f"#/$defs/{name}"}
    return {"type": "array", "items": items, "maxItems": MOST_LINES, "description": says}


def _object(says: str, properties: Schema, *required: str) -> Schema:
    return {
        "type": "object",
        "description": says,
        "properties": properties,
        "required": list(required),
    }


AMOUNT: Schema = {
    "anyOf": [
        {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,6})?$"},
        {"type": "number", "minimum": 0, "exclusiveMaximum": 1_000_000_000},
    ]
}
MONEY: Schema = {
    "description": "A decimal in the order's currency, or an amount with the same currency.",
    "anyOf": [
        *AMOUNT["anyOf"],
        {
            "type": "object",
            "properties": {"amount": AMOUNT, "currency": {"type": "string"}},
            "required": ["amount", "currency"],
        },
    ],
    "examples": ["12.34", {"amount": "12.34", "currency": "EUR"}],
}
RATE: Schema = {
    "description": "Value-added tax in per cent: 19 means 19 %.",
    "anyOf": [
        {"type": "string", "pattern": r"^[0-9]{1,2}(\.[0-9]{1,4})?$"},
        {"type": "number", "minimum": 0, "exclusiveMaximum": 100},
    ],
    "examples": ["19", 7],
}
LINE = _object(
    "What was bought. Give `unit_price`, `total` or both; the total counts.",
    {
        "id": text(NAME, "Your id of the line; its place in the list if there is none."),
        "kind": _choice(
            KINDS,
            "What the line stands for; only a product goes into a parcel, and what a discount or a"
            " redeemed gift card amounts to is taken off.",
        ),
        "sku": text(NAME, "Your SKU, as in the products; without one no stock is set aside."),
        "name": _name("What the customer reads on the invoice."),
        "quantity": {"type": "integer", "minimum": 1, "maximum": 999_999},
        "unit_price": _money("Price of one piece before the discount."),
        "discount": _money("Taken off the whole line, at most what it costs."),
        "total": _money("Price of the whole line after the discount."),
        "tax": _money("Tax of the whole line, where you have rounded it yourself."),
        "tax_rate": _rate("Tax rate of this line; without one, that of the order."),
        "ships": _flag("Whether it goes into a parcel.", usual=True),
        "part_of": text(NAME, "Of a part of a bundle, the `id` of the bundle's line."),
    },
    "name",
    "quantity",
) | {"anyOf": [{"required": ["unit_price"]}, {"required": ["total"]}]}
CHARGE = _object(
    "Something for the whole order. Without a rate it takes that of the order, else that of the"
    " goods that cost most; a discount is shared out among the rates of the goods.",
    {
        "name": text(NAME, "What the customer reads."),
        "amount": _money("What it costs; of a discount, what it takes off."),
        "tax_rate": _rate("Its tax rate."),
    },
    "amount",
)
GIFT_CARD = _object(
    "A redeemed gift card: it pays a part of the order and carries no tax.",
    {"code": text(NAME, "Its code."), "amount": _money("What was redeemed.")},
    "amount",
)
ADDRESS = _object(
    "A postal address.",
    {
        "name": text(NAME, "Person."),
        "company": text(NAME, "Company."),
        "street": text(NAME, "Street and house number."),
        "street2": text(NAME, "Anything that goes below the street."),
        "zip": text(NAME, "Postal code."),
        "city": text(NAME, "Town."),
        "region": text(NAME, "State or province, where the country has them."),
        "country": {
            "type": ["string", "null"],
            "pattern": "^([A-Za-z]{2})?$",
            "description": "ISO 3166-1 alpha-2, such as DE.",
        },
        "phone": text(NAME, "For the carrier."),
    },
)
PAYMENT = _object(
    "How the customer pays, and what has come in.",
    {
        "method": text(NAME, "What the customer chose: prepayment, invoice, PayPal …"),
        "state": _choice(PAYMENT_STATES, "`paid` without `paid` means the whole total."),
        "paid": _money("What has come in so far."),
        "paid_at": _moment("When the newest payment came in."),
        "reference": text(NAME, "The payment's id; the same one is booked once."),
    },
)
PROPERTIES: Schema = {
    "external_id": _name("Your id of the order: the same one is the same order for ever."),
    "number": text(NAME, "The number that the customer knows; `external_id` if there is none."),
    "state": _choice(
        STATES, "`cancelled` calls the order off, `fulfilled` says that all of it has been sent."
    ),
    "cancel_reason": text(TEXT, "Why it was called off."),
    "placed_at": _moment("When the customer ordered; when it reached us if not given."),
    "modified_at": _moment("Newest change: an older document never overrules a newer one."),
    "currency": {
        "type": "string",
        "description": "ISO 4217, such as EUR. Required unless the order is cancelled.",
    },
    "prices_include_tax": _flag("Whether all amounts but `total` contain tax.", usual=True),
    "tax_rate": _rate("For lines and charges that name none."),
    "lines": _list("line", "Required unless the order is cancelled."),
    "shipping": {"$ref": "#/$defs/charge", "description": "Carriage."},
    "discounts": _list("charge", "On the whole order."),
    "fees": _list("charge", "Such as payment fees or gift wrapping."),
    "deposits": _list("charge", "Such as deposits on bottles."),
    "gift_cards": _list("gift_card", "Redeemed for this order."),
    "total": _money(
        "What the customer pays, tax included. If it is not what the lines add up to, the order"
        " waits for a person. Without it, the lines are added up."
    ),
    "tax": _money("Tax contained in the total, where you have rounded it yourself."),
    "billing_address": {"$ref": "#/$defs/address"},
    "shipping_address": {
        "$ref": "#/$defs/address",
        "description": "Where the parcel goes; the billing address if there is none.",
    },
    "email": text(NAME, "Where the customer is written to."),
    "phone": text(NAME, "The customer's."),
    "locale": text(NAME, "Language of mails and documents, such as de-DE."),
    "vat_id": text(NAME, "Of a customer with a business."),
    "buyer_reference": text(NAME, "What the buyer routes invoices by, such as a Leitweg-ID."),
    "invoice_form": _choice(("", *FORMS), "The form that the buyer wants the invoice in, if any."),
    "note": text(NOTE, "What the customer wrote."),
    "payment": {"$ref": "#/$defs/payment"},
}
EXAMPLE: Schema = {
    "external_id": "4711",
    "number": "WEB-4711",
    "placed_at": "2026-11-23T09:30:00+01:00",
    "modified_at": "2026-11-23T09:31:00+01:00",
    "currency": "EUR",
    "prices_include_tax": True,
    "lines": [
        {
            "id": "1",
            "sku": "KANNE-BLAU",
            "name": "Kanne, blau",
            "quantity": 2,
            "unit_price": "17.50",
            "discount": "3.50",
            "tax_rate": "19",
        },
        {"id": "2", "sku": "BUCH-7", "name": "Teebuch", "quantity": 1, "total": "9.90",
         "tax_rate": "7"},
    ],
    "shipping": {"name": "DHL Paket", "amount": {"amount": "4.90", "currency": "EUR"}},
    "total": {"amount": "46.30", "currency": "EUR"},
    "billing_address": {
        "name": "Erika Muster",
        "street": "Gartenweg 3",
        "zip": "04109",
        "city": "Leipzig",
        "country": "DE",
    },
    "email": "erika@example.com",
    "locale": "de-DE",
    "payment": {"method": "prepayment", "state": "unpaid"},
}  # fmt: skip
ONE_RATE: Schema = {
    "anyOf": [
        {"required": ["tax_rate"]},
        {"properties": {"lines": {"items": {"required": ["tax_rate"]}}}},
    ]
}


def order_schema(address: str) -> Schema:
    """Return the schema as published at an address."""
    is_cancelled = {"properties": {"state": {"const": "cancelled"}}, "required": ["state"]}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": address,
        "title": "Order",
        **_object(
            "An order as any shop can send it: to POST /v1/orders, or signed to the webhook of a"
            " `generic` connection. Unknown fields are ignored.",
            PROPERTIES,
            "external_id",
        ),
        "if": is_cancelled,
        "else": {"required": ["currency", "lines"], **ONE_RATE},
        "$defs": {
            "money": MONEY,
            "rate": RATE,
            "line": LINE,
            "charge": CHARGE,
            "gift_card": GIFT_CARD,
            "address": ADDRESS,
            "payment": PAYMENT,
        },
        "examples": [EXAMPLE],
    }

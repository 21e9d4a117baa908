"""Products and orders as rows of a table, in the columns that the imports read."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain import balance, goods, states
from chalicelib.domain.order import LineKind
from chalicelib.intake.order_columns import ADDRESS, FIELDS
from chalicelib.store.tables import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.domain.money import Money
    from chalicelib.domain.order import Address, LineItem, Order
    from chalicelib.domain.product import Product

PRODUCT_COLUMNS = (
    "sku", "name", "ean", "weight_g", "length_mm", "width_mm", "height_mm", "hs_code", "origin",
    "bin", "min_stock", "parts", "backorder", "preorder", "expected_on", "lots",
    "archived", "location", "on_hand",
)  # fmt: skip
TAKEN_OFF = frozenset({LineKind.DISCOUNT, LineKind.GIFT_CARD})
# What an address holds in parts elsewhere, and what lines of their own stand for here.
UNUSED = {
    *(f"{whose}_{part}" for whose in ("billing", "shipping")
      for part in ("first_name", "last_name", "house_number")),
    "shipping_cost", "shipping_method", "discount", "discount_name", "fee", "fee_name", "deposit",
    "gift_card", "gift_card_code", "paid_at", "payment_reference",
}  # fmt: skip
ORDER_COLUMNS = tuple(name for name in FIELDS if name not in UNUSED)


def product_rows(product: Product) -> Iterator[list[str]]:
    """Yield a row per location; a product without units has one."""
    words = {
        name: _text(getattr(product, name))
        for name in PRODUCT_COLUMNS
        if name not in {"parts", "location", "on_hand"}
    }
    words["parts"] = ", ".join(f"{part.quantity} x {part.sku}" for part in product.parts)
    for level in product.levels:
        words |= {"location": level.location, "on_hand": str(level.on_hand)}
        yield [words.get(name, "") for name in PRODUCT_COLUMNS]
        words = {"sku": product.sku}  # what was said of the product counts for all locations
    if not product.levels:
        yield [words.get(name, "") for name in PRODUCT_COLUMNS]


def order_rows(order: Order) -> Iterator[list[str]]:
    """Yield a row per line; what holds for the whole order stands in the first, prices gross."""
    words = _whole(order)
    for line in order.bought.lines:
        said = {**words, **_line(line)}
        yield [said.get(name, "") for name in ORDER_COLUMNS]
        words = {"number": words["number"], "external_id": words["external_id"]}
    if not order.bought.lines:
        yield [words.get(name, "") for name in ORDER_COLUMNS]


def _whole(order: Order) -> dict[str, str]:
    bought = order.bought
    paid = balance.kept(order)
    is_sent = bool(bought.physical()) and goods.is_all_shipped(order)
    is_paid = bool(paid) and paid.minor >= bought.total.minor
    return {
        "number": bought.number,
        "external_id": bought.external_id,
        "state": "cancelled" if states.is_cancelled(order) else "fulfilled" if is_sent else "open",
        "placed_at": stamp(bought.placed_at),
        "modified_at": stamp(bought.modified_at),
        "currency": bought.currency,
        "total": _amount(bought.total),
        "email": bought.email,
        "phone": bought.phone,
        "locale": bought.locale,
        "vat_id": bought.vat_id,
        "note": bought.note,
        "payment_method": bought.payment_method,
        "payment_state": "paid" if is_paid else "partially_paid" if paid else "unpaid",
        "paid": _amount(paid) if paid else "",
        **_address("billing", bought.billing),
        **_address("shipping", bought.shipping),
    }


def _address(whose: str, address: Address) -> dict[str, str]:
    return {f"{whose}_{part}": str(getattr(address, part, "")) for part in ADDRESS}


def _line(line: LineItem) -> dict[str, str]:
    total = -line.total if line.kind in TAKEN_OFF else line.total
    return {
        "line_id": line.id,
        "kind": line.kind.value,
        "sku": line.sku or "",
        "name": line.name or line.kind.value,
        "quantity": str(line.quantity),
        "unit_price": _amount(line.unit_price) if line.kind not in TAKEN_OFF else "",
        "line_discount": _amount(line.discount) if line.discount else "",
        "line_total": _amount(total),
        "tax_rate": _text(line.tax_rate),
        "ships": _text(line.ships),
        "part_of": line.part_of,
    }


def _amount(money: Money) -> str:
    return str(money.amount).replace(".", ",")


def _text(value: object) -> str:
    """Write a value as the imports read it; nothing for what is not set."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return f"{value:f}".replace(".", ",")
    return str(value) if value else ""

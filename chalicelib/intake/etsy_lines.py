"""The lines of a receipt of Etsy: goods with what was chosen of them, carriage, coupons, taxes."""

from __future__ import annotations

import html
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING

from chalicelib.domain.order import LineItem, LineKind
from chalicelib.intake.amounts import Draft, cents, gross, line_items, minor, priced, untaxed
from chalicelib.intake.reading import LONGEST_NAME, Field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.domain.money import Money

ZERO = Decimal(0)
CHARGES = (
    ("total_shipping_cost", "shipping", "Versand", LineKind.SHIPPING, 1),
    ("gift_wrap_price", "gift_wrap", "Geschenkverpackung", LineKind.FEE, 1),
    ("discount_amt", "discount", "Etsy", LineKind.DISCOUNT, -1),
)


def amount_of(field: Field, currency: str) -> Decimal:
    """Return an amount in minor units, of a number and what it is to be divided by."""
    if field.value is None:
        return ZERO
    divisor = field.at("divisor").needed().number()
    if divisor < 1:
        field.at("divisor").refuse("must be a number above 0")
    return minor(field.at("amount").needed().number() / divisor, currency)


def written(field: Field) -> Field:
    """Return a text as it was written: Etsy puts signs like quotes into the codes of HTML."""
    value = field.value
    return Field(field.path, html.unescape(value)) if isinstance(value, str) else field


def lines_of(receipt: Field, total: Money, rate: Decimal) -> tuple[LineItem, ...]:
    """Return the lines; `rate` is the seller's own VAT in per cent."""
    plain = [*_all(receipt, total.currency, ZERO)]
    collected = _collected(receipt, total, gross(plain))
    if not collected:
        return line_items([*_all(receipt, total.currency, rate)], total.currency)
    tax = untaxed("collected", "Tax collected by Etsy", collected, LineKind.FEE)
    return line_items([*plain, tax], total.currency)


def _collected(receipt: Field, total: Money, plain: int) -> Decimal:
    """Return the tax that came on top, which Etsy collects and pays.

    Sales tax always does, VAT only in some countries: it is whatever makes the total.
    """
    sales = amount_of(receipt.at("total_tax_cost"), total.currency)
    vat = amount_of(receipt.at("total_vat_cost"), total.currency)
    ways = (sales, sales + vat, vat, ZERO)
    return min(ways, key=lambda way: abs(total.minor - plain - cents(way)))


def _all(receipt: Field, currency: str, rate: Decimal) -> Iterator[Draft]:
    items = (_item(each, currency, rate) for each in receipt.at("transactions").each())
    yield from chain(items, _charges(receipt, currency, rate))


def _item(field: Field, currency: str, rate: Decimal) -> Draft:
    quantity = field.at("quantity").count()
    title = written(field.at("title")).text() or field.at("listing_id").text() or field.path
    chosen = ", ".join(_chosen(field))
    draft = Draft(
        id=field.at("transaction_id").text() or field.path,
        name=f"{title} - {chosen}" if chosen else title,
        tax_rate=rate,
        sku=written(field.at("sku")).text()[:LONGEST_NAME] or None,
        quantity=quantity,
        ships=not field.at("is_digital").flag(),
    )
    return _priced(draft, amount_of(field.at("price").needed(), currency) * quantity)


def _chosen(field: Field) -> Iterator[str]:
    """Yield what the buyer chose or wrote for this piece."""
    for each in field.at("variations").each():
        name, value = (written(each.at(f"formatted_{x}")).text() for x in ("name", "value"))
        if value:
            yield f"{name}: {value}" if name else value


def _charges(receipt: Field, currency: str, rate: Decimal) -> Iterator[Draft]:
    for field, name, title, kind, sign in CHARGES:
        if amount := amount_of(receipt.at(field), currency):
            yield _priced(Draft(id=name, name=title, tax_rate=rate, kind=kind), amount * sign)


def _priced(draft: Draft, amount: Decimal) -> Draft:
    tax = amount * draft.tax_rate / (100 + draft.tax_rate)
    return priced(draft, amount, ZERO, tax, gross_prices=True)

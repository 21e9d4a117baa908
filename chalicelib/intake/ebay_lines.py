"""The lines of an order of eBay: goods, delivery, discounts, and VAT that eBay collects."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.order import LineItem, LineKind
from chalicelib.intake.amounts import Draft, line_items, minor, priced, settle, untaxed
from chalicelib.intake.reading import LONGEST_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.intake.reading import Field


def lines_of(order: Field, currency: str, total: int, rate: Decimal) -> tuple[LineItem, ...]:
    """Return the lines; `total` in minor units, `rate` the seller's own VAT in per cent."""
    items = list(order.at("lineItems").each())
    drafts = [_item(field, currency, rate) for field in items]
    drafts += _charges(order, items, currency, rate)
    tax = sum(draft.amounts.tax for draft in drafts)
    settled = settle(drafts, total, tax, gross_prices=True)
    return line_items(settled if settled is not None else drafts, currency)


def _amount(field: Field, currency: str) -> Decimal:
    return minor(field.at("value").number(), currency) if field.value is not None else Decimal(0)


def _collected(field: Field, currency: str) -> Decimal:
    """Add up the tax that eBay collects of a line."""
    taxes = field.at("ebayCollectAndRemitTaxes").each()
    return sum((_amount(tax.at("amount"), currency) for tax in taxes), start=Decimal(0))


def _item(field: Field, currency: str, rate: Decimal) -> Draft:
    """Read one line: its price after discounts; the seller owes no VAT where eBay collects it."""
    full = _amount(field.at("lineItemCost").needed(), currency)
    lower = field.at("discountedLineItemCost")
    base = _amount(lower, currency) if lower.value is not None else full
    own = Decimal(0) if _collected(field, currency) else rate
    draft = Draft(
        id=field.at("lineItemId").text() or field.path,
        name=field.at("title").needed().text(),
        tax_rate=own,
        sku=field.at("sku").text()[:LONGEST_NAME] or None,
        quantity=field.at("quantity").count(),
        kind=LineKind.PRODUCT,
        ships=True,
    )
    return priced(draft, base, full - base, base * own / (100 + own), gross_prices=True)


def _charges(order: Field, items: list[Field], currency: str, rate: Decimal) -> Iterator[Draft]:
    """Yield delivery, discounts that no line has, and what eBay collects beside the prices."""
    summary = order.at("pricingSummary")
    off_lines = sum(
        (_off(field, currency) for field in items if field.at("discountedLineItemCost").value),
        start=Decimal(0),
    )
    delivery = _amount(summary.at("deliveryCost"), currency)
    delivery += _amount(summary.at("deliveryDiscount"), currency)
    discount = _amount(summary.at("priceDiscount"), currency) + off_lines
    adjustment = _amount(summary.at("adjustment"), currency)
    collected = sum((_collected(field, currency) for field in items), start=Decimal(0))
    own = Decimal(0) if collected else rate
    for name, title, kind, amount in (
        ("delivery", "Versand", LineKind.SHIPPING, delivery),
        ("discount", "eBay", LineKind.DISCOUNT, discount),
        ("adjustment", "eBay", LineKind.FEE, adjustment),
    ):
        if amount:
            draft = Draft(id=name, name=title, tax_rate=own, kind=kind)
            yield priced(draft, amount, Decimal(0), amount * own / (100 + own), gross_prices=True)
    if collected:
        yield untaxed("collected", "VAT collected by eBay", collected, LineKind.FEE)


def _off(field: Field, currency: str) -> Decimal:
    full, lower = field.at("lineItemCost"), field.at("discountedLineItemCost")
    return _amount(full, currency) - _amount(lower, currency)

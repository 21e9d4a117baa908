"""Saleor's lines: gross and net side by side, with what vouchers and gift cards took off."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.order import LineItem, LineKind
from chalicelib.intake.amounts import (
    Amounts,
    Draft,
    cents,
    gross,
    line_items,
    minor,
    per_cent,
    rate_of,
    settle,
    untaxed,
)
from chalicelib.intake.reading import LONGEST_NAME

if TYPE_CHECKING:
    from chalicelib.intake.reading import Field


def currency_of(order: Field) -> str:
    """Return the order's currency; every sum of it carries the same."""
    return order.at("total").at("gross").at("currency").currency()


def lines_of(order: Field, currency: str) -> tuple[LineItem, ...]:
    """Return the lines, adding up to the shop's total as far as they do.

    Saleor takes a voucher for the whole order off its lines already, but not always; gift cards it
    takes off the total alone.
    """
    total = order.at("total")
    whole = cents(minor(total.at("gross").at("amount").number(), currency))
    tax = whole - cents(minor(total.at("net").at("amount").number(), currency))
    drafts = [_product(line, currency) for line in order.at("lines").each()]
    shipping = _shipping(order, currency)
    drafts += [shipping] if shipping.name or shipping.amounts.gross else []
    gross_prices = order.at("displayGrossPrices")
    is_gross = gross_prices.value is None or gross_prices.flag()
    for extra in ([], _vouchers(order, currency), _gift_cards(order, gross(drafts) - whole)):
        found = settle([*drafts, *extra], whole, tax, gross_prices=is_gross)
        if found is not None:
            return line_items(found, currency)
    return line_items(drafts, currency)


def _product(line: Field, currency: str) -> Draft:
    quantity = line.at("quantity").count()
    amounts = _amounts(line.at("totalPrice"), currency)
    full = line.at("undiscountedUnitPrice").at("gross").at("amount")
    before = cents(minor(full.number(), currency) * quantity) if full.value is not None else 0
    names = (line.at("productName").text(), line.at("variantName").text())
    carried = line.at("isShippingRequired")
    return Draft(
        id=line.at("id").text() or line.path,
        name=" - ".join(dict.fromkeys(filter(None, names))) or line.at("productSku").text(),
        amounts=amounts,
        tax_rate=_rate(line.at("taxRate"), amounts),
        discount=max(0, before - amounts.gross),
        sku=line.at("productSku").text()[:LONGEST_NAME] or None,
        quantity=quantity,
        ships=carried.value is None or carried.flag(),
    )


def _shipping(order: Field, currency: str) -> Draft:
    amounts = _amounts(order.at("shippingPrice"), currency)
    return Draft(
        id="shipping",
        name=order.at("shippingMethodName").text(),
        amounts=amounts,
        tax_rate=_rate(order.at("shippingTaxRate"), amounts),
        kind=LineKind.SHIPPING,
    )


def _amounts(money: Field, currency: str) -> Amounts:
    whole = minor(money.at("gross").at("amount").number(), currency)
    net = minor(money.at("net").at("amount").number(), currency)
    return Amounts(
        net=cents(net), tax=cents(whole) - cents(net), exact_net=net, exact_tax=whole - net
    )


def _rate(field: Field, amounts: Amounts) -> Decimal:
    """Return per cent: Saleor writes 0.19, and nothing where a tax app gave no rate."""
    given = field.number() if field.value is not None else Decimal(0)
    if not given and amounts.tax:
        return rate_of(amounts.exact_net, amounts.exact_tax)
    return per_cent(100 * given)


def _vouchers(order: Field, currency: str) -> list[Draft]:
    return [
        untaxed(
            f"discount-{each.at('id').text() or each.path}",
            each.at("name").text() or "Discount",
            -minor(each.at("amount").at("amount").number(), currency),
            LineKind.DISCOUNT,
        )
        for each in order.at("discounts").each()
    ]


def _gift_cards(order: Field, missing: int) -> list[Draft]:
    """Return what gift cards paid of the total: Saleor says which ones, not how much each."""
    codes = [card.at("last4CodeChars").text() for card in order.at("giftCards").each()]
    if not codes or missing <= 0:
        return []
    name = ", ".join(f"…{code}" for code in filter(None, codes))
    return [untaxed("gift-cards", name or "Gift card", Decimal(-missing), LineKind.GIFT_CARD)]

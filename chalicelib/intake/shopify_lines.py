"""Shopify's lines: what is left of them after edits and refunds, and what it costs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.money import Money
from chalicelib.domain.order import LineItem, LineKind
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
from chalicelib.intake.reading import LONGEST_NAME, Field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

# A deposit on bottles and the like, which German shops sell as a line of its own.
DEPOSIT = re.compile(r"\b(einweg|mehrweg|flaschen)?pfand\b|\bdeposit\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What holds for all lines of an order; `is_cut` when some of them were taken back.

    `bundles` are the titles of what was sold as one thing, by their ids.
    """

    currency: str
    gross_prices: bool
    is_cut: bool
    bundles: Mapping[str, str]


def lines_of(order: Field, currency: str) -> tuple[tuple[LineItem, ...], int]:
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
        bundles={
            group.at("id").text(): group.at("title").text()
            for name in ("line_item_groups", "sales_line_item_groups")
            for group in order.at(name).each()
        },
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
    kind = _kind(item)
    carried = item.at("requires_shipping")
    is_carried = not item.at("gift_card").flag() if carried.value is None else carried.flag()
    return _priced(
        Draft(
            id=item.at("id").text() or item.path,
            name=_name(item, terms),
            tax_rate=_rate(item),
            sku=item.at("sku").text()[:LONGEST_NAME] or None,
            quantity=quantity,
            kind=kind,
            ships=kind is LineKind.PRODUCT and is_carried,
        ),
        full=item.at("price").needed().number() * ordered * share,
        off=_off(item) * share,
        tax=item.sum("tax_lines", "price") * share,
        terms=terms,
    )


def _name(item: Field, terms: _Terms) -> str:
    """Return the name; the parts of a bundle are lines of their own, with its title behind."""
    titles = (item.at("title").text(), item.at("variant_title").text())
    name = item.at("name").text() or " - ".join(filter(None, titles))
    group = item.at("sales_line_item_group_id").text() or item.at("line_item_group").at("id").text()
    bundle = item.at("line_item_group").at("title").text() or terms.bundles.get(group, "")
    return f"{name} ({bundle})" if bundle and bundle not in name else name


def _kind(item: Field) -> LineKind:
    """Tell what a line is; a gift card that is bought is a product without a parcel."""
    if DEPOSIT.search(item.at("title").text()) and item.at("requires_shipping").value is False:
        return LineKind.DEPOSIT
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

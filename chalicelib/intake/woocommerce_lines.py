"""The lines of a WooCommerce order: goods, carriage and fees, with the tax of each.

The body tells of no article whether it needs a parcel. It tells that nothing in the order does, and
by their own data what gift cards are; whatever else is bought is packed.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.order import LineItem, LineKind
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
from chalicelib.intake.reading import LONGEST_NAME, Field

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
PRODUCT, SHIPPING, FEE = LineKind.PRODUCT, LineKind.SHIPPING, LineKind.FEE
DEPOSIT = LineKind.DEPOSIT
PFAND = re.compile(r"(\b|einweg|mehrweg|flaschen)pfand\b|\bkaution\b|\bdeposit\b", re.IGNORECASE)
GROUPS = {"line_items": PRODUCT, "shipping_lines": SHIPPING, "fee_lines": FEE}
PART_OF = ("bundled_by", "composite_parent")
# What the plugins for gift cards note with a line that sells one.
GIFT_CARD = re.compile("_?(wc_gc_giftcard|ywgc|pw_gift_card)_.+")


def plain(field: Field) -> str:
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


def lines_of(order: Field, currency: str, total: int) -> tuple[LineItem, ...]:
    """Return the lines, which make the total if they can."""
    groups = [(kind, order.at(name).each()) for name, kind in GROUPS.items()]
    sources = [_source(field, kind, currency) for kind, fields in groups for field in fields]
    rates = _rates(order, sources)
    # The parts of a bundle are lines of their own: they go into the parcel, the bundle does not.
    parts = [line.at(name) for line in order.at("line_items").each() for name in PART_OF]
    parents = {part.text() for part in parts}
    drafts = [_draft(source, rates, parents, currency) for source in sources]
    drafts = [replace(x, kind=DEPOSIT) if _is_deposit(x) else x for x in drafts]
    # The shop says so too of articles that it has deleted since; those were carried at some rate.
    if order.at("needs_processing").value is False and not order.at("shipping_lines").each():
        drafts = [replace(draft, ships=False) for draft in drafts]
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
        name=plain(title),
        amounts=amounts,
        tax_rate=rate if known else rate_of(amounts.exact_net, amounts.exact_tax),
        discount=_discount(field, amounts, currency) if is_product else 0,
        sku=(field.at("sku").text()[:LONGEST_NAME] or None) if is_product else None,
        quantity=source.quantity,
        kind=source.kind,
        ships=is_product and number not in parents and not _is_gift_card(field),
        part_of=next(filter(None, (field.at(name).text() for name in PART_OF)), ""),
    )


def _is_gift_card(field: Field) -> bool:
    return any(GIFT_CARD.fullmatch(x.at("key").text()) for x in field.at("meta_data").each())


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

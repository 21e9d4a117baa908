"""The lines of a Shopware order: what was bought, what it costs, and the tax of each part.

A line inside another is part of its price, and what is sent are the inner ones: a bundle is not a
piece of goods of its own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.order import LineItem, LineKind
from chalicelib.intake.amounts import (
    CENT,
    Draft,
    cents,
    line_items,
    minor,
    per_cent,
    priced,
    rate_of,
    settle,
    untaxed,
)
from chalicelib.intake.reading import LONGEST_NAME, Field

if TYPE_CHECKING:
    from collections.abc import Iterator

OFF = frozenset({"promotion", "discount"})
# Plugins for bottles and crates name their lines so.
DEPOSIT = re.compile("deposit|pfand", re.IGNORECASE)
DIGITAL = frozenset({"is-download", "digital"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What holds for all lines: `tax_status` is gross, net or tax-free."""

    currency: str
    tax_status: str
    is_german: bool

    @property
    def gross_prices(self) -> bool:
        return self.tax_status == "gross"

    def minor(self, field: Field) -> Decimal:
        """Return an amount in minor units."""
        return minor(field.number(), self.currency)


def lines_of(order: Field, currency: str) -> tuple[tuple[LineItem, ...], int]:
    """Return the lines, and the shop's total in minor units."""
    terms = _Terms(
        currency=currency,
        tax_status=order.at("taxStatus").text() or "gross",
        is_german=order.at("language").at("locale").at("code").text().startswith("de"),
    )
    total = cents(terms.minor(order.at("amountTotal").needed()))
    tax = cents(_tax(order, terms))
    drafts = [*_goods(order, terms), *_carriage(order, terms), *_rounding(order, terms)]
    settled = settle(drafts, total, tax, gross_prices=terms.gross_prices)
    return line_items(drafts if settled is None else settled, currency), total


def _tax(order: Field, terms: _Terms) -> Decimal:
    """Return the tax of the whole order: as the shop lists it, else what is no net amount."""
    listed, net = order.at("price").at("calculatedTaxes"), order.at("amountNet")
    if listed.each() or net.value is None:
        return minor(order.at("price").sum("calculatedTaxes", "tax"), terms.currency)
    return terms.minor(order.at("amountTotal")) - terms.minor(net)


def _goods(order: Field, terms: _Terms) -> Iterator[Draft]:
    items = _all(order.at("lineItems"))
    ids = {item.at("id").text() for item in items} - {""}
    parts: dict[str, list[Field]] = defaultdict(list)
    for item in items:
        if item.at("parentId").text() in ids:
            parts[item.at("parentId").text()].append(item)
    # Where the parts cost what the whole costs, the money lies with them and their rates of tax.
    priced_by_part = {
        item.at("id").text()
        for item in items
        if parts[item.at("id").text()] and _costs(parts[item.at("id").text()]) == _costs([item])
    }
    for item in items:
        name, parent = item.at("id").text(), item.at("parentId").text()
        is_part = parent in ids
        has_goods = any(_is_product(part) for part in parts[name])
        draft = _item(item, part_of=parent if is_part else "", has_goods=has_goods)
        if name in priced_by_part or (is_part and parent not in priced_by_part):
            yield draft
        else:
            yield from _taxed(draft, item.at("totalPrice"), item.at("price"), terms)


def _costs(items: list[Field]) -> Decimal:
    return sum((item.at("totalPrice").number() for item in items), start=Decimal(0))


def _all(items: Field) -> list[Field]:
    """Return the lines with those inside them, whether the shop lists them flat or nested."""
    flat = items.each()
    known = {item.at("id").text() for item in flat}
    inner = [child for item in flat for child in _all(item.at("children"))]
    return [*flat, *(child for child in inner if child.at("id").text() not in known)]


def _is_product(item: Field) -> bool:
    return item.at("type").text() == "product" or bool(item.at("productId").text())


def _item(item: Field, *, part_of: str, has_goods: bool) -> Draft:
    kind = _kind(item, is_part=bool(part_of))
    payload = item.at("payload")
    states = {state.text() for state in item.at("states").each()}
    is_digital = bool({*states, payload.at("productType").text()} & DIGITAL)
    is_product = kind is LineKind.PRODUCT
    return Draft(
        id=item.at("id").text() or item.path,
        name=item.at("label").text() or item.at("type").text() or "-",
        tax_rate=Decimal(0),
        sku=(payload.at("productNumber").text()[:LONGEST_NAME] or None) if is_product else None,
        quantity=item.at("quantity").count(),
        kind=kind,
        ships=is_product and not is_digital and not has_goods,
        part_of=part_of,
    )


def _kind(item: Field, *, is_part: bool) -> LineKind:
    if item.at("type").text() in OFF or item.at("totalPrice").number() < 0:
        return LineKind.DISCOUNT
    if DEPOSIT.search(item.at("type").text()):
        return LineKind.DEPOSIT
    if _is_product(item):
        return LineKind.PRODUCT
    # An option of a product, like an engraving, is inside it; other lines may be goods, unless the
    # shop says that they are not.
    return LineKind.FEE if is_part or item.at("good").value is False else LineKind.PRODUCT


def _carriage(order: Field, terms: _Terms) -> Iterator[Draft]:
    found = [
        (f"shipping-{each.at('id').text() or each.path}", each.at("shippingMethod"), each)
        for each in order.at("deliveries").each()
    ]
    for name, method, owner in found or [("shipping", Field("", None), order)]:
        costs = owner.at("shippingCosts")
        amount = costs.at("totalPrice").number()
        title = method.at("translated").at("name").text() or method.at("name").text()
        draft = Draft(
            id=name,
            name=title or ("Versand" if terms.is_german else "Shipping"),
            tax_rate=Decimal(0),
            kind=LineKind.SHIPPING if amount > 0 else LineKind.DISCOUNT,
        )
        if amount:
            yield from _taxed(draft, costs.at("totalPrice"), costs, terms)


def _rounding(order: Field, terms: _Terms) -> Iterator[Draft]:
    """Yield what a total loses or gains where cash is rounded, as in Switzerland."""
    raw = order.at("price").at("rawTotal")
    rule = order.at("totalRounding")
    rule = order.at("currency").at("totalRounding") if rule.value is None else rule
    if raw.value is None:
        return
    amount = Decimal(cents(terms.minor(order.at("amountTotal")) - terms.minor(raw)))
    if amount and 2 * abs(amount) <= terms.minor(rule.at("interval")):
        kind = LineKind.FEE if amount > 0 else LineKind.DISCOUNT
        yield untaxed("rounding", "Rundung" if terms.is_german else "Rounding", amount, kind)


def _taxed(draft: Draft, total: Field, price: Field, terms: _Terms) -> Iterator[Draft]:
    """Yield the draft with its amounts: one for each rate of tax, if there are several.

    Carriage and discounts are taxed like the goods they belong to.
    """
    base = terms.minor(total)
    taxes = [each for each in price.at("calculatedTaxes").each() if each.at("price").number()]
    parts = [terms.minor(each.at("price")) for each in taxes]
    if len(parts) < 2 or abs(sum(parts) - base) >= CENT:  # noqa: PLR2004 - one rate needs no parts
        tax = minor(price.sum("calculatedTaxes", "tax"), terms.currency)
        yield _priced(draft, base, tax, _rate(taxes, base, tax, terms), terms)
        return
    for number, (each, part) in enumerate(zip(taxes, parts, strict=True)):
        rate = per_cent(each.at("taxRate").number())
        piece = draft if number == 0 else _further(draft, rate)
        yield _priced(piece, part, terms.minor(each.at("tax")), rate, terms)


def _further(draft: Draft, rate: Decimal) -> Draft:
    """Return a line for what is taxed at another rate; the goods are counted once."""
    kind = LineKind.FEE if draft.kind is LineKind.PRODUCT else draft.kind
    name = f"{draft.name} ({rate} %)"
    return replace(
        draft, id=f"{draft.id}-{rate}", name=name, kind=kind, quantity=1, sku=None, ships=False
    )


def _rate(taxes: list[Field], base: Decimal, tax: Decimal, terms: _Terms) -> Decimal:
    if not tax:
        return Decimal(0)
    if len(taxes) == 1:
        return per_cent(taxes[0].at("taxRate").number())
    return rate_of(base - tax if terms.gross_prices else base, tax)


def _priced(draft: Draft, base: Decimal, tax: Decimal, rate: Decimal, terms: _Terms) -> Draft:
    named = replace(draft, tax_rate=rate)
    return priced(named, base, Decimal(0), tax, gross_prices=terms.gross_prices)

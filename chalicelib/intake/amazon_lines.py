"""The lines of an order of Amazon: goods, what is charged beside them, and the tax of each part.

Each item breaks its proceeds down by type. Whether the tax is contained in the amounts or comes on
top depends on the marketplace and is said nowhere: it is whatever makes the sums that Amazon tells.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.money import Money, split
from chalicelib.domain.order import LineItem, LineKind
from chalicelib.intake.amounts import Draft, cents, line_items, minor, priced, rate_of
from chalicelib.intake.reading import LONGEST_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.intake.reading import Field

ZERO = Decimal(0)
# What is charged beside the goods: the line it becomes, and its name.
CHARGES = {
    "SHIPPING": (LineKind.SHIPPING, "Versand"),
    "GIFT_WRAP": (LineKind.FEE, "Geschenkverpackung"),
    "COD_FEE": (LineKind.FEE, "Nachnahme"),
    "OTHER": (LineKind.FEE, "Amazon"),
}
TIP, OFF = "DELIVERY_TIP", "DISCOUNT"
LINES = {
    **CHARGES,
    TIP: (LineKind.FEE, "Trinkgeld"),
    OFF: (LineKind.DISCOUNT, "Amazon"),
}
KNOWN = {"ITEM", "TAX", *LINES}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Terms:
    """What holds for all lines: `rate` is the seller's own, where Amazon tells no tax."""

    currency: str
    rate: Decimal
    is_gross: bool = True

    def amount(self, told: Field) -> Decimal:
        """Return an amount in minor units; none is zero."""
        return minor(told.at("amount").number(), self.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One amount of an item with its tax, None where Amazon tells none; `off` is the discount."""

    amount: Decimal
    tax: Decimal | None
    off: Decimal = ZERO
    known_rate: Decimal | None = None

    def rate(self, terms: _Terms) -> Decimal:
        """Return the rate that makes this tax; the seller's own where Amazon tells no tax."""
        if self.known_rate is not None:
            return self.known_rate
        if self.tax is None:
            return terms.rate if terms.is_gross else ZERO
        return rate_of(self.amount - (self.tax if terms.is_gross else ZERO), self.tax)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Item:
    """An item of the order: its parts by type; `told` is the sum that Amazon gives for it."""

    source: Field
    goods: _Part
    charges: dict[str, _Part] = field(default_factory=dict)
    told: Decimal | None = None

    def parts(self) -> list[_Part]:
        """Return all amounts of the item."""
        return [self.goods, *self.charges.values()]


def lines_of(order: Field, total: Money, rate: Decimal) -> tuple[tuple[LineItem, ...], bool]:
    """Return the lines, and whether their prices contain the tax."""
    terms = _Terms(currency=total.currency, rate=rate)
    sums = _by_type(order.at("proceeds").at("breakdowns"), terms)
    found = [each for each in order.at("orderItems").each() if not _is_gone(each)]
    items = [_read(each, terms) for each in found]
    charges = [*_charged(items), *_unassigned(items, sums)]
    is_told = any(part.tax is not None for item in items for part in item.parts())
    if is_told or not sums["TAX"]:
        terms = replace(terms, is_gross=_is_gross(items, charges, total))
        goods = [item.goods for item in items]
    else:
        goods, charges, terms = _shared(items, charges, sums["TAX"], total, terms)
    drafts = [_goods(*pair, terms) for pair in zip(items, goods, strict=True)]
    drafts += _merged(charges, terms)
    return line_items(drafts, total.currency), terms.is_gross


def _by_type(breakdowns: Field, terms: _Terms) -> dict[str, Decimal]:
    """Add up by type; a type we do not know is something else that is charged."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for each in breakdowns.each():
        # A tip can be changed until it is final, and stands in the total only then.
        if each.at("status").text().upper() != "PENDING":
            kind = each.at("type").text().upper()
            sums[kind if kind in KNOWN else "OTHER"] += terms.amount(each.at("subtotal"))
    return sums


def _by_subtype(item: Field, wanted: str, terms: _Terms) -> dict[str, Decimal]:
    """Return what a tax or a discount is on, as far as Amazon tells."""
    found: dict[str, Decimal] = defaultdict(Decimal)
    for each in item.at("proceeds").at("breakdowns").each():
        if each.at("type").text().upper() == wanted:
            for detail in each.at("detailedBreakdowns").each():
                found[detail.at("subtype").text().upper()] += terms.amount(detail.at("value"))
    return found


def _is_gone(item: Field) -> bool:
    """Tell whether an item was cancelled: nothing is left of its quantity."""
    is_cancelled = bool(item.at("cancellation").at("cancellationExecution").value)
    return is_cancelled and item.at("quantityOrdered").number() == 0


def _read(item: Field, terms: _Terms) -> _Item:
    """Take an item's proceeds apart; what is not said of a tax or a discount is of the goods."""
    sums = _by_type(item.at("proceeds").at("breakdowns"), terms)
    taxes, offs = (_by_subtype(item, name, terms) for name in ("TAX", "DISCOUNT"))
    is_taxed = "TAX" in sums
    charges = {
        kind: _Part(
            amount=sums[kind] - abs(offs[kind]),
            tax=taxes[kind] if is_taxed else None,
            off=abs(offs[kind]),
        )
        for kind in CHARGES
        if sums.get(kind)
    }
    told = item.at("proceeds").at("proceedsTotal")
    full = sums["ITEM"] if "ITEM" in sums else _price(item, terms)
    off = abs(sums["DISCOUNT"]) - sum((part.off for part in charges.values()), start=ZERO)
    tax = sums["TAX"] - sum((part.tax or ZERO for part in charges.values()), start=ZERO)
    return _Item(
        source=item,
        goods=_Part(amount=full - off, tax=tax if is_taxed else None, off=off),
        charges=charges,
        told=terms.amount(told) if told.value is not None else None,
    )


def _price(item: Field, terms: _Terms) -> Decimal:
    """Return what the goods cost where the proceeds are not broken down."""
    told = item.at("proceeds").at("proceedsTotal")
    if told.value is not None:
        return terms.amount(told)
    unit = item.at("product").at("price").at("unitPrice").needed()
    return terms.amount(unit) * item.at("quantityOrdered").count()


def _shared(
    items: list[_Item],
    charges: list[tuple[str, _Part]],
    tax: Decimal,
    total: Money,
    terms: _Terms,
) -> tuple[list[_Part], list[tuple[str, _Part]], _Terms]:
    """Share out a tax that is told only of the whole order, all at one rate; a tip bears none."""
    parts = [item.goods for item in items] + [part for _, part in charges]
    amount = sum((part.amount for part in parts if part.tax is None), start=ZERO)
    rest = Decimal(total.minor) - sum((part.amount for part in parts), start=ZERO)
    is_gross = abs(rest) <= abs(rest - tax)
    rate = rate_of(amount - (tax if is_gross else ZERO), tax)
    weights = [0 if part.tax is not None else max(cents(part.amount), 0) for part in parts]
    shares = split(Money(minor=cents(tax), currency=total.currency), weights)
    taxed = [
        replace(part, tax=Decimal(share.minor), known_rate=rate) if part.tax is None else part
        for part, share in zip(parts, shares, strict=True)
    ]
    goods, others = taxed[: len(items)], taxed[len(items) :]
    names = [name for name, _ in charges]
    return goods, list(zip(names, others, strict=True)), replace(terms, is_gross=is_gross)


def _charged(items: list[_Item]) -> Iterator[tuple[str, _Part]]:
    for item in items:
        yield from item.charges.items()


def _unassigned(items: list[_Item], sums: dict[str, Decimal]) -> Iterator[tuple[str, _Part]]:
    """Yield what only the order as a whole tells: a tip, and what its items do not account for."""
    if sums[TIP]:
        yield TIP, _Part(amount=sums[TIP], tax=ZERO)
    known: dict[str, Decimal] = defaultdict(Decimal)
    for item in items:
        for kind, part in item.charges.items():
            known[kind] += part.amount + part.off
        known[OFF] += sum((part.off for part in item.parts()), start=ZERO)
    for kind in (*CHARGES, OFF):
        rest = abs(sums[kind]) - known[kind]
        if rest > 0:
            yield kind, _Part(amount=-rest if kind == OFF else rest, tax=None)


def _is_gross(items: list[_Item], charges: list[tuple[str, _Part]], total: Money) -> bool:
    """Tell whether the tax is in the amounts: by the sums of the items, else by the total."""
    parts = [item.goods for item in items] + [part for _, part in charges]
    target = Decimal(total.minor)
    if all(item.told is not None for item in items):
        parts = [part for item in items for part in item.parts()]
        target = sum((item.told for item in items if item.told is not None), start=ZERO)
    amount = sum((part.amount for part in parts), start=ZERO)
    tax = sum((part.tax or ZERO for part in parts), start=ZERO)
    return abs(target - amount) <= abs(target - amount - tax)


def _goods(item: _Item, goods: _Part, terms: _Terms) -> Draft:
    """Return the line of an item; `goods` is its part with the tax that it bears."""
    source, product = item.source, item.source.at("product")
    title = product.at("title").text() or product.at("asin").text()
    draft = Draft(
        id=source.at("orderItemId").text() or source.path,
        name=title or source.path,
        tax_rate=goods.rate(terms),
        sku=product.at("sellerSku").text()[:LONGEST_NAME] or None,
        quantity=source.at("quantityOrdered").count(),
        ships=True,
    )
    return _priced(draft, [goods], terms)


def _merged(charges: list[tuple[str, _Part]], terms: _Terms) -> Iterator[Draft]:
    """Yield one line a kind of charge and rate."""
    found: dict[tuple[str, Decimal], list[_Part]] = defaultdict(list)
    for kind, part in charges:
        found[kind, part.rate(terms)].append(part)
    for (name, rate), parts in found.items():
        kind, title = LINES[name]
        yield _priced(Draft(id=name.lower(), name=title, tax_rate=rate, kind=kind), parts, terms)


def _priced(draft: Draft, parts: list[_Part], terms: _Terms) -> Draft:
    amount = sum((part.amount for part in parts), start=ZERO)
    off = sum((part.off for part in parts), start=ZERO)
    rate = draft.tax_rate
    contained = rate / (100 + rate) if terms.is_gross else ZERO
    taxes = (part.amount * contained if part.tax is None else part.tax for part in parts)
    return priced(draft, amount, off, sum(taxes, start=ZERO), gross_prices=terms.is_gross)

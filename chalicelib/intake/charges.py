"""Lines and charges of a generic order, with the tax that each of them carries."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.money import Money, split
from chalicelib.domain.order import LineItem, LineKind
from chalicelib.intake.amounts import (
    Draft,
    cents,
    gross,
    line_items,
    minor,
    per_cent,
    priced,
    settle,
    untaxed,
)
from chalicelib.intake.reading import LONGEST_NAME
from chalicelib.intake.schema import KINDS, TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.intake.reading import Field

PRODUCT, SHIPPING, FEE = LineKind.PRODUCT, LineKind.SHIPPING, LineKind.FEE
DISCOUNT, GIFT_CARD, DEPOSIT = LineKind.DISCOUNT, LineKind.GIFT_CARD, LineKind.DEPOSIT
KIND_OF = {
    "product": PRODUCT,
    "digital": PRODUCT,
    "shipping": SHIPPING,
    "fee": FEE,
    "deposit": DEPOSIT,
    "discount": DISCOUNT,
    "gift_card": GIFT_CARD,
}
TAKEN_OFF = frozenset({DISCOUNT, GIFT_CARD})
WHOLE = 100  # per cent


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How the amounts of an order are meant; `rate` is for whatever names none."""

    currency: str
    gross_prices: bool = True
    rate: Decimal | None = None

    @classmethod
    def of(cls, order: Field) -> Terms:
        """Read currency, kind of prices and the usual rate of an order."""
        included = order.at("prices_include_tax")
        return cls(
            currency=order.at("currency").currency(),
            gross_prices=included.value is None or included.flag(),
            rate=_rate(order.at("tax_rate")),
        )

    def amount(self, field: Field) -> Decimal:
        """Read an amount that is not negative, in minor units."""
        if isinstance(field.value, dict):
            told = field.at("currency")
            if told.currency() != self.currency:
                told.refuse(f"must be {self.currency} like the order")
            field = field.at("amount").needed()
        found = minor(field.number(), self.currency)
        if found < 0:
            field.refuse("must not be negative")
        return found

    def money(self, field: Field) -> Money:
        """Read an amount as money, rounded to what the currency has."""
        return Money(minor=cents(self.amount(field)), currency=self.currency)

    def tax_in(self, base: Decimal, rate: Decimal) -> Decimal:
        """Return the tax in or on a price, by whether prices contain it."""
        return base * rate / (WHOLE + rate if self.gross_prices else WHOLE)

    def draft(self, draft: Draft, base: Decimal, off: Decimal = Decimal(0)) -> Draft:
        """Return a draft that costs `base` after `off`; what is taken off counts backwards."""
        base = -base if draft.kind in TAKEN_OFF else base
        tax = self.tax_in(base, draft.tax_rate)
        return priced(draft, base, off, tax, gross_prices=self.gross_prices)


def _rate(field: Field) -> Decimal | None:
    if field.value is None or field.value == "":
        return None
    found = field.number()
    if not 0 <= found < WHOLE:
        field.refuse("must be a tax rate in per cent, from 0 to below 100")
    return per_cent(found)


def line(field: Field, place: int, terms: Terms) -> Draft:
    """Read one line; its total counts, else its price times its quantity without its discount."""
    word = field.at("kind").choice(KINDS)
    kind, quantity = KIND_OF[word], field.at("quantity").count()
    rate = Decimal(0) if kind is GIFT_CARD else _rate(field.at("tax_rate"))
    if rate is None and terms.rate is None:
        field.at("tax_rate").refuse("must be given, here or for the whole order")
    base, off = _price(field, quantity, terms)
    is_product = kind is PRODUCT
    ships = field.at("ships")
    draft = Draft(
        id=field.at("id").text()[:LONGEST_NAME] or str(place),
        name=field.at("name").needed().text()[:TEXT],
        tax_rate=terms.rate or Decimal(0) if rate is None else rate,
        sku=(field.at("sku").text()[:LONGEST_NAME] or None) if is_product else None,
        quantity=quantity,
        kind=kind,
        part_of=field.at("part_of").text()[:LONGEST_NAME],
        ships=word == "product" and (ships.value is None or ships.flag()),
    )
    tax = field.at("tax")
    if tax.value is None or kind in TAKEN_OFF:
        return terms.draft(draft, base, off)
    return priced(draft, base, off, terms.amount(tax), gross_prices=terms.gross_prices)


def _price(field: Field, quantity: int, terms: Terms) -> tuple[Decimal, Decimal]:
    """Return what a line costs and what was taken off before."""
    unit, whole = field.at("unit_price"), field.at("total")
    off = terms.amount(field.at("discount"))
    full = terms.amount(unit) * quantity
    if whole.value is not None and whole.value != "":
        base = terms.amount(whole)
        return base, max(off, full - base)
    unit.needed()
    if off > full:
        field.at("discount").refuse("must not be more than the line costs")
    return full - off, off


def charges(order: Field, lines: Sequence[Draft], terms: Terms) -> Iterator[Draft]:
    """Read what an order costs beside its lines, and what is taken off as a whole."""
    bases = _bases(lines, terms)
    dearest = max(bases, key=lambda rate: bases[rate], default=Decimal(0))
    shipping = order.at("shipping")
    found = [("shipping", SHIPPING, [shipping] if shipping.value is not None else [])]
    found += [
        ("fee", FEE, order.at("fees").each()),
        ("deposit", DEPOSIT, order.at("deposits").each()),
    ]
    for word, kind, fields in found:
        for place, field in enumerate(fields, 1):
            rate = _rate(field.at("tax_rate"))
            rate = terms.rate if rate is None else rate
            draft = Draft(
                id=word if kind is SHIPPING else f"{word}-{place}",
                name=field.at("name").text()[:LONGEST_NAME],
                tax_rate=dearest if rate is None else rate,
                kind=kind,
            )
            yield terms.draft(draft, terms.amount(field.at("amount").needed()))
    for place, field in enumerate(order.at("discounts").each(), 1):
        yield from _discount(field, f"discount-{place}", bases, terms)
    for place, field in enumerate(order.at("gift_cards").each(), 1):
        name = field.at("code").text()[:LONGEST_NAME]
        amount = terms.amount(field.at("amount").needed())
        yield untaxed(f"gift-card-{place}", name, -amount, GIFT_CARD)


def _bases(lines: Sequence[Draft], terms: Terms) -> dict[Decimal, int]:
    """Add up what the goods cost, by their rates, as the order's prices are meant."""
    bases: dict[Decimal, int] = {}
    for draft in lines:
        if draft.kind is PRODUCT:
            cost = draft.amounts.gross if terms.gross_prices else draft.amounts.net
            bases[draft.tax_rate] = bases.get(draft.tax_rate, 0) + cost
    return bases


def _discount(field: Field, name: str, bases: dict[Decimal, int], terms: Terms) -> Iterator[Draft]:
    """Yield a discount, in parts by what the goods of each rate cost where it names no rate."""
    amount = terms.amount(field.at("amount").needed())
    title = field.at("name").text()[:LONGEST_NAME]
    rate = _rate(field.at("tax_rate"))
    rates = [rate] if rate is not None else sorted(bases, reverse=True) or [Decimal(0)]
    whole = Money(minor=cents(amount), currency=terms.currency)
    parts = split(whole, [bases.get(each, 0) for each in rates])
    for each, part in zip(rates, parts, strict=True):
        if part or len(rates) == 1:
            mark = name if len(rates) == 1 else f"{name}-{each}"
            draft = Draft(id=mark, name=title, tax_rate=each, kind=DISCOUNT)
            yield terms.draft(draft, Decimal(part.minor))


def settled(
    order: Field, drafts: Sequence[Draft], terms: Terms
) -> tuple[tuple[LineItem, ...], Money]:
    """Return the lines and the total: as it is told, else what the lines add up to."""
    told, tax = order.at("total"), order.at("tax")
    if told.value is None or told.value == "":
        if gross(drafts) < 0:
            told.refuse("must not be negative: more is taken off than there is")
        total = Money(minor=gross(drafts), currency=terms.currency)
        return line_items(drafts, terms.currency), total
    total = terms.money(told)
    exact = sum((each.amounts.exact_tax for each in drafts), start=Decimal(0))
    shown = sum(each.amounts.tax for each in drafts)
    taxes = [shown, cents(exact)] if tax.value is None else [cents(terms.amount(tax))]
    for each in taxes:
        found = settle(drafts, total.minor, each, gross_prices=terms.gross_prices)
        if found is not None:
            return line_items(found, terms.currency), total
    return line_items(drafts, terms.currency), total

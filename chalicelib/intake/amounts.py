"""From a shop's amounts to whole cents per line, so that the lines add up to the shop's total."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.money import Money, exponent, split
from chalicelib.domain.order import LineItem, LineKind

if TYPE_CHECKING:
    from collections.abc import Sequence

CENT = Decimal(1)
# A unit price is sent with about six decimals; times a large quantity this much of a cent is noise.
NOISE = Decimal("0.05")
# A shop rounds goods, carriage and each tax apart before it adds them up: that explains this much.
EXPLAINED = Decimal(2)

# Of the longest names this much is kept: five hundred lines must fit into one row.
LONGEST_LINE = 500
# Rates of value-added tax in Europe, in per cent, those a German merchant meets most often first.
COMMON_RATES = (19, 7, 20, 10, 21, 22, 23, 25, 24, 27, 17, 16, 5, 9, 6, 8, 12, 13, 14, 15, 18, 3, 4)
BROKEN_RATES = ("8.1", "7.7", "2.6", "5.5", "25.5", "9.5", "13.5", "3.8", "2.1", "4.8")
KNOWN_RATES = (*map(Decimal, COMMON_RATES), *map(Decimal, BROKEN_RATES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """Net and tax in minor units: as the shop shows them, and exactly as far as it tells."""

    net: int
    tax: int
    exact_net: Decimal
    exact_tax: Decimal

    @property
    def gross(self) -> int:
        """What the customer pays."""
        return self.net + self.tax


NOTHING = Amounts(net=0, tax=0, exact_net=Decimal(0), exact_tax=Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A line before its cents are settled; `discount` is gross, in minor units, never negative."""

    id: str
    name: str
    tax_rate: Decimal
    amounts: Amounts = NOTHING
    discount: int = 0
    sku: str | None = None
    quantity: int = 1
    kind: LineKind = LineKind.PRODUCT
    ships: bool = False
    part_of: str = ""


def untaxed(line_id: str, name: str, amount: Decimal, kind: LineKind) -> Draft:
    """Return a line without tax; `amount` in minor units."""
    zero = Decimal(0)
    amounts = Amounts(net=cents(amount), tax=0, exact_net=amount, exact_tax=zero)
    return Draft(id=line_id, name=name, amounts=amounts, tax_rate=zero, kind=kind)


def priced(draft: Draft, base: Decimal, off: Decimal, tax: Decimal, *, gross_prices: bool) -> Draft:
    """Return the draft with its amounts, all in minor units.

    `base` (after the discount) and `off` (the discount) are gross or net as the shop's prices are;
    `tax` is what the shop shows, which the tax worked out from the rate sharpens.
    """
    rate = draft.tax_rate
    exact = sharper(tax, base * rate / (100 + rate if gross_prices else 100))
    amounts = Amounts(
        net=cents(base) - (cents(tax) if gross_prices else 0),
        tax=cents(tax),
        exact_net=base - (exact if gross_prices else 0),
        exact_tax=exact,
    )
    # A discount carries the tax its line really has; only a free line must go by the rate.
    taxed = Decimal(0) if gross_prices else tax / base if base else rate / 100
    saved = off * (1 + taxed)
    return replace(draft, amounts=amounts, discount=max(0, cents(saved)))


def minor(amount: Decimal, currency: str) -> Decimal:
    """Return an amount in minor units, with what is left of a cent."""
    return amount.scaleb(exponent(currency))


def cents(value: Decimal) -> int:
    """Round to a whole minor unit, half up."""
    return int(value.quantize(CENT, rounding=ROUND_HALF_UP))


def sharper(shown: Decimal, exact: Decimal) -> Decimal:
    """Prefer the amount that was not rounded, if it is the same amount."""
    return exact if abs(exact - shown) < CENT else shown


def gross(drafts: Sequence[Draft]) -> int:
    """Add up what the customer pays."""
    return sum(draft.amounts.gross for draft in drafts)


def fit(exact: Sequence[Decimal], target: int) -> list[int] | None:
    """Round each amount up or down so that together they are the target; None if none does.

    An amount of whole cents stays as it is, so a payload that does not add up is not made to.
    """
    steady = [Decimal(cents(v)) if abs(v - cents(v)) <= NOISE else v for v in exact]
    parts = [int(value.to_integral_value(rounding=ROUND_FLOOR)) for value in steady]
    rest = target - sum(parts)
    loose = [index for index, value in enumerate(steady) if value != parts[index]]
    if not 0 <= rest <= len(loose) or abs(target - sum(steady, start=Decimal(0))) >= EXPLAINED:
        return None
    loose.sort(key=lambda index: (parts[index] - steady[index], index))
    for index in loose[:rest]:
        parts[index] += 1
    return parts


def settle(
    drafts: Sequence[Draft], total: int, tax: int, *, gross_prices: bool
) -> list[Draft] | None:
    """Settle the cents so that the drafts make the shop's total and tax; None if they cannot.

    What the shop shows is taken as it is if it adds up. Otherwise the shop rounded a sum where it
    shows rounded parts, and the parts are rounded again.
    """
    if gross(drafts) == total and sum(draft.amounts.tax for draft in drafts) == tax:
        return list(drafts)
    amounts = [draft.amounts for draft in drafts]
    taxes = fit([each.exact_tax for each in amounts], tax)
    if taxes is None and gross(drafts) == total:
        return list(drafts)
    taxes = taxes or [each.tax for each in amounts]
    # Only the price the shop set can tell whether the order adds up: its other half is computed.
    way = _by_gross if gross_prices else _by_net
    nets = way(amounts, taxes, total)
    if nets is None:
        return list(drafts) if gross(drafts) == total else None
    parts = zip(drafts, nets, taxes, strict=True)
    return [_with(draft, net, part) for draft, net, part in parts]


def _with(draft: Draft, net: int, tax: int) -> Draft:
    """Move the cents of a draft; what a discount was taken from stays as it is."""
    moved = draft.amounts.gross - net - tax
    discount = max(0, draft.discount + moved) if draft.discount else 0
    return replace(draft, amounts=replace(draft.amounts, net=net, tax=tax), discount=discount)


def spread(drafts: Sequence[Draft], tax: int, rate: Decimal, *, gross_prices: bool) -> list[Draft]:
    """Share out a tax known only for the whole order among its products, by what they cost."""
    weights = [each.amounts.gross if each.kind is LineKind.PRODUCT else 0 for each in drafts]
    found = []
    shares = split(Money(minor=tax, currency="EUR"), weights)  # any currency has the same shares
    for draft, share in zip(drafts, shares, strict=True):
        part = share.minor
        net = draft.amounts.gross - (part if gross_prices else 0)
        amounts = Amounts(net=net, tax=part, exact_net=Decimal(net), exact_tax=Decimal(part))
        found.append(replace(draft, amounts=amounts, tax_rate=rate) if part else draft)
    return found


def _by_net(amounts: Sequence[Amounts], taxes: Sequence[int], total: int) -> list[int] | None:
    return fit([each.exact_net for each in amounts], total - sum(taxes))


def _by_gross(amounts: Sequence[Amounts], taxes: Sequence[int], total: int) -> list[int] | None:
    found = fit([each.exact_net + each.exact_tax for each in amounts], total)
    return found and [whole - tax for whole, tax in zip(found, taxes, strict=True)]


def line_items(drafts: Sequence[Draft], currency: str) -> tuple[LineItem, ...]:
    """Turn settled drafts into lines; an id that comes twice gets a number."""
    seen: dict[str, int] = {}
    lines = []
    for draft in drafts:
        seen[draft.id] = times = seen.get(draft.id, 0) + 1
        lines.append(_line_item(draft, draft.id if times == 1 else f"{draft.id}.{times}", currency))
    return tuple(lines)


def _line_item(draft: Draft, line_id: str, currency: str) -> LineItem:
    def money(amount: int) -> Money:
        return Money(minor=amount, currency=currency)

    full = draft.amounts.gross + draft.discount
    return LineItem(
        id=line_id,
        sku=draft.sku,
        name=draft.name[:LONGEST_LINE],
        quantity=draft.quantity,
        unit_price=money(cents(Decimal(full) / draft.quantity)),
        total=money(draft.amounts.gross),
        tax=money(draft.amounts.tax),
        tax_rate=draft.tax_rate,
        discount=money(draft.discount) if draft.discount else None,
        kind=draft.kind,
        ships=draft.ships,
        part_of=draft.part_of,
    )


def per_cent(rate: Decimal) -> Decimal:
    """Write a rate without idle zeros: 19, not 19.0000 and not 1.9E+1."""
    whole = rate.to_integral_value()
    return Decimal(int(whole)) if rate == whole else rate.normalize()


def rate_of(net: Decimal, tax: Decimal) -> Decimal:
    """Find the rate, in per cent, that makes this tax out of this net: a known one if one fits."""
    if not tax or net <= 0:
        return Decimal(0)
    rate = tax * 100 / net
    slack = CENT * 100 / net
    known = next((each for each in KNOWN_RATES if abs(each - rate) <= slack), None)
    return known or per_cent(rate.quantize(Decimal("0.01")))


def rate_over(amounts: Sequence[Amounts]) -> Decimal:
    """Find the rate of amounts that are all taxed alike: the more of them, the surer."""
    net = sum((each.exact_net for each in amounts), start=Decimal(0))
    return rate_of(net, sum((each.exact_tax for each in amounts), start=Decimal(0)))

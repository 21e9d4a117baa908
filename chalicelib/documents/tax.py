"""The tax summary of an invoice, from gross amounts: what the customer paid is never changed.

Per rate, tax = round(gross · rate / (100 + rate)) and net = gross - tax; the net of a rate is
spread over its lines by largest remainder (EN 16931 wants line nets that add up to it).
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from math import floor
from typing import TYPE_CHECKING

from chalicelib.documents.facts import TaxGroup, Totals
from chalicelib.domain.money import Money, tax_within

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def plain_rate(rate: Decimal | str) -> str:
    """Write a rate in per cent without idle zeros: 19.00 becomes "19"."""
    text = f"{Decimal(rate):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def tax_summary(parts: Iterable[tuple[Decimal | str, int]], currency: str) -> tuple[TaxGroup, ...]:
    """Group gross amounts (minor units) by rate, highest rate first."""
    gross: dict[str, int] = {}
    for rate, amount in parts:
        key = plain_rate(rate)
        gross[key] = gross.get(key, 0) + amount
    ordered = sorted(gross.items(), key=lambda item: Decimal(item[0]), reverse=True)
    return tuple(_group(rate, amount, currency) for rate, amount in ordered)


def _group(rate: str, gross: int, currency: str) -> TaxGroup:
    tax = tax_within(Money(minor=gross, currency=currency), Decimal(rate)).minor
    return TaxGroup(rate=rate, net=gross - tax, tax=tax, gross=gross)


def net_amounts(parts: Sequence[tuple[Decimal | str, int]], currency: str) -> list[int]:
    """Return the net of each gross part; the nets of a rate add up to the net of its group."""
    nets = [0] * len(parts)
    for group in tax_summary(parts, currency):
        members = [i for i, (rate, _) in enumerate(parts) if plain_rate(rate) == group.rate]
        exact = {i: parts[i][1] * 100 / (100 + Fraction(group.rate)) for i in members}
        rest = group.net - sum(floor(value) for value in exact.values())
        by_remainder = sorted(members, key=lambda i: (floor(exact[i]) - exact[i], i))
        for rank, i in enumerate(by_remainder):
            nets[i] = floor(exact[i]) + (rank < rest)
    return nets


def totals(taxes: Iterable[TaxGroup], paid: int = 0, redeemed: int = 0) -> Totals:
    """Add the groups up; what is neither redeemed by gift cards nor paid is due."""
    groups = tuple(taxes)
    gross = sum(group.gross for group in groups)
    return Totals(
        net=sum(group.net for group in groups),
        tax=sum(group.tax for group in groups),
        gross=gross,
        redeemed=redeemed,
        paid=paid,
        due=gross - redeemed - paid,
    )

"""Amounts as providers write them: whole minor units, or decimals in major units."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.domain.money import Money, exponent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.domain.fields import Field

LARGEST = 10**15  # beyond it there is no money, only a broken body


def in_minor(value: Field, currency: str, digits: Mapping[str, int] | None = None) -> Money:
    """Read whole minor units; `digits` says where a provider counts otherwise than ISO 4217."""
    number = value.needed().number()
    if number != number.to_integral_value() or not 0 <= number < LARGEST:
        value.refuse("must be a whole number of minor units, not negative")
    shift = (digits or {}).get(currency, exponent(currency))
    return Money.of(Decimal(number).scaleb(-shift), currency)


def in_major(value: Field, currency: str) -> Money:
    """Read a decimal in major units, as text or as a number; fractions of a cent are refused."""
    number = value.needed().number()
    if number < 0:
        value.refuse("must not be negative")
    found = Money.of(number, currency)
    if found.amount != number:
        value.refuse(f"must have at most {exponent(currency)} decimals in {currency}")
    return found

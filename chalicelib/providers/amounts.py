"""Amounts as providers want and give them: whole minor units, or decimals in major units."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Retryable
from chalicelib.domain.money import Money, exponent

if TYPE_CHECKING:
    from collections.abc import Mapping


def to_minor(amount: Money, digits: Mapping[str, int] | None = None) -> int:
    """Return whole minor units; `digits` says where a provider counts otherwise than ISO 4217."""
    shift = (digits or {}).get(amount.currency, exponent(amount.currency))
    return int(amount.amount.scaleb(shift))


def of_minor(value: object, currency: object, digits: Mapping[str, int] | None = None) -> Money:
    """Read whole minor units; Retryable(`outside_garbled`) for anything else."""
    name = str(currency).upper()
    try:
        shift = (digits or {}).get(name, exponent(name))
        return Money.of(Decimal(str(value)).scaleb(-shift), name)
    except (InvalidOperation, ValueError):
        raise _garbled(value, currency) from None


def of_major(pair: Any, currency: str = "currency") -> Money:  # noqa: ANN401 - JSON
    """Read `{"value": "12.34", "currency": "EUR"}`; Retryable(`outside_garbled`) if it is none."""
    try:
        return Money.of(Decimal(str(pair["value"])), str(pair[currency]))
    except (InvalidOperation, ValueError, KeyError, TypeError):
        raise _garbled(pair, currency) from None


def _garbled(value: object, currency: object) -> Retryable:
    return Retryable("outside_garbled", f"The provider answered with an amount {value} {currency}.")

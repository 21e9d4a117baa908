"""Cash discount (Skonto): what is to be paid by who pays early, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CashDiscount:
    """What an invoice grants: a rate in per cent, to who pays until a day."""

    rate: str
    until: date


def is_granted(rate: str, days: int) -> bool:
    """Tell whether a merchant grants one: a rate in per cent, and days to use it."""
    return bool(rate) and Decimal(rate) > 0 and days > 0


def reduced(minor: int, rate: str) -> int:
    """Return what is left of a sum; fractions of a cent are not taken off."""
    return minor - int(Decimal(minor) * Decimal(rate) / 100)


def last_day(begin: date, days: int) -> date:
    """Return the last day for it, counted from the invoice or, before there is one, the order."""
    return begin + timedelta(days=days)

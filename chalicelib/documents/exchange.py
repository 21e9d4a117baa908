"""What one euro is in other currencies, as the merchant writes it: "CHF 0.9412, USD 1.0842"."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from chalicelib.domain.money import EXPONENTS, Money

_RATE = re.compile(r"([A-Z]{3})\s+(\d{1,7}(?:[.,]\d{1,6})?)")


def rates(text: str) -> dict[str, Decimal]:
    """Return the rates by currency; ValueError names what cannot be read."""
    found: dict[str, Decimal] = {}
    for part in filter(None, re.split(r"\s*[;\n]\s*|,\s+", text.strip())):
        read = _RATE.fullmatch(part.strip().upper())
        rate = Decimal(read[2].replace(",", ".")) if read else Decimal(0)
        if read is None or read[1] not in EXPONENTS or not rate:
            msg = f"{part[:20]!r} is no rate like CHF 0.9412"
            raise ValueError(msg)
        found[read[1]] = rate
    return found


def in_euro(amount: Money, rate: Decimal) -> int:
    """Return an amount in euro cents, rounded half up."""
    cents = amount.amount / rate * 100
    return int(cents.quantize(Decimal(1), rounding=ROUND_HALF_UP))

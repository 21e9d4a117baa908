"""How many there are of something, and what they come to in each currency."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from chalicelib.domain.money import Money


@dataclass(slots=True, kw_only=True)
class Tally:
    """A count and sums by currency; `is_more` where counting stopped before the end."""

    count: int = 0
    minor: Counter[str] = field(default_factory=Counter)
    is_more: bool = False

    def add(self, money: Money) -> None:
        """Count one more."""
        self.count += 1
        self.minor[money.currency] += money.minor

    @property
    def sums(self) -> list[Money]:
        """What it comes to, the largest currency first."""
        return [Money(minor=minor, currency=name) for name, minor in self.minor.most_common()]

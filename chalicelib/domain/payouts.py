"""Payouts: what a provider sends to the merchant's bank, and the payments it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from chalicelib.domain.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable

BACK = frozenset({"refunded", "refund_failed", "charged_back", "chargeback_reversed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutPart:
    """One movement within a payout; `payment` is the provider's name of it, as in our ledger.

    `kind` is `received`, `refunded`, `refund_failed`, `charged_back`, `chargeback_reversed`, `fee`
    or `other`.
    `gross` is negative for what went out; `fee` is what the provider kept of it, negative if it
    gave some back. `reference` is what the provider calls this entry of its balance, and so the
    fee in it.
    """

    payment: str
    kind: str
    gross: Money
    fee: Money
    reference: str = ""
    booked_at: datetime | None = None

    @property
    def is_of_payment(self) -> bool:
        """Tell whether it moves a customer's money, and not what the provider bills apart."""
        return bool(self.payment) and self.kind in {"received", *BACK}

    @property
    def net(self) -> Money:
        """What of it reaches the bank."""
        return self.gross - self.fee


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """One transfer of a provider to the bank; `amount` is what arrives, negative if it is taken.

    `reference` is the provider's name of it; `arrived_on` the day it told for the arrival;
    `traces` is what the bank may repeat of it in its text.
    """

    source: str
    reference: str
    amount: Money
    arrived_on: date
    traces: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Our name of it."""
        return f"{self.source}:{self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """What a payout is made of: `amount` = `received` + `back` + `other` - `fees` + `unexplained`.

    `back` is what went to customers and their banks, and so is negative as a rule.
    """

    count: int
    received: Money
    back: Money
    other: Money
    fees: Money
    unexplained: Money


def broken_down(payout: Payout, parts: Iterable[PayoutPart]) -> Breakdown:
    """Add up the parts; what they do not explain is named, never rounded away.

    A part in another currency than the payout explains nothing of it.
    """
    currency, told = payout.amount.currency, tuple(parts)
    mine = [part for part in told if part.gross.currency == part.fee.currency == currency]
    return Breakdown(
        count=len(told),
        received=total((part.gross for part in mine if part.kind == "received"), currency),
        back=total((part.gross for part in mine if part.kind in BACK), currency),
        other=total((x.gross for x in mine if x.kind not in {*BACK, "received"}), currency),
        fees=total((part.fee for part in mine), currency),
        unexplained=payout.amount - total((part.net for part in mine), currency),
    )

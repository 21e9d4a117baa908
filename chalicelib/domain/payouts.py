"""Payouts: what a provider sends to the merchant's bank, and the payments it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.money import Money, total


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutPart:
    """One movement within a payout; `payment` is the provider's name of it, as in our ledger.

    `kind` is `received`, `refunded`, `refund_failed`, `charged_back`, `chargeback_reversed`, `fee`
    or `other`.
    `gross` is negative for what went out; `fee` is what the provider kept of it, negative if it
    gave some back.
    """

    payment: str
    kind: str
    gross: Money
    fee: Money

    @property
    def net(self) -> Money:
        """What of it reaches the bank."""
        return self.gross - self.fee


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """One transfer of a provider to the bank; `amount` is what arrives, negative if it is taken.

    `reference` is the provider's name of it; `arrived_on` the day it told for the arrival.
    """

    source: str
    reference: str
    amount: Money
    arrived_on: date
    parts: tuple[PayoutPart, ...]

    @property
    def unexplained(self) -> Money:
        """What of the amount its parts do not explain; nothing, if the provider told all."""
        return self.amount - total((part.net for part in self.parts), self.amount.currency)

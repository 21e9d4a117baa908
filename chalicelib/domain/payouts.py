"""Payouts: what a provider sends to the merchant's bank, and the payments it is made of."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from chalicelib.domain.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable

BACK = frozenset({"refunded", "refund_failed", "charged_back", "chargeback_reversed"})
# A type that we do not know stays in what is unexplained; what was taken off the payments before
# they were paid out is in their own amounts already.
UNCOUNTED = frozenset({"unread", "deducted"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutPart:
    """One movement within a payout; `payment` is the provider's name of it, as in our ledger.

    `kind` is `received`, `refunded`, `refund_failed`, `charged_back`, `chargeback_reversed`,
    `payment_fee`, `fee`, `balance`, `deducted`, `other` or `unread`; `type` is what the provider
    calls it. `gross` is negative for what went out; `fee` is what the provider kept of it, negative
    if it gave some back. `reference` is what the provider calls this entry of its balance, and so
    the fee in it.
    """

    payment: str
    kind: str
    gross: Money
    fee: Money
    reference: str = ""
    booked_at: datetime | None = None
    type: str = ""

    @property
    def is_of_payment(self) -> bool:
        """Tell whether it belongs to a payment, and is not what the provider bills apart."""
        return bool(self.payment) and self.kind in {"received", "payment_fee", "deducted", *BACK}

    @property
    def net(self) -> Money:
        """What of it reaches the bank."""
        return self.gross - self.fee


@dataclass(frozen=True, slots=True, kw_only=True)
class Payout:
    """One transfer of a provider to the bank; `amount` is what arrives, negative if it is taken.

    `reference` is the provider's name of it; `arrived_on` the day it told for the arrival;
    `traces` is what the bank may repeat of it in its text; `sent_at` when it left, where its parts
    are what moved until then; `place` where the provider keeps its parts, if not under its name.
    """

    source: str
    reference: str
    amount: Money
    arrived_on: date
    traces: tuple[str, ...] = ()
    sent_at: datetime | None = None
    place: str = ""

    @property
    def id(self) -> str:
        """Our name of it."""
        return f"{self.source}:{self.reference}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Breakdown:
    """What a payout is made of.

    `amount` = `received` + `back` + `other` + `carried` - `fees` + `unexplained`. `back` is what
    went to customers and their banks, and so is negative as a rule; `carried` is what lay at the
    provider before, less what still lies there.
    """

    count: int
    received: Money
    back: Money
    other: Money
    fees: Money
    unexplained: Money
    carried: Money | None = None


def broken_down(payout: Payout, parts: Iterable[PayoutPart]) -> Breakdown:
    """Add up the parts; what they do not explain is named, never rounded away.

    A part in another currency than the payout explains nothing of it.
    """
    return added(unexplained(payout), parts)


def unexplained(payout: Payout) -> Breakdown:
    """Return the sums of a payout of which no part is known yet."""
    none = Money.zero(payout.amount.currency)
    return Breakdown(
        count=0,
        received=none,
        back=none,
        other=none,
        carried=none,
        fees=none,
        unexplained=payout.amount,
    )


def added(sums: Breakdown, parts: Iterable[PayoutPart]) -> Breakdown:
    """Add further parts to the sums of a payout."""
    told, currency = tuple(parts), sums.unexplained.currency
    mine = [
        part
        for part in told
        if part.gross.currency == part.fee.currency == currency and part.kind not in UNCOUNTED
    ]
    gross = {name: Money.zero(currency) for name in ("received", "back", "other", "carried")}
    for part in mine:
        gross[_place(part.kind)] += part.gross
    return replace(
        sums,
        count=sums.count + len(told),
        received=sums.received + gross["received"],
        back=sums.back + gross["back"],
        other=sums.other + gross["other"],
        carried=(sums.carried or Money.zero(currency)) + gross["carried"],
        fees=sums.fees + total((part.fee for part in mine), currency),
        unexplained=sums.unexplained - total((part.net for part in mine), currency),
    )


def _place(kind: str) -> str:
    """Return under which sum a kind of part is counted."""
    if kind in BACK:
        return "back"
    return {"received": "received", "balance": "carried"}.get(kind, "other")

"""What waits for money, and what was found out about a transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.money import Money

PROVIDERS = frozenset(
    {"paypal", "stripe", "mollie", "klarna", "adyen", "sumup", "amazon", "ebay", "etsy", "unzer"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """An order that waits for money; `accounts` are IBANs its customer has paid from before."""

    order_id: str
    outstanding: Money
    references: tuple[str, ...]  # order number, invoice numbers, the reference we asked for
    names: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    customer: str = ""  # what two orders of one customer have in common, e.g. the e-mail
    discounted: Money | None = None  # what is owed if paid until `discount_until` (Skonto)
    discount_until: date | None = None
    principal: Money | None = None  # what is owed without the dunning fees
    version: int = 0  # after how many appends the order stood so; 0: it must be asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of a transaction that belongs to one order; `forgiven` is what need not be paid."""

    order_id: str
    amount: Money
    forgiven: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Where a transaction belongs, how sure that is (0 to 100), and why."""

    shares: tuple[Share, ...]
    score: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """A merchant's rules: from which score to book, and which difference to let go."""

    threshold: int = 80
    tolerance: int = 5  # minor units
    providers: frozenset[str] = PROVIDERS


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What to do with a transaction: book it, suggest, or (neither) let it wait."""

    booked: Match | None = None
    suggestions: tuple[Match, ...] = ()
    is_payout: bool = False

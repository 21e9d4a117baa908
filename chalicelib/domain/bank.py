"""What a bank tells of an account: statements and their transactions."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable


# Codes of a returned direct debit: ISO 20022, and the GVC of German banks alone or within NTRF+….
RETURNED = re.compile(r"PMNT/IDDT/(?:UPDD|PRDD|RCDD)|(?:^|\+)10[89](?:$|\+)|RDDT")
RETURNED_TEXT = re.compile(
    r"r(?:ü|ue|u)ckl(?:astschrift|\.)|retoure|returned? (?:direct )?debit", re.IGNORECASE
)


class Source(StrEnum):
    """Which kind of message a statement was; a notice repeats what a statement books."""

    STATEMENT = "statement"  # camt.053, MT940, a bank's CSV
    REPORT = "report"  # camt.052, of the running day; a statement repeats it
    NOTICE = "notice"  # camt.054, details of what a statement books


@dataclass(frozen=True, slots=True, kw_only=True)
class BankTransaction:
    """One booked movement on an account; `amount` is negative where money left it.

    `pieces` is the remittance text as it came, in parts that the bank may have cut anywhere;
    `bank_reference` is the bank's own, often NONREF; `code` the bank's business code (GVC 166,
    PMNT/RCDT/ESCT); `fee` is what a bank kept of or added to a returned debit of `original`.
    """

    account: str
    booked_on: date
    value_on: date
    amount: Money
    name: str = ""
    iban: str = ""
    ultimate_name: str = ""
    pieces: tuple[str, ...] = ()
    end_to_end_id: str = ""
    mandate_id: str = ""
    creditor_reference: str = ""
    bank_reference: str = ""
    code: str = ""
    posting_text: str = ""
    return_reason: str = ""
    fee: Money | None = None
    original: Money | None = None
    batch_of: int = 1  # how many payments the bank put into this one entry without telling them
    batch: str = ""  # in which entry of the account it stands: see `batch_name`
    index: int = 0  # counts transactions that are alike in everything else

    @property
    def remittance(self) -> str:
        """The remittance text for people."""
        return " ".join(piece.strip() for piece in self.pieces if piece.strip())

    @property
    def is_return(self) -> bool:
        """Tell whether money went back that had been collected by direct debit."""
        if self.amount.minor >= 0:
            return False
        is_told = bool(self.return_reason) or RETURNED.search(self.code) is not None
        return is_told or RETURNED_TEXT.search(self.posting_text) is not None

    @property
    def came_back(self) -> Money:
        """What of a returned debit was the customer's payment, without the bank's fee."""
        taken = -self.amount
        if self.original is not None and self.original.currency == taken.currency:
            return self.original
        return taken - self.fee if self.fee else taken

    @property
    def return_fee(self) -> Money:
        """What the bank took for returning a debit, told or by what it took too much."""
        return self.fee or max(-self.amount - self.came_back, Money.zero(self.amount.currency))

    @property
    def is_bare(self) -> bool:
        """Tell whether the bank has told neither payer nor text: a notice may tell more."""
        return self.batch_of > 1 or not (self.name or self.iban or self.end_to_end_id)

    @property
    def key(self) -> str:
        """Name this transaction for ever, whichever file it comes in: 24 hexadecimal digits."""
        text = "".join("".join(self.pieces).split())
        parts = (
            "".join(self.account.split()).upper(),
            self.booked_on.isoformat(),
            f"{self.amount.minor}{self.amount.currency}",
            "" if self.bank_reference == "NONREF" else self.bank_reference,
            "" if self.end_to_end_id == "NOTPROVIDED" else self.end_to_end_id,
            text,
            str(self.index),
        )
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryProblem:
    """An entry we could not read: where it stands, which field, why, and what it said."""

    where: str
    field: str
    reason: str
    raw: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One statement of one account; what could not be read is named, never dropped."""

    account: str
    number: str
    source: Source
    currency: str = ""
    opening: Money | None = None
    closing: Money | None = None
    transactions: tuple[BankTransaction, ...] = ()
    pending: int = 0  # entries that are announced, not booked
    problems: tuple[EntryProblem, ...] = ()

    def difference(self) -> Money | None:
        """Return closing balance minus opening balance and transactions; None where unknown."""
        if self.opening is None or self.closing is None:
            return None
        if any(one.amount.currency != self.opening.currency for one in self.transactions):
            return None
        booked = sum(one.amount.minor for one in self.transactions)
        left = self.closing.minor - self.opening.minor - booked
        return Money(minor=left, currency=self.opening.currency)


def batch_name(one: BankTransaction) -> str:
    """Name the entry of an account that a notice and a statement both tell of."""
    reference = "" if one.bank_reference == "NONREF" else one.bank_reference
    amount = f"{one.amount.minor}{one.amount.currency}"
    return f"{one.booked_on.isoformat()}|{amount}|{reference}"


def numbered(transactions: Iterable[BankTransaction]) -> tuple[BankTransaction, ...]:
    """Count transactions that are alike, so that each of them has a key of its own.

    The same file, or an overlapping one that holds the whole day, counts them the same way.
    """
    seen: Counter[str] = Counter()
    result = []
    for one in transactions:
        plain = replace(one, index=0).key
        result.append(replace(one, index=seen[plain]))
        seen[plain] += 1
    return tuple(result)

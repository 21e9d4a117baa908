"""Uploaded bank statements: whose account they are of, and what in them counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib.domain.bank import BankTransaction, EntryProblem, Source
from chalicelib.domain.errors import Permanent
from chalicelib.payment.bank import reading
from chalicelib.payment.batches import grouped
from chalicelib.runtime.settings import connections_of, settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.domain.bank import Statement

GERMAN_IBAN = re.compile(r"DE\d{20}")
ERRORS = 100  # entries that are named one by one


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a file holds: each transaction once, and what could not be taken.

    `repeated` are those that the file tells twice, `notices` those that only announce or explain
    what a statement books (camt.054), with the payments of each entry in `batches`; `pending` are
    those that are not booked yet.
    """

    transactions: tuple[BankTransaction, ...]
    repeated: int
    notices: int
    pending: int
    problems: tuple[EntryProblem, ...]
    batches: Mapping[str, list[BankTransaction]] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, Any]:
        """What is known before anything is booked."""
        refused = len(self.problems)
        taken = len(self.transactions) + self.repeated
        return {
            "entries": taken + self.notices + self.pending + refused,
            "booked": 0,
            "duplicates": self.repeated,
            "matched": 0,
            "suggested": 0,
            "unmatched": 0,
            "payouts": 0,
            "outgoing": 0,
            "split": 0,
            "notices": self.notices,
            "pending": self.pending,
            "error_count": refused,
            "errors": [
                {"where": one.where, "field": one.field, "reason": one.reason}
                for one in self.problems[:ERRORS]
            ],
        }


def contents(data: bytes, accounts: frozenset[str]) -> Contents:
    """Read a file; Permanent names what is wrong with it, or that none of it is of our accounts.

    Without accounts, because the merchant has named none, all are taken.
    """
    statements = reading.read(data)
    ours = [one for one in statements if is_ours(one.account, accounts)]
    if not ours:
        named = ", ".join(dict.fromkeys(one.account for one in statements))
        text = (
            f"account: the statement is of {named}, which is none of your accounts "
            f"({', '.join(sorted(accounts))}). Name it in the settings (iban) or join a "
            "connection of the kind bank with the setting iban."
        )
        raise Permanent("unknown_account", text)
    strange = [_strange(one) for one in statements if one not in ours]
    return _contents(ours, strange)


def accounts_of(merchant_id: str) -> frozenset[str]:
    """Return the IBANs that a merchant has named, in the settings or as bank connections."""
    banks = [one for one in connections_of(merchant_id) if one.kind == "bank"]
    named = [settings_of(merchant_id).iban, *(one.settings.get("iban", "") for one in banks)]
    return frozenset(filter(None, map(_plain, named)))


def is_ours(account: str, accounts: frozenset[str]) -> bool:
    """Tell whether a statement is of one of these accounts; one that does not say, is."""
    given = _plain(account)
    return not accounts or not given or any(_is_same(given, iban) for iban in accounts)


def _is_same(given: str, iban: str) -> bool:
    """Compare with an IBAN, or with what MT940 calls a German account: `bank code/number`."""
    if given == iban:
        return True
    bank, _, number = given.partition("/")
    digits = re.sub(r"\D", "", number)
    if not GERMAN_IBAN.fullmatch(iban) or not digits:
        return False
    return bank == iban[4:12] and digits.lstrip("0") == iban[12:].lstrip("0")


def _plain(account: str) -> str:
    return "".join(account.split()).upper()


def _strange(one: Statement) -> EntryProblem:
    count = len(one.transactions)
    reason = f"{one.account} is none of your accounts; {count} entries were not taken."
    return EntryProblem(where=f"statement {one.number}", field="account", reason=reason)


def _contents(statements: Iterable[Statement], strange: list[EntryProblem]) -> Contents:
    found: dict[str, BankTransaction] = {}
    repeated = notices = pending = 0
    problems, told = [*strange], list[BankTransaction]()
    for one in statements:
        pending += one.pending
        problems += one.problems
        if one.source is Source.NOTICE:
            notices += len(one.transactions)
            told += one.transactions
            continue
        for transaction in one.transactions:
            repeated += transaction.key in found
            found.setdefault(transaction.key, transaction)
    return Contents(
        transactions=tuple(found.values()),
        repeated=repeated,
        notices=notices,
        pending=pending,
        problems=tuple(problems),
        batches=grouped(told),
    )

"""Looking for a payment among the newest in a state: by payer, text, number, account or amount.

There is no index of words, so it reads the list from its newest end, so far and no further.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from chalicelib.store.bank import Bank, Entry, State
from chalicelib.store.payments import Payments

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.domain.money import Money
    from chalicelib.store.payments import ParkedPayment

MOST = 2000  # that a search reads, about one kilobyte each
SHOWN = 100
# 1.234,50 or 1,234.50 or 1234 as people write it.
AMOUNT = re.compile(r"-?(\d{1,3}(?:[.,]\d{3})+|\d+)(?:[.,](\d{1,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was found, newest first; `is_all` unless older ones were left out."""

    items: tuple[Entry | ParkedPayment, ...]
    searched: int
    is_all: bool


def search(merchant_id: str, state: State, text: str) -> Found:
    """Look through the newest payments in a state; all words, or the amount, must be in one."""
    waiting: list[ParkedPayment] = []
    older = None
    if state is State.UNMATCHED:
        waiting, older = Payments().parked(merchant_id, limit=MOST, newest_first=True)
    entries, rest = Bank().list(merchant_id, state, limit=MOST, newest_first=True)
    words, amount = text.lower().split(), amount_of(text)
    hits: list[Entry | ParkedPayment] = [
        *(one for one in waiting if _is_meant(one.amount, _words_of(one), words, amount)),
        *(one for one in entries if _is_meant(one.transaction.amount, _told(one), words, amount)),
    ]
    return Found(
        items=tuple(hits[:SHOWN]),
        searched=len(waiting) + len(entries),
        is_all=older is None and rest is None and len(hits) <= SHOWN,
    )


def amount_of(text: str) -> Decimal | None:
    """Read an amount as people write it, without its sign; None if it is none."""
    plain = re.sub(r"\s|€|eur", "", text.lower())
    match = AMOUNT.fullmatch(plain)
    if match is None:
        return None
    return Decimal(f"{re.sub('[.,]', '', match[1])}.{match[2] or 0}")


def _is_meant(money: Money, texts: Iterable[str], words: list[str], amount: Decimal | None) -> bool:
    if amount is not None and abs(money.amount) == amount:
        return True
    # Banks cut texts anywhere, so blanks count for nothing.
    told = "\n".join("".join(text.lower().split()) for text in texts)
    return all(word in told for word in words)


def _words_of(one: ParkedPayment) -> tuple[str, ...]:
    return one.payer, one.order_reference, one.reference, one.payment


def _told(entry: Entry) -> tuple[str, ...]:
    one, booked = entry.transaction, entry.booked
    numbers = [part.number for part in booked.parts] if booked else []
    return (
        one.name, one.ultimate_name, one.remittance, one.iban, one.end_to_end_id, entry.note,
        *numbers,
    )  # fmt: skip

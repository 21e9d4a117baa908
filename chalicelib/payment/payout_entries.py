"""Joins the payouts of providers and the bank's entries they came with, whichever comes first."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Conflict
from chalicelib.payment.matching.names import words
from chalicelib.store.bank import State, booked_since
from chalicelib.store.payouts import Payouts

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from chalicelib.domain.bank import BankTransaction
    from chalicelib.domain.payouts import Payout
    from chalicelib.store.bank import Entry
    from chalicelib.store.payouts import KeptPayout

STRAY = (State.UNMATCHED, State.SUGGESTED)  # where one may lie that names no provider
REACH = timedelta(days=60)  # how old a payout or entry may be that still waits for the other
EARLY, LATE = timedelta(days=3), timedelta(days=7)  # an entry before and after the day it was told
NEAR = 100  # a difference of one part in so many may be of the same payout
AT_ONCE = 500
KEPT = 20_000  # texts that are remembered: each is compared with every payout
SHORTEST = 6  # signs that a provider's name of a payout has at least


def settle(merchant_id: str, now: datetime) -> int:
    """Join what belongs together; returns how many payouts were found to have arrived."""
    first, count = (now - REACH).date(), 0
    free = [one for one in Payouts().since(merchant_id, first) if one.is_waiting]
    entries = [*_waiting(merchant_id, first)] if free else []
    for kept, entry in pairs(free, entries):
        # Somebody else was faster: the next run sees what became of it.
        with suppress(Conflict):
            Payouts().arrive(merchant_id, kept, entry)
            count += 1
    return count


def _waiting(merchant_id: str, first: date) -> Iterator[Entry]:
    """Yield entries that may be payouts; what a person has taken apart is left alone."""
    for state in (State.PAYOUT, State.OUTGOING, *STRAY):
        start = None
        while True:
            found, start = booked_since(merchant_id, first, limit=AT_ONCE, start=start, state=state)
            yield from (one for one in found if one.paid_out is None and not one.times)
            if start is None:
                break


def pairs(
    payouts: Sequence[KeptPayout], entries: Sequence[Entry]
) -> list[tuple[KeptPayout, Entry]]:
    """Return which entry is which payout: by its name in the text, by amount and day, or nearly.

    Nearly: it is the only one of its provider in these days and differs by at most a hundredth.
    """
    found: list[tuple[KeptPayout, Entry]] = []
    for is_it in (_is_named, _is_equal, _is_near):
        gone = {kept.payout.id for kept, _ in found}
        taken = {entry.id for _, entry in found}
        left = [one for one in payouts if one.payout.id not in gone]
        free = [one for one in entries if one.id not in taken]
        known = [one for one in free if is_it is _is_named or one.state not in STRAY]
        likely = [(p, e) for p in left for e in known if is_it(p.payout, e.transaction)]
        if is_it is _is_near:
            likely = [pair for pair in likely if _is_only(pair, left, known)]
        if is_it is _is_named:
            likely = [pair for pair in likely if _is_no_stray_sum(*pair)]
        found += _nearest(likely)
    return found


def _is_no_stray_sum(kept: KeptPayout, entry: Entry) -> bool:
    """Tell whether an entry that names no provider comes at least to about this sum."""
    return entry.state not in STRAY or _is_about(kept.payout, entry.transaction)


def _nearest(likely: list[tuple[KeptPayout, Entry]]) -> Iterator[tuple[KeptPayout, Entry]]:
    """Yield pairs by the days between them; of payouts alike, each has the entry next to it."""
    gone, taken = set[str](), set[str]()
    for kept, entry in sorted(likely, key=_days):
        if kept.payout.id not in gone and entry.id not in taken:
            gone.add(kept.payout.id)
            taken.add(entry.id)
            yield kept, entry


def _days(pair: tuple[KeptPayout, Entry]) -> tuple[int, str, str]:
    kept, entry = pair
    apart = abs((entry.transaction.booked_on - kept.payout.arrived_on).days)
    return apart, kept.payout.id, entry.id


def _is_named(payout: Payout, one: BankTransaction) -> bool:
    """Tell whether the bank repeats the provider's name of the payout."""
    text = _signs(f"{one.remittance}{one.end_to_end_id}")
    names = map(_signs, (payout.reference, *payout.traces))
    is_repeated = any(len(name) >= SHORTEST and name in text for name in names)
    return is_repeated and one.amount.currency == payout.amount.currency


@lru_cache(KEPT)
def _signs(text: str) -> str:
    """Return letters and digits only: banks break names with blanks and line ends."""
    return "".join(filter(str.isalnum, text)).lower()


def _is_equal(payout: Payout, one: BankTransaction) -> bool:
    return _is_of(payout, one) and one.amount == payout.amount


def _is_near(payout: Payout, one: BankTransaction) -> bool:
    return _is_of(payout, one) and _is_about(payout, one)


def _is_about(payout: Payout, one: BankTransaction) -> bool:
    if one.amount.currency != payout.amount.currency:
        return False
    return abs((one.amount - payout.amount).minor) * NEAR <= abs(payout.amount.minor)


def _is_of(payout: Payout, one: BankTransaction) -> bool:
    """Tell whether an entry names the provider and came in the days of the payout."""
    seen = words(one.name) | words(one.ultimate_name) | words(one.remittance)
    early, late = payout.arrived_on - EARLY, payout.arrived_on + LATE
    return payout.source in seen and early <= one.booked_on <= late


def _is_only(
    pair: tuple[KeptPayout, Entry], left: Sequence[KeptPayout], free: Sequence[Entry]
) -> bool:
    kept, entry = pair
    payouts = [one for one in left if _is_of(one.payout, entry.transaction)]
    entries = [one for one in free if _is_of(kept.payout, one.transaction)]
    return len(payouts) == len(entries) == 1

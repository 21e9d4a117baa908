"""Entries that hold several payments: split when the bank tells these, before or afterwards."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.store.bank import Bank, Entry, State
from chalicelib.store.bank_notices import Notices, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from chalicelib.domain.bank import BankTransaction

# What a person has decided about is left as it is.
SPLITTABLE = frozenset({State.UNMATCHED, State.SUGGESTED})


def grouped(parts: Iterable[BankTransaction]) -> dict[str, list[BankTransaction]]:
    """Return the payments of each entry that notices tell of."""
    found: dict[str, list[BankTransaction]] = defaultdict(list)
    for part in parts:
        if part.batch and not part.is_bare:
            found[place_of(part)].append(part)
    return dict(found)


def split(
    merchant_id: str, entries: Sequence[Entry], now: datetime
) -> tuple[list[Entry], list[Entry]]:
    """Return what the entries truly are: those split, and all others with what was in the split.

    Payments that are known already are left out; who waits for details is noted.
    """
    bare = {
        one.id: place_of(one.transaction)
        for one in entries
        if one.transaction.batch and one.transaction.is_bare
    }
    told = Notices().find(merchant_id, bare.values())
    done, rest, inside = list[Entry](), list[Entry](), dict[str, Entry]()
    for entry in entries:
        parts = told.get(bare.get(entry.id, ""), ())
        if _is_whole(entry, parts):
            done.append(replace(entry, state=State.SPLIT, suggestions=()))
            inside |= {one.id: one for one in _inside(entry, parts)}
        else:
            rest.append(entry)
    if left := [one for one in rest if one.id in bare]:
        Notices().await_details(merchant_id, left, now)
    known = Bank().known(merchant_id, inside)
    return done, [*rest, *(one for one in inside.values() if one.id not in known)]


def awaited(
    merchant_id: str, batches: dict[str, list[BankTransaction]], now: datetime
) -> list[Entry]:
    """Keep what notices tell; returns the entries that have waited for it."""
    if not batches:
        return []
    Notices().keep(merchant_id, batches, now)
    waiting = Notices().awaited(merchant_id, batches)
    found = Bank().known(merchant_id, waiting.values()).values()
    return [one for one in found if one.state in SPLITTABLE]


def _is_whole(entry: Entry, parts: Sequence[BankTransaction]) -> bool:
    """Tell whether the payments are all that the entry holds."""
    whole = entry.transaction.amount
    if not parts or any(part.amount.currency != whole.currency for part in parts):
        return False
    return sum(part.amount.minor for part in parts) == whole.minor


def _inside(entry: Entry, parts: Iterable[BankTransaction]) -> Iterator[Entry]:
    for part in parts:
        # The notice may name a day of its own; the money is booked when the statement says so.
        own = replace(part, booked_on=entry.transaction.booked_on)
        yield Entry(id=part.key, state=State.UNMATCHED, transaction=own, job_id=entry.job_id)

"""Writes what became of transactions, each with its facts, many in one write of the database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.domain import balance, states
from chalicelib.domain.errors import Conflict
from chalicelib.payment.telling import facts_of, told
from chalicelib.store.bank import Bank, Entry, New, Proposal, State, Told
from chalicelib.store.orders import Orders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order
    from chalicelib.payment.judging import Judged

HANDS = 8  # calls of the database at the same time
MOST_ROWS = 99  # of one transaction of the database, which takes a hundred
TRIES = 5
MOVED = "The order has changed meanwhile."


def written(merchant_id: str, judged: list[Judged], now: datetime) -> Iterator[Entry]:
    """Write transactions, many at once unless they are about the same order."""
    with ThreadPoolExecutor(HANDS) as hands:
        for wave in _waves(judged):
            new = list(hands.map(partial(_new, merchant_id, now), wave))
            write = partial(_write_all, merchant_id, now)
            for entries in hands.map(write, _groups(wave, new)):
                yield from entries


def _groups(wave: list[Judged], new: list[New]) -> Iterator[list[tuple[Judged, New]]]:
    """Yield what fits into one transaction of the database."""
    group: list[tuple[Judged, New]] = []
    for pair in zip(wave, new, strict=True):
        if sum(one.rows for _, one in (*group, pair)) > MOST_ROWS:
            yield group
            group = []
        group.append(pair)
    if group:
        yield group


def _waves(judged: Iterable[Judged]) -> Iterator[list[Judged]]:
    wave: list[Judged] = []
    touched: set[str] = set()
    for one in judged:
        if touched & one.owed.keys():
            yield wave
            wave, touched = [], set()
        wave.append(one)
        touched |= one.owed.keys()
    yield wave


def _write_all(merchant_id: str, now: datetime, group: list[tuple[Judged, New]]) -> list[Entry]:
    """Write transactions at once, or one by one where that is refused."""
    try:
        Bank().add(merchant_id, [new for _, new in group])
    except Conflict:
        return [_write(merchant_id, one, now) for one, _ in group]
    return [new.entry for _, new in group]


def _write(merchant_id: str, one: Judged, now: datetime) -> Entry:
    """Write one transaction with its facts; returns it as it is then, whoever wrote it."""
    for _ in range(TRIES):
        new = _new(merchant_id, now, replace(one, after={}))
        try:
            Bank().add(merchant_id, [new])
        except Conflict:
            # Another file has it, or somebody has just appended to one of its orders.
            if theirs := Bank().load(merchant_id, new.entry.id):
                return theirs
            continue
        return new.entry
    raise Conflict("conflict", "the orders of a payment change all the time")


def _new(merchant_id: str, now: datetime, one: Judged) -> New:
    """Return a transaction with the facts of its booking, or as a suggestion if that is stale.

    What the lists tell of an order is booked on as it is: if it has moved on, that is refused.
    """
    entry = one.entry
    if entry.booked is None:
        return New(entry=entry)
    if one.after:
        return _booked(one, _unseen(one, entry.booked, now))
    loaded = [Orders().load(merchant_id, part.order_id) for part in entry.booked.parts]
    orders = [order for order in loaded if order and _is_as_judged(order, one)]
    if len(orders) == len(loaded):
        return _booked(one, told(entry, entry.booked, orders, now))
    waiting = replace(
        entry, state=State.SUGGESTED, booked=None, suggestions=(entry.booked,), note=MOVED
    )
    return New(entry=waiting)


def _booked(one: Judged, facts: Iterable[Told]) -> New:
    # An account that pays for several says nothing of any of them.
    payer = next(iter(one.customers)) if len(one.customers) == 1 else ""
    return New(
        entry=one.entry,
        told=tuple(facts),
        customer=payer if one.entry.transaction.iban else "",
    )


def _unseen(one: Judged, proposal: Proposal, now: datetime) -> Iterator[Told]:
    """Yield what is told of orders that were not loaded; each fact is new as its entry is."""
    for part in proposal.parts:
        facts = facts_of(one.entry, part, proposal, now)
        yield Told(order_id=part.order_id, after=one.after[part.order_id], facts=facts)


def _is_as_judged(order: Order, one: Judged) -> bool:
    if order.id not in one.owed:  # it is not paid but paid back
        return True
    return balance.wanted(order) == one.owed[order.id] and not states.is_cancelled(order)

"""The job that books a statement: in slices, each transaction once, whatever interrupts it."""

from __future__ import annotations

import hashlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from chalicelib.domain import balance, states
from chalicelib.domain.errors import Conflict, Permanent
from chalicelib.payment import outgoing
from chalicelib.payment.matching.engine import Matcher
from chalicelib.payment.matching.items import Rules, Share
from chalicelib.payment.open_items import heads, open_items
from chalicelib.payment.statements import Contents, accounts_of, contents
from chalicelib.payment.telling import facts_of, told
from chalicelib.runtime.importing import key_of
from chalicelib.runtime.settings import settings_of
from chalicelib.store.bank import Bank, Entry, New, Part, Proposal, State, Told
from chalicelib.store.bucket import Bucket
from chalicelib.store.jobs import Job
from chalicelib.store.orders import Orders

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.bank import BankTransaction
    from chalicelib.domain.money import Money
    from chalicelib.domain.order import Order
    from chalicelib.payment.matching.items import Match

AT_ONCE = 500  # transactions of a slice
HANDS = 8  # calls of the database at the same time
MOST_ROWS = 99  # of one transaction of the database, which takes a hundred
TRIES = 5
MOVED = "The order has changed meanwhile."
COUNTED = {
    State.BOOKED: "matched",
    State.SUGGESTED: "suggested",
    State.UNMATCHED: "unmatched",
    State.IGNORED: "unmatched",
    State.PAYOUT: "payouts",
    State.OUTGOING: "outgoing",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A file and what its transactions may belong to."""

    contents: Contents
    matcher: Matcher


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A transaction as it shall be written, and what each of its orders owed when it was judged.

    `after` tells how many appends each of them had then; without it they must be loaded first.
    """

    entry: Entry
    owed: dict[str, Money]
    after: Mapping[str, int] = field(default_factory=dict)
    customers: frozenset[str] = frozenset()


def begun(job: Job, data: bytes, found: Contents) -> Job:
    """Return a job that books this file, and no other that may be put in its place."""
    digest = hashlib.sha256(data).hexdigest()
    total = len(found.transactions)
    return replace(job, cursor={"sha256": digest, "at": 0}, total=total, result=found.counts)


def advance(job: Job, now: datetime) -> Job:
    """Book the next transactions; doing so again changes nothing."""
    try:
        done = _slice(job, now)
    except Exception:
        # What is open was counted down already for what was not written.
        _plan.cache_clear()
        raise
    if done.is_over:
        _plan.cache_clear()
    return done


@lru_cache(maxsize=1)
def _plan(merchant_id: str, job_id: str, upload_id: str, sha256: str) -> Plan:
    """Read a file and the open orders once for all slices of a job."""
    del job_id
    data = Bucket().read(key_of(merchant_id, upload_id))
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Permanent("file_changed", "The file is not the one that was uploaded.")
    found, settings = contents(data, accounts_of(merchant_id)), settings_of(merchant_id)
    payers = Bank().payers(merchant_id, (one.iban for one in found.transactions))
    rules = Rules(threshold=settings.match_threshold, tolerance=settings.match_tolerance)
    items = open_items(heads(merchant_id), payers, settings)
    return Plan(contents=found, matcher=Matcher(items, rules))


def _slice(job: Job, now: datetime) -> Job:
    plan = _plan(job.merchant_id, job.id, job.subject, job.cursor["sha256"])
    everything, start = plan.contents.transactions, job.cursor["at"]
    chunk = everything[start : start + AT_ONCE]
    known = Bank().known(job.merchant_id, [one.key for one in chunk])
    for entry in known.values():
        if entry.job_id == job.id and entry.booked:
            plan.matcher.paid(_shares(entry.booked))
    fresh = [
        _judged(job.merchant_id, one, plan.matcher, job.id) for one in chunk if one.key not in known
    ]
    written = [*_written(job.merchant_id, fresh, now), *known.values()]
    counts = Counter(
        COUNTED[one.state] if one.job_id == job.id else "duplicates" for one in written
    )
    counts["booked"] = sum(one.job_id == job.id for one in written)
    before = job.result or plan.contents.counts
    result = {**before, **{name: before[name] + count for name, count in counts.items()}}
    end = start + len(chunk)
    return replace(
        job,
        state="done" if end >= len(everything) else "running",
        done=end,
        total=len(everything),
        result=result,
        cursor={**job.cursor, "at": end},
    )


def _judged(merchant_id: str, one: BankTransaction, matcher: Matcher, job_id: str) -> Judged:
    """Decide what becomes of a transaction, and count what is open down."""
    entry = Entry(id=one.key, state=State.UNMATCHED, transaction=one, job_id=job_id)
    if one.amount.minor <= 0:
        threshold = matcher.rules.threshold
        return Judged(entry=outgoing.judged(merchant_id, entry, threshold), owed={})
    verdict = matcher.match(one)
    if verdict.is_payout:
        return Judged(entry=replace(entry, state=State.PAYOUT), owed={})
    if verdict.booked is None:
        proposals = tuple(_proposal(match, matcher) for match in verdict.suggestions)
        state = State.SUGGESTED if proposals else State.UNMATCHED
        return Judged(entry=replace(entry, state=state, suggestions=proposals), owed={})
    proposal = _proposal(verdict.booked, matcher)
    items = [item for part in proposal.parts if (item := matcher.item(part.order_id))]
    versions = [item.version for item in items]
    matcher.paid(verdict.booked.shares)
    return Judged(
        entry=replace(entry, state=State.BOOKED, booked=proposal),
        owed={item.order_id: item.outstanding for item in items},
        after={item.order_id: item.version for item in items} if all(versions) else {},
        customers=frozenset(
            item.customer for item in items if item.customer and one.iban not in item.accounts
        ),
    )


def _proposal(match: Match, matcher: Matcher) -> Proposal:
    parts = []
    for share in match.shares:
        item = matcher.item(share.order_id)
        is_discount = bool(item and item.discounted == share.amount)
        why = "discount" if is_discount else "tolerance"
        parts.append(
            Part(
                order_id=share.order_id,
                number=item.references[0] if item else "",
                amount=share.amount,
                forgiven=share.forgiven,
                why=why if share.forgiven else "",
            )
        )
    return Proposal(parts=tuple(parts), score=match.score, reasons=match.reasons)


def _written(merchant_id: str, judged: list[Judged], now: datetime) -> Iterator[Entry]:
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


def _shares(proposal: Proposal) -> list[Share]:
    return [
        Share(order_id=part.order_id, amount=part.amount, forgiven=part.forgiven)
        for part in proposal.parts
    ]

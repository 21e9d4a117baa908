"""The job that books a statement: in slices, each transaction once, whatever interrupts it."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Permanent
from chalicelib.payment import writing
from chalicelib.payment.batches import awaited, split
from chalicelib.payment.judging import Judged, judged
from chalicelib.payment.matching.engine import Matcher
from chalicelib.payment.matching.items import Rules, Share
from chalicelib.payment.open_items import heads, open_items
from chalicelib.payment.payout_entries import settle
from chalicelib.payment.statements import Contents, accounts_of, contents
from chalicelib.runtime.importing import key_of
from chalicelib.runtime.settings import settings_of
from chalicelib.store.bank import Bank, Entry, Kind, Proposal, State
from chalicelib.store.bucket import Bucket
from chalicelib.store.jobs import Job

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from chalicelib.domain.bank import BankTransaction


AT_ONCE = 500  # transactions of a slice
COUNTED = {
    State.BOOKED: "matched",
    State.SUGGESTED: "suggested",
    State.UNMATCHED: "unmatched",
    State.IGNORED: "unmatched",
    State.PAYOUT: "payouts",
    State.OUTGOING: "outgoing",
    State.SPLIT: "split",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A file and what its transactions may belong to."""

    contents: Contents
    matcher: Matcher


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
    told = chain(found.transactions, *found.batches.values())
    ibans = (one.iban for one in told)
    payers = Bank().payers(merchant_id, ibans)
    rules = Rules(threshold=settings.match_threshold, tolerance=settings.match_tolerance)
    items = open_items(heads(merchant_id), payers, settings)
    return Plan(contents=found, matcher=Matcher(items, rules))


def _slice(job: Job, now: datetime) -> Job:
    plan = _plan(job.merchant_id, job.id, job.subject, job.cursor["sha256"])
    everything, start = plan.contents.transactions, job.cursor["at"]
    chunk = everything[start : start + AT_ONCE]
    counts = Counter[str]()
    if not start:
        counts += _explained(job, plan, now)
    counts += _taken(job, plan, chunk, now)
    before = job.result or plan.contents.counts
    result = {**before, **{name: before[name] + count for name, count in counts.items()}}
    end = start + len(chunk)
    if end >= len(everything):
        settle(job.merchant_id, now)
    return replace(
        job,
        state="done" if end >= len(everything) else "running",
        done=end,
        total=len(everything),
        result=result,
        cursor={**job.cursor, "at": end},
    )


def _explained(job: Job, plan: Plan, now: datetime) -> Counter[str]:
    """Keep what notices tell, and split the entries that have waited for it."""
    waiting = awaited(job.merchant_id, dict(plan.contents.batches), now)
    mine = [replace(one, job_id=job.id) for one in waiting]
    return _counted(_booked(job.merchant_id, mine, plan.matcher, now))


def _taken(job: Job, plan: Plan, chunk: Sequence[BankTransaction], now: datetime) -> Counter[str]:
    """Book transactions; those that are known count as what they are."""
    known = Bank().known(job.merchant_id, [one.key for one in chunk])
    mine = [one for one in known.values() if one.job_id == job.id]
    for entry in mine:
        if entry.booked:
            plan.matcher.paid(shares_of(entry.booked))
    new = [
        Entry(id=one.key, state=State.UNMATCHED, transaction=one, job_id=job.id)
        for one in chunk
        if one.key not in known
    ]
    counts = Counter({"duplicates": len(known) - len(mine)}) + _counted(mine)
    return counts + _counted(_booked(job.merchant_id, new, plan.matcher, now))


def _booked(merchant_id: str, new: list[Entry], matcher: Matcher, now: datetime) -> Iterator[Entry]:
    """Write new transactions; of those that are split first the payments, then what they were."""
    done, rest = split(merchant_id, new, now)
    yield from writing.written(merchant_id, [judged(merchant_id, x, matcher) for x in rest], now)
    yield from writing.written(merchant_id, [Judged(entry=one, owed={}) for one in done], now)


def _counted(entries: Iterable[Entry]) -> Counter[str]:
    counts = Counter[str]()
    for one in entries:
        counts[COUNTED[one.state]] += 1
        counts["booked"] += one.state is not State.SPLIT
    return counts


def shares_of(proposal: Proposal) -> list[Share]:
    """Return what a booking takes off the open items."""
    return [
        Share(order_id=part.order_id, amount=part.amount, forgiven=part.forgiven)
        for part in proposal.parts
        if part.kind is Kind.PAID
    ]

"""The job that tries again what waits: its order may have come, or have changed, meanwhile."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING

from chalicelib.payment import writing
from chalicelib.payment.judging import judged
from chalicelib.payment.matching.engine import Matcher
from chalicelib.payment.matching.items import Rules
from chalicelib.payment.open_items import heads, open_items
from chalicelib.payment.payout_entries import settle
from chalicelib.runtime.settings import settings_of
from chalicelib.store.bank import Bank, Entry, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.payment.judging import Judged
    from chalicelib.store.jobs import Job

KIND, SUBJECT = "rematch_bank", "bank"
AT_ONCE = 500  # transactions of a slice
MOST = 5000  # that one run looks at, the oldest first
PAGE = 500
WAITING = (State.UNMATCHED, State.SUGGESTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What waits, by its day and name, and what it may belong to."""

    waiting: tuple[Entry, ...]
    matcher: Matcher


def advance(job: Job, now: datetime) -> Job:
    """Judge the next transactions anew; what is found out as before is left as it is."""
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
def _plan(merchant_id: str, began_at: datetime) -> Plan:
    """Read what waits and, if that is anything, the open orders."""
    del began_at
    found = chain.from_iterable(_listed(merchant_id, state) for state in WAITING)
    # What a person has taken back is not booked by itself again.
    waiting = tuple(sorted((one for one in found if not one.times), key=_place))[:MOST]
    settings = settings_of(merchant_id)
    payers = Bank().payers(merchant_id, (one.transaction.iban for one in waiting))
    rules = Rules(threshold=settings.match_threshold, tolerance=settings.match_tolerance)
    items = open_items(heads(merchant_id), payers, settings) if waiting else ()
    return Plan(waiting=waiting, matcher=Matcher(items, rules))


def _listed(merchant_id: str, state: State) -> Iterator[Entry]:
    start = None
    while True:
        found, start = Bank().list(merchant_id, state, limit=PAGE, start=start)
        yield from found
        if start is None:
            return


def _place(entry: Entry) -> str:
    return f"{entry.transaction.booked_on.isoformat()}#{entry.id}"


def _slice(job: Job, now: datetime) -> Job:
    plan, after = _plan(job.merchant_id, job.began_at), job.cursor.get("after", "")
    left = [one for one in plan.waiting if _place(one) > after]
    chunk = left[:AT_ONCE]
    found = [judged(job.merchant_id, one, plan.matcher) for one in chunk]
    changed = [one for one, before in zip(found, chunk, strict=True) if _is_news(one, before)]
    done = list(writing.written(job.merchant_id, changed, now))
    matched = sum(one.state is State.BOOKED for one in done)
    if not left[AT_ONCE:]:
        settle(job.merchant_id, now)
    before = job.result if job.cursor else {}
    return replace(
        job,
        state="running" if left[AT_ONCE:] else "done",
        done=job.done + len(chunk),
        total=job.done + len(left),
        result={
            "tried": before.get("tried", 0) + len(chunk),
            "matched": before.get("matched", 0) + matched,
        },
        cursor={"after": _place(chunk[-1])} if left[AT_ONCE:] else {},
    )


def _is_news(found: Judged, before: Entry) -> bool:
    """Tell whether another state or other orders were found than last time."""
    return (found.entry.state, _orders(found.entry)) != (before.state, _orders(before))


def _orders(entry: Entry) -> list[str]:
    return [part.order_id for one in entry.suggestions for part in one.parts]

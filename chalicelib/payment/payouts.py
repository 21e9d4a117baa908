"""The job `payouts`: what a provider has sent to the bank, taken apart into payments and fees.

First which payouts are new; then their parts, a page in each slice; then the fees, on the order of
each payment; then the bank's entries that the payouts came with; at last the payments that are in
no payout.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Conflict, Permanent
from chalicelib.domain.events import PaymentReceived
from chalicelib.domain.payouts import Breakdown, Payout, added, unexplained
from chalicelib.payment.payout_entries import settle
from chalicelib.payment.payout_fees import booked
from chalicelib.providers.reach import enter_payouts
from chalicelib.providers.settling.port import Asked, payer
from chalicelib.runtime import secrets
from chalicelib.store import codec
from chalicelib.store.connections import Connections
from chalicelib.store.money_moved import MoneyMoved
from chalicelib.store.payouts import LINES, KeptPayout, Line, Payouts, not_paid_out
from chalicelib.store.reports import announced, read_through
from chalicelib.store.tables import moment, stamp

if TYPE_CHECKING:
    from datetime import date, datetime

    from chalicelib.providers.reach import Reached
    from chalicelib.store.jobs import Job

KIND = "payouts"
FIRST_TIME = timedelta(days=35)  # how far the first run looks back
OVERLAP = timedelta(days=7)  # a payout may be told under a day that is over
AGAIN = timedelta(days=35)  # how long the order of a payment is looked for
LATE = timedelta(days=10)  # after which a payment should have been in a payout
LONGEST = timedelta(days=400)  # between two payouts of a balance
LISTING = {"phase": "list", "place": "", "todo": [], "new": 0, "reports": None, "read": []}
# Where the parts of a payout begin.
UNTOUCHED = {"place": "", "pages": 0, "unknown": 0, "sums": None, "before": None}
AT_ONCE = 500  # appends of a slice
NAMED = 50  # payments in no payout that are named; all are counted


def advance(job: Job, now: datetime) -> Job:
    """Do the next slice; doing it again changes nothing."""
    phases = {
        "list": _list,
        "parts": _parts,
        "book": _book,
        "arrive": _arrive,
        "missing": _missing,
    }
    if not job.cursor:
        return replace(job, cursor=LISTING, done=0, total=None)
    return phases[job.cursor["phase"]](job, now)


def entered(job: Job) -> Reached:
    """Return the way to the provider of the job's connection."""
    connection = Connections().load(job.subject)
    if connection is None or connection.merchant_id != job.merchant_id:
        raise Permanent("not_found", "The connection is not there any more.")
    return enter_payouts(connection, secrets.read)


def _list(job: Job, now: datetime) -> Job:
    """Note those payouts of a page that are new, and go on with the next page."""
    del now
    reached, last = entered(job), job.memory.get("until")
    since = moment(last) - OVERLAP if last else job.began_at - FIRST_TIME
    reports = job.cursor["reports"]
    if reports is None:
        reports = announced(job.merchant_id, job.subject, job.began_at - FIRST_TIME)
    # The moment when the job began, as a page must be the same whenever it is read.
    asked = Asked(since=since, now=job.began_at, reports=tuple(reports))
    page = reached.provider.payouts(reached.api, asked, job.cursor["place"])
    known = {one["reference"] for one in job.cursor["todo"]}
    news = [
        codec.plain(one)
        for one in page.payouts
        if one.reference not in known
        and Payouts().load(job.merchant_id, one.source, one.reference) is None
    ]
    cursor = {**job.cursor, "source": reached.kind, "todo": [*job.cursor["todo"], *news]}
    cursor |= {"reports": reports, "read": [*cursor["read"], *filter(None, [page.read])]}
    if page.following:
        return replace(job, cursor=cursor | {"place": page.following})
    todo = sorted(cursor["todo"], key=lambda one: (one["arrived_on"], one["sent_at"] or ""))
    cursor |= {"todo": todo, "new": len(todo), "phase": "parts", **UNTOUCHED}
    return replace(job, cursor=cursor, total=len(todo))


def _parts(job: Job, now: datetime) -> Job:
    """Write a page of the parts of the first payout; behind the last page, the payout itself."""
    if not job.cursor["todo"]:
        return _to_book(job, now)
    reached, payout = entered(job), codec.shaped(job.cursor["todo"][0], Payout)
    before = _before(job, payout, reached.provider)
    page = reached.provider.parts(reached.api, payout, before, job.cursor["place"])
    stored = job.cursor["sums"]
    sums = added(codec.shaped(stored, Breakdown) if stored else unexplained(payout), page.parts)
    pages, unknown = job.cursor["pages"], job.cursor["unknown"]
    lines = [Line(part=part) for part in page.parts]
    for start in range(0, len(lines), LINES):
        Payouts().save_lines(job.merchant_id, payout, pages, lines[start : start + LINES])
        pages += 1
    unknown += sum(part.is_of_payment for part in page.parts)
    if page.following:
        place = {"place": page.following, "pages": pages, "unknown": unknown}
        told = {"sums": codec.plain(sums), "before": before and codec.plain(before)}
        return replace(job, cursor={**job.cursor, **place, **told})
    kept = KeptPayout(payout=payout, sums=sums, pages=pages, unknown=unknown)
    Payouts().add(job.merchant_id, kept)
    cursor = {**job.cursor, "todo": job.cursor["todo"][1:], **UNTOUCHED}
    return replace(job, cursor=cursor, done=job.done + 1)


def _before(job: Job, payout: Payout, provider: object) -> Payout | None:
    """Return the payout before this one, where its parts are what moved since that."""
    if job.cursor["place"]:
        found = job.cursor["before"]
        return codec.shaped(found, Payout) if found else None
    if not getattr(provider, "KEEPS_BALANCE", False) or payout.sent_at is None:
        return None
    for kept in Payouts().since(job.merchant_id, payout.arrived_on - LONGEST):
        one = kept.payout
        if _is_alike(one, payout) and one.sent_at and one.sent_at < payout.sent_at:
            return one
    return None


def _is_alike(one: Payout, other: Payout) -> bool:
    """Tell whether two payouts left the same balance: a merchant may have several accounts."""
    same = (one.source, one.place, one.amount.currency)
    return same == (other.source, other.place, other.amount.currency)


def _to_book(job: Job, now: datetime) -> Job:
    """Go on with the pages of all payouts that have parts without an order."""
    read_through(job.merchant_id, job.subject, job.cursor["read"])
    first = (now - AGAIN).date()
    todo = [
        [kept.payout.reference, number]
        for kept in Payouts().since(job.merchant_id, first)
        if kept.payout.source == job.cursor["source"] and kept.unknown
        for number in range(kept.pages)
    ]
    cursor = {name: job.cursor[name] for name in ("new", "source")}
    cursor |= {"phase": "book", "todo": todo, "unknown": 0}
    return replace(job, cursor=cursor, total=job.done + len(todo))


def _book(job: Job, now: datetime) -> Job:
    """Book the fees of one page of a payout."""
    todo, source = job.cursor["todo"], job.cursor["source"]
    if not todo:
        return replace(job, cursor={**job.cursor, "phase": "arrive"})
    reference, number = todo[0]
    kept = Payouts().load(job.merchant_id, source, reference)
    if kept is None:
        raise Permanent("not_found", f"The payout {reference} is not there any more.")
    before = Payouts().lines(job.merchant_id, kept.payout, number)
    lines = booked(job.merchant_id, kept.payout, before, now)
    Payouts().save_lines(job.merchant_id, kept.payout, number, lines)
    unknown = (0 if number == 0 else job.cursor["unknown"]) + sum(map(_is_unknown, lines))
    if number == kept.pages - 1:
        _note_unknown(job.merchant_id, kept, unknown)
    cursor = {**job.cursor, "todo": todo[1:], "unknown": unknown}
    return replace(job, cursor=cursor, done=job.done + 1)


def _note_unknown(merchant_id: str, kept: KeptPayout, unknown: int) -> None:
    try:
        Payouts().save(merchant_id, replace(kept, unknown=unknown))
    except Conflict:  # the bank's entry was joined to it meanwhile
        fresh = Payouts().load(merchant_id, kept.payout.source, kept.payout.reference)
        if fresh:
            Payouts().save(merchant_id, replace(fresh, unknown=unknown))


def _is_unknown(line: Line) -> bool:
    return line.trouble == "unknown"


def _arrive(job: Job, now: datetime) -> Job:
    """Join the payouts and the bank's entries they came with."""
    settle(job.merchant_id, now)
    cursor = {"phase": "missing", "new": job.cursor["new"], "source": job.cursor["source"]}
    return replace(job, cursor=cursor | {"key": None, "count": 0, "sums": {}, "items": []})


def _missing(job: Job, now: datetime) -> Job:
    """Name what was paid long enough ago and is in no payout."""
    del now
    source, key, cursor = job.cursor["source"], job.cursor["key"], dict(job.cursor)
    since, until = job.began_at - FIRST_TIME, job.began_at - LATE
    moved, following = MoneyMoved().page(job.merchant_id, since, limit=AT_ONCE, start=key)
    drawn = _drawn(job.merchant_id, source, since.date())
    came = {
        fact.payment or fact.reference: (one.order_id, fact)
        for one in moved
        for fact in one.facts
        if isinstance(fact, PaymentReceived) and fact.source == source and fact.booked_at < until
        if drawn is None or _is_within(fact, drawn)
    }
    sums = Counter(cursor["sums"])
    for name in sorted(not_paid_out(job.merchant_id, source, came)):
        order_id, fact = came[name]
        cursor["count"] += 1
        sums[fact.amount.currency] += fact.amount.minor
        if len(cursor["items"]) < NAMED:
            cursor["items"] = [*cursor["items"], _named(name, order_id, fact)]
    cursor |= {"sums": dict(sums), "key": following}
    if following:
        return replace(job, cursor=cursor)
    missing = {name: cursor[name] for name in ("count", "sums", "items")}
    result = {"source": source, "new": cursor["new"], "missing": missing}
    memory = {"until": stamp(job.began_at)}
    return replace(job, state="done", cursor=cursor, result=result, memory=memory)


def _drawn(merchant_id: str, source: str, since: date) -> dict[str, list[datetime]] | None:
    """Return when a balance was drawn on, by currency; None where each payment is paid out."""
    if not getattr(payer(source), "KEEPS_BALANCE", False):
        return None
    found: dict[str, list[datetime]] = {}
    for kept in Payouts().since(merchant_id, since):
        one = kept.payout
        if one.source == source and one.sent_at:
            found.setdefault(one.amount.currency, []).append(one.sent_at)
    return found


def _is_within(fact: PaymentReceived, drawn: dict[str, list[datetime]]) -> bool:
    """Tell whether it came between two withdrawals; what came later still lies in the balance."""
    moments = drawn.get(fact.amount.currency, ())
    return bool(moments) and min(moments) < fact.booked_at < max(moments)


def _named(name: str, order_id: str, fact: PaymentReceived) -> dict[str, Any]:
    return {
        "payment": name,
        "order_id": order_id,
        "minor": fact.amount.minor,
        "currency": fact.amount.currency,
        "booked_at": stamp(fact.booked_at),
    }

"""The job `payouts`: what a provider has sent to the bank, taken apart into payments and fees.

First the payouts that are new, each with its parts; then the fees, on the order of each payment;
then the bank's entries that the payouts came with; at last the payments that are in no payout.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.domain import balance
from chalicelib.domain.errors import Conflict, Permanent
from chalicelib.domain.events import FeeCharged, PaymentReceived
from chalicelib.payment.payout_entries import settle
from chalicelib.providers.reach import enter
from chalicelib.runtime import secrets
from chalicelib.store.connections import Connections
from chalicelib.store.money_moved import MoneyMoved
from chalicelib.store.orders import Orders
from chalicelib.store.payments import Payments
from chalicelib.store.payouts import Line, Payouts, not_paid_out, note_paid_out
from chalicelib.store.tables import moment, stamp

if TYPE_CHECKING:
    from chalicelib.domain.order import Order
    from chalicelib.domain.payouts import Payout, PayoutPart
    from chalicelib.providers.reach import Reached
    from chalicelib.store.jobs import Job
    from chalicelib.store.payouts import KeptPayout

KIND = "payouts"
FIRST_TIME = timedelta(days=35)  # how far the first run looks back
OVERLAP = timedelta(days=7)  # a payout may be told under a day that is over
AGAIN = timedelta(days=35)  # how long the order of a payment is looked for
LATE = timedelta(days=10)  # after which a payment should have been in a payout
HANDS = 8  # calls of the database at the same time
AT_ONCE = 500  # appends of a slice
NAMED = 50  # payments in no payout that are named; all are counted


def advance(job: Job, now: datetime) -> Job:
    """Do the next slice; doing it again changes nothing."""
    phases = {"list": _list, "book": _book, "arrive": _arrive, "missing": _missing}
    if not job.cursor:
        return replace(job, cursor={"phase": "list", "new": 0}, done=0, total=None)
    return phases[job.cursor["phase"]](job, now)


def entered(job: Job) -> Reached:
    """Return the way to the provider of the job's connection."""
    connection = Connections().load(job.subject)
    if connection is None or connection.merchant_id != job.merchant_id:
        raise Permanent("not_found", "The connection is not there any more.")
    return enter(connection, secrets.read)


def _list(job: Job, now: datetime) -> Job:
    """Keep one payout that is new, or go on if there is none."""
    reached, last = entered(job), job.memory.get("until")
    since = moment(last) - OVERLAP if last else job.began_at - FIRST_TIME
    for payout in reached.provider.payouts(reached.api, since):
        if Payouts().load(job.merchant_id, payout.source, payout.reference) is None:
            parts = [*reached.provider.parts_of(reached.api, payout)]
            Payouts().add(job.merchant_id, payout, parts)
            new = job.cursor["new"] + 1
            return replace(job, cursor={**job.cursor, "new": new}, done=new)
    first = (now - AGAIN).date()
    todo = [
        [kept.payout.reference, number]
        for kept in Payouts().since(job.merchant_id, first)
        if kept.payout.source == reached.kind and kept.unknown
        for number in range(kept.pages)
    ]
    cursor = {**job.cursor, "phase": "book", "source": reached.kind, "todo": todo, "unknown": 0}
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


def booked(merchant_id: str, payout: Payout, lines: list[Line], now: datetime) -> list[Line]:
    """Book the fees of parts whose order was not known yet; returns all parts as they are then.

    Parts of one order come one after the other, so that no two append to it at once.
    """
    names = dict.fromkeys(line.part.payment for line in lines if line.part.is_of_payment)
    with ThreadPoolExecutor(HANDS) as hands:
        owners = hands.map(partial(Payments().order_of, merchant_id, payout.source), names)
        order_of = dict(zip(names, owners, strict=True))
        groups: dict[str, list[int]] = {}
        for place, line in enumerate(lines):
            if line.part.is_of_payment and not line.order_id:
                groups.setdefault(order_of[line.part.payment], []).append(place)
        done = list(lines)
        book = partial(_of_one_order, merchant_id, payout, now)
        wanted = [(order_id, [lines[x] for x in places]) for order_id, places in groups.items()]
        for places, found in zip(groups.values(), hands.map(book, wanted), strict=True):
            for place, line in zip(places, found, strict=True):
                done[place] = line
    return done


def _of_one_order(
    merchant_id: str, payout: Payout, now: datetime, wanted: tuple[str, list[Line]]
) -> list[Line]:
    order_id, lines = wanted
    order = Orders().load(merchant_id, order_id) if order_id else None
    if order is None:
        return [replace(line, trouble="unknown") for line in lines]
    fees = [_fee(payout, order, line.part, now) for line in lines]
    Orders().record(order, [fee for fee in fees if fee])
    for payment in dict.fromkeys(x.part.payment for x in lines if x.part.kind == "received"):
        note_paid_out(merchant_id, payout, payment)
    return [_explained(order, line) for line in lines]


def _fee(payout: Payout, order: Order, part: PayoutPart, now: datetime) -> FeeCharged | None:
    """Return what the provider kept, under the name that its webhook calls it by, too."""
    if not part.fee or not part.reference or part.fee.currency != order.bought.currency:
        return None
    return FeeCharged(
        at=now,
        source=payout.source,
        reference=part.reference,
        amount=part.fee,
        booked_at=part.booked_at or datetime.combine(payout.arrived_on, time(), UTC),
        payment=part.payment,
    )


def _explained(order: Order, line: Line) -> Line:
    """Return a part with its order, and in what the two do not agree."""
    line = replace(line, order_id=order.id, number=order.bought.number, trouble="")
    if line.part.gross.currency != order.bought.currency:
        return replace(line, trouble="currency")
    came = [
        fact.amount
        for fact in balance.standing(order, PaymentReceived)
        if line.part.kind == "received" and (fact.payment or fact.reference) == line.part.payment
    ]
    if came and line.part.gross not in came:
        return replace(line, trouble="amount", expected=came[0])
    return line


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
    came = {
        fact.payment or fact.reference: (one.order_id, fact)
        for one in moved
        for fact in one.facts
        if isinstance(fact, PaymentReceived) and fact.source == source and fact.booked_at < until
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


def _named(name: str, order_id: str, fact: PaymentReceived) -> dict[str, Any]:
    return {
        "payment": name,
        "order_id": order_id,
        "minor": fact.amount.minor,
        "currency": fact.amount.currency,
        "booked_at": stamp(fact.booked_at),
    }

"""The job `reconcile`: every night the books are added up from the facts, and compared.

First all open orders, then those whose money moved since the last night, open or not, then the
bank's entries of the last days; what differs is named, and mended where the facts alone decide.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.domain import books
from chalicelib.domain.formats import HOME
from chalicelib.domain.waiting import OPEN
from chalicelib.payment.checking import Seen, check, check_entry, entry_keys, payments
from chalicelib.payment.payouts_due import wake_payouts
from chalicelib.payment.reporting import LISTS, amounts_in, day_of
from chalicelib.store.bank import Bank, booked_since
from chalicelib.store.differences import Differences
from chalicelib.store.money_moved import MoneyMoved
from chalicelib.store.orders import Orders
from chalicelib.store.payments import Payments
from chalicelib.store.tables import moment, stamp
from chalicelib.store.worklists import Worklists

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.domain.order import Order
    from chalicelib.store.differences import Difference
    from chalicelib.store.jobs import Job
    from chalicelib.store.worklists import Listed

AT_ONCE = 100  # orders of a slice
HANDS = 8  # calls of the database at the same time
FIRST_TIME = timedelta(days=40)  # how far the first night looks back
OVERLAP = timedelta(days=1)
LATE_ENTRIES = timedelta(days=7)  # a statement may come so long after its entries
DAYS = 14  # that the page shows


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One order: what it adds up to, and what does not agree."""

    order: Order
    differences: tuple[Difference, ...]


def advance(job: Job, now: datetime) -> Job:
    """Do the next slice; doing it again changes nothing."""
    if not job.cursor:
        wake_payouts(job.merchant_id, now)
        return _begun(job)
    phase = {"open": _open, "moved": _moved, "bank": _bank, "days": _days}[job.cursor["phase"]]
    return phase(job, now)


def _begun(job: Job) -> Job:
    last = job.memory.get("until")
    since = moment(last) - OVERLAP if last else job.began_at - FIRST_TIME
    count = sum(Worklists().count(job.merchant_id, name) for name in OPEN)
    cursor = {
        "phase": "open",
        "part": 0,
        "key": None,
        "since": stamp(since),
        "sums": {},
        "open": {},
    }
    return replace(job, cursor=cursor | {"healed": 0}, total=count, done=0)


def _open(job: Job, now: datetime) -> Job:
    """Check a page of the open orders."""
    part = job.cursor["part"]
    page = Worklists().page(
        job.merchant_id, OPEN[part], limit=AT_ONCE, start=job.cursor["key"], newest=False
    )
    job = _checked(job, [one.order_id for one in page.items], now, is_open=True)
    cursor = {**job.cursor, "key": page.next, "open": _tallied(job.cursor["open"], page.items)}
    if page.next is None:
        cursor |= {"part": part + 1, "key": None}
        cursor |= {"phase": "moved"} if part + 1 == len(OPEN) else {}
    return replace(job, cursor=cursor, done=job.done + len(page.items))


def _moved(job: Job, now: datetime) -> Job:
    """Check a page of the orders whose money moved since the last night."""
    since = moment(job.cursor["since"])
    moved, following = MoneyMoved().page(
        job.merchant_id, since, limit=AT_ONCE, start=job.cursor["key"]
    )
    names = dict.fromkeys(one.order_id for one in moved)
    job = _checked(job, [*names], now, is_open=False)
    cursor = {**job.cursor, "key": following}
    return replace(job, cursor=cursor if following else {**cursor, "phase": "bank", "key": None})


def _bank(job: Job, now: datetime) -> Job:
    """Check a page of the entries of the bank that are booked."""
    del now
    first = (moment(job.cursor["since"]) - LATE_ENTRIES).date()
    entries, following = booked_since(
        job.merchant_id, first, limit=AT_ONCE, start=job.cursor["key"]
    )
    names = {part.order_id for one in entries if one.booked for part in one.booked.parts}
    with ThreadPoolExecutor(HANDS) as hands:
        loaded = hands.map(partial(Orders().load, job.merchant_id), sorted(names))
    orders = {one.id: one for one in loaded if one}
    job = _noted(job, [found for entry in entries for found in check_entry(entry, orders)])
    cursor = {**job.cursor, "key": following}
    return replace(job, cursor=cursor if following else {**cursor, "phase": "days", "key": None})


def _days(job: Job, now: datetime) -> Job:
    """Add up the days that are over, and end."""
    today = now.astimezone(HOME).date()
    first = today - timedelta(days=DAYS)
    known = MoneyMoved().days(job.merchant_id, first, today - timedelta(days=1))
    for number in range(DAYS):
        on = first + timedelta(days=number)
        if on not in known:
            MoneyMoved().keep_day(job.merchant_id, on, [*day_of(job.merchant_id, on).values()])
    Differences().settle(job.merchant_id, job.began_at)
    result = {name: job.cursor[name] for name in ("sums", "open", "healed")}
    result["differences"] = Differences().count(job.merchant_id)
    return replace(
        job, state="done", result=result | {"orders": job.done},
        memory={"until": stamp(job.began_at)},
    )  # fmt: skip


def _checked(job: Job, names: list[str], now: datetime, *, is_open: bool) -> Job:
    with ThreadPoolExecutor(HANDS) as hands:
        found = hands.map(partial(_check, job.merchant_id, now), names)
    checked = [one for one in found if one]
    job = _noted(job, [each for one in checked for each in one.differences])
    if not is_open:
        return job
    sums = _summed(job.cursor["sums"], (one.order for one in checked))
    return replace(job, cursor={**job.cursor, "sums": sums})


def _check(merchant_id: str, now: datetime, order_id: str) -> Checked | None:
    """Compare one order with all that is kept beside it, and mend what can be."""
    order, head = Orders().load_with_head(merchant_id, order_id)
    if order is None:
        return None
    keys, names = entry_keys(order), payments(order)
    seen = Seen(
        head=head,
        entries=Bank().known(merchant_id, sorted(keys)) if keys else {},
        owners={
            (source, name): Payments().order_of(merchant_id, source, name) for source, name in names
        },
    )
    differences = tuple(check(order, seen, now))
    for one in differences:
        if one.is_healed and one.what.startswith("payment:"):
            _, source, name = one.what.split(":", 2)
            Payments().remember(merchant_id, source, name, order.id)
    if any(one.is_healed for one in differences):
        Orders().project(order, head, now)
    return Checked(order=order, differences=differences)


def _noted(job: Job, differences: list[Difference]) -> Job:
    for one in differences:
        Differences().note(job.merchant_id, one, job.began_at)
    healed = job.cursor["healed"] + sum(one.is_healed for one in differences)
    return replace(job, cursor={**job.cursor, "healed": healed})


def _summed(before: dict[str, dict[str, int]], orders: Iterable[Order]) -> dict[str, Any]:
    """Add what orders come to, by currency."""
    found = {currency: Counter(sums) for currency, sums in before.items()}
    for order in orders:
        sums = found.setdefault(order.bought.currency, Counter())
        sums.update(books.entries(order))
        sums["open"] += books.open_item(order).minor
    return {currency: dict(sums) for currency, sums in found.items()}


def _tallied(before: dict[str, Any], listed: Iterable[Listed]) -> dict[str, Any]:
    """Add what the lists show of these orders, for pages that cannot add up so many."""
    found = {name: dict(before.get(name, {"count": 0})) for name in LISTS}
    for one in listed:
        for name, amount in amounts_in(one).items():
            found[name]["count"] += 1
            found[name][amount.currency] = found[name].get(amount.currency, 0) + amount.minor
    return found

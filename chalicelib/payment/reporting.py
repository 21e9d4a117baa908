"""What the morning asks of money: what came in, from where, what is open, and what waits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from chalicelib.domain import events
from chalicelib.domain.formats import HOME
from chalicelib.domain.money import Money
from chalicelib.domain.takings import Takings, summed, taken_by
from chalicelib.domain.tally import Tally
from chalicelib.payment.open_items import heads, owed_of
from chalicelib.store.jobs import Jobs
from chalicelib.store.jobs import standing as standing_id
from chalicelib.store.money_moved import MoneyMoved
from chalicelib.store.orders import Orders
from chalicelib.store.tables import moment

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.store.money_moved import Moved
    from chalicelib.store.worklists import Listed, Waiting

# Beyond this many open orders a page shows the sums of the last night instead of adding up.
MOST_OPEN = 10_000
# So many are looked through before asking whether there were more than that last night.
MOST_READ = 2_000
# The job that reconciles the books, and what it is about.
RECONCILE = ("reconcile", "ledger")
LISTS = ("open", "overdue", "partly_paid", "disputes")


def midnight(on: date) -> datetime:
    """Return when a day begins at home."""
    return datetime(on.year, on.month, on.day, tzinfo=HOME).astimezone(UTC)


def yesterday(now: datetime) -> datetime:
    """Return when the day before today began at home."""
    return midnight(now.astimezone(HOME).date() - timedelta(days=1))


def amounts_in(listed: Listed | Waiting) -> dict[str, Money]:
    """Return by list what an order counts for; lists that it does not stand on are left out."""
    summary, currency = listed.summary, listed.summary["total"]["currency"]
    found, owed = dict[str, Money](), Money(minor=owed_of(listed), currency=currency)
    if owed.minor > 0:
        found["open"] = owed
        if "late" in summary or "payment_overdue" in summary["blockers"]:
            found["overdue"] = owed
        if summary["payment"] == "partially_paid":
            found["partly_paid"] = owed
    if "charged_back" in summary["blockers"]:
        found["disputes"] = Money(minor=summary.get("disputed", 0), currency=currency)
    return found


def tallies(listed: Iterable[Listed | Waiting]) -> dict[str, Tally]:
    """Add up the lists over open orders."""
    found = {name: Tally() for name in LISTS}
    for one in listed:
        for name, amount in amounts_in(one).items():
            found[name].add(amount)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is open: the sums, and the first orders of each list up to the last one read.

    There are no sums where there are too many orders to add up for a page; `last` is the last order
    that was looked at if there are more.
    """

    tallies: dict[str, Tally] | None
    first: dict[str, list[Waiting]]
    last: Waiting | None = None


def standing(merchant_id: str, *, shown: int = 0) -> Standing:
    """Read what is open once: its sums, and so many orders of each list and one more."""
    left = heads(merchant_id)
    some = list(islice(left, MOST_READ))
    if len(some) == MOST_READ and not _were_too_many(merchant_id):
        some += islice(left, MOST_OPEN + 1 - MOST_READ)
    is_all = next(left, None) is None and len(some) <= MOST_OPEN
    first: dict[str, list[Waiting]] = {name: [] for name in LISTS}
    for one in some if shown else ():
        for name in amounts_in(one):
            if len(first[name]) <= shown:
                first[name].append(one)
    return Standing(
        tallies=tallies(some) if is_all else None,
        first=first,
        last=None if is_all or not some else some[-1],
    )


def _were_too_many(merchant_id: str) -> bool:
    """Tell whether last night more orders were open than a page adds up."""
    job = Jobs().load(merchant_id, standing_id(*RECONCILE))
    count: int = job.result.get("orders", 0) if job else 0
    return count > MOST_OPEN


def last_night(merchant_id: str) -> tuple[dict[str, Tally], datetime] | None:
    """Return what was open when the books were reconciled last, and when that was."""
    job = Jobs().load(merchant_id, standing_id(*RECONCILE))
    if job is None or "open" not in job.result:
        return None
    found = {}
    for name, sums in job.result["open"].items():
        minor = Counter({currency: sum_ for currency, sum_ in sums.items() if currency != "count"})
        found[name] = Tally(count=sums["count"], minor=minor)
    return found, moment(job.memory["until"])


def takings(merchant_id: str, since: datetime, now: datetime) -> Takings:
    """Return by source what moved since a moment; days that are added up are not read again."""
    first, today = since.astimezone(HOME).date(), now.astimezone(HOME).date()
    whole = first if midnight(first) >= since else first + timedelta(days=1)
    known = MoneyMoved().days(merchant_id, whole, today - timedelta(days=1))
    found, start = [one for day in known.values() for one in day.takings], since
    for day in sorted(known):
        found += _live(merchant_id, start, midnight(day)).values()
        start = midnight(day + timedelta(days=1))
    found += _live(merchant_id, start, now + timedelta(minutes=1)).values()
    return summed(found)


def by_day(merchant_id: str, first: date, now: datetime) -> dict[date, Takings]:
    """Return by day what moved since the first one, with those that brought nothing."""
    today = now.astimezone(HOME).date()
    known = MoneyMoved().days(merchant_id, first, today - timedelta(days=1))
    found: dict[date, Takings] = {}
    for number in range((today - first).days + 1):
        on = first + timedelta(days=number)
        whole = known.get(on)
        found[on] = summed(whole.takings) if whole else day_of(merchant_id, on)
    return found


def day_of(merchant_id: str, on: date) -> Takings:
    """Add up one day from what was told on it."""
    return _live(merchant_id, midnight(on), midnight(on + timedelta(days=1)))


def _live(merchant_id: str, start: datetime, end: datetime) -> Takings:
    if start >= end:
        return {}
    moved = MoneyMoved().between(merchant_id, start, end)
    return summed(one for append in moved for one in _taken(merchant_id, append).values())


def _taken(merchant_id: str, moved: Moved) -> Takings:
    """Add up one append; only what undoes a movement needs its order to know how much that was."""
    past: tuple[events.Fact, ...] = ()
    if any(isinstance(fact, events.MovementUndone) for fact in moved.facts):
        order = Orders().load(merchant_id, moved.order_id)
        past = order.facts if order else ()
    return taken_by(moved.facts, past)

"""The morning's reports: which orders are paid and why we believe it, what is open, what waits."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api import lists, proofs
from chalicelib.api.auth import merchant
from chalicelib.api.jobs import job_view
from chalicelib.api.money_views import money
from chalicelib.api.paging import bad_cursor, limit_of, read_cursor, read_key, write_cursor
from chalicelib.api.payments import NAMES
from chalicelib.api.payments import listed as waiting_payments
from chalicelib.api.problems import Problem, answered
from chalicelib.domain.money import Money
from chalicelib.domain.tally import Tally
from chalicelib.payment import reporting
from chalicelib.runtime import clock
from chalicelib.store.bank import State
from chalicelib.store.differences import Differences, place_of
from chalicelib.store.jobs import NEVER, Jobs, standing
from chalicelib.store.money_moved import MoneyMoved
from chalicelib.store.tables import moment, stamp
from chalicelib.store.waiting_money import waiting_money

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.domain.takings import Taking
    from chalicelib.store.differences import Difference
    from chalicelib.store.worklists import Waiting

    Page = tuple[list[dict[str, Any]], Any]

bp = Blueprint(__name__)
LISTS = ("paid_since", *reporting.LISTS, "unmatched")
MONEY = ("pk", "sk", "money_of", "money_at")
SUMS = ("received", "vouchers", "refunded", "charged_back", "fees", "written_off", "net")
FURTHEST = timedelta(days=35)
MOST_READ = 1500  # heads that one page of a list looks through


@bp.route("/v1/reports/payments", methods=["GET"])
@answered
def payments() -> Any:  # noqa: ANN401 - JSON
    """Report what was paid since a moment and why we believe it, and all that is open.

    With `list` only that list, page by page.
    """
    merchant_id, params = merchant(bp.current_request), dict(bp.current_request.query_params or {})
    now = clock.now()
    since, limit = since_of(params, now), limit_of(params)
    if name := params.get("list", ""):
        items, following = page(merchant_id, name, since, limit=limit, cursor=read_cursor(params))
        return {"list": name, "items": items, "next": write_cursor(following)}
    return report(merchant_id, since, now, limit=limit)


@bp.route("/v1/reports/reconciliation", methods=["GET"])
@answered
def reconciliation() -> Any:  # noqa: ANN401 - JSON
    """Report what the last night's reconciliation added up, and every difference it named."""
    merchant_id, params = merchant(bp.current_request), dict(bp.current_request.query_params or {})
    start = read_key(read_cursor(params), NAMES, pk=merchant_id, parked_of=place_of(merchant_id))
    return reconciled(merchant_id, limit=limit_of(params), start=start)


@bp.route("/v1/reports/reconciliation", methods=["POST"])
@answered
def reconcile() -> Any:  # noqa: ANN401 - JSON
    """Have the books reconciled now; the job tells how far it is."""
    job = Jobs().ask(merchant(bp.current_request), *reporting.RECONCILE, clock.now())
    return Response(job_view(job), status_code=202)


def reconciled(merchant_id: str, *, limit: int, start: dict[str, Any] | None) -> dict[str, Any]:
    """Return the state of the reconciliation, its sums, and a page of differences."""
    job = Jobs().load(merchant_id, standing(*reporting.RECONCILE))
    found, following = Differences().page(merchant_id, limit=limit, start=start)
    result = job.result if job else {}
    return {
        "state": job.state if job else "never",
        "began_at": stamp(job.began_at) if job and job.began_at > NEVER else None,
        "finished_at": stamp(job.updated_at) if job and job.state == "done" else None,
        "done": job.done if job else 0,
        "total": job.total if job else None,
        "reason": job.reason if job else "",
        "orders": result.get("orders", 0),
        "sums": [
            {"currency": currency, **_books(sums, currency)}
            for currency, sums in sorted(result.get("sums", {}).items())
        ],
        "differences": {
            "items": [difference_view(one) for one in found],
            "next": write_cursor(following),
        },
    }


def difference_view(one: Difference) -> dict[str, Any]:
    """Show what should be, what was found, since when, and whether it is mended."""
    return {
        "order_id": one.order_id,
        "number": one.number,
        "what": one.what,
        "expected": one.expected,
        "found": one.found,
        "is_healed": one.is_healed,
        "since": stamp(one.since) if one.since else None,
    }


def _books(sums: Mapping[str, int], currency: str) -> dict[str, dict[str, str]]:
    """Show what the open orders add up from; `moved` is all but the orders themselves."""
    moved = sums["open"] - sums["orders"]
    return {name: _money(minor, currency) for name, minor in {**sums, "moved": moved}.items()}


def _money(minor: int, currency: str) -> dict[str, str]:
    return money(Money(minor=minor, currency=currency))


def since_of(params: Mapping[str, str], now: datetime) -> datetime:
    """Read `since`, a day at home or a moment; the beginning of yesterday if not given."""
    text = params.get("since", "")
    if not text:
        return reporting.yesterday(now)
    try:
        is_day = len(text) == len("2026-11-23")
        since = reporting.midnight(date.fromisoformat(text)) if is_day else moment(text)
    except ValueError as error:
        text = "since: must be a day such as 2026-11-23, or a moment of RFC 3339."
        raise Problem(400, "bad_field", text, field="since") from error
    if since.tzinfo is None or not now - FURTHEST <= since <= now:
        text = f"since: must have a time zone and lie in the last {FURTHEST.days} days."
        raise Problem(400, "bad_field", text, field="since")
    return since


def report(merchant_id: str, since: datetime, now: datetime, *, limit: int) -> dict[str, Any]:
    """Return all lists with their first page, counts and sums; what is open is read once."""
    open_now = reporting.standing(merchant_id, shown=limit)
    found = totals(merchant_id, since, now, open_now)
    for name in LISTS:
        items, following = first_page(merchant_id, name, since, open_now, limit=limit)
        found[name] |= {"items": items, "next": write_cursor(following)}
    return found


def totals(
    merchant_id: str, since: datetime, now: datetime, open_now: reporting.Standing
) -> dict[str, Any]:
    """Return the counts and sums of all lists, and the sums by source."""
    takings = reporting.takings(merchant_id, since, now)
    tallies, counted_at = open_now.tallies or {}, now if open_now.tallies else None
    if counted_at is None and (night := reporting.last_night(merchant_id)):
        tallies, counted_at = night
    found: dict[str, Any] = {
        "since": stamp(since),
        "at": stamp(now),
        "open_at": stamp(counted_at) if counted_at else None,
    }
    paid = [one for one in takings.values() if not one.is_told]
    found["paid_since"] = {
        "count": sum(one.count for one in paid),
        "sums": [money(one) for one in _by_currency(one.money("received") for one in paid)],
        "is_more": False,
    }
    for name in reporting.LISTS:
        found[name] = tally_view(tallies.get(name, Tally(is_more=True)))
    found["unmatched"] = tally_view(waiting_money(merchant_id))
    found["by_source"] = [taking_view(one) for _, one in sorted(takings.items())]
    return found


def first_page(
    merchant_id: str, name: str, since: datetime, open_now: reporting.Standing, *, limit: int
) -> Page:
    """Return the first page of a list; one of open orders is among what was read of them."""
    if name not in reporting.LISTS:
        return page(merchant_id, name, since, limit=limit, cursor=None)
    rows = open_now.first[name]
    last = rows[limit - 1] if len(rows) > limit else open_now.last
    items = [shown for one in rows[:limit] if (shown := _stands_on(name, one))]
    return items, lists.after(merchant_id, "open", last) if last else None


def page(
    merchant_id: str,
    name: str,
    since: datetime,
    *,
    limit: int,
    cursor: Any,  # noqa: ANN401 - callers may send anything back
) -> Page:
    """Return a page of one of the lists."""
    if name not in LISTS:
        raise Problem(400, "bad_field", f"list: one of {', '.join(LISTS)}.", field="list")
    if name == "unmatched":
        return waiting_payments(merchant_id, State.UNMATCHED, limit=limit, cursor=cursor)
    if name == "paid_since":
        return _paid(merchant_id, since, limit=limit, cursor=cursor)
    return _orders(merchant_id, name, limit=limit, cursor=cursor)


def _paid(merchant_id: str, since: datetime, *, limit: int, cursor: Any) -> Page:  # noqa: ANN401
    start = read_key(cursor, MONEY, money_of=merchant_id)
    if start and not start["pk"]["S"].startswith(f"{merchant_id}#"):
        raise bad_cursor()
    moved, following = MoneyMoved().page(merchant_id, since, limit=limit, start=start)
    return proofs.shown(merchant_id, moved), following


def _stands_on(name: str, listed: Waiting) -> dict[str, Any] | None:
    amount = reporting.amounts_in(listed).get(name)
    if amount is None:
        return None
    return {**lists.listed_view(listed), "amount": money(amount)}


def _orders(merchant_id: str, name: str, *, limit: int, cursor: Any) -> Page:  # noqa: ANN401
    """Return a page of the open orders on a list; it ends early when few of many are."""
    found = list[dict[str, Any]]()
    for read, one in enumerate(lists.walk(merchant_id, "open", cursor=cursor), 1):
        if shown := _stands_on(name, one):
            found.append(shown)
        if len(found) == limit or read == MOST_READ:
            return found, lists.after(merchant_id, "open", one)
    return found, None


def _by_currency(amounts: Iterable[Money]) -> list[Money]:
    found: dict[str, int] = {}
    for one in amounts:
        found[one.currency] = found.get(one.currency, 0) + one.minor
    return [Money(minor=minor, currency=name) for name, minor in found.items()]


def tally_view(tally: Tally) -> dict[str, Any]:
    """Show how many there are and what they come to."""
    sums = [money(one) for one in tally.sums]
    return {"count": tally.count, "sums": sums, "is_more": tally.is_more}


def taking_view(taking: Taking) -> dict[str, Any]:
    """Show what one source brought and took."""
    sums = {name: money(taking.money(name)) for name in SUMS}
    return {"source": taking.source, "count": taking.count, "is_told": taking.is_told, **sums}

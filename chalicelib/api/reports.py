"""The morning's reports: which orders are paid and why we believe it, what is open, what waits."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api import lists, proofs
from chalicelib.api.auth import merchant
from chalicelib.api.jobs import job_view
from chalicelib.api.money_views import money
from chalicelib.api.paging import MOST, bad_cursor, limit_of, read_cursor, read_key, write_cursor
from chalicelib.api.payments import NAMES
from chalicelib.api.payments import listed as waiting_payments
from chalicelib.api.problems import Problem, answered
from chalicelib.domain import waiting
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
    from collections.abc import Callable, Iterable, Mapping

    from chalicelib.domain.takings import Taking
    from chalicelib.store.differences import Difference
    from chalicelib.store.worklists import Listed

    Page = tuple[list[dict[str, Any]], Any]

bp = Blueprint(__name__)
LISTS = ("paid_since", *reporting.LISTS, "unmatched")
MONEY = ("pk", "sk", "money_of", "money_at")
SUMS = ("received", "vouchers", "refunded", "charged_back", "fees", "written_off", "net")
FURTHEST = timedelta(days=35)
MOST_READ = 1000  # heads that one page of a list looks through


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
    """Return all lists with their first page, counts and sums."""
    found = totals(merchant_id, since, now)
    for name in LISTS:
        # Where nothing stands on a list, nobody looks through all open orders for it.
        is_empty = found[name]["count"] == 0 and not found[name]["is_more"]
        is_empty = is_empty and name in reporting.LISTS
        items, following = (
            ([], None) if is_empty else page(merchant_id, name, since, limit=limit, cursor=None)
        )
        found[name] |= {"items": items, "next": write_cursor(following)}
    return found


def totals(merchant_id: str, since: datetime, now: datetime) -> dict[str, Any]:
    """Return the counts and sums of all lists, and the sums by source."""
    takings = reporting.takings(merchant_id, since, now)
    live = reporting.standing(merchant_id)
    tallies, counted_at = (live, now) if live else reporting.last_night(merchant_id) or ({}, None)
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
    return _orders(merchant_id, partial(_stands_on, name), limit=limit, cursor=cursor)


def _paid(merchant_id: str, since: datetime, *, limit: int, cursor: Any) -> Page:  # noqa: ANN401
    start = read_key(cursor, MONEY, money_of=merchant_id)
    if start and not start["pk"]["S"].startswith(f"{merchant_id}#"):
        raise bad_cursor()
    moved, following = MoneyMoved().page(merchant_id, since, limit=limit, start=start)
    return proofs.shown(merchant_id, moved), following


def _stands_on(name: str, listed: Listed) -> dict[str, Any] | None:
    amount = reporting.amounts_in(listed).get(name)
    if amount is None:
        return None
    return {**lists.listed_view(listed), "amount": money(amount)}


def _orders(
    merchant_id: str,
    view: Callable[[Listed], dict[str, Any] | None],
    *,
    limit: int,
    cursor: Any,  # noqa: ANN401
) -> Page:
    """Return a page of the open orders that a list shows; it ends early when few of many do."""
    found, read = list[dict[str, Any]](), 0
    while read < MOST_READ:
        some, following = lists.page(merchant_id, "open", limit=MOST, cursor=cursor)
        for one in some:
            if shown := view(one):
                found.append(shown)
            if len(found) == limit:
                return found, _after(merchant_id, one)
        read, cursor = read + len(some), following
        if following is None:
            return found, None
    return found, cursor


def _after(merchant_id: str, last: Listed) -> dict[str, Any]:
    key = {
        "pk": f"{merchant_id}#{last.order_id}",
        "sk": "HEAD",
        "list": f"{merchant_id}#{last.worklist}",
        "since": last.since,
    }
    part = waiting.OPEN.index(last.worklist)
    return {"part": part, "key": {name: {"S": text} for name, text in key.items()}}


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

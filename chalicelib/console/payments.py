"""The morning page: what was paid and why we believe it, what is open, and what waits."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from chalice.app import Blueprint

from chalicelib.api import archive_checks, payouts, reports
from chalicelib.api.paging import read_cursor, write_cursor
from chalicelib.console import forms
from chalicelib.console.bank_words import told_reason
from chalicelib.console.day_chart import bars
from chalicelib.console.pages import go_to
from chalicelib.console.payments_words import told_found
from chalicelib.console.staff import FORM, at_the_console, language_of, own_form, page, path_of
from chalicelib.console.words import WORDS
from chalicelib.domain import formats
from chalicelib.domain.formats import HOME
from chalicelib.payment import reporting
from chalicelib.runtime import clock
from chalicelib.store.jobs import Jobs

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from chalice.app import Response

    from chalicelib.console.session import Session
    from chalicelib.domain.money import Money

bp = Blueprint(__name__)
PER_PAGE = 25
DAYS = 14
PAYOUTS = 5
SPANS = ("1", "7", "30")  # days before today


@bp.route("/console/payments", methods=["GET"])
@at_the_console
def index(who: Session) -> Response:
    """Show the tiles, the last days, and one list with its pages."""
    params = dict(bp.current_request.query_params or {})
    now, merchant_id = clock.now(), who.merchant_id
    name = params.get("list", "paid_since")
    name = name if name in reports.LISTS else "paid_since"
    span = params.get("days", "")
    span = span if span in SPANS else SPANS[0]
    since = _since(now, int(span))
    open_now = reporting.standing(merchant_id, shown=PER_PAGE)
    items, following = _listed(merchant_id, name, since, open_now, params)
    first = now.astimezone(HOME).date() - timedelta(days=DAYS - 1)
    tiles = reports.totals(merchant_id, since, now, open_now)
    return page(
        "payments.html",
        who=who,
        current=name,
        lists=reports.LISTS,
        span=span,
        spans=SPANS,
        since=since,
        tiles=tiles,
        shown_sums=_moved(tiles["by_source"]),
        items=items,
        next=write_cursor(following),
        is_first="cursor" not in params,
        chart=bars(reporting.by_day(merchant_id, first, now)),
        chart_money=partial(_whole, language_of(who)),
        finding=partial(_finding, language_of(who)),
        why=partial(_why, language_of(who)),
        now=now,
        payouts=payouts.page(merchant_id, {}, limit=PAYOUTS)[0],
        providers=[payouts.provider_view(*one) for one in payouts.jobs(merchant_id)],
        nightly=archive_checks.last_night(merchant_id),
        books=reports.reconciled(merchant_id, limit=PER_PAGE, start=None),
    )


@bp.route("/console/payments/reconcile", methods=["POST"], content_types=FORM)
@at_the_console
def reconcile(who: Session) -> Response:
    """Have the books reconciled now."""
    own_form(who, forms.read(bp.current_request).get("form_key", ""))
    job = Jobs().ask(who.merchant_id, *reporting.RECONCILE, clock.now())
    return go_to(path_of(f"/jobs/{quote(job.id)}"))


def _since(now: datetime, days: int) -> datetime:
    return reporting.midnight(now.astimezone(HOME).date() - timedelta(days=days))


def _listed(
    merchant_id: str,
    name: str,
    since: datetime,
    open_now: reporting.Standing,
    params: Mapping[str, str],
) -> reports.Page:
    """Return a page of a list; the first one is among what was read for the tiles."""
    cursor = read_cursor(params)
    if cursor is None:
        return reports.first_page(merchant_id, name, since, open_now, limit=PER_PAGE)
    return reports.page(merchant_id, name, since, limit=PER_PAGE, cursor=cursor)


def _moved(by_source: list[dict[str, Any]]) -> list[str]:
    """Return the columns in which anything stands: most mornings nobody took money back."""
    columns = ("refunded", "charged_back", "fees")
    return [name for name in columns if any(Decimal(one[name]["amount"]) for one in by_source)]


def _whole(language: str, amount: Money) -> str:
    """Show a round amount beside the chart without its cents."""
    return formats.whole(amount, language)


def _finding(language: str, text: str) -> str:
    return told_found(text, WORDS[language], language)


def _why(language: str, proof: Mapping[str, Any]) -> str:
    """Say on what a payment rests, in the reader's language."""
    words = WORDS[language]
    found = [told_reason(text, words, language) for text in proof["reasons"]]
    return ", ".join(found)

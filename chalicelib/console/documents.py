"""The register of documents for staff, and the files that are made of it."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from urllib.parse import quote

from chalice.app import Blueprint

from chalicelib.api import actions, archive_checks, archive_exports
from chalicelib.api.documents import WRITING, entry_views, link, place_of, redirect, span_of
from chalicelib.api.jobs import job_view
from chalicelib.api.paging import bad_cursor, read_cursor, write_cursor
from chalicelib.api.problems import Problem, not_found
from chalicelib.console import forms
from chalicelib.console.pages import go_to
from chalicelib.console.staff import at_the_console, language_of, own_form, page, path_of
from chalicelib.console.words import WORDS
from chalicelib.documents.exports.job import KINDS
from chalicelib.domain.formats import HOME
from chalicelib.runtime import clock
from chalicelib.store.jobs import Jobs
from chalicelib.store.register import Register

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.console.session import Session

bp = Blueprint(__name__)
FORM = ["application/x-www-form-urlencoded"]
PER_PAGE = 50
MONTHS = 24
NAMED = ("invoice", "credit_note")
SHOWN = 8  # files


@bp.route("/console/documents", methods=["GET"])
@at_the_console
def index(who: Session) -> Response:
    """Show the register, newest first, or what a search has found."""
    params = dict(bp.current_request.query_params or {})
    month, kind = params.get("month", ""), params.get("kind", "")
    number = params.get("number", "").strip()
    if number:
        found, following = Register().find(who.merchant_id, number, limit=PER_PAGE), ""
    else:
        after = read_cursor(params) or ""
        if not isinstance(after, str):
            raise bad_cursor()
        found, following = Register().page(
            who.merchant_id,
            span_of({**_days(month), "kind": kind}),
            after=after,
            limit=PER_PAGE,
            newest=True,
        )
    return page(
        "documents.html",
        who=who,
        items=entry_views(who.merchant_id, found),
        sought=number,
        writing=WRITING,
        month=month,
        months=_months(),
        kind=kind,
        kinds=NAMED,
        next=write_cursor(following),
        is_first="cursor" not in params,
        nightly=archive_checks.last_night(who.merchant_id),
    )


@bp.route("/console/documents", methods=["POST"], content_types=FORM)
@at_the_console
def check(who: Session) -> Response:
    """Start the check of a month, and show how far it is."""
    form = forms.read(bp.current_request)
    own_form(who, form.get("form_key", ""))
    job = archive_checks.start(who.merchant_id, _days(form.get("month", "") or _months()[0]))
    return go_to(path_of(f"/jobs/{quote(job.id)}"))


@bp.route("/console/documents/{order_id}/{number}", methods=["GET"])
@at_the_console
def read(who: Session, order_id: str, number: str) -> Response:
    """Send the browser to the file of a number."""
    order = actions.load(who.merchant_id, order_id)
    place = place_of(order, number.replace("~", "/"))
    if place is None:
        raise not_found("document")
    return redirect(link(order, place.rpartition("-")[2]))


@bp.route("/console/exports", methods=["GET"])
@at_the_console
def exports(who: Session) -> Response:
    """Show what can be written for a month, and what was."""
    return _exports(who)


@bp.route("/console/exports", methods=["POST"], content_types=FORM)
@at_the_console
def order(who: Session) -> Response:
    """Start a file, and show how far it is."""
    form = forms.read(bp.current_request)
    own_form(who, form.get("form_key", ""))
    try:
        days = {name: form.get(name, "") for name in ("from", "to")}
        wanted = days if any(days.values()) else _days(form.get("month", ""))
        has_payments = bool(form.get("payments"))
        what = form.get("what", "")
        archive_exports.start(who.merchant_id, what, wanted, has_payments=has_payments)
    except Problem as problem:
        return _exports(who, problem=problem)
    return _exports(who)


def _exports(who: Session, problem: Problem | None = None) -> Response:
    language = language_of(who)
    jobs = [x for x in Jobs().list(who.merchant_id) if x.kind in KINDS.values()][:SHOWN]
    trouble = ""
    if problem is not None:
        known = WORDS[language].get(f"problem.{problem.code}")
        trouble = f"{known} {problem.detail}" if known else problem.detail
    return page(
        "exports.html",
        who=who,
        status=problem.status if problem else 200,
        trouble=trouble,
        kinds=[*KINDS],
        months=_months(),
        month=_months()[1],
        jobs=[job_view(job) for job in jobs],
        is_live=any(not job.is_over for job in jobs),
        now=clock.now(),
    )


def _months() -> list[str]:
    """Return this month and those before it, as 2026-11."""
    today = clock.now().astimezone(HOME).date()
    count = today.year * 12 + today.month - 1
    return [f"{at // 12}-{at % 12 + 1:02}" for at in range(count, count - MONTHS, -1)]


def _days(month: str) -> dict[str, str]:
    """Return the first and the last day of a month; nothing for none."""
    if not month:
        return {}
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise Problem(400, "bad_field", "month: such as 2026-11.", field="month") from error
    count = first.year * 12 + first.month
    after = date(count // 12, count % 12 + 1, 1)
    last = date.fromordinal(after.toordinal() - 1)
    return {"from": first.isoformat(), "to": last.isoformat()}

"""The page of the bank: read a statement, and say of what is open where it belongs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalice.app import Blueprint

from chalicelib.api import lists, payments, statements
from chalicelib.api.paging import read_cursor, write_cursor
from chalicelib.api.payments import Match, Reason
from chalicelib.api.problems import Problem, not_found
from chalicelib.api.uploads import sent
from chalicelib.console import forms
from chalicelib.console.bank_words import told_reason
from chalicelib.console.pages import go_to
from chalicelib.console.staff import (
    FORM,
    at_the_console,
    language_of,
    own_form,
    page,
    path_of,
)
from chalicelib.console.words import WORDS, say
from chalicelib.domain.errors import Conflict
from chalicelib.store.bank import State
from chalicelib.store.jobs import Jobs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.console.session import Session

bp = Blueprint(__name__)
UPLOAD = ["multipart/form-data"]
PER_PAGE = 25
DONE = ("match", "undo", "ignore")
# What a person has to look at first.
FIRST = (State.SUGGESTED, State.UNMATCHED)
TABS = (*FIRST, *(state for state in State if state not in FIRST))


@bp.route("/console/bank", methods=["GET"])
@at_the_console
def index(who: Session) -> Response:
    """Show what is open, suggested or booked, and what became of a file just read."""
    params = dict(bp.current_request.query_params or {})
    return _page(who, params)


@bp.route("/console/bank", methods=["POST"], content_types=UPLOAD)
@at_the_console
def upload(who: Session) -> Response:
    """Read a statement."""
    data, fields = sent(bp.current_request)
    own_form(who, fields.get("form_key", ""))
    try:
        job = statements.take(who.merchant_id, data)
    except Problem as problem:
        return _page(who, {}, trouble=_words(who, problem), status=problem.status)
    state = next((x for x in ("suggested", "unmatched") if job.result[x]), "booked")
    return go_to(path_of(f"/bank?{urlencode({'job': job.id, 'state': state})}"))


@bp.route("/console/bank/again", methods=["POST"], content_types=FORM)
@at_the_console
def again(who: Session) -> Response:
    """Try what waits once more."""
    form = forms.read(bp.current_request)
    own_form(who, form.get("form_key", ""))
    statements.try_again(who.merchant_id)
    return go_to(path_of(f"/bank?{urlencode({'state': form.get('state', ''), 'done': 'again'})}"))


@bp.route("/console/bank/{payment_id}/{action}", methods=["POST"], content_types=FORM)
@at_the_console
def act(who: Session, payment_id: str, action: str) -> Response:
    """Assign a payment, ignore it, or take its booking back."""
    form = forms.read(bp.current_request)
    own_form(who, form.get("form_key", ""))
    if action not in DONE:
        raise not_found("action")
    params = {"state": form.get("state", "")}
    try:
        _do(who, payment_id, action, form)
    except Problem as problem:
        return _page(who, params, trouble=_words(who, problem), status=problem.status)
    except Conflict:
        return _page(who, params, trouble=say(language_of(who), "bank.taken"), status=409)
    return go_to(path_of(f"/bank?{urlencode({**params, 'done': action})}"))


def _do(who: Session, payment_id: str, action: str, form: Mapping[str, str]) -> None:
    if action == "match":
        order_id = form.get("order_id") or _order_of(who, form.get("number", ""))
        payments.give(who.merchant_id, payment_id, Match(order_id=order_id))
    elif action == "undo":
        payments.take_back(who.merchant_id, payment_id, Reason())
    else:
        payments.put_aside(who.merchant_id, payment_id, Reason())


def _order_of(who: Session, number: str) -> str:
    """Return the one order that has exactly this number."""
    wanted = number.strip().lstrip("#")
    found = [x for x in lists.find(who.merchant_id, number=wanted) if x.number == wanted]
    if not wanted or len(found) != 1:
        key = "bank.several" if found else "bank.none"
        raise Problem(422, "bad_number", say(language_of(who), key, number=wanted))
    return found[0].order_id


def _words(who: Session, problem: Problem) -> str:
    """Say a problem in the reader's language, as far as it is a known one."""
    language = language_of(who)
    if problem.status == 409:  # noqa: PLR2004 - the status says it
        return say(language, "bank.taken")
    known = WORDS[language].get(f"bank_problem.{problem.code}")
    return f"{known} ({problem.detail})" if known else problem.detail


def _page(
    who: Session, params: Mapping[str, str], *, trouble: str = "", status: int = 200
) -> Response:
    given = params.get("state", "")
    state = State(given) if given in set(State) else State.UNMATCHED
    search, seen, following = params.get("search", "").strip(), {}, None
    if search:
        seen = payments.found(who.merchant_id, state, search)
        items = seen["items"]
    else:
        items, following = payments.listed(
            who.merchant_id, state, limit=PER_PAGE, cursor=read_cursor(params)
        )
    language = language_of(who)
    done = params.get("done", "")
    return page(
        "bank.html",
        who=who,
        status=status,
        state=state,
        states=TABS,
        items=items,
        next=write_cursor(following),
        search=search,
        seen=seen,
        is_first="cursor" not in params,
        trouble=trouble,
        done=done if done in {*DONE, "again"} else "",
        read=_read(who, params.get("job", "")),
        why=partial(_why, language),
    )


def _read(who: Session, job_id: str) -> dict[str, Any] | None:
    """Return what became of a file."""
    job = Jobs().load(who.merchant_id, job_id) if job_id else None
    return statements.told(job) if job and job.kind == "match_bank" else None


def _why(language: str, text: str) -> str:
    return told_reason(text, WORDS[language], language)

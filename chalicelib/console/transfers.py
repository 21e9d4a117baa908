"""The page of transfers: refunds that wait for the bank, and the files made of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api import transfers
from chalicelib.api.payments import refusing
from chalicelib.api.problems import Problem, not_found
from chalicelib.api.transfers import NewFile
from chalicelib.console import forms
from chalicelib.console.pages import go_to
from chalicelib.console.staff import (
    FORM,
    at_the_console,
    language_of,
    own_form,
    page,
    path_of,
)
from chalicelib.console.words import WORDS
from chalicelib.domain import formats
from chalicelib.payment import transfers as files
from chalicelib.payment.credit_transfer import FORMATS
from chalicelib.runtime import clock

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.console.session import Session

bp = Blueprint(__name__)
DONE = ("make", "send", "undo")
STAFF = "staff"
SHOWN = 20  # of what waits; the rest is a click away, so that the buttons are not


@bp.route("/console/transfers", methods=["GET"])
@at_the_console
def index(who: Session) -> Response:
    """Show what waits, and the files."""
    done = dict(bp.current_request.query_params or {}).get("done", "")
    return _page(who, done=done if done in DONE else "")


@bp.route("/console/transfers", methods=["POST"], content_types=FORM)
@at_the_console
def make(who: Session) -> Response:
    """Make a file of what waits."""
    form = forms.read(bp.current_request)
    own_form(who, form.get("form_key", ""))
    new = NewFile(format=form.get("format", ""), pay_on=form.get("pay_on", ""), by=STAFF)
    try:
        transfers.made(who.merchant_id, new)
    except Problem as problem:
        return _page(who, problem=problem)
    return go_to(path_of("/transfers?done=make"))


@bp.route("/console/transfers/{file_id}/{action}", methods=["POST"], content_types=FORM)
@at_the_console
def act(who: Session, file_id: str, action: str) -> Response:
    """Note that the bank has a file, or take one back that it has not got."""
    form = forms.read(bp.current_request)
    own_form(who, form.get("form_key", ""))
    if action == "undo" and not form.get("is_sure"):
        unsure = Problem(422, "not_sure", "is_sure: say that the bank has not got it.")
        return _page(who, problem=unsure)
    try:
        with refusing("file"):
            if action == "send":
                files.send(who.merchant_id, file_id, by=STAFF, now=clock.now())
            elif action == "undo":
                files.undo(who.merchant_id, file_id, by=STAFF, now=clock.now())
            else:
                raise not_found("action")
    except Problem as problem:
        return _page(who, problem=problem)
    return go_to(path_of(f"/transfers?done={action}"))


def _page(who: Session, *, done: str = "", problem: Problem | None = None) -> Response:
    language = language_of(who)
    trouble = ""
    if problem is not None:
        trouble = WORDS[language].get(f"problem.{problem.code}", problem.detail)
    found = transfers.listed(who.merchant_id)
    return page(
        "transfers.html",
        who=who,
        status=problem.status if problem else 200,
        done=done,
        trouble=trouble,
        items=found["items"],
        shown=SHOWN,
        most=files.MOST,
        files=found["files"],
        formats=FORMATS,
        today=clock.now().astimezone(formats.HOME).date().isoformat(),
        iban=formats.iban,
        amount=transfers.sum_of(found["items"]),
    )

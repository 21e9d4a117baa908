"""The page of direct debits: what is to be collected, the files made of it, and the mandates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api import debits
from chalicelib.api.debits import SCHEMES, NewDebitFile, NewMandate
from chalicelib.api.problems import Problem
from chalicelib.api.transfers import sum_of
from chalicelib.console import forms
from chalicelib.console.pages import go_to
from chalicelib.console.staff import (
    FORM,
    at_the_console,
    language_of,
    own_form,
    page,
    path_of,
    said_of,
)
from chalicelib.console.words import WORDS
from chalicelib.domain import formats, sepa
from chalicelib.domain.errors import Conflict
from chalicelib.payment.collecting import MOST, first_day
from chalicelib.payment.direct_debit import FORMATS
from chalicelib.runtime import clock
from chalicelib.runtime.settings import settings_of
from chalicelib.store.debits import Debits

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalice.app import Response

    from chalicelib.console.session import Session
    from chalicelib.store.debits import Mandate

bp = Blueprint(__name__)
DONE = ("collect", "mandate", "revoke", "undo")
STAFF = "staff"
SHOWN = 50  # mandates on the page; the search finds the others
FILES = 20
FIRST = 20  # of what is to be collected; the rest is a click away, so that the button is not


@bp.route("/console/direct-debits", methods=["GET"])
@at_the_console
def index(who: Session) -> Response:
    """Show what is to be collected, the files, and the mandates or those that a search finds."""
    params = dict(bp.current_request.query_params or {})
    done = params.get("done", "")
    return _page(who, done=done if done in DONE else "", search=params.get("search", "").strip())


@bp.route("/console/direct-debits", methods=["POST"], content_types=FORM)
@at_the_console
def collect(who: Session) -> Response:
    """Make a file of what is to be collected."""

    def make(form: forms.Form) -> object:
        day, version = form.get("collect_on", ""), form.get("format", "")
        return debits.made(who.merchant_id, NewDebitFile(format=version, collect_on=day, by=STAFF))

    return _act(who, make, "collect")


@bp.route("/console/direct-debits/mandates", methods=["POST"], content_types=FORM)
@at_the_console
def keep(who: Session) -> Response:
    """Keep a mandate that a customer has signed."""

    def add(form: forms.Form) -> object:
        new = NewMandate(**{name: form.get(name, "") for name in NewMandate.__slots__})
        return debits.kept(who.merchant_id, new)

    return _act(who, add, "mandate")


@bp.route("/console/direct-debits/revoke", methods=["POST"], content_types=FORM)
@at_the_console
def revoke(who: Session) -> Response:
    """Note that a customer has taken a mandate back."""
    return _act(
        who, lambda form: debits.revoked(who.merchant_id, form.get("reference", "")), "revoke"
    )


@bp.route("/console/direct-debits/{file_id}/undo", methods=["POST"], content_types=FORM)
@at_the_console
def undo(who: Session, file_id: str) -> Response:
    """Take back a file that the bank has not got, if the person has ticked that."""

    def take_back(form: forms.Form) -> object:
        if not form.get("is_sure"):
            raise Problem(422, "not_sure", "is_sure: say that the bank has not got it.")
        return debits.undone(who.merchant_id, file_id, by=STAFF)

    return _act(who, take_back, "undo")


def _act(who: Session, do: Callable[[forms.Form], object], what: str) -> Response:
    form = forms.read(bp.current_request)
    own_form(who, form.get("form_key", ""))
    try:
        do(form)
    except Problem as problem:
        return _page(who, problem=problem, sent=form)
    except Conflict:
        trouble = Problem(409, "conflict", "Somebody else was faster.")
        return _page(who, problem=trouble, sent=form)
    return go_to(path_of(f"/direct-debits?done={what}"))


def _page(
    who: Session,
    *,
    done: str = "",
    search: str = "",
    problem: Problem | None = None,
    sent: forms.Form | None = None,
) -> Response:
    settings, found = settings_of(who.merchant_id), debits.listed(who.merchant_id)
    mandates = [one for one in Debits().mandates(who.merchant_id) if _is_meant(one, search)]
    return page(
        "debits.html",
        who=who,
        status=problem.status if problem else 200,
        done=done,
        trouble=said_of(WORDS[language_of(who)], problem) if problem else "",
        wrong=str(problem.more.get("field", "")) if problem else "",
        sent=sent or {},
        search=search,
        items=found["items"],
        amount=sum_of(found["items"]),
        most=MOST,
        shown=FIRST,
        files=found["files"][:FILES],
        mandates=[debits.mandate_view(one) for one in mandates[:SHOWN]],
        count=len(mandates),
        formats=FORMATS,
        schemes=SCHEMES,
        first=first_day(settings, clock.now()).isoformat(),
        today=clock.now().astimezone(formats.HOME).date().isoformat(),
        has_creditor_id=sepa.is_creditor_id(settings.creditor_id),
        iban=formats.iban,
    )


def _is_meant(mandate: Mandate, search: str) -> bool:
    """Tell whether a search means a mandate: a part of its reference, holder, e-mail or account."""
    wanted = "".join(search.lower().split())
    texts = (mandate.reference, mandate.holder, mandate.email, mandate.iban)
    return any(wanted in "".join(text.lower().split()) for text in texts)

"""The merchant's pages: log in, see the work lists, open an order, act."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api import actions, lists
from chalicelib.api.auth import known_merchant
from chalicelib.api.documents import link, redirect
from chalicelib.api.paging import read_cursor, write_cursor
from chalicelib.api.problems import Problem, not_found
from chalicelib.console import forms, session
from chalicelib.console.order_page import order_context
from chalicelib.console.pages import answer, go_to, render
from chalicelib.console.words import LANGUAGES, WORDS, preferred
from chalicelib.domain.errors import Conflict, Retryable
from chalicelib.runtime import clock
from chalicelib.runtime.logging import log
from chalicelib.runtime.settings import connections_of, public_url, settings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.console.session import Session
    from chalicelib.domain.order import Order

bp = Blueprint(__name__)
FORM = ["application/x-www-form-urlencoded"]
PER_PAGE = 50
FORBIDDEN = 403
# Pages that are reached from a part of the menu, by that part's address.
PARTS = {
    "orders": "",
    "pick-lists": "",
    "transfers": "/bank",
    "direct-debits": "/bank",
    "payouts": "/payments",
    "exports": "/documents",
    "previews": "/settings",
}


def page(
    template: str,
    *,
    who: Session | None = None,
    status: int = 200,
    **context: Any,  # noqa: ANN401
) -> Response:
    """Answer with a page in the language of the merchant, or of the browser before the login."""
    settings = settings_of(who.merchant_id) if who else None
    return answer(
        render(
            template,
            language=language_of(who),
            base=session.base_path(bp.current_request),
            part=_part(),
            form_key=who.form_key if who else "",
            merchant=(settings.name or who.merchant_id) if settings and who else "",
            **context,
        ),
        status=status,
    )


def _part() -> str:
    """Return which part of the console this is, as its address begins; the orders have none."""
    path = str(bp.current_request.context.get("resourcePath", ""))
    part = path.removeprefix("/console").split("/")[1:2]
    return PARTS.get(part[0], f"/{part[0]}") if part else ""


def language_of(who: Session | None) -> str:
    """Return the merchant's language, or that of the browser before the login."""
    given = settings_of(who.merchant_id).language if who else ""
    accepted = str(bp.current_request.headers.get("accept-language", ""))
    return given if given in LANGUAGES else preferred(accepted)


def path_of(rest: str = "") -> str:
    """Return the path of a page of the console."""
    return f"{session.base_path(bp.current_request)}/console{rest}"


def at_the_console(view: Callable[..., Response]) -> Callable[..., Response]:
    """Let only open sessions pass, and turn what goes wrong into a page."""

    @functools.wraps(view)
    def wrapper(**parts: str) -> Response:
        who = None
        try:
            who = session.current(bp.current_request, clock.now())
            return view(who, **parts) if who else go_to(path_of("/login"))
        except Problem as problem:
            return _trouble(who, 403 if problem.status == FORBIDDEN else 404)
        except Retryable:
            log.exception("not available", step="console")
            return _trouble(who, 503)
        except Exception:  # noqa: BLE001 - the last door: people get a page, the log the trace
            log.exception("unexpected", step="console")
            return _trouble(who, 500)

    return wrapper


def _trouble(who: Session | None, status: int) -> Response:
    try:
        return page("error.html", who=who, status=status, code=status)
    except Retryable:
        return page("error.html", status=status, code=status)


@bp.route("/console/login", methods=["GET"])
def login_page() -> Response:
    """Ask for the access token."""
    return page("login.html", failed=False)


@bp.route("/console/login", methods=["POST"], content_types=FORM)
def login() -> Response:
    """Open a session for a token that is known."""
    merchant_id = known_merchant(forms.read(bp.current_request).get("token", ""))
    if merchant_id is None:
        return page("login.html", status=401, failed=True)
    began = session.begin(merchant_id, clock.now())
    return go_to(path_of(), cookie=session.cookie(began, bp.current_request))


@bp.route("/console/logout", methods=["POST"], content_types=FORM)
@at_the_console
def logout(who: Session) -> Response:
    """Close the session."""
    _own_form(who)
    session.end(who)
    return go_to(path_of("/login"), cookie=session.no_cookie(bp.current_request))


@bp.route("/console", methods=["GET"])
@at_the_console
def index(who: Session) -> Response:
    """Show a work list, or what a search has found."""
    params = dict(bp.current_request.query_params or {})
    number = params.get("number", "").strip().lstrip("#")
    name = params.get("list", "open")
    if name not in lists.PARTS:
        raise not_found("list")
    if number:
        found, following = lists.find(who.merchant_id, number=number), None
        if len(found) == 1:
            return go_to(path_of(f"/orders/{found[0].order_id}"))
    else:
        found, following = lists.page(
            who.merchant_id, name, limit=PER_PAGE, cursor=read_cursor(params)
        )
    return page(
        "lists.html",
        who=who,
        current="found" if number else name,
        counts=lists.counts(who.merchant_id),
        orders=[lists.listed_view(one) for one in found],
        shops=_shops(who.merchant_id),
        number=number,
        next=write_cursor(following),
        is_first="cursor" not in params,
        now=clock.now(),
    )


@bp.route("/console/orders/{order_id}", methods=["GET"])
@at_the_console
def order(who: Session, order_id: str) -> Response:
    """Show one order."""
    done = dict(bp.current_request.query_params or {}).get("done", "")
    found = actions.load(who.merchant_id, order_id)
    return _order_page(who, found, done=done if f"done.{done}" in WORDS["de"] else "")


@bp.route("/console/orders/{order_id}/{action}", methods=["POST"], content_types=FORM)
@at_the_console
def act(who: Session, order_id: str, action: str) -> Response:
    """Do what a form asks for, then show the order again."""
    _own_form(who)
    do = forms.ACTIONS.get(action)
    if do is None:
        raise not_found("action")
    found = actions.load(who.merchant_id, order_id)
    form = forms.read(bp.current_request)
    try:
        do(found, form)
    except Problem as problem:
        return _order_page(who, found, problem=problem, sent=form)
    except Conflict:
        trouble = Problem(409, "conflict", "Somebody else was faster.")
        return _order_page(who, found, problem=trouble)
    return go_to(path_of(f"/orders/{order_id}?done={action}"))


@bp.route("/console/orders/{order_id}/documents/{index}", methods=["GET"])
@at_the_console
def document(who: Session, order_id: str, index: str) -> Response:
    """Send the browser to a document's file."""
    return redirect(link(actions.load(who.merchant_id, order_id), index))


def _order_page(
    who: Session,
    found: Order,
    *,
    done: str = "",
    problem: Problem | None = None,
    sent: forms.Form | None = None,
) -> Response:
    language = language_of(who)
    trouble = ""
    if problem is not None:
        trouble = said_of(WORDS[language], problem)
    return page(
        "order.html",
        who=who,
        status=problem.status if problem else 200,
        done=done,
        trouble=trouble,
        refused=sent or {},
        shops=_shops(who.merchant_id),
        **order_context(
            found,
            clock.now(),
            base_url=public_url(),
            language=language,
            sent=sent,
            wrong=str(problem.more.get("field", "")) if problem else "",
        ),
    )


def said_of(words: Mapping[str, str], problem: Problem) -> str:
    """Say a problem in words of its field, else of its kind, else as the API does."""
    own = words.get(f"problem.{problem.code}.{problem.more.get('field', '')}")
    return own or words.get(f"problem.{problem.code}", problem.detail)


def _shops(merchant_id: str) -> dict[str, str]:
    """Return the names of a merchant's shops: two of them may use one order number."""
    return {one.id: one.name for one in connections_of(merchant_id) if one.reader == "intake"}


def _own_form(who: Session) -> None:
    own_form(who, forms.read(bp.current_request).get("form_key", ""))


def own_form(who: Session, form_key: str) -> None:
    """Refuse a form that another site has made (403)."""
    if not who.is_own_form(form_key):
        raise Problem(403, "foreign_form", "This form is not one of ours, or too old.")

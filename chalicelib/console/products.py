"""The pages of products: found in a list, one with its levels, movements and their picture."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from chalice.app import Blueprint

from chalicelib.api import catalogue, counting, history
from chalicelib.api.paging import read_cursor, write_cursor
from chalicelib.api.problems import Problem
from chalicelib.api.product_views import search, view, views
from chalicelib.api.told import told_view
from chalicelib.console import forms
from chalicelib.console.level_chart import chart, points
from chalicelib.console.pages import go_to
from chalicelib.console.staff import FORM, at_the_console, language_of, own_form, page, path_of
from chalicelib.console.words import WORDS
from chalicelib.domain.errors import Conflict
from chalicelib.runtime import clock
from chalicelib.runtime.settings import settings_of

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.console.session import Session

bp = Blueprint(__name__)
PER_PAGE = 50
DONE = frozenset({"moved", "created", "saved", "archived", "restored", "kept"})


def _params() -> dict[str, str]:
    return dict(bp.current_request.query_params or {})


@bp.route("/console/products", methods=["GET"])
@at_the_console
def index(who: Session) -> Response:
    """Show products, or what a search has found."""
    params = _params()
    found, after = search(who.merchant_id, params, limit=PER_PAGE, cursor=read_cursor(params))
    return page(
        "products.html",
        who=who,
        products=views(who.merchant_id, found),
        search=params.get("search", "").strip(),
        is_low=params.get("below_minimum") == "1",
        is_first="cursor" not in params,
        next=write_cursor(after),
    )


@bp.route("/console/products/{sku}", methods=["GET"])
@at_the_console
def read(who: Session, sku: str) -> Response:
    """Show one product."""
    done = _params().get("done", "")
    return _page(who, unquote(sku), done=done if done in DONE else "")


@bp.route("/console/products/{sku}/move", methods=["POST"], content_types=FORM)
@at_the_console
def move(who: Session, sku: str) -> Response:
    """Receive, correct, count or take back what a form says."""
    sku, form = unquote(sku), forms.read(bp.current_request)
    own_form(who, form.get("form_key", ""))
    try:
        counting.adjust(who.merchant_id, _adjustment(sku, form))
    except Problem as problem:
        return _page(who, sku, problem=problem, form=form)
    except Conflict:
        trouble = Problem(409, "conflict", "Somebody else was faster.")
        return _page(who, sku, problem=trouble, form=form)
    return go_to(path_of(f"/products/{quote(sku, safe='')}?done=moved"))


def _adjustment(sku: str, form: forms.Form) -> counting.Adjustment:
    """Read the form; people write `-3` for a loss, and a count is what lies there."""
    text = form.get("quantity", "").replace("−", "-").replace("+", "")
    kind = form.get("kind", "")
    if not text.removeprefix("-").isdecimal() or len(text) > len(str(counting.MOST)):
        raise Problem(400, "bad_number", "quantity: must be a whole number.", field="quantity")
    return counting.Adjustment(
        sku=sku,
        kind=kind,
        difference=None if kind == "count" else int(text),
        on_hand=int(text) if kind == "count" else None,
        location=form.get("location", ""),
        reason=form.get("reason", ""),
        by=forms.STAFF,
        lot=form.get("lot", ""),
        best_before=_day(form.get("best_before", "")),
    )


def _day(text: str) -> date | None:
    """Read a date as browsers send it."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise Problem(400, "bad_day", "best_before: is no date.", field="best_before") from error


def _page(
    who: Session,
    sku: str,
    *,
    done: str = "",
    problem: Problem | None = None,
    form: forms.Form | None = None,
) -> Response:
    params = _params()
    product = catalogue.existing(who.merchant_id, sku)
    cursor = read_cursor(params)
    found, after = history.page(
        who.merchant_id, product, location="", limit=PER_PAGE, cursor=cursor
    )
    recent = found if cursor is None else []
    drawn = points(recent, on_hand=product.on_hand, reserved=product.reserved, now=clock.now())
    return page(
        "product.html",
        who=who,
        status=problem.status if problem else 200,
        product=view(who.merchant_id, product),
        chart=chart(drawn),
        movements=found,
        next=write_cursor(after),
        is_first=cursor is None,
        places=names_of_places(who.merchant_id),
        kinds=counting.KINDS,
        shops=told_view(who.merchant_id, sku),
        form=form or {},
        done=done,
        trouble=_said(who, problem) if problem else "",
        now=clock.now(),
    )


def _said(who: Session, problem: Problem) -> str:
    """Say a problem in the reader's language, or as it is where nobody translated it."""
    return WORDS[language_of(who)].get(f"problem.{problem.code}", problem.detail)


def names_of_places(merchant_id: str) -> dict[str, Any]:
    """Return the merchant's locations by id, with the names that people know them by."""
    known = {one.id: one.name or one.id for one in settings_of(merchant_id).locations}
    return {name: known[name] for name in catalogue.places(merchant_id)}

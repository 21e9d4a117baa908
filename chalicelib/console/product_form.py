"""The form for a product, new or changed: it makes what the API takes, and obeys its checks."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from chalice.app import Blueprint

from chalicelib.api import catalogue, counting
from chalicelib.api.problems import Problem
from chalicelib.console import forms
from chalicelib.console.drafts import Draft, counts, draft, saved_otherwise, typed
from chalicelib.console.pages import go_to
from chalicelib.console.products import names_of_places
from chalicelib.console.row_words import reason
from chalicelib.console.staff import FORM, at_the_console, language_of, own_form, page, path_of
from chalicelib.console.words import say
from chalicelib.domain.errors import Conflict
from chalicelib.store.products import Products

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.console.session import Session

bp = Blueprint(__name__)
ROWS, MORE = 2, 5
OFFERED = 200  # SKUs that the browser completes


@bp.route("/console/products/new", methods=["GET"])
@at_the_console
def blank(who: Session) -> Response:
    """Show an empty form, or the product where there is one with the SKU asked for."""
    sku = dict(bp.current_request.query_params or {}).get("sku", "").strip()
    if sku and Products().stored(who.merchant_id, sku):
        return go_to(_path(sku))
    return _form(who, "", {"sku": sku})


@bp.route("/console/products/new", methods=["POST"], content_types=FORM)
@at_the_console
def make(who: Session) -> Response:
    """Create the product with its first counts, or show the form again."""
    form = _sent(who)
    if form.get("do") == "more":
        return _form(who, "", form, more=True)
    sku = form.get("sku", "")
    try:
        new = draft(sku, form)
        counted = counts(form, names_of_places(who.merchant_id))
        _create(who.merchant_id, new, counted)
    except Problem as problem:
        return _form(who, "", form, problem=problem)
    except Conflict:
        taken = Problem(409, "sku_taken", "sku: is there already.", field="sku")
        return _form(who, "", form, problem=taken)
    return go_to(f"{_path(sku)}?done=created")


@bp.route("/console/products/{sku}/edit", methods=["GET"])
@at_the_console
def change(who: Session, sku: str) -> Response:
    """Show what a product is described with."""
    sku = unquote(sku)
    seen = _mark(Products().stored(who.merchant_id, sku))
    form = typed(catalogue.existing(who.merchant_id, sku))
    return _form(who, sku, form | {"seen": seen})


@bp.route("/console/products/{sku}/edit", methods=["POST"], content_types=FORM)
@at_the_console
def save(who: Session, sku: str) -> Response:
    """Keep what was changed; what somebody else has changed meanwhile is shown beside it."""
    sku, form = unquote(sku), _sent(who)
    if form.get("do") == "more":
        return _form(who, sku, form, more=True)
    stored = Products().stored(who.merchant_id, sku)
    known = catalogue.existing(who.merchant_id, sku)
    try:
        new = draft(sku, form, archived=known.archived)
        if _mark(stored) != form.get("seen"):
            return _overtaken(who, sku, form)
        catalogue.save(who.merchant_id, sku, new, seen=stored)
    except Problem as problem:
        return _form(who, sku, form, problem=problem)
    except Conflict:
        return _overtaken(who, sku, form)
    return go_to(f"{_path(sku)}?done=saved")


@bp.route("/console/products/{sku}/archive", methods=["POST"], content_types=FORM)
@at_the_console
def archive(who: Session, sku: str) -> Response:
    """Put a product away, or take it back."""
    sku, form = unquote(sku), _sent(who)
    if form.get("do") == "restore":
        catalogue.change(who.merchant_id, sku, b'{"archived": false}')
        return go_to(f"{_path(sku)}?done=restored")
    try:
        catalogue.archive(who.merchant_id, sku)
    except Problem as problem:
        if problem.code != "reserved":
            raise
        return go_to(f"{_path(sku)}?done=kept")
    return go_to(f"{_path(sku)}?done=archived")


def _sent(who: Session) -> dict[str, str]:
    form = dict(forms.read(bp.current_request))
    own_form(who, form.get("form_key", ""))
    return form


def _path(sku: str) -> str:
    return path_of(f"/products/{quote(sku, safe='')}")


def _mark(stored: str) -> str:
    """Return by what a form knows whether its product is still as it was."""
    return hashlib.sha256(stored.encode()).hexdigest()[:32]


def _create(merchant_id: str, new: Draft, counted: Mapping[str, int]) -> None:
    """Create a product; the first count is checked with it, the others need no check."""
    first = next(iter(counted), "")
    whole = replace(new, location=first, on_hand=counted.get(first))
    catalogue.save(merchant_id, new.sku, whole, seen="", by=forms.STAFF)
    for place, on_hand in counted.items():
        if place != first and on_hand:
            counting.adjust(
                merchant_id,
                counting.Adjustment(
                    sku=new.sku, kind="count", on_hand=on_hand, location=place, by=forms.STAFF
                ),
            )


def _overtaken(who: Session, sku: str, form: Mapping[str, str]) -> Response:
    """Show what was typed beside what is there now; sent again, it is kept."""
    stored = Products().stored(who.merchant_id, sku)
    there = saved_otherwise(form, catalogue.existing(who.merchant_id, sku))
    problem = Problem(409, "conflict", "Somebody else was faster.")
    return _form(who, sku, {**form, "seen": _mark(stored)}, problem=problem, there=there)


def _form(
    who: Session,
    sku: str,
    form: Mapping[str, str],
    *,
    more: bool = False,
    problem: Problem | None = None,
    there: Mapping[str, str] | None = None,
) -> Response:
    rows = _rows(form)
    shown = max(ROWS, len(rows) + (MORE if more else 0))
    rows += [{"sku": "", "quantity": ""}] * (min(shown, catalogue.MOST_PARTS) - len(rows))
    return page(
        "product_form.html",
        who=who,
        status=problem.status if problem else 200,
        sku=sku,
        form=form,
        rows=rows,
        can_grow=len(rows) < catalogue.MOST_PARTS,
        offered=Products().page(who.merchant_id, limit=OFFERED, archived=False),
        places=names_of_places(who.merchant_id),
        there=there or {},
        **_wrong(who, problem),
    )


def _rows(form: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the parts as typed, none between them empty: so a problem names its row."""
    places = range(catalogue.MOST_PARTS)
    typed_in = [
        {"sku": form.get(f"part:{place}", ""), "quantity": form.get(f"pieces:{place}", "")}
        for place in places
    ]
    return [row for row in typed_in if row["sku"] or row["quantity"]]


def _wrong(who: Session, problem: Problem | None) -> dict[str, Any]:
    """Return what is wrong with which field, and what stands above the form."""
    if problem is None:
        return {"trouble": "", "field": "", "fault": "", "is_taken": False}
    language, field = language_of(who), str(problem.more.get("field", ""))
    words = problem.detail.removeprefix(f"{field}: ").removesuffix(".")
    above = "product.overtaken" if problem.code == "conflict" else "product.look_again"
    return {
        "trouble": say(language, above),
        "field": field,
        "fault": reason(language, words),
        "is_taken": problem.code == "sku_taken",
    }

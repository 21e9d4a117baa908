"""The page of settings: one form for each section, checked as the API checks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api import merchants
from chalicelib.api.previews import NewPreview, start
from chalicelib.api.problems import Problem, not_found
from chalicelib.api.uploads import sent
from chalicelib.console import settings_form
from chalicelib.console.pages import go_to
from chalicelib.console.row_words import reason
from chalicelib.console.settings_fields import NAMES, SECTIONS
from chalicelib.console.settings_tables import TABLES
from chalicelib.console.staff import at_the_console, language_of, own_form, page, path_of
from chalicelib.console.words import say
from chalicelib.documents.exports.accounts import NAMES as ACCOUNT_USES
from chalicelib.domain.countries import COUNTRIES, country_name
from chalicelib.shops.port import PROVIDERS as SHOPS
from chalicelib.store import codec
from chalicelib.store.connections import Connections
from chalicelib.store.merchants import Merchants

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.console.session import Session
    from chalicelib.store.merchants import Settings

bp = Blueprint(__name__)
UPLOAD = ["multipart/form-data"]


@bp.route("/console/settings", methods=["GET"])
@at_the_console
def index(who: Session) -> Response:
    """Show the first section."""
    return _section(who, NAMES[0])


@bp.route("/console/settings/{section}", methods=["GET"])
@at_the_console
def read(who: Session, section: str) -> Response:
    """Show one section."""
    done = dict(bp.current_request.query_params or {}).get("done", "")
    return _section(who, section, done=done == "saved")


@bp.route("/console/settings/{section}", methods=["POST"], content_types=UPLOAD)
@at_the_console
def save(who: Session, section: str) -> Response:
    """Keep what one section says, or show it again with what is wrong at its field."""
    logo, form = sent(bp.current_request)
    own_form(who, form.get("form_key", ""))
    if section not in NAMES:
        raise not_found("section")
    if form.get("do") == "more":
        return _section(who, section, form=form, more=True)
    before = Merchants().settings(who.merchant_id)
    try:
        after = settings_form.changed(before, section, form, logo)
        if form.get("do") == "preview":
            return _previewed(who, after)
        merchants.save(who.merchant_id, after)
    except Problem as problem:
        return _section(who, section, form=form, problem=problem)
    return go_to(path_of(f"/settings/{section}?done=saved"))


def _previewed(who: Session, settings: Settings) -> Response:
    """Show an invoice as these settings would have it; none of them is kept."""
    tried = codec.plain(settings)
    new = NewPreview(kind="invoice", language=language_of(who), lines=3, settings=tried)
    return go_to(path_of(f"/jobs/{start(who.merchant_id, new).id}"))


def _section(
    who: Session,
    section: str,
    *,
    form: Mapping[str, str] | None = None,
    problem: Problem | None = None,
    more: bool = False,
    done: bool = False,
) -> Response:
    if section not in NAMES:
        raise not_found("section")
    kept, language = Merchants().settings(who.merchant_id), language_of(who)
    typed, table = settings_form.shown(kept) if form is None else form, TABLES.get(section)
    return page(
        "settings.html",
        who=who,
        status=problem.status if problem else 200,
        section=section,
        sections=[name for name in NAMES if name in TABLES or SECTIONS[name]],
        fields=SECTIONS.get(section, ()),
        table=table,
        places=range(settings_form.rows(table, typed, more=more)) if table else (),
        can_grow=table is not None and settings_form.rows(table, typed) < table.most,
        uses=ACCOUNT_USES if section == "accounts" else (),
        shops=_shops(who) if section == "series" else (),
        form=typed,
        logo=kept.logo,
        countries=sorted((country_name(code, language), code) for code in COUNTRIES),
        is_saved=done,
        **_wrong(language, problem),
    )


def _shops(who: Session) -> list[tuple[str, str]]:
    """Return the shops that a series may be for, with their names."""
    found = Connections().list(who.merchant_id)
    return [(one.id, one.name or one.id) for one in found if one.kind in SHOPS]


def _wrong(language: str, problem: Problem | None) -> dict[str, str]:
    """Return what is wrong with which field, and what stands above the form."""
    if problem is None:
        return {"trouble": "", "field": "", "fault": ""}
    field = str(problem.more.get("field", ""))
    words = problem.detail.removeprefix(f"{field}: ").removesuffix(".")
    return {
        "trouble": say(language, "settings.look_again"),
        "field": field,
        "fault": reason(language, words),
    }

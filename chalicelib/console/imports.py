"""The pages of an import: choose a file, say what its columns hold, look at every row, import."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from chalice.app import Blueprint

from chalicelib.api import exports, imports
from chalicelib.api.documents import redirect
from chalicelib.api.problems import Problem, not_found
from chalicelib.api.uploads import fetched, kept, sent
from chalicelib.console.pages import go_to
from chalicelib.console.staff import FORM, at_the_console, own_form, page, path_of
from chalicelib.domain.errors import Permanent
from chalicelib.runtime.settings import connections_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.console.session import Session

bp = Blueprint(__name__)
UPLOAD = ["multipart/form-data"]
CHOSEN = ("currency", "tax_rate", "net", "connection_id", "location")
SHOWN = 200  # problems
DELIMITERS = {";": "semicolon", ",": "comma", "\t": "tab", "|": "bar"}


@bp.route("/console/import", methods=["GET"])
@at_the_console
def choose(who: Session) -> Response:
    """Ask for a file."""
    return _choose(who)


def _choose(who: Session, trouble: str = "", status: int = 200) -> Response:
    shops = [one for one in connections_of(who.merchant_id) if one.kind == "generic"]
    api = f"{who.merchant_id}-api"
    return page(
        "import.html",
        who=who,
        status=status,
        shops=[one for one in shops if one.id != api],
        trouble=trouble,
    )


@bp.route("/console/export/{kind}", methods=["GET"])
@at_the_console
def take_away(who: Session, kind: str) -> Response:
    """Send the browser to a file with all products, or with the orders of a list."""
    worklist = dict(bp.current_request.query_params or {}).get("worklist", "open")
    return redirect(exports.write(who.merchant_id, kind, worklist).link(kind))


@bp.route("/console/import/{kind}", methods=["POST"], content_types=UPLOAD)
@at_the_console
def upload(who: Session, kind: str) -> Response:
    """Keep a file, and go on to look at it."""
    data, fields = sent(bp.current_request)
    own_form(who, fields.get("form_key", ""))
    try:
        imports.read(_known(kind), who.merchant_id, data, _params(fields))
        upload_id = kept(who.merchant_id, data)
    except Permanent as error:
        return _choose(who, error.text.removeprefix("file: "), status=422)
    except Problem as problem:
        return _choose(who, problem.detail, status=problem.status)
    chosen = urlencode({name: fields[name] for name in CHOSEN if fields.get(name)})
    return go_to(path_of(f"/import/{kind}/{upload_id}?{chosen}"))


@bp.route("/console/import/{kind}/{upload_id}", methods=["GET"])
@at_the_console
def look(who: Session, kind: str, upload_id: str) -> Response:
    """Show what an import would make."""
    chosen = dict(bp.current_request.query_params or {})
    return _look(who, _known(kind), upload_id, chosen)


@bp.route("/console/import/{kind}/{upload_id}", methods=["POST"], content_types=FORM)
@at_the_console
def decide(who: Session, kind: str, upload_id: str) -> Response:
    """Look again with other columns, or start the import."""
    raw = bp.current_request.raw_body
    form = dict(parse_qsl(raw.decode() if isinstance(raw, bytes) else raw))
    own_form(who, form.get("form_key", ""))
    if form.get("do") != "import":
        return _look(who, _known(kind), upload_id, form)
    data = fetched(who.merchant_id, upload_id)
    _, choice = imports.read(_known(kind), who.merchant_id, data, _params(form))
    chosen = _columns(form, list(choice.columns))
    sheet, choice = imports.read(kind, who.merchant_id, data, _params(form, chosen))
    del sheet
    job = imports.start(kind, who.merchant_id, upload_id, data, choice)
    return go_to(path_of(f"/jobs/{job.id}"))


def _look(who: Session, kind: str, upload_id: str, form: Mapping[str, str]) -> Response:
    trouble, params = "", _params(form)
    try:
        data = fetched(who.merchant_id, upload_id)
    except Problem:
        return page("import.html", who=who, status=404, shops=[], trouble="gone")
    sheet, choice = imports.read(kind, who.merchant_id, data, params)
    if chosen := _columns(form, list(choice.columns)):
        try:
            sheet, choice = imports.read(kind, who.merchant_id, data, _params(form, chosen))
        except Problem as problem:
            trouble = problem.detail
    seen: dict[str, Any] = imports.preview(kind, who.merchant_id, sheet, choice)
    return page(
        "import_look.html",
        who=who,
        kind=kind,
        upload_id=upload_id,
        chosen={name: form.get(name, "") for name in CHOSEN},
        seen=seen,
        delimiter=DELIMITERS[sheet.delimiter],
        problems=seen["problems"][:SHOWN],
        trouble=trouble,
    )


def _known(kind: str) -> str:
    if kind not in imports.KINDS:
        raise not_found("import")
    return kind


def _params(form: Mapping[str, str], mapping: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what a form has chosen as the API's parameters."""
    params = {name: form.get(name, "") for name in CHOSEN if name != "net"}
    params["prices_include_tax"] = "0" if form.get("net") else "1"
    return params | ({"mapping": imports.written(mapping)} if mapping else {})


def _columns(form: Mapping[str, str], header: list[str]) -> dict[str, str]:
    """Return what each column holds, by its place in the form; nothing for a first look."""
    if not any(name.startswith("column:") for name in form):
        return {}
    return {name: form.get(f"column:{place}", "") for place, name in enumerate(header)}

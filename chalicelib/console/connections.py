"""The pages of connections: all of them, and the form that joins one more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api.connections import KINDS, NewConnection, join
from chalicelib.api.health import views
from chalicelib.api.problems import Problem, not_found
from chalicelib.console import forms
from chalicelib.console.connection_fields import FIELDS, fields_of
from chalicelib.console.pages import go_to
from chalicelib.console.row_words import reason
from chalicelib.console.staff import FORM, at_the_console, language_of, own_form, page, path_of
from chalicelib.console.words import named
from chalicelib.domain.errors import Permanent
from chalicelib.runtime import clock
from chalicelib.store.connections import Connections

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.console.session import Session

bp = Blueprint(__name__)


@bp.route("/console/connections", methods=["GET"])
@at_the_console
def index(who: Session) -> Response:
    """Show all connections with their health, and what can be joined."""
    found = Connections().list(who.merchant_id)
    return page(
        "connections.html",
        who=who,
        connections=views(found, who.merchant_id),
        kinds=[*FIELDS, *sorted(KINDS - FIELDS.keys())],
        now=clock.now(),
    )


@bp.route("/console/connections/new/{kind}", methods=["GET"])
@at_the_console
def form(who: Session, kind: str) -> Response:
    """Ask for what a kind of connection needs."""
    return _form(who, _known(kind), {})


@bp.route("/console/connections/new/{kind}", methods=["POST"], content_types=FORM)
@at_the_console
def add(who: Session, kind: str) -> Response:
    """Join what a form says, and show it with its address."""
    given = forms.read(bp.current_request)
    own_form(who, given.get("form_key", ""))
    try:
        made = join(who.merchant_id, _new(who, _known(kind), given))
    except (Problem, Permanent) as problem:
        return _form(who, kind, given, problem)
    return go_to(path_of(f"/connections/{made.id}?done=joined"))


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise not_found("kind")
    return kind


def _new(who: Session, kind: str, given: forms.Form) -> NewConnection:
    """Read the form; what is needed and missing is named before anything else."""
    for one in fields_of(kind):
        if one.is_needed and not given.get(one.name):
            raise Problem(400, "bad_field", f"{one.name}: must be given.", field=one.name)
    filled = [one for one in fields_of(kind) if given.get(one.name)]
    return NewConnection(
        kind=kind,
        name=given.get("name") or named(language_of(who), "connection_kind", kind),
        settings={one.key: given[one.name] for one in filled if not one.is_secret},
        secrets={one.key: given[one.name] for one in filled if one.is_secret},
    )


def _form(
    who: Session, kind: str, given: forms.Form, problem: Problem | Permanent | None = None
) -> Response:
    return page(
        "new_connection.html",
        who=who,
        status=problem.status if isinstance(problem, Problem) else 422 if problem else 200,
        kind=kind,
        fields=fields_of(kind),
        # Secrets are typed again: a page must not hold them.
        given={name: text for name, text in given.items() if not name.startswith("secrets.")},
        trouble=trouble_of(problem, language_of(who)) if problem else "",
        wrong=field_of(problem),
    )


def field_of(problem: Problem | Permanent | None) -> str:
    """Return the name of the field that a problem is about."""
    if isinstance(problem, Problem):
        return str(problem.more.get("field", ""))
    return problem.text.partition(": ")[0] if problem else ""


def trouble_of(problem: Problem | Permanent, language: str) -> str:
    """Say what is wrong with a form: the field as the page calls it, and the reason."""
    detail = problem.detail if isinstance(problem, Problem) else problem.text
    name, is_field, words = detail.partition(": ")
    group, _, key = name.partition(".")
    if not is_field or group not in {"settings", "secrets"}:
        return reason(language, detail.rstrip("."))
    label = named(language, "connection_field", key)
    return f"{label}: {reason(language, words.rstrip('.'))}"

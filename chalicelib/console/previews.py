"""The page that shows each document with the merchant's own settings before it counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api import lists
from chalicelib.api.previews import KINDS, NewPreview, start
from chalicelib.api.problems import Problem
from chalicelib.console import forms
from chalicelib.console.pages import go_to
from chalicelib.console.staff import FORM, at_the_console, language_of, own_form, page, path_of
from chalicelib.console.words import say
from chalicelib.documents.wording import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Response

    from chalicelib.console.session import Session

bp = Blueprint(__name__)
COUNTS = (1, 12, 200)


@bp.route("/console/previews", methods=["GET"])
@at_the_console
def choose(who: Session) -> Response:
    """Ask which document to show."""
    return _page(who, {})


@bp.route("/console/previews", methods=["POST"], content_types=FORM)
@at_the_console
def create(who: Session) -> Response:
    """Start the preview, and go where it appears."""
    form = forms.read(bp.current_request)
    own_form(who, form.get("form_key", ""))
    number, order_id = form.get("number", "").lstrip("#"), ""
    if number:
        found = [x for x in lists.find(who.merchant_id, number=number) if x.number == number]
        if not found:
            return _page(who, form, say(language_of(who), "previews.no_order"))
        order_id = found[0].order_id
    try:
        lines = int(form.get("lines", "1"))
        new = NewPreview(
            kind=form.get("kind", ""),
            language=form.get("language", ""),
            lines=lines,
            order_id=order_id,
        )
        job = start(who.merchant_id, new)
    except (Problem, ValueError) as problem:
        return _page(who, form, str(problem))
    return go_to(path_of(f"/jobs/{job.id}"))


def _page(who: Session, form: Mapping[str, str], trouble: str = "") -> Response:
    return page(
        "previews.html",
        who=who,
        status=400 if trouble else 200,
        kinds=KINDS,
        languages=sorted(LANGUAGES),
        line_counts=COUNTS,
        form=form,
        trouble=trouble,
    )

"""The button that makes a pick list of the orders chosen on a list, and the file it leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from chalice.app import Blueprint

from chalicelib.api.documents import redirect
from chalicelib.api.jobs import file_link
from chalicelib.api.pick_lists import NewPickList, start
from chalicelib.api.problems import Problem
from chalicelib.console.pages import go_to
from chalicelib.console.staff import FORM, at_the_console, own_form, path_of
from chalicelib.store.jobs import Jobs

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.console.session import Session

bp = Blueprint(__name__)


@bp.route("/console/pick-lists", methods=["POST"], content_types=FORM)
@at_the_console
def create(who: Session) -> Response:
    """Start a pick list of the orders ticked, or of the whole list if none is."""
    raw = bp.current_request.raw_body
    sent = parse_qsl(raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw)
    form = dict(sent)
    own_form(who, form.get("form_key", ""))
    ticked = tuple(value for name, value in sent if name == "order")
    worklist = "" if ticked else form.get("list", "")
    try:
        new = NewPickList(
            order_ids=ticked, worklist=worklist, location=form.get("location", "").strip()
        )
        job = start(who.merchant_id, new)
    except Problem:
        return go_to(path_of(f"?list={form.get('list', 'to_ship')}"))
    return go_to(path_of(f"/jobs/{job.id}"))


@bp.route("/console/jobs/{job_id}/file", methods=["GET"])
@at_the_console
def file(who: Session, job_id: str) -> Response:
    """Send the browser to what a job has made."""
    return redirect(file_link(Jobs().load(who.merchant_id, job_id)))

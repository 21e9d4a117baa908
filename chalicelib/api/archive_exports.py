"""Files over the register: ordered here, written by a job, fetched by a link that lasts minutes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from chalice.app import Blueprint, Response

from chalicelib.api.auth import merchant
from chalicelib.api.documents import span_of
from chalicelib.api.jobs import started
from chalicelib.api.problems import Problem, answered, body_as, not_found
from chalicelib.documents.exports import datev
from chalicelib.documents.exports.job import KINDS, asked
from chalicelib.runtime import clock
from chalicelib.runtime.settings import settings_of
from chalicelib.store.jobs import Jobs

if TYPE_CHECKING:
    from chalicelib.store.jobs import Job
    from chalicelib.store.register import Span

bp = Blueprint(__name__)


class Days(msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}):
    """Which days a file shall hold, both included; `kind` is one kind of document, or all.

    `payments` adds the payments of these days to a booking batch.
    """

    since: str
    until: str
    kind: str = ""
    payments: bool = False


@bp.route("/v1/exports/{kind}", methods=["POST"])
@answered
def order(kind: str) -> Response:
    """Have a file written: datev, documents, documents-zip or audit-pack; answers with its job."""
    merchant_id = merchant(bp.current_request)
    days = body_as(bp.current_request.raw_body, Days)
    params = {"from": days.since, "to": days.until, "kind": days.kind}
    job = start(merchant_id, kind, params, has_payments=days.payments)
    return started(job)


def start(
    merchant_id: str, what: str, params: dict[str, str], *, has_payments: bool = False
) -> Job:
    """Start the job of a file; 400 names what keeps it from being written."""
    if what not in KINDS:
        raise not_found("export")
    for field in ("from", "to"):
        if not params.get(field):
            raise Problem(400, "bad_field", f"{field}: must be given.", field=field)
    span = span_of(params)
    if what == "datev":
        _check_datev(merchant_id, span)
    has_payments = has_payments and what == "datev"
    return Jobs().start(asked(merchant_id, what, span, clock.now(), has_payments=has_payments))


def _check_datev(merchant_id: str, span: Span) -> None:
    """Refuse days of two years, and settings that make no booking batch."""
    settings = settings_of(merchant_id)
    if wrong := datev.fault(settings):
        raise Problem(422, "datev_settings", f"{wrong[0]}: {wrong[1]}", field=wrong[0])
    if datev.year_start(settings, span.since) != datev.year_start(settings, span.until):
        text = "to: a batch holds days of one business year; order one for each."
        raise Problem(400, "bad_field", text, field="to")

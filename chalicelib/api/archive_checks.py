"""The check of the archive: asked for here, done by a job, and every night without being asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from chalice.app import Blueprint, Response

from chalicelib.api.auth import merchant
from chalicelib.api.documents import span_of
from chalicelib.api.jobs import job_view, started
from chalicelib.api.problems import Problem, answered, body_as
from chalicelib.documents.exports.checking import NIGHTLY, asked
from chalicelib.runtime import clock
from chalicelib.store.jobs import Jobs, standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.store.jobs import Job

bp = Blueprint(__name__)


class CheckedDays(
    msgspec.Struct, frozen=True, kw_only=True, rename={"since": "from", "until": "to"}
):
    """Which days shall be checked, both included."""

    since: str
    until: str


@bp.route("/v1/archive/check", methods=["POST"])
@answered
def check() -> Response:
    """Have links, facts and bytes of some days checked; answers with the job that names faults."""
    merchant_id = merchant(bp.current_request)
    days = body_as(bp.current_request.raw_body, CheckedDays)
    return started(start(merchant_id, {"from": days.since, "to": days.until}))


@bp.route("/v1/archive/check", methods=["GET"])
@answered
def read() -> Any:  # noqa: ANN401 - JSON
    """Return what the check of last night has found; null before the first night."""
    return {"nightly": last_night(merchant(bp.current_request))}


def start(merchant_id: str, params: Mapping[str, str]) -> Job:
    """Start the check of some days."""
    for field in ("from", "to"):
        if not params.get(field):
            raise Problem(400, "bad_field", f"{field}: must be given.", field=field)
    return Jobs().start(asked(merchant_id, span_of(params), clock.now()))


def last_night(merchant_id: str) -> dict[str, Any] | None:
    """Return the job of every night as it stands."""
    job = Jobs().load(merchant_id, standing(*NIGHTLY))
    return job_view(job) if job else None

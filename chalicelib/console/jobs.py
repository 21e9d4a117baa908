"""The pages of long work: all of it, and one with its progress and its problems."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api.jobs import job_view
from chalicelib.api.problems import not_found
from chalicelib.console.staff import at_the_console, page
from chalicelib.runtime import clock
from chalicelib.runtime.settings import connections_of
from chalicelib.store.jobs import Jobs

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.console.session import Session

bp = Blueprint(__name__)


@bp.route("/console/jobs", methods=["GET"])
@at_the_console
def index(who: Session) -> Response:
    """Show what goes on."""
    jobs = Jobs().list(who.merchant_id)
    return page(
        "jobs.html",
        who=who,
        jobs=[job_view(job) for job in jobs],
        names=_names(who),
        is_live=any(not job.is_over for job in jobs),
        now=clock.now(),
    )


@bp.route("/console/jobs/{job_id}", methods=["GET"])
@at_the_console
def read(who: Session, job_id: str) -> Response:
    """Show one job; the page looks again by itself while it runs."""
    job = Jobs().load(who.merchant_id, job_id)
    if job is None:
        raise not_found("job")
    return page(
        "job.html",
        who=who,
        job=job_view(job),
        names=_names(who),
        is_live=not job.is_over,
        now=clock.now(),
    )


def _names(who: Session) -> dict[str, str]:
    """Return the names of the connections, which subjects are."""
    return {one.id: one.name for one in connections_of(who.merchant_id)}

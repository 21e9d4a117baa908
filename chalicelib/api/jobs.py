"""Jobs: how far long work is, and what was wrong with which row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api.auth import merchant
from chalicelib.api.documents import redirect
from chalicelib.api.problems import answered, not_found
from chalicelib.runtime.made import file_of
from chalicelib.runtime.settings import public_url
from chalicelib.store.bucket import Bucket
from chalicelib.store.jobs import NEVER, Jobs
from chalicelib.store.tables import stamp

if TYPE_CHECKING:
    from chalicelib.store.jobs import Job

bp = Blueprint(__name__)
KINDS = {"csv": "text/csv", "zip": "application/zip", "xml": "application/xml"}


@bp.route("/v1/jobs", methods=["GET"])
@answered
def index() -> Any:  # noqa: ANN401 - JSON
    """List long work: what is repeated (polls) first, then the newest."""
    jobs = Jobs().list(merchant(bp.current_request))
    return {"items": [job_view(job) for job in jobs], "next": None}


@bp.route("/v1/jobs/{job_id}", methods=["GET"])
@answered
def read(job_id: str) -> Any:  # noqa: ANN401 - JSON
    """Return one job with its progress, its problems and what it has found."""
    job = Jobs().load(merchant(bp.current_request), job_id)
    if job is None:
        raise not_found("job")
    return job_view(job)


@bp.route("/v1/jobs/{job_id}/file", methods=["GET"])
@answered
def file(job_id: str) -> Response:
    """Send the caller to the file that a job has made; the link opens for a quarter of an hour."""
    return redirect(file_link(Jobs().load(merchant(bp.current_request), job_id)))


def file_link(job: Job | None) -> str:
    """Return the short-lived link of a job's file; 404 if it has made none."""
    name = job.result.get("file") if job else None
    if job is None or not name:
        raise not_found("file")
    kind = KINDS.get(str(name).rpartition(".")[2], "application/pdf")
    return Bucket().link(file_of(job), filename=str(name), kind=kind)


def started(job: Job) -> Response:
    """Answer 202 with a job, and where it is asked for."""
    address = f"{public_url()}/v1/jobs/{job.id}"
    return Response(
        {**job_view(job), "url": address},
        status_code=202,
        headers={"Content-Type": "application/json", "Location": address},
    )


def job_view(job: Job) -> dict[str, Any]:
    """Show a job to its merchant; where it goes on is our business."""
    return {
        "id": job.id,
        "kind": job.kind,
        "subject": job.subject,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "problems": [
            {"row": one.row, "field": one.field, "text": one.text} for one in job.problems
        ],
        "problem_count": job.problem_count,
        "reason": {"code": job.code, "text": job.reason} if job.code else None,
        "result": dict(job.result),
        "file_url": f"{public_url()}/v1/jobs/{job.id}/file" if job.result.get("file") else None,
        "created_at": stamp(job.created_at),
        "began_at": stamp(job.began_at) if job.began_at > NEVER else None,
        "updated_at": stamp(job.updated_at),
    }

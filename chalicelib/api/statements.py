"""Bank statements over HTTP: a file goes in, what became of its entries comes back."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api.auth import merchant
from chalicelib.api.jobs import job_view
from chalicelib.api.media import STATEMENTS
from chalicelib.api.problems import Problem, answered
from chalicelib.api.uploads import check_size, fetched, kept, sent
from chalicelib.domain.errors import Conflict, Permanent
from chalicelib.payment import matching_job, rematching
from chalicelib.payment.statements import accounts_of, contents
from chalicelib.runtime import clock
from chalicelib.runtime.settings import public_url
from chalicelib.store import jobs
from chalicelib.store.jobs import Jobs, new_job
from chalicelib.store.merchants import Merchants

if TYPE_CHECKING:
    from chalicelib.store.jobs import Job

bp = Blueprint(__name__)
SMALL = 1000  # entries; of more a call only says where the job tells its progress
PATIENCE = 12.0  # seconds in which a call is answered with all that became of the file
AFTER = 60.0  # seconds after which a worker takes over from a call that was broken off


@bp.route("/v1/bank-statements", methods=["POST"], content_types=STATEMENTS)
@answered
def create() -> Response:
    """Take a statement (camt, MT940, CSV, or a ZIP of them), book and match its entries."""
    data, params = sent(bp.current_request)
    merchant_id, upload_id = merchant(bp.current_request), params.get("upload_id", "")
    if upload_id:
        data = fetched(merchant_id, upload_id)
    return Response(told(take(merchant_id, data, upload_id)), status_code=201)


@bp.route("/v1/payments/rematch", methods=["POST"])
@answered
def rematch() -> Response:
    """Try again what waits or is only suggested, now instead of at night; answers with the job."""
    return Response(job_view(try_again(merchant(bp.current_request))), status_code=202)


def try_again(merchant_id: str) -> Job:
    """Have what waits judged anew."""
    return Jobs().ask(merchant_id, rematching.KIND, rematching.SUBJECT, clock.now())


def take(merchant_id: str, data: bytes, upload_id: str = "") -> Job:
    """Book a file, as far as a call has time for; a job does the rest."""
    check_size(len(data))
    try:
        found = contents(data, accounts_of(merchant_id))
    except Permanent as error:
        field = "account" if error.code == "unknown_account" else "file"
        raise Problem(422, error.code, error.text, field=field) from error
    job = new_job(
        merchant_id, "match_bank", clock.now(), subject=upload_id or kept(merchant_id, data)
    )
    job = Jobs().create(matching_job.begun(job, data, found))
    # What is left to wait is tried again every night, when its order may have come.
    Merchants().note_standing(merchant_id, rematching.SUBJECT, {rematching.KIND: True})
    if len(found.transactions) > SMALL:
        jobs.wake(merchant_id, job.id)
        return job
    jobs.wake(merchant_id, job.id, delay=AFTER)
    return _worked(job)


def _worked(job: Job) -> Job:
    """Work at a job while the call lasts, and leave what is left to the worker."""
    until = time.monotonic() + PATIENCE
    # A worker that is faster has it, and what it does is what we would have done.
    with suppress(Conflict):
        while not job.is_over and time.monotonic() < until:
            job = Jobs().save(matching_job.advance(job, clock.now()))
    if not job.is_over:
        jobs.wake(job.merchant_id, job.id)
    return job


def told(job: Job) -> dict[str, Any]:
    """Show what became of a file so far."""
    return {
        "id": job.id,
        "state": job.state,
        "done": job.done,
        "total": job.total,
        "url": f"{public_url()}/v1/jobs/{job.id}",
        **job.result,
    }

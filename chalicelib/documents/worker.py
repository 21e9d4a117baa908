"""The Lambda function of step 4; the only one that has the Typst layer."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib.documents.decide import decide_at_work
from chalicelib.documents.filing import Filing
from chalicelib.documents.perform import Desk
from chalicelib.documents.together import Together
from chalicelib.runtime import clock
from chalicelib.runtime.batch import run_together
from chalicelib.runtime.jobs import Runner, by_kind
from chalicelib.runtime.settings import settings_of
from chalicelib.runtime.step import Step
from chalicelib.store.bucket import Bucket
from chalicelib.store.documents import Numbers
from chalicelib.store.jobs import Jobs, wake
from chalicelib.store.orders import Orders

bp = Blueprint(__name__)

# Long work that needs the typesetter; each module has `advance(job, now) -> Job`.
HANDLERS = {
    "pick_list": "chalicelib.documents.pick_list_job",
    "preview": "chalicelib.documents.preview_job",
}
# Documents of orders wait in the same queue: a job gives way to them soon.
SHIFT = timedelta(seconds=8)
ROOM = timedelta(seconds=60)  # of the function's 120
runner = Runner(
    jobs=Jobs(), advance=by_kind(HANDLERS), wake=partial(wake, step="documents"), shift=SHIFT
)
numbers = Numbers()
desk = Desk(archive=Bucket(), numbers=numbers, settings_of=settings_of)
step = Step(name="documents", decide=decide_at_work, perform=desk.perform, orders=Filing(Orders()))
together = Together(step=step, desk=desk, numbers=numbers)


# Where a queue builds up, one write numbers the invoices of up to 45 messages; a lone order waits a
# second for company (ADR 0016).
@bp.on_sqs_message(
    queue_arn="arn:placeholder:documents",
    name="documents",
    batch_size=45,
    maximum_batching_window_in_seconds=1,
)
def documents(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Issue the documents that the orders named need, and work at the jobs named."""
    until = clock.now() + ROOM

    def work(body: dict[str, Any]) -> None:
        if clock.now() < until:
            runner.run(body)
        else:  # so many jobs in one batch would outlast the function
            wake(body["merchant_id"], body["job_id"], step="documents")

    return run_together(event, together.run, work)

"""The Lambda function of step 4; the only one that has the Typst layer."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.documents.decide import decide
from chalicelib.documents.filing import Filing
from chalicelib.documents.perform import Desk
from chalicelib.runtime.batch import run_each
from chalicelib.runtime.settings import settings_of
from chalicelib.runtime.step import Step
from chalicelib.store.bucket import Bucket
from chalicelib.store.documents import Numbers
from chalicelib.store.orders import Orders

bp = Blueprint(__name__)
desk = Desk(archive=Bucket(), numbers=Numbers(), settings_of=settings_of)
step = Step(name="documents", decide=decide, perform=desk.perform, orders=Filing(Orders()))


@bp.on_sqs_message(queue_arn="arn:placeholder:documents", name="documents", batch_size=10)
def documents(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Issue the documents that the orders named need."""
    return run_each(event, step)

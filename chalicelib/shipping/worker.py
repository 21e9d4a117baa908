"""The Lambda function of step 5."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.runtime import secrets
from chalicelib.runtime.batch import run_each
from chalicelib.runtime.settings import connections_of, public_url, settings_of
from chalicelib.runtime.step import Step
from chalicelib.shipping.decide import decide
from chalicelib.shipping.perform import Counter
from chalicelib.store.bucket import Bucket
from chalicelib.store.orders import Orders

bp = Blueprint(__name__)
counter = Counter(
    settings_of=settings_of,
    connections_of=connections_of,
    secrets_of=secrets.read,
    archive=Bucket(),
    public_url=public_url,
)
step = Step(name="shipping", decide=decide, perform=counter.perform, orders=Orders())


@bp.on_sqs_message(queue_arn="arn:placeholder:shipping", name="shipping", batch_size=10)
def shipping(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Tell carriers of the parcels of the orders named."""
    return run_each(event, step)

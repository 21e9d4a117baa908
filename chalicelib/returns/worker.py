"""The Lambda function of step 7."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.returns.decide import decide
from chalicelib.returns.perform import perform
from chalicelib.runtime.batch import run_each
from chalicelib.runtime.step import Step
from chalicelib.store.orders import Orders

bp = Blueprint(__name__)
step = Step(name="returns", decide=decide, perform=perform, orders=Orders())


@bp.on_sqs_message(queue_arn="arn:placeholder:returns", name="returns", batch_size=10)
def returns(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Work out what is owed for what came back to the orders named."""
    return run_each(event, step)

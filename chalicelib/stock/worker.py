"""The Lambda function of step 2."""

from __future__ import annotations

from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib.runtime.batch import run_each
from chalicelib.runtime.step import Step
from chalicelib.stock.decide import decide
from chalicelib.stock.perform import perform
from chalicelib.store.allocation import StockOrders
from chalicelib.store.stock import Shelf

bp = Blueprint(__name__)
step = Step(
    name="stock", decide=decide, perform=partial(perform, shelf=Shelf()), orders=StockOrders()
)


@bp.on_sqs_message(queue_arn="arn:placeholder:stock", name="stock", batch_size=10)
def stock(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Set aside, let go, take out and put back the units of the orders named."""
    return run_each(event, step)

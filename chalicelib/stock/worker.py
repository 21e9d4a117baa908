"""The Lambda function of step 2."""

from __future__ import annotations

from functools import partial
from typing import Any

from chalice.app import Blueprint

from chalicelib.domain.events import Location
from chalicelib.runtime.batch import run_together
from chalicelib.runtime.settings import settings_of
from chalicelib.runtime.step import Step
from chalicelib.stock.decide import decide
from chalicelib.stock.perform import perform
from chalicelib.stock.together import Together
from chalicelib.store.allocation import StockOrders
from chalicelib.store.stock import Shelf

bp = Blueprint(__name__)
book, shelf = StockOrders(), Shelf()


def locations_of(merchant_id: str) -> tuple[Location, ...]:
    """Return where a merchant's units lie."""
    return settings_of(merchant_id).locations


step = Step(
    name="stock",
    decide=decide,
    perform=partial(perform, shelf=shelf, locations_of=locations_of),
    orders=book,
)
together = Together(step=step, book=book, shelf=shelf, locations_of=locations_of)


# Where a queue builds up, one write serves the orders of up to 50 messages; a lone order waits a
# second for company, which costs nothing but that second (ADR 0010).
@bp.on_sqs_message(
    queue_arn="arn:placeholder:stock",
    name="stock",
    batch_size=50,
    maximum_batching_window_in_seconds=1,
)
def stock(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Set aside, let go, take out and put back the units of the orders named."""
    return run_together(event, together.run)

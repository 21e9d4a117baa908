"""The Lambda function of step 8."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.runtime import secrets
from chalicelib.runtime.batch import run_each
from chalicelib.runtime.settings import connection_of
from chalicelib.runtime.step import Step
from chalicelib.store.orders import Orders
from chalicelib.writeback.decide import decide
from chalicelib.writeback.perform import Teller
from chalicelib.writeback.port import Counterpart, counterpart

bp = Blueprint(__name__)


def counterpart_of(connection_id: str) -> Counterpart | None:
    """Return the shop that orders of this connection came from."""
    return counterpart(connection_of(connection_id), secrets.read)


step = Step(
    name="writeback", decide=decide, perform=Teller(counterpart_of).perform, orders=Orders()
)


@bp.on_sqs_message(queue_arn="arn:placeholder:writeback", name="writeback", batch_size=10)
def writeback(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Tell the shops what became of the orders named."""
    return run_each(event, step)

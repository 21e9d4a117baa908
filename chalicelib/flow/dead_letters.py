"""Dead letters: what failed too often becomes a hold that a person can see and act on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from chalice.app import Blueprint

from chalicelib.domain.events import HoldPlaced
from chalicelib.runtime import clock
from chalicelib.runtime.batch import each
from chalicelib.runtime.jobs import JobStore
from chalicelib.runtime.logging import log
from chalicelib.store.inbox import Inbox
from chalicelib.store.jobs import Jobs
from chalicelib.store.orders import Orders

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from chalicelib.domain.events import Fact
    from chalicelib.domain.order import Order

bp = Blueprint(__name__)
# Steps whose standstill keeps no parcel waiting.
BESIDE = frozenset({"writeback"})


class HeldOrders(Protocol):
    """What this worker needs of the orders."""

    def load(self, merchant_id: str, order_id: str) -> Order | None:
        """Read an order."""
        ...

    def record(self, order: Order, facts: Iterable[Fact]) -> Order:
        """Add facts to it."""
        ...


def handle(body: dict[str, Any], orders: HeldOrders, inbox: Inbox, now: datetime) -> None:
    """Turn one dead letter into a hold on its order, or a problem of its delivery."""
    if "DDBStreamBatchInfo" in body:
        # The rows themselves are safe, and the sweeper looks at each of them again.
        log.error("stream batch given up", step="dead_letters", letter=body)
        return
    step, merchant_id = str(body.get("step", "")), str(body.get("merchant_id", ""))
    step = "router" if step == "dead_letters" else step
    if delivery_id := body.get("delivery_id"):
        inbox.fail(
            merchant_id,
            str(delivery_id),
            "not_processed",
            f"The step {step} failed several times. Replay the delivery when the cause is mended.",
        )
        return
    if body.get("payment_id"):
        log.error("dead letter of a payment that waits", step="dead_letters", letter=body)
        return  # it is still listed with its reason, and the sweeper tries it again
    order = orders.load(merchant_id, str(body.get("order_id", "")))
    if order is None:
        log.error("dead letter without an order", step="dead_letters", letter=body)
        return
    code = f"{step}_failed"
    if all(hold.code != code for hold in order.holds()):
        orders.record(order, [_hold(code, step, now)])


def give_up(body: dict[str, Any], jobs: JobStore, now: datetime) -> None:
    """Fail a job whose worker died again and again; Conflict if it has gone on all the same."""
    job = jobs.load(str(body.get("merchant_id", "")), str(body["job_id"]))
    if job and not job.is_over:
        reason = "Its worker stopped several times without a word. Start it again, or ask for help."
        jobs.save(replace(job, state="failed", code="worker_died", reason=reason, updated_at=now))


def _hold(code: str, step: str, now: datetime) -> HoldPlaced:
    return HoldPlaced(
        at=now,
        code=code,
        text=f"The step {step} failed several times and has stopped. Release to try it again.",
        effect=step if step in BESIDE else "",
    )


@bp.on_sqs_message(queue_arn="arn:placeholder:dead_letters", name="dead_letters", batch_size=10)
def dead_letters(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Show people what the machine could not do."""
    orders, inbox, jobs = Orders(), Inbox(), Jobs()

    def one(body: dict[str, Any]) -> None:
        body.pop("hint", None)  # what is logged of a letter names no person
        if "job_id" in body:
            give_up(body, jobs, clock.now())
        else:
            handle(body, orders, inbox, clock.now())

    return each(event, "dead_letters", one)

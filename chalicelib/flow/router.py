"""Router: every new row of an order or of the inbox wakes the steps it concerns."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

from chalice.app import Blueprint

from chalicelib.domain.commands import WakeUp
from chalicelib.domain.errors import Retryable
from chalicelib.flow.known import Known
from chalicelib.flow.queues import Queues, StepQueues
from chalicelib.flow.steps import due
from chalicelib.runtime import clock
from chalicelib.runtime.logging import log
from chalicelib.store.hints import hint_of, hint_of_delivery
from chalicelib.store.orders import FIRST_ROW, Head, Orders
from chalicelib.store.payments import Payments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from chalicelib.domain.order import Order

    # Returns the wake-ups for payments that may have waited for a new order.
    Early = Callable[[Order], Iterable[WakeUp]]

bp = Blueprint(__name__)

# Steps that act only after an append that a stale hint would have refused (ADR 0023): documents
# draw numbers, returns and payments record whatever was appended meanwhile.
HINTED = frozenset({"stock", "shipping", "writeback", "notification"})


class RoutedOrders(Protocol):
    """What the router needs of the orders."""

    def follow(
        self, merchant_id: str, order_id: str, images: Sequence[dict[str, Any]], now: datetime
    ) -> tuple[Order | None, Head | None]:
        """Return an order with these new rows, and what the lists show of it."""
        ...

    def project(self, order: Order, head: Head | None, now: datetime) -> None:
        """Bring the lists up to date."""
        ...


def nothing(order: Order) -> Iterator[WakeUp]:  # noqa: ARG001 - the shape of `early_payments`
    """Find nothing that waits for an order."""
    return iter(())


def route(
    orders: RoutedOrders,
    key: str,
    images: Sequence[dict[str, Any]],
    now: datetime,
    early: Early = nothing,
) -> list[WakeUp]:
    """Bring an order's lists up to date and wake the first step it needs, and what waits for it.

    That step's facts bring the order back here for the next one, so that no two steps of one order
    race each other to append (ADR 0009). Only the shop and the customer are told at the same time:
    a shop that is away must not keep the customer waiting.
    """
    merchant_id, _, order_id = key.partition("#")
    order, head = orders.follow(merchant_id, order_id, images, now)
    if order is None:
        return []
    orders.project(order, head, now)
    rest = due(order, now)
    steps = list(islice(rest, 1))
    steps += rest if steps == ["writeback"] else ()
    hint = hint_of(order) if steps and steps[0] in HINTED else ""
    wakes = [WakeUp(step=x, merchant_id=merchant_id, order_id=order_id, hint=hint) for x in steps]
    return [*wakes, *early(order)]


def wakes_of(
    images: Sequence[dict[str, Any]], orders: RoutedOrders, now: datetime, early: Early = nothing
) -> Iterator[WakeUp]:
    """Return the wake-ups of a delivery, or of the new rows of one order."""
    image, key = images[0], images[0]["pk"]["S"]
    if "step" in image:
        merchant_id, _, rest = key.partition("#")
        yield WakeUp(
            step=image["step"]["S"],
            merchant_id=merchant_id,
            delivery_id=f"{rest}/{image['sk']['S']}",
            hint=hint_of_delivery(image),
        )
    else:
        is_new = image["sk"]["S"] == FIRST_ROW
        yield from route(orders, key, images, now, early if is_new else nothing)


def early_payments(order: Order) -> Iterator[WakeUp]:
    """Look again at the payments that name an order: one may be told before its order is."""
    names = {order.bought.external_id, order.bought.number} - {""}
    for name in sorted(names):
        for payment in Payments().awaiting(order.merchant_id, order=name):
            yield WakeUp(step="payment", merchant_id=order.merchant_id, payment_id=payment)


def handle(
    records: list[dict[str, Any]],
    orders: RoutedOrders,
    queues: Queues,
    early: Early = nothing,
) -> dict[str, Any]:
    """Route a batch of stream records; the first that fails is reported, with all after it."""
    wakes: list[WakeUp] = []
    failed: list[dict[str, str]] = []
    for number, images in _of_each(records):
        try:
            wakes += wakes_of(images, orders, clock.now(), early)
        except Retryable:
            log.exception("comes back", step="router")
            failed = [{"itemIdentifier": number}]
            break
        except Exception:  # noqa: BLE001 - the router is total: one bad row stops nobody
            log.exception("cannot route, parked", step="router")
            wakes.append(_parked(images[0]))
    queues.send(wakes)
    return {"batchItemFailures": failed}


def _parked(image: dict[str, Any]) -> WakeUp:
    """Send a row that we fail on to the dead letters, where it becomes a hold."""
    merchant_id, _, order_id = image["pk"]["S"].partition("#")
    return WakeUp(step="dead_letters", merchant_id=merchant_id, order_id=order_id)


def _of_each(records: list[dict[str, Any]]) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Yield the rows of each order together, with the number of the first of them."""
    found: dict[tuple[str, ...], tuple[str, list[dict[str, Any]]]] = {}
    for record in records:
        image: dict[str, Any] = record["dynamodb"].get("NewImage", {})
        names = ("pk", "sk") if "step" in image else ("pk",)
        name = tuple(image.get(part, {}).get("S", "") for part in names)
        if name[0]:
            number = record["dynamodb"]["SequenceNumber"]
            found.setdefault(name, (number, []))[1].append(image)
    yield from found.values()


known = Known(Orders())


@bp.on_dynamodb_record(stream_arn="arn:placeholder:orders", name="router", batch_size=25)
def router(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Wake the steps that the new rows concern."""
    return handle(event.to_dict()["Records"], known, StepQueues(), early_payments)

"""Which steps there are: what each decides about an order, and whose deliveries it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.documents.decide import decide as documents
from chalicelib.intake.port import PROVIDERS as SHOPS
from chalicelib.notification.decide import decide as notification
from chalicelib.payment.decide import decide as payment
from chalicelib.payment.port import PROVIDERS as PAYMENT_PROVIDERS
from chalicelib.returns.decide import decide as returns
from chalicelib.shipping.decide import decide as shipping
from chalicelib.stock.decide import decide as stock
from chalicelib.writeback.decide import decide as writeback

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from chalicelib.domain.commands import Command
    from chalicelib.domain.order import Order

    Decide = Callable[[Order, datetime], Iterator[Command]]

# In the order in which an order is handed on: customers are told once everything is done.
STEPS: dict[str, Decide] = {
    "stock": stock,
    "payment": payment,
    "returns": returns,
    "documents": documents,
    "shipping": shipping,
    "writeback": writeback,
    "notification": notification,
}

# Which step reads the deliveries of a kind of connection.
READERS: dict[str, str] = dict.fromkeys(SHOPS, "intake") | dict.fromkeys(
    PAYMENT_PROVIDERS, "payment"
)


def due(order: Order, now: datetime) -> Iterator[str]:
    """Yield the steps that have something to do for this order, in the order of their work.

    A step that failed until its message was a dead letter stands still until it is released.
    """
    stopped = {hold.code for hold in order.holds()}
    for name, decide in STEPS.items():
        if f"{name}_failed" not in stopped and any(
            not order.is_held(command.key) for command in decide(order, now)
        ):
            yield name

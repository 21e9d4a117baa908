"""Sweeper: looks at every open order once in a while, and at every delivery a second time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Rate

from chalicelib.domain.commands import WakeUp
from chalicelib.flow.queues import Queues, StepQueues
from chalicelib.flow.router import route
from chalicelib.runtime import clock
from chalicelib.runtime.logging import log
from chalicelib.store.inbox import Inbox
from chalicelib.store.merchants import Merchants
from chalicelib.store.orders import Orders
from chalicelib.store.payments import Payments
from chalicelib.store.worklists import Worklists

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

bp = Blueprint(__name__)

EVERY = timedelta(minutes=5)
# A delivery is looked at again when it is this old: long after the stream should have brought it.
SECOND_LOOK = timedelta(minutes=5)
# Two sweeps overlap, so that one that was skipped leaves no hole.
OVERLAP = timedelta(minutes=10)


class Sweep:
    """One sweep over one merchant."""

    def __init__(
        self, *, orders: Orders, worklists: Worklists, inbox: Inbox, payments: Payments
    ) -> None:
        """Take the stores it looks into."""
        self._orders, self._worklists = orders, worklists
        self._inbox, self._payments = inbox, payments

    def wakes(self, merchant_id: str, now: datetime) -> Iterator[WakeUp]:
        """Return the wake-ups for what waits, for lost deliveries and for parked payments."""
        yield from self._orders_due(merchant_id, now)
        end = now - SECOND_LOOK
        for delivery_id, step in self._inbox.received_between(merchant_id, end - OVERLAP, end):
            yield WakeUp(step=step, merchant_id=merchant_id, delivery_id=delivery_id)
        parked, _ = self._payments.parked(merchant_id)
        for payment in parked:
            if payment.delivery_id:
                yield WakeUp(
                    step="payment", merchant_id=merchant_id, delivery_id=payment.delivery_id
                )

    def _orders_due(self, merchant_id: str, now: datetime) -> Iterator[WakeUp]:
        for order_id in self._worklists.due(merchant_id, now):
            yield from route(self._orders, merchant_id, order_id, now)
            if order := self._orders.load(merchant_id, order_id):
                self._orders.postpone(order, now)


def sweep(now: datetime, merchants: list[str], one: Sweep, queues: Queues) -> None:
    """Sweep all merchants; trouble with one does not keep the others waiting."""
    for merchant_id in merchants:
        try:
            queues.send(one.wakes(merchant_id, now))
        except Exception:  # noqa: BLE001 - one merchant in trouble stops nobody
            log.exception("sweep failed", step="sweeper", merchant=merchant_id)


@bp.schedule(Rate(5, unit=Rate.MINUTES), name="sweeper")
def sweeper(event: Any) -> None:  # noqa: ANN401, ARG001 - Chalice is untyped
    """Wake what time or a lost wake-up has left behind."""
    one = Sweep(orders=Orders(), worklists=Worklists(), inbox=Inbox(), payments=Payments())
    sweep(clock.now(), Merchants().ids(), one, StepQueues())

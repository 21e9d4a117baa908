"""When an order has waited too long for its money, and which money shall go back."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.domain import balance, dunning, events, refunding, states
from chalicelib.domain.commands import (
    CancelUnpaid,
    Command,
    MarkOverdue,
    PayRefund,
    RaiseDunning,
    WaiveFees,
)
from chalicelib.domain.refunding import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order


def decide(order: Order, now: datetime) -> Iterator[Command]:
    """Pay what was ordered to go back; say once that the time for payment is over, then write."""
    yield from _refunds(order, now)
    if states.lifecycle(order) is not states.Lifecycle.ACCEPTED or balance.is_settled(order):
        return
    if dunning.idle_fees(order):
        yield WaiveFees()
        return
    since = dunning.due_since(order)
    is_late = since and now - since >= timedelta(days=order.policy.payment_days)
    if is_late and not order.has(events.PaymentOverdue):
        yield MarkOverdue()
    yield from _letters(order, now)


def _letters(order: Order, now: datetime) -> Iterator[Command]:
    at, level = dunning.next_at(order), dunning.next_level(order)
    if at is None or now < at:
        return
    if level is not None:
        yield RaiseDunning(level=level)
    elif dunning.is_to_cancel(order):
        yield CancelUnpaid()


def _refunds(order: Order, now: datetime) -> Iterator[Command]:
    """Yield the refunds that nobody has paid or put on the list of transfers."""
    for request in order.all(events.RefundRequested):
        command = PayRefund(refund_id=request.refund_id)
        is_open = refunding.progress(order, request) is Progress.ORDERED
        if is_open and order.is_due(command.key, now):
            yield command

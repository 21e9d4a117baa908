"""When an order has waited too long for its money."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.domain import balance, events, states
from chalicelib.domain.commands import Command, MarkOverdue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order


def decide(order: Order, now: datetime) -> Iterator[Command]:
    """Say once that the time for payment is over; nothing is cancelled by itself."""
    if states.lifecycle(order) is not states.Lifecycle.ACCEPTED or balance.is_settled(order):
        return
    # What costs something else since an edit may be paid from then on.
    edits = [fact.at for fact in order.all(events.OrderRevised) if fact.is_about_goods]
    waited = now - max([order.received.at, *edits])
    is_late = waited >= timedelta(days=order.policy.payment_days)
    if is_late and not order.has(events.PaymentOverdue):
        yield MarkOverdue()

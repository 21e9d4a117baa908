"""What is owed for goods that came back, and what is not owed any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import balance, events, refunding
from chalicelib.domain.commands import Command, ComputeRefund

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order


def decide(order: Order, now: datetime) -> Iterator[Command]:  # noqa: ARG001 - same shape everywhere
    """Ask for the amount of every return that is in and not settled, paid or not."""
    known = {fact.return_id for fact in order.all(events.RefundDue)}
    settled = {fact.return_id for fact in balance.refunds(order)}
    for fact in order.all(events.ReturnReceived):
        is_new = fact.return_id not in known | settled
        if is_new or refunding.is_to_credit(order, fact.return_id):
            yield ComputeRefund(return_id=fact.return_id)

"""Works out what is owed: the price paid for the pieces, and the shipping if all came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import states
from chalicelib.domain.commands import Command, ComputeRefund
from chalicelib.domain.events import Fact, RefundDue, RefundRecorded, ReturnReceived
from chalicelib.domain.money import Money, split, total
from chalicelib.domain.order import LineKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import LineItem, Order


def perform(order: Order, command: Command, now: datetime) -> Iterator[Fact]:
    """Return what is owed for one return."""
    if isinstance(command, ComputeRefund):
        amount = amount_due(order, command.return_id)
        yield RefundDue(at=now, return_id=command.return_id, amount=amount)


def amount_due(order: Order, return_id: str) -> Money:
    """Return the price of the returned pieces, never more than was paid and not yet refunded.

    When every piece of the order is back, the shipping and fees of the order are owed too
    (§ 357 (2) BGB: the standard delivery cost).
    """
    lines = {line.id: line for line in order.bought.lines}
    currency = order.bought.currency
    received = next(fact for fact in order.all(ReturnReceived) if fact.return_id == return_id)
    parts = [
        share(lines[piece.line_id], piece.quantity)
        for piece in received.lines
        if piece.line_id in lines
    ]
    if states.fulfillment(order) is states.Fulfillment.RETURNED:
        parts += [line.total for line in order.bought.lines if line.kind is not LineKind.PRODUCT]
    refunded = total((fact.amount for fact in order.all(RefundRecorded)), currency)
    left = states.received_amount(order) - refunded
    return max(min(total(parts, currency), left), Money.zero(currency))


def share(line: LineItem, quantity: int) -> Money:
    """Return the price of some of a line's pieces; all pieces together are the line's total."""
    pieces = split(line.total, [1] * line.quantity)
    return total(pieces[:quantity], line.total.currency)

"""Works out what is owed: the price paid for the pieces, and the shipping if all came back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain import balance, states
from chalicelib.domain.commands import Command, ComputeRefund
from chalicelib.domain.events import Fact, RefundDue, ReturnReceived
from chalicelib.domain.money import Money, total
from chalicelib.domain.order import LineKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order


# What goes back with the last of the goods: the way here, fees, and the deposit on the bottles.
OWED_TOO = (LineKind.SHIPPING, LineKind.FEE, LineKind.DEPOSIT)


def perform(order: Order, command: Command, now: datetime) -> Iterator[Fact]:
    """Return what is owed for one return."""
    if isinstance(command, ComputeRefund):
        amount = amount_due(order, command.return_id)
        yield RefundDue(at=now, return_id=command.return_id, amount=amount)


def amount_due(order: Order, return_id: str) -> Money:
    """Return the price of the returned pieces, never more than is left of what was paid.

    With the return that makes the order whole again, shipping, fees and deposits are owed too
    (§ 357 (2) BGB: the standard delivery cost).
    """
    currency = order.bought.currency
    received = next(fact for fact in order.all(ReturnReceived) if fact.return_id == return_id)
    before = replace(order, facts=order.facts[: order.facts.index(received)])
    parts = list(_shares(before, received))
    if _is_whole(before.plus([received])) and not _is_whole(before):
        parts += [line.total for kind in OWED_TOO for line in order.bought.of_kind(kind)]
    left = balance.kept(order) - _owed(order)
    return max(min(total(parts, currency), left), Money.zero(currency))


def _shares(before: Order, received: ReturnReceived) -> Iterator[Money]:
    """Yield the price of each line's pieces: all pieces together cost what the line did."""
    back: dict[str, int] = {}
    for fact in before.all(ReturnReceived):
        for piece in fact.lines:
            back[piece.line_id] = back.get(piece.line_id, 0) + piece.quantity
    quantities = {line.id: line.quantity for line in before.bought.lines}
    prices = before.bought.prices()
    for piece in received.lines:
        if piece.line_id in prices:
            first = back.get(piece.line_id, 0)
            of = quantities[piece.line_id]
            price = prices[piece.line_id]
            yield _first(price, first + piece.quantity, of) - _first(price, first, of)


def _first(price: Money, pieces: int, of: int) -> Money:
    """Return the price of the first so many pieces; odd cents go with the first."""
    each, odd = divmod(price.minor, of)
    return replace(price, minor=each * pieces + min(pieces, odd))


def _is_whole(order: Order) -> bool:
    return states.fulfillment(order) is states.Fulfillment.RETURNED


def _owed(order: Order) -> Money:
    """Return what other returns are owed and have not got yet."""
    open_dues = (
        due.amount
        for due in order.all(RefundDue)
        if states.return_of(order, due.return_id) is not states.Return.REFUNDED
    )
    return total(open_dues, order.bought.currency)

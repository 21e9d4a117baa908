"""Works out what a return is worth: the price of the pieces, and the shipping if all came back.

What was paid of it is owed to the customer; what was not is not owed by the customer any more.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain import balance, refunding, states
from chalicelib.domain.commands import Command, ComputeRefund
from chalicelib.domain.events import Fact, RefundDue, ReturnCredited, ReturnReceived
from chalicelib.domain.money import Money, total
from chalicelib.domain.order import LineKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order


# What goes back with the last of the goods: the way here, fees, and the deposit on the bottles.
OWED_TOO = (LineKind.SHIPPING, LineKind.FEE, LineKind.DEPOSIT)


def perform(order: Order, command: Command, now: datetime) -> Iterator[Fact]:
    """Return what is owed for one return, and what need not be paid any more because of it."""
    if isinstance(command, ComputeRefund):
        return_id = command.return_id
        if refunding.is_to_credit(order, return_id):
            credit = ReturnCredited(at=now, return_id=return_id, amount=value(order, return_id))
            order = order.plus([credit])
            yield credit
        yield RefundDue(at=now, return_id=return_id, amount=amount_due(order, return_id))


def amount_due(order: Order, return_id: str) -> Money:
    """Return what is to be paid back for a return: its price, as far as that was paid."""
    is_credited = any(x.return_id == return_id for x in order.all(ReturnCredited))
    paid = balance.surplus(order) if is_credited else balance.kept(order)
    left = paid - _owed(order)
    return max(min(value(order, return_id), left), Money.zero(order.bought.currency))


def value(order: Order, return_id: str) -> Money:
    """Return the price of the returned pieces, less what was deducted for lost value.

    With the return that makes the order whole again, shipping, fees and deposits count too
    (§ 357 (2) BGB: the standard delivery cost).
    """
    currency = order.bought.currency
    received = next(fact for fact in order.all(ReturnReceived) if fact.return_id == return_id)
    before = replace(order, facts=order.facts[: order.facts.index(received)])
    parts = list(_shares(before, received))
    if _is_whole(before.plus([received])) and not _is_whole(before):
        parts += [line.total for kind in OWED_TOO for line in order.bought.of_kind(kind)]
    lost = received.deduction or Money.zero(currency)
    return max(total(parts, currency) - lost, Money.zero(currency))


def price(order: Order, received: ReturnReceived) -> Money:
    """Return what pieces cost that come back now: no more can be deducted for lost value."""
    return total(_shares(order, received), order.bought.currency)


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
    open_dues = (balance.due_back(order, due.return_id) for due in order.all(RefundDue))
    return total(open_dues, order.bought.currency)

"""Tells a customer by letter and mail of money that is theirs."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.api import actions
from chalicelib.api.problems import Problem
from chalicelib.domain import credit, events
from chalicelib.domain.order import Order
from chalicelib.runtime import clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Teller:
    """Who wants the customer to be told."""

    by: str = "staff"


@actions.checked
def tell(order: Order, by: str) -> Order:
    """Have a letter written about what was paid too much; Problem if nothing was, or it is told."""
    held = credit.held(order)
    if held.minor <= 0:
        raise Problem(422, "nothing_held", "Nothing was paid too much for this order.")
    if credit.is_told(order):
        raise Problem(409, "already_told", f"The customer was told of {held} already.")
    number = len(order.all(events.CreditBalanceTold)) + 1
    fact = events.CreditBalanceTold(at=clock.now(), number=number, amount=held, by=by)
    return actions.append(order, [fact])

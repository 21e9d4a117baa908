"""Money of a customer that is held without a reason, and the letter that tells of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import balance, events, refunding, states
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from chalicelib.domain.order import Order

LETTER = "credit_balance"


def held(order: Order) -> Money:
    """Return what was paid too much and is not on its way back.

    Nothing of a cancelled order: all that was paid for it goes back anyway.
    """
    nothing = Money.zero(order.bought.currency)
    if states.is_cancelled(order):
        return nothing
    return max(balance.surplus(order) - refunding.promised(order), nothing)


def letter(order: Order) -> events.CreditBalanceTold | None:
    """Return the newest letter that a person wants written, if what it says is still true."""
    told = order.last(events.CreditBalanceTold)
    return told if told and told.amount == held(order) else None


def is_told(order: Order) -> bool:
    """Tell whether the customer knows of what is held now: no money came in since."""
    told = letter(order)
    paid = order.last(events.PaymentReceived)
    if told is None:
        return False
    return paid is None or order.facts.index(paid) < order.facts.index(told)

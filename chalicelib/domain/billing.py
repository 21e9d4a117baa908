"""When an order is to be billed, by the merchant's policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import balance, bills, events, states
from chalicelib.domain.order import LineKind

if TYPE_CHECKING:
    from chalicelib.domain.order import Order


def is_due(order: Order) -> bool:
    """Tell whether the invoice is to be issued now: it may be under way at this moment."""
    if states.lifecycle(order) not in {states.Lifecycle.ACCEPTED, states.Lifecycle.COMPLETED}:
        return False
    # Nothing is billed over nothing, unless a gift card has paid for what was sold.
    is_sold = order.bought.total or order.bought.of_kind(LineKind.GIFT_CARD)
    if not is_sold or balance.is_void(order) or not bills.is_wanted(order):
        return False
    if bills.replaced(order):
        # It takes the place of one that was issued already.
        return True
    # What needs no parcel counts as shipped once it is paid.
    has_left = states.fulfillment(order) is not states.Fulfillment.UNFULFILLED
    match order.policy.invoice_on:
        case "acceptance":
            return True
        case "shipment":
            return has_left
        case _:
            # Who has the goods before paying is billed with them: nobody could be reminded else.
            return balance.is_paid(order) or (order.policy.ship_on == "acceptance" and has_left)


def may_be_drawn(order: Order) -> bool:
    """Tell whether an order that wants no invoice now may have wanted one, and lost its writer."""
    is_drawn = states.document(order, "invoice", bills.name_of(bills.next_number(order)))
    if is_drawn or not order.has(events.OrderAccepted):
        return False
    is_unpaid_again = order.policy.invoice_on == "payment" and bool(balance.received_amount(order))
    return states.is_cancelled(order) or balance.is_void(order) or is_unpaid_again

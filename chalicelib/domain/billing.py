"""When an order is to be billed, by the merchant's policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import balance, bills, by_delivery, events, goods, states
from chalicelib.domain.commands import IssueInvoice, IssuePartialInvoice
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
    return _is_time(order)


def _is_time(order: Order) -> bool:
    """Tell whether the moment has come that the merchant's policy names."""
    # What needs no parcel counts as shipped once it is paid.
    has_left = states.fulfillment(order) is not states.Fulfillment.UNFULFILLED
    match order.policy.invoice_on:
        case "acceptance":
            return True
        case "shipment":
            return has_left
        case "delivery":
            # Each of several parcels has an invoice of its own.
            return has_left and goods.is_all_shipped(order) and not by_delivery.due(order)
        case _:
            # Who has the goods before paying is billed with them: nobody could be reminded else.
            return balance.is_paid(order) or (order.policy.ship_on == "acceptance" and has_left)


def is_under_way(order: Order) -> bool:
    """Tell whether the number of an invoice may be drawn at this moment."""
    parcel = by_delivery.due(order)
    wish = IssuePartialInvoice(shipment=parcel) if parcel else IssueInvoice()
    return (parcel > 0 or is_due(order)) and not order.is_held(wish.key)


def may_be_drawn(order: Order) -> bool:
    """Tell whether an order that wants no invoice now may have wanted one, and lost its writer."""
    is_drawn = states.document(order, "invoice", bills.name_of(bills.next_number(order)))
    if is_drawn or not order.has(events.OrderAccepted):
        return False
    is_unpaid_again = order.policy.invoice_on == "payment" and bool(balance.received_amount(order))
    return states.is_cancelled(order) or balance.is_void(order) or is_unpaid_again

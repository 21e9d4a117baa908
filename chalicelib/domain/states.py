"""States are read from facts, never written; each axis is a total function of the order."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.domain import balance, events, goods
from chalicelib.domain.money import total

if TYPE_CHECKING:
    from chalicelib.domain.order import Order


class Lifecycle(StrEnum):
    """Where an order stands as a whole."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


# Which moves of the lifecycle are allowed; the tests walk it for states nobody can reach.
LIFECYCLE: dict[Lifecycle, frozenset[Lifecycle]] = {
    Lifecycle.RECEIVED: frozenset({Lifecycle.ACCEPTED, Lifecycle.CANCELLED}),
    Lifecycle.ACCEPTED: frozenset({Lifecycle.COMPLETED, Lifecycle.CANCELLED}),
    # Only where nothing was to be shipped can an order be cancelled after all was done.
    Lifecycle.COMPLETED: frozenset({Lifecycle.ACCEPTED, Lifecycle.CANCELLED}),
    # The shop may take its own cancellation back.
    Lifecycle.CANCELLED: frozenset(
        {Lifecycle.RECEIVED, Lifecycle.ACCEPTED, Lifecycle.COMPLETED},
    ),
}


class Payment(StrEnum):
    """What the ledger of an order says."""

    UNPAID = "unpaid"
    AUTHORIZED = "authorized"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    OVERPAID = "overpaid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    CHARGED_BACK = "charged_back"


class Stock(StrEnum):
    """Whether the goods are set aside."""

    UNRESERVED = "unreserved"
    PARTLY_RESERVED = "partly_reserved"
    RESERVED = "reserved"
    SHORT = "short"


class Fulfillment(StrEnum):
    """Whether the goods are on their way."""

    UNFULFILLED = "unfulfilled"
    PARTLY_SHIPPED = "partly_shipped"
    SHIPPED = "shipped"
    PARTLY_DELIVERED = "partly_delivered"
    DELIVERED = "delivered"
    RETURNED = "returned"


class Invoice(StrEnum):
    """Whether the order is billed."""

    NONE = "none"
    ISSUED = "issued"
    CREDITED = "credited"


class Return(StrEnum):
    """How far the newest return has come."""

    NONE = "none"
    AUTHORIZED = "authorized"
    RECEIVED = "received"
    REFUNDED = "refunded"


def payment(order: Order) -> Payment:
    """Read the payment state: arithmetic over the ledger, so no late event moves it back."""
    # What came and went before a cancellation was taken back is as if it had not been.
    past, back = balance.given_back_while_off(order), balance.refunds(order)
    gone = [fact.amount for fact in back if balance.correction_name(fact) in past]
    received = balance.received_amount(order) - total(gone, order.bought.currency)
    refunded = total((fact.amount for fact in back), order.bought.currency)
    refunded -= total(gone, order.bought.currency)
    if balance.is_taken_back(order):
        return Payment.CHARGED_BACK
    received -= balance.disputed(order)  # that has been paid again
    if refunded:
        return Payment.REFUNDED if refunded >= received else Payment.PARTIALLY_REFUNDED
    if received > balance.owed(order):
        return Payment.OVERPAID
    if received + balance.granted(order) >= balance.owed(order) and not balance.is_void(order):
        return Payment.PAID
    if received:
        return Payment.PARTIALLY_PAID
    return Payment.AUTHORIZED if balance.is_promised(order) else Payment.UNPAID


def stock(order: Order) -> Stock:
    """Read the stock state."""
    if not goods.unreserved(order):
        return Stock.RESERVED
    if order.has(events.StockShort):
        return Stock.PARTLY_RESERVED if goods.reserved(order) else Stock.SHORT
    return Stock.PARTLY_RESERVED if goods.reserved(order) else Stock.UNRESERVED


def fulfillment(order: Order) -> Fulfillment:
    """Read the fulfillment state; an order without parcels is shipped once it is paid."""
    if goods.is_all_returned(order):
        return Fulfillment.RETURNED
    if not order.bought.physical():
        return Fulfillment.SHIPPED if balance.is_paid(order) else Fulfillment.UNFULFILLED
    if not goods.shipments(order):
        return Fulfillment.UNFULFILLED
    return Fulfillment.SHIPPED if goods.is_all_shipped(order) else Fulfillment.PARTLY_SHIPPED


# ---- papers and returns ----------------------------------------------------------------------


def document(order: Order, kind: str, refers_to: str = "") -> events.DocumentIssued | None:
    """Return one document of the order, if it was issued."""
    for fact in order.all(events.DocumentIssued):
        if fact.kind == kind and fact.refers_to == refers_to:
            return fact
    return None


def invoice(order: Order) -> Invoice:
    """Read the state of the newest invoice; credited once it was corrected or cancelled."""
    found = Invoice.NONE
    for fact in order.all(events.DocumentIssued):
        if fact.kind == "invoice":
            found = Invoice.ISSUED
        elif fact.kind in {"credit_note", "cancellation"}:
            found = Invoice.CREDITED
    return found


def return_of(order: Order, return_id: str) -> Return:
    """Read how far one return has come; what nothing is owed for is settled as a refund would."""
    if any(fact.return_id == return_id for fact in balance.refunds(order)):
        return Return.REFUNDED
    if any(fact.return_id == return_id for fact in order.all(events.ReturnReceived)):
        is_worked_out = any(fact.return_id == return_id for fact in order.all(events.RefundDue))
        is_even = is_worked_out and not balance.due_back(order, return_id)
        return Return.REFUNDED if is_even else Return.RECEIVED
    return Return.AUTHORIZED


def returns(order: Order) -> Return:
    """Read the state of the return that is furthest from its end."""
    stages = [return_of(order, fact.return_id) for fact in order.all(events.ReturnAuthorized)]
    order_of_work = [Return.RECEIVED, Return.AUTHORIZED, Return.REFUNDED]
    return min(stages, key=order_of_work.index, default=Return.NONE)


def is_cancelled(order: Order) -> bool:
    """Tell whether the order was cancelled in time: once a parcel has left it is a return."""
    is_off = has_left = False
    for fact in order.facts:
        if isinstance(fact, events.ShipmentRegistered):
            has_left = True
        elif isinstance(fact, events.OrderCancelled):
            is_off = is_off or not has_left
        elif isinstance(fact, events.OrderReinstated):
            is_off = False
    return is_off


def cancellations(order: Order) -> tuple[events.OrderCancelled, ...]:
    """Return the cancellations that were not taken back, in time or not, oldest first."""
    since = [i for i, x in enumerate(order.facts) if isinstance(x, events.OrderReinstated)]
    later = order.facts[since[-1] + 1 :] if since else order.facts
    return tuple(fact for fact in later if isinstance(fact, events.OrderCancelled))


def lifecycle(order: Order) -> Lifecycle:
    """Read where the order stands as a whole."""
    if is_cancelled(order):
        return Lifecycle.CANCELLED
    if not order.has(events.OrderAccepted):
        return Lifecycle.RECEIVED
    is_back = returns(order) in {Return.AUTHORIZED, Return.RECEIVED}
    done = fulfillment(order) in {Fulfillment.SHIPPED, Fulfillment.RETURNED} and balance.is_settled(
        order
    )
    return Lifecycle.COMPLETED if done and not is_back else Lifecycle.ACCEPTED

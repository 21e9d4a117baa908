"""States are read from facts, never written; each axis is a total function of the order."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from chalicelib.domain import events, goods
from chalicelib.domain.money import Money, total

if TYPE_CHECKING:
    from chalicelib.domain.order import Order

M = TypeVar("M", bound=events.Movement)


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


# ---- money ---------------------------------------------------------------------------------


def received_amount(order: Order) -> Money:
    """Return the money that came in; the shop's word counts only as far as no source shows it.

    The shop tells a sum so far, so its words do not add up: the highest counts.
    """
    nothing, facts = Money.zero(order.bought.currency), standing(order, events.PaymentReceived)
    told = [fact.amount for fact in facts if fact.source == "shop"]
    seen = [fact.amount for fact in facts if fact.source != "shop"]
    return max(*told, nothing, total(seen, nothing.currency))


def standing(order: Order, kind: type[M]) -> tuple[M, ...]:
    """Return the movements of a kind that nobody has undone."""
    undone = {(x.of_source, x.of_reference) for x in order.all(events.MovementUndone)}
    return tuple(x for x in order.all(kind) if (x.source, x.reference) not in undone)


def forgiven(order: Order) -> Money:
    """Return what need not be paid any more."""
    amounts = (fact.amount for fact in standing(order, events.WriteOffRecorded))
    return total(amounts, order.bought.currency)


def kept(order: Order) -> Money:
    """Return the money that came in and has not gone back."""
    gone = total((fact.amount for fact in refunds(order)), order.bought.currency)
    return received_amount(order) - gone - disputed(order)


def refunds(order: Order) -> tuple[events.RefundRecorded, ...]:
    """Return the refunds that reached the customer, as far as is known."""
    failed = _failed(order)
    return tuple(x for x in order.all(events.RefundRecorded) if x.reference not in failed)


def _failed(order: Order) -> set[str]:
    return {fact.reference for fact in order.all(events.RefundFailed)}


def disputed(order: Order) -> Money:
    """Return what the customer's bank took back and has not returned."""
    return _taken_back(order.facts, order.bought.currency)


def _taken_back(facts: tuple[events.Fact, ...], currency: str) -> Money:
    """Add up the disputes, each by its name: what comes back of one makes up for no other."""
    gone: dict[str, int] = {}
    for fact in facts:
        if isinstance(fact, events.ChargebackRecorded | events.ChargebackReversed):
            sign = 1 if isinstance(fact, events.ChargebackRecorded) else -1
            gone[fact.reference] = gone.get(fact.reference, 0) + sign * fact.amount.minor
    return Money(minor=sum(max(minor, 0) for minor in gone.values()), currency=currency)


def corrections(order: Order) -> tuple[dict[str, Money], Money]:
    """Return by refund how much of it corrects the invoice, and what is still paid too much.

    A refund gives back first what came in beyond what was owed then; only the rest takes back a
    part of the sale. What goes back for a return always does. A refund that failed has corrected
    the invoice all the same: the money is still the customer's, and the next refund brings it.
    """
    nothing = Money.zero(order.bought.currency)
    owed, gone, again, parts = order.bought.total, nothing, nothing, dict[str, Money]()
    failed = _failed(order)
    for index, fact in enumerate(order.facts):
        if isinstance(fact, events.ChargebackRecorded | events.ChargebackReversed):
            gone -= _taken_back(order.facts[:index], nothing.currency)
            gone += _taken_back(order.facts[: index + 1], nothing.currency)
        elif isinstance(fact, events.RefundRecorded):
            came = received_amount(replace(order, facts=order.facts[:index]))
            surplus = again if fact.return_id else max(came - gone - owed, nothing)
            part = parts[fact.reference] = max(fact.amount - surplus, nothing)
            again = max(again - fact.amount, nothing)
            owed -= part
            if fact.reference in failed:
                again += part
            else:
                gone += fact.amount
    return parts, max(received_amount(order) - gone - owed, nothing)


def surplus(order: Order) -> Money:
    """Return what came in beyond what is owed and has not gone back."""
    return corrections(order)[1]


def outstanding(order: Order) -> Money:
    """Return what the customer still owes; negative when too much came in."""
    return order.bought.total - received_amount(order) - forgiven(order)


def payment(order: Order) -> Payment:
    """Read the payment state: arithmetic over the ledger, so no late event moves it back."""
    received = received_amount(order)
    refunded = total((fact.amount for fact in refunds(order)), order.bought.currency)
    if disputed(order):
        return Payment.CHARGED_BACK
    if refunded:
        return Payment.REFUNDED if refunded >= received else Payment.PARTIALLY_REFUNDED
    if received > order.bought.total:
        return Payment.OVERPAID
    if received + forgiven(order) >= order.bought.total:
        return Payment.PAID
    if received:
        return Payment.PARTIALLY_PAID
    return Payment.AUTHORIZED if order.has(events.PaymentAuthorized) else Payment.UNPAID


def is_settled(order: Order) -> bool:
    """Tell whether the customer has paid in full, whatever went back since."""
    return outstanding(order).minor <= 0


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
        return Fulfillment.SHIPPED if is_settled(order) else Fulfillment.UNFULFILLED
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
    """Read the invoice state; credited once credit notes exist."""
    kinds = {fact.kind for fact in order.all(events.DocumentIssued)}
    if "credit_note" in kinds:
        return Invoice.CREDITED
    return Invoice.ISSUED if "invoice" in kinds else Invoice.NONE


def return_of(order: Order, return_id: str) -> Return:
    """Read how far one return has come."""
    if any(fact.return_id == return_id for fact in refunds(order)):
        return Return.REFUNDED
    if any(fact.return_id == return_id for fact in order.all(events.ReturnReceived)):
        return Return.RECEIVED
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
    done = fulfillment(order) in {Fulfillment.SHIPPED, Fulfillment.RETURNED} and is_settled(order)
    return Lifecycle.COMPLETED if done and not is_back else Lifecycle.ACCEPTED

"""States are read from facts, never written; blockers() says why an order is not shipped yet."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from chalicelib.domain import events
from chalicelib.domain.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import LineItem, Order


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
    Lifecycle.CANCELLED: frozenset(),
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
    nothing = Money.zero(order.bought.currency)
    told = [fact.amount for fact in order.all(events.PaymentReceived) if fact.source == "shop"]
    seen = [fact.amount for fact in order.all(events.PaymentReceived) if fact.source != "shop"]
    return max(*told, nothing, total(seen, nothing.currency))


def _sum(order: Order, kind: type[events.Movement]) -> Money:
    return total((fact.amount for fact in order.all(kind)), order.bought.currency)


def kept(order: Order) -> Money:
    """Return the money that came in and has not gone back."""
    gone = _sum(order, events.RefundRecorded) + _sum(order, events.ChargebackRecorded)
    return received_amount(order) - gone


def outstanding(order: Order) -> Money:
    """Return what the customer still owes; negative when too much came in."""
    return order.bought.total - received_amount(order)


def payment(order: Order) -> Payment:
    """Read the payment state: arithmetic over the ledger, so no late event moves it back."""
    received, refunded = received_amount(order), _sum(order, events.RefundRecorded)
    if _sum(order, events.ChargebackRecorded):
        return Payment.CHARGED_BACK
    if refunded:
        return Payment.REFUNDED if refunded >= received else Payment.PARTIALLY_REFUNDED
    if received > order.bought.total:
        return Payment.OVERPAID
    if received == order.bought.total:
        return Payment.PAID
    if received:
        return Payment.PARTIALLY_PAID
    return Payment.AUTHORIZED if order.has(events.PaymentAuthorized) else Payment.UNPAID


def is_settled(order: Order) -> bool:
    """Tell whether the customer has paid in full, whatever went back since."""
    return outstanding(order).minor <= 0


# ---- goods ---------------------------------------------------------------------------------


def tracked(order: Order) -> tuple[LineItem, ...]:
    """Return the physical lines whose stock we keep: those with a SKU."""
    return tuple(line for line in order.bought.physical() if line.sku)


def wanted(order: Order) -> dict[tuple[str, str], int]:
    """Return the units to set aside in all, by (sku, location)."""
    count: dict[tuple[str, str], int] = {}
    for line in tracked(order):
        key = (line.sku or "", order.policy.location)
        count[key] = count.get(key, 0) + line.quantity
    return count


def reserved(order: Order) -> dict[tuple[str, str], int]:
    """Return the units set aside so far, including those that have gone out since."""
    held = order.allocated(events.StockReserved)
    held.subtract(order.allocated(events.StockReleased))
    return {key: count for key, count in held.items() if count > 0}


def unreserved(order: Order) -> dict[tuple[str, str], int]:
    """Return the units still to be set aside."""
    held = reserved(order)
    rest = {key: count - held.get(key, 0) for key, count in wanted(order).items()}
    return {key: count for key, count in rest.items() if count > 0}


def stock(order: Order) -> Stock:
    """Read the stock state."""
    if not unreserved(order):
        return Stock.RESERVED
    if order.has(events.StockShort):
        return Stock.PARTLY_RESERVED if reserved(order) else Stock.SHORT
    return Stock.PARTLY_RESERVED if reserved(order) else Stock.UNRESERVED


def delivery_notes(order: Order) -> dict[int, events.DocumentIssued]:
    """Return the delivery notes by shipment number."""
    return {
        int(fact.refers_to): fact
        for fact in order.all(events.DocumentIssued)
        if fact.kind == "delivery_note"
    }


def shipments(order: Order) -> dict[int, events.ShipmentRegistered]:
    """Return the registered shipments by their number."""
    return {fact.shipment: fact for fact in order.all(events.ShipmentRegistered)}


def assigned(order: Order) -> dict[str, int]:
    """Return the pieces already on a delivery note, by line id."""
    count: dict[str, int] = {}
    for note in delivery_notes(order).values():
        for line in note.lines:
            count[line.line_id] = count.get(line.line_id, 0) + line.quantity
    return count


def to_ship(order: Order) -> tuple[events.LineQuantity, ...]:
    """Return what could go into the next parcel: set aside, or without stock, and not yet gone."""
    gone, free = assigned(order), reserved(order)
    for line in tracked(order):
        free[line.sku or "", order.policy.location] = free.get(
            (line.sku or "", order.policy.location), 0
        ) - gone.get(line.id, 0)
    parcel = []
    for line in order.bought.physical():
        open_pieces = line.quantity - gone.get(line.id, 0)
        if line.sku:
            key = (line.sku, order.policy.location)
            open_pieces = min(open_pieces, free.get(key, 0))
            free[key] = free.get(key, 0) - max(open_pieces, 0)
        if open_pieces > 0:
            parcel.append(events.LineQuantity(line_id=line.id, quantity=open_pieces))
    return tuple(parcel)


def sent(order: Order) -> dict[str, int]:
    """Return the pieces in registered shipments, by line id."""
    done, count = shipments(order), dict[str, int]()
    for number, note in delivery_notes(order).items():
        for line in note.lines if number in done else ():
            count[line.line_id] = count.get(line.line_id, 0) + line.quantity
    return count


def is_all_shipped(order: Order) -> bool:
    """Tell whether every physical piece is in a registered shipment."""
    gone = sent(order)
    return all(gone.get(line.id, 0) >= line.quantity for line in order.bought.physical())


def fulfillment(order: Order) -> Fulfillment:
    """Read the fulfillment state; an order without parcels is shipped once it is paid."""
    if _is_all_returned(order):
        return Fulfillment.RETURNED
    if not order.bought.physical():
        return Fulfillment.SHIPPED if is_settled(order) else Fulfillment.UNFULFILLED
    if not shipments(order):
        return Fulfillment.UNFULFILLED
    return Fulfillment.SHIPPED if is_all_shipped(order) else Fulfillment.PARTLY_SHIPPED


def _is_all_returned(order: Order) -> bool:
    back: dict[str, int] = {}
    for fact in order.all(events.ReturnReceived):
        for line in fact.lines:
            back[line.line_id] = back.get(line.line_id, 0) + line.quantity
    physical = order.bought.physical()
    return bool(physical) and all(back.get(line.id, 0) >= line.quantity for line in physical)


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
    if any(fact.return_id == return_id for fact in order.all(events.RefundRecorded)):
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
    for fact in order.facts:
        if isinstance(fact, events.OrderCancelled | events.ShipmentRegistered):
            return isinstance(fact, events.OrderCancelled)
    return False


def lifecycle(order: Order) -> Lifecycle:
    """Read where the order stands as a whole."""
    if is_cancelled(order):
        return Lifecycle.CANCELLED
    if not order.has(events.OrderAccepted):
        return Lifecycle.RECEIVED
    is_back = returns(order) in {Return.AUTHORIZED, Return.RECEIVED}
    done = fulfillment(order) in {Fulfillment.SHIPPED, Fulfillment.RETURNED} and is_settled(order)
    return Lifecycle.COMPLETED if done and not is_back else Lifecycle.ACCEPTED


# ---- why is it not shipped yet ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """One reason why an order stands still: whose it is, since when, and what happens next.

    `effect` names the one effect that it stops; without one it stops the parcel.
    """

    code: str
    text: str
    owner: str
    since: datetime
    next: str
    effect: str = ""


def blockers(order: Order, now: datetime) -> list[Blocker]:
    """Return every reason why this order is not shipped yet, the staff's own tasks first."""
    found = [*_held(order), *_money_gone(order), *_cancelled_late(order)]
    if lifecycle(order) in {Lifecycle.RECEIVED, Lifecycle.ACCEPTED}:
        found += [*_unclear(order), *_money_missing(order, now), *_goods_missing(order)]
    return sorted(found, key=lambda blocker: blocker.owner != "staff")


def _held(order: Order) -> Iterator[Blocker]:
    for hold in order.holds():
        yield Blocker(
            code=hold.code,
            text=hold.text,
            owner=hold.owner,
            since=hold.at,
            next="Solve the problem, then release the hold.",
            effect=hold.effect,
        )
    for due in order.all(events.RefundDue):
        if return_of(order, due.return_id) is Return.RECEIVED:
            yield Blocker(
                code="refund_due",
                text=f"{due.amount} are owed for return {due.return_id}.",
                owner="staff",
                since=due.at,
                next="Pay the customer back and record the refund.",
            )


def _money_gone(order: Order) -> Iterator[Blocker]:
    """Yield what went back, or should: nothing is shipped for money that is not there."""
    state, money_back = payment(order), order.last(events.RefundRecorded)
    disputed = order.last(events.ChargebackRecorded)
    if disputed and not order.is_released("charged_back", after=disputed.at):
        yield Blocker(
            code="charged_back",
            text=f"The customer's bank took {disputed.amount} back.",
            owner="staff",
            since=disputed.at,
            next="Answer the dispute or accept it, then release or cancel the order.",
        )
    if is_cancelled(order):
        yield from _kept(order)
        return
    is_early = state is Payment.REFUNDED and not is_all_shipped(order)
    if money_back and is_early and not order.is_released("refunded", after=money_back.at):
        yield Blocker(
            code="refunded",
            text="All the money went back before the goods had left.",
            owner="staff",
            since=money_back.at,
            next="Cancel the order, or release it to ship all the same.",
        )


def _kept(order: Order) -> Iterator[Blocker]:
    left, newest = kept(order), order.last(events.PaymentReceived)
    if newest and left.minor > 0:
        yield Blocker(
            code="refund_due",
            text=f"{left} were paid for a cancelled order.",
            owner="staff",
            since=newest.at,
            next="Pay the customer back and record the refund.",
        )


def _cancelled_late(order: Order) -> Iterator[Blocker]:
    fact = order.last(events.OrderCancelled)
    if fact is None or is_cancelled(order) or payment(order) is Payment.REFUNDED:
        return
    if not order.is_released("cancelled_late", after=fact.at):
        yield Blocker(
            code="cancelled_late",
            text="It was cancelled after a parcel had left.",
            owner="staff",
            since=fact.at,
            next="Call the parcel back or agree to a return, record the refund, then release.",
        )


def _unclear(order: Order) -> Iterator[Blocker]:
    bought, since = order.bought, order.received.at
    if bought.difference() and not order.is_released("total_mismatch"):
        yield Blocker(
            code="total_mismatch",
            text=f"The shop's total is {bought.total}, its lines add up to "
            f"{bought.lines_total()}: {bought.difference()} apart.",
            owner="staff",
            since=since,
            next="Compare with the shop, then release the order or cancel it.",
        )
    if not bought.lines and not order.is_released("no_lines"):
        yield _clarify("no_lines", "The order has no lines.", since)
    if is_all_shipped(order) and bought.lines:
        return
    changed = order.last(events.ShopChangeReported)
    if changed and not order.is_released("changed_in_shop", after=changed.at):
        text = f"The shop has changed the order: {'; '.join(changed.changes)}."
        yield _clarify("changed_in_shop", text, changed.at)
    nameless = [line.name for line in bought.physical() if not line.sku]
    if nameless and not order.is_released("missing_sku"):
        names = ", ".join(nameless)
        yield _clarify("missing_sku", f"No SKU, so no stock can be set aside: {names}.", since)
    if not bought.shipping.is_deliverable() and not order.is_released("missing_address"):
        yield _clarify("missing_address", "The delivery address is not complete.", since)


def _clarify(code: str, text: str, since: datetime) -> Blocker:
    return Blocker(
        code=code, text=text, owner="staff", since=since, next="Correct it in the shop or release."
    )


def _money_missing(order: Order, now: datetime) -> Iterator[Blocker]:
    if is_settled(order) or (order.policy.ship_on == "acceptance" and is_all_shipped(order)):
        return
    if order.policy.ship_on == "acceptance":
        return
    overdue = order.last(events.PaymentOverdue)
    days = (now - order.received.at).days
    yield Blocker(
        code="payment_overdue" if overdue else "unpaid",
        text=f"{outstanding(order)} of {order.bought.total} are not paid yet ({days} days).",
        owner="staff" if overdue else "customer",
        since=overdue.at if overdue else order.received.at,
        next="Remind the customer or cancel the order."
        if overdue
        else "Goes on by itself when the money arrives.",
    )


def _goods_missing(order: Order) -> Iterator[Blocker]:
    rest = unreserved(order)
    short = order.last(events.StockShort)
    if not rest or short is None:
        return
    for item in short.missing:
        if (item.sku, order.policy.location) not in rest:
            continue
        is_unknown = item.available is None
        yield Blocker(
            code="unknown_sku" if is_unknown else "short_stock",
            text=f"SKU {item.sku} is not known in stock."
            if is_unknown
            else f"SKU {item.sku}: {item.wanted} wanted, {item.available} available.",
            owner="staff",
            since=short.at,
            next="Create the product or correct the SKU."
            if is_unknown
            else "Goes on by itself when stock arrives.",
        )


# Blockers that stop the parcel; everything else is a task beside it.
BESIDE = frozenset({"refund_due"})


def is_ready_to_ship(order: Order, now: datetime) -> bool:
    """Tell whether the next parcel may be packed."""
    if lifecycle(order) is not Lifecycle.ACCEPTED or not to_ship(order):
        return False
    allowed = BESIDE | ({"short_stock", "unknown_sku"} if order.policy.partial_shipments else set())
    stopping = [b for b in blockers(order, now) if b.code not in allowed and not b.effect]
    return not stopping and (order.policy.partial_shipments or not unreserved(order))


# ---- work lists ------------------------------------------------------------------------------

WORKLISTS = ("unpaid", "to_ship", "on_hold", "returns", "shipped", "cancelled")
OPEN = ("unpaid", "to_ship", "on_hold", "returns")


def worklist(order: Order, now: datetime) -> str:
    """Return the one list a member of staff finds the order on."""
    if returns(order) in {Return.AUTHORIZED, Return.RECEIVED}:
        return "returns"
    reasons = blockers(order, now)
    if any(reason.owner == "staff" for reason in reasons):
        return "on_hold"
    if lifecycle(order) is Lifecycle.CANCELLED:
        return "cancelled"
    if any(reason.code == "unpaid" for reason in reasons):
        return "unpaid"
    if fulfillment(order) is Fulfillment.UNFULFILLED or not is_all_shipped(order):
        return "to_ship"
    return "shipped" if is_settled(order) else "unpaid"

"""Why an order waits, whose turn it is, and on which work list it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import (
    arrears,
    balance,
    doubts,
    events,
    goods,
    refunding,
    revision,
    scarcity,
    states,
)
from chalicelib.domain.blocker import Blocker
from chalicelib.domain.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order


def blockers(order: Order, now: datetime) -> list[Blocker]:
    """Return every reason why this order is not shipped yet, the staff's own tasks first."""
    found = [*_held(order), *doubts.remarked(order), *_money_gone(order), *_cancelled_late(order)]
    found += [*doubts.changed(order), *_came_back(order)]
    if states.lifecycle(order) in {states.Lifecycle.RECEIVED, states.Lifecycle.ACCEPTED}:
        found += [*doubts.unclear(order), *arrears.blockers(order, now), *scarcity.blockers(order)]
    found += _overpaid(order)
    return sorted(found, key=lambda blocker: blocker.owner != "staff")


NEXT = {
    "refund_refused": "Release to try it again, or withdraw the refund and pay another way.",
    "refund_unknown": "See at the provider whether it was paid; release to ask it again.",
}


def _held(order: Order) -> Iterator[Blocker]:
    for hold in order.holds():
        yield Blocker(
            code=hold.code,
            text=hold.text,
            owner=hold.owner,
            since=hold.at,
            next=NEXT.get(hold.code, "Solve the problem, then release the hold."),
            effect=hold.effect,
        )
    for due, left in _due_back(order):
        yield Blocker(
            code="refund_due",
            text=f"{left} are owed for return {due.return_id}.",
            owner="staff",
            since=due.at,
            next="Pay the customer back and record the refund.",
        )


def _due_back(order: Order) -> Iterator[tuple[events.RefundDue, Money]]:
    """Yield what is owed for returns and not on its way yet."""
    ordered = {request.return_id for request in refunding.underway(order)}
    for due in order.all(events.RefundDue):
        left = balance.due_back(order, due.return_id)
        is_in = states.return_of(order, due.return_id) is states.Return.RECEIVED
        if left and is_in and due.return_id not in ordered:
            yield due, left


def _money_gone(order: Order) -> Iterator[Blocker]:
    """Yield what went back, or should: nothing is shipped for money that is not there."""
    state, money_back = states.payment(order), order.last(events.RefundRecorded)
    disputed = order.last(events.ChargebackRecorded) if balance.is_taken_back(order) else None
    if disputed and not order.is_released("charged_back", after=disputed.at):
        yield Blocker(
            code="charged_back",
            text=f"The customer's bank took {disputed.amount} back.",
            owner="staff",
            since=disputed.at,
            next="Answer the dispute or accept it, then release or cancel the order.",
        )
    if states.is_cancelled(order):
        yield from _kept(order)
        return
    is_early = state is states.Payment.REFUNDED and not goods.is_all_shipped(order)
    if money_back and is_early and not order.is_released("refunded", after=money_back.at):
        yield Blocker(
            code="refunded",
            text="All the money went back before the goods had left.",
            owner="staff",
            since=money_back.at,
            next="Cancel the order, or release it to ship all the same.",
        )


def _kept(order: Order) -> Iterator[Blocker]:
    left, newest = refunding.refundable(order), order.last(events.PaymentReceived)
    if newest and left.minor > 0:
        yield Blocker(
            code="refund_due",
            text=f"{left} were paid for a cancelled order.",
            owner="staff",
            since=newest.at,
            next="Pay the customer back and record the refund.",
        )


def _overpaid(order: Order) -> Iterator[Blocker]:
    credits_given = {fact.return_id for fact in order.all(events.ReturnCredited)}
    # What is owed for a credited return is paid too much as well, and told once.
    told = (left for due, left in _due_back(order) if due.return_id in credits_given)
    left = balance.surplus(order) - refunding.promised(order)
    left -= total(told, left.currency)
    newest = order.last(events.PaymentReceived)
    since = max(newest.at, revision.since(order)) if newest else order.received.at
    is_off = states.is_cancelled(order)
    if left.minor > 0 and not is_off and not order.is_released("overpaid", after=since):
        yield Blocker(
            code="overpaid",
            text=f"{left} were paid more than the order costs.",
            owner="staff",
            since=since,
            next="Pay the customer back and record the refund, or release to keep it.",
        )


def _came_back(order: Order) -> Iterator[Blocker]:
    """Yield the newest refund that did not arrive, unless something was done about it since."""
    fact = order.last(events.RefundFailed)
    if fact is None or refunding.refundable(order).minor <= 0:
        return
    later = order.facts[order.facts.index(fact) + 1 :]
    done = (events.RefundRequested, events.RefundRecorded)
    if any(isinstance(one, done) for one in later):
        return
    if not order.is_released("refund_failed", after=fact.at):
        yield Blocker(
            code="refund_failed",
            text=f"The refund of {fact.amount} did not reach the customer.",
            owner="staff",
            since=fact.at,
            next="Refund it again, another way if need be, or release to leave it.",
        )


def _cancelled_late(order: Order) -> Iterator[Blocker]:
    fact = next(iter(states.cancellations(order)), None)
    if (
        fact is None
        or states.is_cancelled(order)
        or states.payment(order) is states.Payment.REFUNDED
        or balance.is_void(order)
    ):
        return
    if not order.is_released("cancelled_late", after=fact.at):
        yield Blocker(
            code="cancelled_late",
            text="It was cancelled after a parcel had left.",
            owner="staff",
            since=fact.at,
            next="Call the parcel back or agree to a return, record the refund, then release.",
        )


# Blockers that stop the parcel; everything else is a task beside it.
BESIDE = frozenset({"refund_due", "overpaid", "refund_failed"})


def is_ready_to_ship(order: Order, now: datetime) -> bool:
    """Tell whether the next parcel may be packed."""
    if states.lifecycle(order) is not states.Lifecycle.ACCEPTED or not goods.to_ship(order):
        return False
    allowed = BESIDE | (scarcity.PARTIAL if order.policy.partial_shipments else set())
    stopping = [b for b in blockers(order, now) if b.code not in allowed and not b.effect]
    return not stopping and (order.policy.partial_shipments or not goods.unreserved(order))


WORKLISTS = ("unpaid", "to_ship", "on_hold", "returns", "shipped", "cancelled")


OPEN = ("unpaid", "to_ship", "on_hold", "returns")


# What the customer is to do, or who collects the money from them.
WAITING = frozenset({"unpaid", "payment_overdue", "in_collection"})


def worklist(order: Order, now: datetime, known: list[Blocker] | None = None) -> str:
    """Return the one list a member of staff finds the order on; its blockers may be `known`."""
    if states.returns(order) in {states.Return.AUTHORIZED, states.Return.RECEIVED}:
        return "returns"
    reasons = blockers(order, now) if known is None else known
    if any(reason.owner == "staff" for reason in reasons):
        return "on_hold"
    if states.lifecycle(order) is states.Lifecycle.CANCELLED:
        return _over(order)
    if any(reason.code in WAITING for reason in reasons):
        return "unpaid"
    if states.fulfillment(order) is states.Fulfillment.UNFULFILLED or not goods.is_all_shipped(
        order
    ):
        return "to_ship"
    return _over(order)


def _over(order: Order) -> str:
    """Return the list of an order of which nothing is to be sent any more."""
    if refunding.underway(order):
        return "returns"
    if states.lifecycle(order) is states.Lifecycle.CANCELLED:
        return "cancelled"
    return "shipped" if balance.is_settled(order) else "unpaid"

"""What stands in an order's way because its money is missing, and whose turn it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import balance, dunning, events, goods
from chalicelib.domain.blocker import Blocker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order


def blockers(order: Order, now: datetime) -> Iterator[Blocker]:
    """Yield why an order waits for money; nothing where enough came in, or may come later."""
    if balance.is_paid(order):
        return
    if balance.is_settled(order):
        yield from _written_off(order)
        return
    overdue = order.last(events.PaymentOverdue)
    # Who buys on account owes nothing before the goods are on their way.
    if order.policy.ship_on == "acceptance" and not (overdue and goods.is_all_shipped(order)):
        return
    left = f"{balance.outstanding(order)} of {balance.owed(order)} are not paid yet"
    text = f"{left} ({(now - order.received.at).days} days)."
    if overdue is None:
        then = "Goes on by itself when the money arrives."
        since = order.received.at
        yield Blocker(code="unpaid", text=text, owner="customer", since=since, next=then)
    else:
        code, owner, then = _turn(order, now)
        yield Blocker(code=code, text=text, owner=owner, since=overdue.at, next=then)


def _turn(order: Order, now: datetime) -> tuple[str, str, str]:
    """Return what an overdue payment is called, whose turn it is, and what happens next."""
    if order.has(events.CollectionHandedOver):
        return "in_collection", "customer", "Book what the agency pays out, or write off the rest."
    if dunning.is_for_collection(order, now):
        return "collection_due", "staff", "Hand it over for collection, or write it off."
    if dunning.is_in_hand(order):
        return "payment_overdue", "customer", "The customer is reminded by itself."
    return "payment_overdue", "staff", "Remind the customer or cancel the order."


def _written_off(order: Order) -> Iterator[Blocker]:
    """Money that is lost settles the books, but nothing is sent for it."""
    lost = order.last(events.WriteOffRecorded)
    if lost and not goods.is_all_shipped(order):
        yield Blocker(
            code="written_off",
            text=f"{lost.amount} were written off as lost.",
            owner="staff",
            since=lost.at,
            next="Cancel the order.",
        )

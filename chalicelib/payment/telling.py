"""What a bank transaction tells of the orders it belongs to, as facts of their ledgers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import refunding
from chalicelib.domain.events import (
    ChargebackRecorded,
    FeeCharged,
    PaymentReceived,
    RefundRecorded,
    WriteOffRecorded,
)
from chalicelib.store.bank import Kind, told_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from chalicelib.domain.events import Fact
    from chalicelib.domain.order import Order
    from chalicelib.store.bank import Entry, Part, Proposal, Told


def told(entry: Entry, proposal: Proposal, orders: Iterable[Order], now: datetime) -> list[Told]:
    """Return what is told of each order when a transaction is booked so."""
    known = {order.id: order for order in orders}
    return [
        one
        for part in proposal.parts
        for one in _told(known[part.order_id], facts_of(entry, part, proposal, now))
    ]


def _told(order: Order, facts: Iterable[Fact]) -> Iterable[Told]:
    return told_of(order, tuple(refunding.explained(order, fact) for fact in facts))


def facts_of(entry: Entry, part: Part, proposal: Proposal, now: datetime) -> tuple[Fact, ...]:
    """Return the facts of one order's share."""
    if part.kind is Kind.RETURNED:
        return _returned(entry, part, now)
    if part.kind is Kind.REFUND:
        return (_refunded(entry, part, now),)
    came = PaymentReceived(
        at=now,
        source="bank",
        reference=entry.reference,
        amount=part.amount,
        booked_at=entry.booked_at,
    )
    if not part.forgiven:
        return (came,)
    let_go = WriteOffRecorded(
        at=now,
        source="bank",
        reference=entry.reference,
        amount=part.forgiven,
        booked_at=entry.booked_at,
        kind=part.why or "tolerance",
        reason="; ".join(proposal.reasons),
        by=entry.by or "kontor",
    )
    return (came, let_go)


def _returned(entry: Entry, part: Part, now: datetime) -> tuple[Fact, ...]:
    """Tell of a debit that was returned, and of what the bank took for it."""
    gone = ChargebackRecorded(
        at=now,
        source="bank",
        reference=entry.reference,
        amount=part.amount,
        booked_at=entry.booked_at,
    )
    if not part.fee:
        return (gone,)
    fee = FeeCharged(
        at=now,
        source="bank",
        reference=entry.reference,
        amount=part.fee,
        booked_at=entry.booked_at,
        payment=part.reference or entry.transaction.end_to_end_id,
    )
    return (gone, fee)


def _refunded(entry: Entry, part: Part, now: datetime) -> RefundRecorded:
    """Tell of a refund that has left; by the name it was ordered under, it is told once."""
    return RefundRecorded(
        at=now,
        source="bank",
        reference=part.reference or entry.reference,
        amount=part.amount,
        booked_at=entry.booked_at,
        refund_id=part.reference,
        by=entry.by,
    )

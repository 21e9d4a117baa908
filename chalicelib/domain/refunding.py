"""Refunds that we pay out ourselves: what may go back, of which payment, and how far each is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from chalicelib.domain import balance, events, states
from chalicelib.domain.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.domain.order import Order

F = TypeVar("F", bound=events.Fact)

# Of these no payment is known that money could go back to.
NO_PAYMENT = frozenset({"shop", "manual", "cash"})
# Who tells of a refund that a person has paid without saying which it was.
BY_HAND = frozenset({"bank", "manual"})
# Where it is not known whether the provider has paid: this must never be paid another way unseen.
UNKNOWN = "refund_unknown"


class Progress(StrEnum):
    """How far a refund is that was ordered."""

    ORDERED = "ordered"
    LISTED = "listed"
    PAID = "paid"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A payment of which something may go back; `payment` is the provider's name of it."""

    source: str
    payment: str
    reference: str
    left: Money


def payment_of(fact: events.PaymentReceived | events.RefundRecorded) -> str:
    """Return the provider's name of the payment that a movement belongs to."""
    return fact.payment or fact.reference


def effect(refund_id: str) -> str:
    """Name the effect of paying a refund."""
    return f"refund:{refund_id}"


def request_of(order: Order, refund_id: str) -> events.RefundRequested | None:
    """Return what was ordered under a name."""
    found = (x for x in order.all(events.RefundRequested) if x.refund_id == refund_id)
    return next(found, None)


def explained(order: Order, fact: F) -> F:
    """Return a refund of ours with what was ordered; any other fact as it is."""
    if not isinstance(fact, events.RefundRecorded):
        return fact
    request = request_of(order, fact.refund_id) if fact.refund_id else met_by(order, fact)
    if request is None:
        return fact
    return replace(
        fact,
        refund_id=request.refund_id,
        return_id=request.return_id,
        payment=fact.payment or request.payment,
        by=fact.by or request.by,
    )


def met_by(order: Order, fact: events.RefundRecorded) -> events.RefundRequested | None:
    """Return the transfer on the list in whose place a person has paid: by its name or amount."""
    if fact.source not in BY_HAND or fact.identity in {x.identity for x in order.facts}:
        return None
    listed = [
        request
        for request in order.all(events.RefundRequested)
        if request.way == "transfer" and progress(order, request) is Progress.LISTED
    ]
    named = [one for one in listed if one.refund_id == fact.reference]
    alike = [one for one in listed if one.amount == fact.amount]
    same = [one for one in alike if fact.return_id in {"", one.return_id}]
    return next(iter(named or same), None)


def progress(order: Order, request: events.RefundRequested) -> Progress:
    """Tell how far a refund is."""
    name = request.refund_id
    listed = [x for x in order.all(events.RefundListed) if x.refund_id == name]
    names = {x.reference for x in listed if x.reference}
    recorded = order.all(events.RefundRecorded)
    paid = [x for x in recorded if x.refund_id == name or x.reference in names]
    if request.way == "transfer":
        # What a person has paid in its place, and taken back as a mistake, was not paid.
        there = balance.standing(order, events.RefundRecorded)
        paid = [x for x in paid if x.reference == name or x in there]
    if paid:
        there = balance.refunds(order)
        return Progress.PAID if any(x in there for x in paid) else Progress.FAILED
    if any(x.refund_id == name for x in order.all(events.RefundWithdrawn)):
        return Progress.WITHDRAWN
    return Progress.LISTED if listed else Progress.ORDERED


def is_underway(order: Order, request: events.RefundRequested) -> bool:
    """Tell whether a refund was ordered and has neither been paid nor withdrawn."""
    return progress(order, request) in {Progress.ORDERED, Progress.LISTED}


def underway(order: Order) -> tuple[events.RefundRequested, ...]:
    """Return the refunds that are still to be paid."""
    return tuple(x for x in order.all(events.RefundRequested) if is_underway(order, x))


def is_to_credit(order: Order, return_id: str) -> bool:
    """Tell whether goods that came back are to lower what is owed, for it is not paid in full.

    Also when that shows later, as a payment turns out to be none. What a refund settles is not.
    """
    settled = {fact.return_id for fact in balance.refunds(order)}
    settled |= {request.return_id for request in underway(order)}
    settled |= {fact.return_id for fact in order.all(events.ReturnCredited)}
    if states.is_cancelled(order) or return_id in settled:
        return False
    is_in = any(x.return_id == return_id for x in order.all(events.ReturnReceived))
    return is_in and balance.wanted(order).minor > 0


def promised(order: Order) -> Money:
    """Return what is on its way back to the customer but has not left."""
    return total((x.amount for x in underway(order)), order.bought.currency)


def refundable(order: Order) -> Money:
    """Return the most that may still go back: what came in, less what went or is to go."""
    left = balance.kept(order) - promised(order)
    return max(left, Money.zero(order.bought.currency))


def sources(order: Order) -> tuple[Source, ...]:
    """Return the payments of which something is left, the newest first."""
    found: dict[tuple[str, str], Source] = {}
    for fact in reversed(balance.standing(order, events.PaymentReceived)):
        if fact.source in NO_PAYMENT:
            continue
        key = (fact.source, payment_of(fact))
        before = found[key].left if key in found else Money.zero(order.bought.currency)
        found[key] = Source(
            source=fact.source,
            payment=key[1],
            reference=fact.reference,
            left=before + fact.amount,
        )
    gone = [(x.source, x.payment, x.amount) for x in underway(order)]
    gone += [(x.source, x.payment, x.amount) for x in balance.refunds(order)]
    left = _less(found, gone)
    return tuple(one for one in left if one.left.minor > 0)


def _less(
    found: dict[tuple[str, str], Source], gone: Iterable[tuple[str, str, Money]]
) -> list[Source]:
    """Take what went back off its payment; what names none comes off any of the same source."""
    left = {key: one.left.minor for key, one in found.items()}
    for source, payment, amount in sorted(gone, key=lambda one: (one[0], one[1]) not in found):
        rest = amount.minor
        named = [(source, payment)] if (source, payment) in left else []
        for key in named or [key for key in left if key[0] == source] or list(left):
            part = min(rest, left[key])
            left[key], rest = left[key] - part, rest - part
    return [
        Source(
            source=one.source,
            payment=one.payment,
            reference=one.reference,
            left=Money(minor=left[key], currency=one.left.currency),
        )
        for key, one in found.items()
    ]


def shares(sources: Iterable[Source], amount: Money) -> list[tuple[Source, Money]]:
    """Split an amount over payments in their order, each up to what is left of it."""
    rest, found = amount, []
    for one in sources:
        part = min(rest, one.left)
        if part.minor > 0:
            found.append((one, part))
            rest -= part
    return found

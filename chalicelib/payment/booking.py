"""Booking a bank transaction: with the facts of its orders in one transaction, and back again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain import balance
from chalicelib.domain.errors import Conflict, Permanent
from chalicelib.domain.events import MovementUndone, PaymentReceived, WriteOffRecorded
from chalicelib.domain.money import Money, total
from chalicelib.store.bank import Bank, Entry, Part, Proposal, State, Told, told_of
from chalicelib.store.orders import Orders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from chalicelib.domain.events import Fact
    from chalicelib.domain.order import Order

TRIES = 5
FREE = frozenset({State.UNMATCHED, State.SUGGESTED, State.IGNORED, State.PAYOUT})
MOST_ORDERS = 20  # paid by one transfer


def told(entry: Entry, proposal: Proposal, orders: Iterable[Order], now: datetime) -> list[Told]:
    """Return what is told of each order when a transaction is booked so."""
    known = {order.id: order for order in orders}
    return [
        one
        for part in proposal.parts
        for one in told_of(known[part.order_id], facts_of(entry, part, proposal, now))
    ]


def facts_of(entry: Entry, part: Part, proposal: Proposal, now: datetime) -> tuple[Fact, ...]:
    """Return the facts of one order's share."""
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


def assign(
    merchant_id: str,
    entry_id: str,
    wanted: Sequence[tuple[str, Money | None]],
    *,
    by: str,
    tolerance: int,
    now: datetime,
) -> Entry:
    """Book a transaction on these orders, whole or in these amounts, as a person says."""

    def booked(entry: Entry) -> tuple[Entry, list[Told]]:
        _check_free(entry)
        orders = [_load(merchant_id, name) for name, _ in wanted]
        parts = _parts(entry, orders, [amount for _, amount in wanted], tolerance)
        after = replace(
            entry,
            state=State.BOOKED,
            booked=Proposal(parts=parts, score=100, reasons=(f"by {by}",)),
            by=by,
            note="",
        )
        return after, told(after, after.booked or _nothing(), orders, now)

    return _changed(merchant_id, entry_id, booked)


def ignore(merchant_id: str, entry_id: str, *, by: str, reason: str) -> Entry:
    """Say that a transaction belongs to no order."""

    def ignored(entry: Entry) -> tuple[Entry, list[Told]]:
        _check_free(entry)
        return replace(entry, state=State.IGNORED, by=by, note=reason), []

    return _changed(merchant_id, entry_id, ignored)


def undo(merchant_id: str, entry_id: str, *, by: str, reason: str, now: datetime) -> Entry:
    """Take a booking back, in every order that it touched; the transaction waits again."""

    def waiting(entry: Entry) -> tuple[Entry, list[Told]]:
        after = replace(entry, state=State.UNMATCHED, booked=None, by=by, note=reason)
        if entry.state is State.IGNORED:
            return after, []
        if entry.state is not State.BOOKED or entry.booked is None:
            raise Permanent("not_booked", "It is not booked, so there is nothing to undo.")
        fact = MovementUndone(
            at=now, of_source="bank", of_reference=entry.reference, by=by, reason=reason
        )
        orders = [_load(merchant_id, part.order_id) for part in entry.booked.parts]
        after = replace(after, times=entry.times + 1)
        return after, [one for order in orders for one in told_of(order, [fact])]

    return _changed(merchant_id, entry_id, waiting)


def _changed(
    merchant_id: str, entry_id: str, change: Callable[[Entry], tuple[Entry, list[Told]]]
) -> Entry:
    """Change a transaction as it is now; somebody else may write it or its orders meanwhile."""
    for _ in range(TRIES):
        entry = Bank().load(merchant_id, entry_id)
        if entry is None:
            raise Permanent("not_found", "There is no such payment.")
        after, facts = change(entry)
        try:
            return Bank().change(merchant_id, after, facts)
        except Conflict:
            continue
    raise Conflict("conflict", "somebody else is changing it")


def _check_free(entry: Entry) -> None:
    if entry.state is State.BOOKED and entry.booked:
        numbers = ", ".join(part.number for part in entry.booked.parts)
        raise Permanent("matched", f"It is booked on order {numbers} already: undo that first.")
    if entry.state not in FREE:
        raise Permanent("no_income", "This money went out, so it pays no order.")


def _load(merchant_id: str, order_id: str) -> Order:
    order = Orders().load(merchant_id, order_id)
    if order is None:
        raise Permanent("no_such_order", f"order_id: there is no order {order_id}.")
    return order


def _parts(
    entry: Entry, orders: Sequence[Order], amounts: Sequence[Money | None], tolerance: int
) -> tuple[Part, ...]:
    """Return the shares of the orders, which must be all of the money and no more."""
    whole = entry.transaction.amount
    if not 0 < len(orders) <= MOST_ORDERS or len({order.id for order in orders}) < len(orders):
        text = f"orders: name between 1 and {MOST_ORDERS}, each once."
        raise Permanent("bad_orders", text)
    given = [amount or whole for amount in amounts]
    for order, amount in zip(orders, given, strict=True):
        if not order.bought.currency == amount.currency == whole.currency:
            text = f"{whole.currency} came in, the order is in {order.bought.currency}."
            raise Permanent("wrong_currency", text)
        if amount.minor <= 0:
            raise Permanent("bad_amount", "amount: must be above zero.")
    if total(given, whole.currency) != whole:
        text = f"amount: together {total(given, whole.currency)}, but {whole} came in."
        raise Permanent("bad_amount", text)
    return tuple(
        _part(entry, order, amount, tolerance) for order, amount in zip(orders, given, strict=True)
    )


def _part(entry: Entry, order: Order, amount: Money, tolerance: int) -> Part:
    """Return one share; cents, and a discount that was suggested, need not be paid."""
    short = balance.outstanding(order) - amount
    part = Part(order_id=order.id, number=order.bought.number, amount=amount)
    if short.minor <= 0:
        return part
    if short.minor <= tolerance:
        return replace(part, forgiven=short, why="tolerance")
    for proposal in entry.suggestions:
        for one in proposal.parts:
            if one.order_id == order.id and one.amount == amount and one.forgiven == short:
                return one
    return part


def _nothing() -> Proposal:
    return Proposal(parts=(), score=0)

"""Booking a bank transaction: with the facts of its orders in one transaction, and back again."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain import balance
from chalicelib.domain.errors import Conflict, Permanent
from chalicelib.domain.events import MovementUndone
from chalicelib.domain.money import Money, total
from chalicelib.payment import transfers
from chalicelib.payment.telling import told
from chalicelib.store.bank import Bank, Entry, Kind, Part, Proposal, State, told_of
from chalicelib.store.orders import Orders
from chalicelib.store.payouts import Payouts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from chalicelib.domain.order import Order
    from chalicelib.store.bank import Told

TRIES = 5
FREE = frozenset({State.UNMATCHED, State.SUGGESTED, State.IGNORED, State.PAYOUT, State.OUTGOING})
MOST_ORDERS = 20  # paid by one transfer


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

    entry = _changed(merchant_id, entry_id, booked)
    _in_step(merchant_id, entry.booked)
    return entry


def ignore(merchant_id: str, entry_id: str, *, by: str, reason: str) -> Entry:
    """Say that a transaction belongs to no order."""

    def ignored(entry: Entry) -> tuple[Entry, list[Told]]:
        _check_free(entry)
        return replace(entry, state=State.IGNORED, by=by, note=reason), []

    return _changed(merchant_id, entry_id, ignored)


def undo(merchant_id: str, entry_id: str, *, by: str, reason: str, now: datetime) -> Entry:
    """Take a booking back, in every order that it touched; the transaction waits again."""
    if (joined := Bank().load(merchant_id, entry_id)) and joined.paid_out:
        return _parted(merchant_id, joined, by, reason)

    def waiting(entry: Entry) -> tuple[Entry, list[Told]]:
        is_ours = entry.transaction.amount.minor < 0 and not entry.transaction.is_return
        state = State.OUTGOING if is_ours else State.UNMATCHED
        after = replace(entry, state=state, booked=None, by=by, note=reason)
        if entry.state is State.IGNORED:
            return after, []
        if entry.state is not State.BOOKED or entry.booked is None:
            raise Permanent("not_booked", "It is not booked, so there is nothing to undo.")
        after = replace(after, times=entry.times + 1)
        undone = [
            one
            for part in entry.booked.parts
            for one in told_of(
                _load(merchant_id, part.order_id), [_undone(entry, part, by, reason, now)]
            )
        ]
        return after, undone

    entry = _changed(merchant_id, entry_id, waiting)
    _in_step(merchant_id, joined.booked if joined else None)
    return entry


def _in_step(merchant_id: str, booked: Proposal | None) -> None:
    """Keep the list of transfers to what nobody has paid back by hand."""
    for part in booked.parts if booked else ():
        if part.kind is Kind.REFUND:
            transfers.in_step(_load(merchant_id, part.order_id))


def _parted(merchant_id: str, entry: Entry, by: str, reason: str) -> Entry:
    """Say that a transaction is not the payout it was taken for; it waits for a person."""
    state = State.UNMATCHED if entry.transaction.amount.minor > 0 else State.OUTGOING
    after = replace(entry, state=state, by=by, note=reason, times=entry.times + 1)
    Payouts().part(merchant_id, after)
    return replace(after, paid_out=None, version=entry.version + 1)


def _undone(entry: Entry, part: Part, by: str, reason: str, now: datetime) -> MovementUndone:
    is_refund = part.kind is Kind.REFUND and part.reference
    reference = part.reference if is_refund else entry.reference
    return MovementUndone(at=now, of_source="bank", of_reference=reference, by=by, reason=reason)


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
    if entry.paid_out:
        text = f"It is the payout {entry.paid_out.reference} already: undo that first."
        raise Permanent("matched", text)
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
    one = entry.transaction
    whole = one.came_back if one.is_return else one.amount if one.amount.minor > 0 else -one.amount
    if not 0 < len(orders) <= MOST_ORDERS or len({order.id for order in orders}) < len(orders):
        text = f"orders: name between 1 and {MOST_ORDERS}, each once."
        raise Permanent("bad_orders", text)
    given = [amount or whole for amount in amounts]
    for order, amount in zip(orders, given, strict=True):
        if not order.bought.currency == amount.currency == whole.currency:
            text = f"{whole.currency} were booked, the order is in {order.bought.currency}."
            raise Permanent("wrong_currency", text)
        if amount.minor <= 0:
            raise Permanent("bad_amount", "amount: must be above zero.")
    if total(given, whole.currency) != whole:
        text = f"amount: together {total(given, whole.currency)}, but {whole} were booked."
        raise Permanent("bad_amount", text)
    return tuple(
        _part(entry, order, amount, tolerance) for order, amount in zip(orders, given, strict=True)
    )


def _part(entry: Entry, order: Order, amount: Money, tolerance: int) -> Part:
    """Return one share; cents, and a discount that was suggested, need not be paid."""
    short = balance.wanted(order) - amount
    kind = _kind(entry)
    if kind is not Kind.PAID and balance.kept(order) < amount:
        text = f"{amount} went out, which is more than came in for order {order.bought.number}."
        raise Permanent("no_income", text)
    fee = entry.transaction.return_fee if kind is Kind.RETURNED else None
    part = Part(order_id=order.id, number=order.bought.number, amount=amount, kind=kind, fee=fee)
    if kind is not Kind.PAID or short.minor <= 0:
        return part
    if short.minor <= tolerance:
        return replace(part, forgiven=short, why="tolerance")
    for proposal in entry.suggestions:
        for one in proposal.parts:
            if one.order_id == order.id and one.amount == amount and one.forgiven == short:
                return one
    return part


def _kind(entry: Entry) -> Kind:
    if entry.transaction.amount.minor > 0:
        return Kind.PAID
    return Kind.RETURNED if entry.transaction.is_return else Kind.REFUND


def _nothing() -> Proposal:
    return Proposal(parts=(), score=0)

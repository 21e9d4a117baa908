"""Movements of providers that a person has said belong to no order: kept, but not waiting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.store.payments import PaymentRow, awaited_by
from chalicelib.store.tables import translated

if TYPE_CHECKING:
    from pynamodb.expressions.update import Action

    from chalicelib.store.payments import ParkedPayment


def aside_of(merchant_id: str) -> str:
    """Return where the index lists what was put aside."""
    return f"{merchant_id}#aside"


def put_aside(merchant_id: str, payment: ParkedPayment, reason: str) -> None:
    """Take a movement off those that wait; Conflict if it does not wait, or somebody books it."""
    free = (PaymentRow.parked_of == merchant_id) & PaymentRow.order_id.does_not_exist()
    changes: list[Action] = [
        PaymentRow.parked_of.set(aside_of(merchant_id)),
        PaymentRow.waits_for.remove(),
        PaymentRow.detail.set(reason),
    ]
    with translated():
        PaymentRow(merchant_id, payment.id).update(changes, condition=free)


def take_back(merchant_id: str, payment: ParkedPayment) -> None:
    """Let a movement that was put aside wait again; Conflict if it was not."""
    changes: list[Action] = [PaymentRow.parked_of.set(merchant_id), PaymentRow.detail.remove()]
    if place := awaited_by(merchant_id, payment):
        changes.append(PaymentRow.waits_for.set(place))
    with translated():
        PaymentRow(merchant_id, payment.id).update(
            changes, condition=PaymentRow.parked_of == aside_of(merchant_id)
        )

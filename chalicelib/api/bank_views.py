"""Movements of money that wait, and transactions of the bank, as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.api.money_views import money
from chalicelib.store.tables import stamp

if TYPE_CHECKING:
    from chalicelib.store.bank import Entry, Part
    from chalicelib.store.payments import ParkedPayment

# Why a movement of a provider waits.
WAITS = {
    "unnamed": "The provider names no order.",
    "unknown": "There is no order of this name yet.",
    "several": "Several orders have this name.",
    "currency": "The order is in another currency.",
}


def parked_view(payment: ParkedPayment) -> dict[str, Any]:
    """Show a movement of a provider, and why it waits."""
    return {
        "id": payment.id,
        "kind": payment.kind,
        "source": payment.source,
        "reference": payment.reference,
        "amount": money(payment.amount),
        "booked_at": stamp(payment.booked_at),
        "payer": payment.payer,
        "remittance": payment.order_reference,
        "iban": "",
        "note": WAITS.get(payment.reason, "") if payment.aside is None else payment.aside,
        "orders": [],
        "suggestions": [],
    }


def entry_view(entry: Entry) -> dict[str, Any]:
    """Show a transaction of the bank, where it is booked, and where it may belong."""
    one = entry.transaction
    return {
        "id": entry.id,
        "kind": "bank",
        "source": "bank",
        "state": entry.state,
        "reference": entry.reference,
        "amount": money(one.amount),
        "booked_at": stamp(entry.booked_at),
        "booked_on": one.booked_on.isoformat(),
        "account": one.account,
        "payer": one.name or one.ultimate_name,
        "iban": one.iban,
        "remittance": one.remittance,
        "end_to_end_id": one.end_to_end_id,
        "orders": [_part(part) for part in entry.booked.parts] if entry.booked else [],
        "reasons": list(entry.booked.reasons) if entry.booked else [],
        "score": entry.booked.score if entry.booked else None,
        "paid_out": _paid_out(entry),
        "by": entry.by,
        "note": entry.note,
        "suggestions": [
            {**_part(part), "score": proposal.score, "reasons": list(proposal.reasons)}
            for proposal in entry.suggestions
            for part in proposal.parts
        ],
    }


def _paid_out(entry: Entry) -> dict[str, Any] | None:
    """Show which payout a transaction is, and how much more came than the provider told."""
    ref = entry.paid_out
    if ref is None:
        return None
    return {
        "id": f"{ref.source}:{ref.reference}",
        "source": ref.source,
        "reference": ref.reference,
        "amount": money(ref.amount),
        "difference": money(entry.transaction.amount - ref.amount),
    }


def _part(part: Part) -> dict[str, Any]:
    return {
        "order_id": part.order_id,
        "number": part.number,
        "kind": part.kind,
        "amount": money(part.amount),
        "fee": money(part.fee) if part.fee else None,
        "forgiven": money(part.forgiven) if part.forgiven else None,
    }

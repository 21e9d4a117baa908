"""Money, its movements and refunds as the API shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.domain import balance, events, refunding
from chalicelib.domain.refunding import Progress
from chalicelib.store.tables import stamp

if TYPE_CHECKING:
    from chalicelib.domain.money import Money
    from chalicelib.domain.order import Order


def money(amount: Money) -> dict[str, str]:
    """Return `{"amount": "12.34", "currency": "EUR"}`."""
    return {"amount": str(amount.amount), "currency": amount.currency}


def payment_view(order: Order, fact: events.Movement) -> dict[str, Any]:
    """Show a movement of money."""
    return {
        "kind": KINDS[type(fact)],
        "source": fact.source,
        "reference": fact.reference,
        "amount": money(fact.amount),
        "booked_at": stamp(fact.booked_at),
        "undone": fact not in balance.standing(order, events.Movement),
    }


def refund_view(order: Order, request: events.RefundRequested) -> dict[str, Any]:
    """Show a refund that was ordered, and how far it is."""
    paid = [x for x in order.all(events.RefundRecorded) if x.refund_id == request.refund_id]
    state = refunding.progress(order, request)
    held = [x for x in order.holds() if x.effect == refunding.effect(request.refund_id)]
    return {
        "id": request.refund_id,
        "state": state,
        "way": request.way,
        "source": request.source,
        "amount": money(request.amount),
        "return_id": request.return_id,
        "reason": request.reason,
        "ordered_at": stamp(request.at),
        "paid_at": stamp(paid[0].booked_at) if paid else None,
        "reference": paid[0].reference if paid else "",
        "refused": held[0].text if held else "",
        "is_unknown": any(x.code == refunding.UNKNOWN for x in held),
        "may_withdraw": state is Progress.LISTED or (state is Progress.ORDERED and bool(held)),
    }


KINDS: dict[type[events.Movement], str] = {
    events.PaymentReceived: "payment",
    events.PaymentAuthorized: "authorization",
    events.RefundRecorded: "refund",
    events.RefundFailed: "refund_failed",
    events.ChargebackRecorded: "chargeback",
    events.ChargebackReversed: "chargeback_reversed",
    events.WriteOffRecorded: "write_off",
    events.AuthorizationVoided: "authorization_voided",
    events.VoucherRedeemed: "voucher",
    events.FeeCharged: "fee",
    events.DunningFeeCharged: "dunning_fee",
}

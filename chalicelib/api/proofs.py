"""Why we believe that an order is paid: each movement with its source, its name, and reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.api.money_views import money
from chalicelib.domain import events
from chalicelib.store.bank import Bank
from chalicelib.store.tables import stamp
from chalicelib.store.worklists import Worklists

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.store.bank import Entry
    from chalicelib.store.money_moved import Moved
    from chalicelib.store.worklists import Listed

KINDS: Mapping[type[events.Fact], str] = {
    events.PaymentReceived: "received",
    events.VoucherRedeemed: "voucher",
    events.FeeCharged: "fee",
    events.ChargebackRecorded: "charged_back",
    events.ChargebackReversed: "chargeback_reversed",
    events.RefundRecorded: "refunded",
    events.RefundFailed: "refund_failed",
    events.WriteOffRecorded: "written_off",
    events.MovementUndone: "undone",
}


def shown(merchant_id: str, moved: Sequence[Moved]) -> list[dict[str, Any]]:
    """Show movements with their orders, and for those of the bank what the matching found."""
    names = [*dict.fromkeys(one.order_id for one in moved)]
    orders = {one.order_id: one for one in Worklists().find(merchant_id, names)}
    keys = {entry_of(fact) for one in moved for fact in one.facts}
    entries = Bank().known(merchant_id, sorted(keys - {""}))
    return [
        _view(fact, orders.get(one.order_id), one, entries)
        for one in moved
        for fact in reversed(one.facts)
        if type(fact) in KINDS
    ]


def entry_of(fact: events.Fact) -> str:
    """Return which transaction of the bank a movement is of; empty if of none."""
    if isinstance(fact, events.MovementUndone):
        source, reference = fact.of_source, fact.of_reference
    elif isinstance(fact, events.Movement):
        source, reference = fact.source, fact.reference
    else:
        return ""
    return reference.partition("-")[0] if source == "bank" else ""


def _view(
    fact: events.Fact, order: Listed | None, moved: Moved, entries: Mapping[str, Entry]
) -> dict[str, Any]:
    shown = {
        "kind": KINDS[type(fact)],
        "at": stamp(fact.at),
        "order_id": moved.order_id,
        "number": order.number if order else "",
        "name": order.summary["name"] if order else "",
        "payment": order.summary["payment"] if order else "",
    }
    if isinstance(fact, events.MovementUndone):
        source, reference = fact.of_source, fact.of_reference
        shown |= {"amount": None, "booked_at": None, "by": fact.by, "reason": fact.reason}
    elif isinstance(fact, events.Movement):
        source, reference = fact.source, fact.reference
        shown |= {"amount": money(fact.amount), "booked_at": stamp(fact.booked_at)}
    shown |= {"source": source, "reference": reference}
    return {**shown, "why": _why(source, reference, entries.get(entry_of(fact)))}


def _why(source: str, reference: str, entry: Entry | None) -> dict[str, Any]:
    """Return what the movement rests on: the bank's transaction, or the provider's own name."""
    proof: dict[str, Any] = {
        "source": source, "reference": reference, "payer": "", "remittance": "",
        "booked_on": None, "reasons": [], "score": None, "by": "",
    }  # fmt: skip
    if entry is None:
        return proof
    one, booked = entry.transaction, entry.booked
    return proof | {
        "reference": entry.id,
        "payer": one.name or one.ultimate_name,
        "remittance": one.remittance,
        "booked_on": one.booked_on.isoformat(),
        "reasons": list(booked.reasons) if booked else [],
        "score": booked.score if booked else None,
        "by": entry.by,
    }

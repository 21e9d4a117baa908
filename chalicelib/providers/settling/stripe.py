"""Stripe: payouts, and the entries of the balance that each automatic one took with it.

Format: docs.stripe.com, API reference (payouts, balance transactions), reporting categories.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.domain.money import Money
from chalicelib.domain.payouts import Payout, PayoutPart
from chalicelib.providers.amounts import of_minor
from chalicelib.providers.port import garbled
from chalicelib.providers.settling.port import Parts, Sent
from chalicelib.providers.stripe import MINOR_DIGITS

if TYPE_CHECKING:
    from chalicelib.providers.settling.port import Asked
    from chalicelib.runtime.http import Api

PAGE = "100"
# What Stripe's reports call the entries of a balance.
KINDS = {
    "charge": "received",
    "refund": "refunded",
    "refund_failure": "refund_failed",
    "dispute": "charged_back",
    "dispute_reversal": "chargeback_reversed",
    "fee": "fee",
}
OTHERS = frozenset(
    {"advance", "advance_funding", "contribution", "fx", "network_cost", "other_adjustment",
     "partial_capture_reversal", "payout_reversal", "platform_earning", "risk_reserved_funds",
     "tax", "topup", "topup_reversal", "transfer", "transfer_reversal"}
)  # fmt: skip


def payouts(api: Api, asked: Asked, place: str) -> Sent:
    """Return a page of what Stripe has sent to the bank, newest first."""
    since = str(int(asked.since.timestamp()))
    query = {"arrival_date[gte]": since, "status": "paid", "limit": PAGE}
    found, following = _page(api, "/v1/payouts", query, place)
    return Sent(payouts=tuple(map(_payout, found)), following=following)


def parts(api: Api, payout: Payout, before: Payout | None, place: str) -> Parts:
    """Return a page of the parts of a payout; Stripe knows none of one that was sent by hand."""
    del before
    if not place and not api.call("GET", f"/v1/payouts/{payout.reference}").json().get("automatic"):
        return Parts(parts=())
    query = {"payout": payout.reference, "limit": PAGE, "expand[]": "data.source"}
    found, following = _page(api, "/v1/balance_transactions", query, place)
    mine = tuple(_part(one) for one in found if one.get("type") != "payout")
    return Parts(parts=mine, following=following)


def _page(api: Api, path: str, query: dict[str, str], place: str) -> tuple[list[Any], str]:
    more = {"starting_after": place} if place else {}
    page = api.call("GET", path, query=query | more).json()
    found = page.get("data")
    if not isinstance(found, list):
        raise garbled("data")
    return found, str(found[-1]["id"]) if page.get("has_more") and found else ""


def _payout(one: Any) -> Payout:  # noqa: ANN401 - JSON
    trace = one.get("trace_id")
    named = str(trace.get("value") or "") if isinstance(trace, dict) else ""
    return Payout(
        source="stripe",
        reference=str(one["id"]),
        amount=of_minor(one.get("amount"), one.get("currency"), MINOR_DIGITS),
        arrived_on=datetime.fromtimestamp(int(one["arrival_date"]), UTC).date(),
        traces=(named,) if named else (),
    )


def _part(entry: Any) -> PayoutPart:  # noqa: ANN401 - JSON
    currency, source = entry.get("currency"), entry.get("source")
    source = source if isinstance(source, dict) else {"id": source}
    gross = of_minor(entry.get("amount"), currency, MINOR_DIGITS)
    fee = of_minor(entry.get("fee"), currency, MINOR_DIGITS)
    category = str(entry.get("reporting_category") or entry.get("type") or "")
    kind = KINDS.get(category, "other" if category in OTHERS else "unread")
    if kind == "fee":  # what Stripe bills apart from any payment
        gross, fee = Money.zero(gross.currency), fee - gross
    payment = source.get("payment_intent") or source.get("charge") or source.get("id") or ""
    return PayoutPart(
        payment=str(payment),
        kind=kind,
        type=category,
        gross=gross,
        fee=fee,
        reference=str(entry.get("id") or ""),
        booked_at=datetime.fromtimestamp(int(entry["created"]), UTC),
    )

"""Mollie: settlements with their payments, captures, refunds, chargebacks, and what Mollie kept.

Format: docs.mollie.com, settlements API v2.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.domain.money import Money, total
from chalicelib.domain.payouts import Payout, PayoutPart
from chalicelib.providers.amounts import of_major
from chalicelib.providers.port import garbled
from chalicelib.providers.settling.port import Parts, Sent

if TYPE_CHECKING:
    from chalicelib.domain.deliveries import Secrets
    from chalicelib.providers.settling.port import Asked
    from chalicelib.runtime.http import Api

PAGE = "250"
# The parts of a settlement: where they are listed, what each is, and whether it takes money away.
LISTS = {
    "payments": ("received", 1),
    "captures": ("received", 1),
    "refunds": ("refunded", -1),
    "chargebacks": ("charged_back", -1),
}
NEXT = {
    "payments": "captures",
    "captures": "refunds",
    "refunds": "chargebacks",
    "chargebacks": "costs",
}


def tells(secrets: Secrets) -> bool:
    """Tell whether the key may list settlements: that of an organisation, not of a profile."""
    return secrets.get("api_key", "").startswith("access_")


def payouts(api: Api, asked: Asked, place: str) -> Sent:
    """Return settlements that have reached the bank, newest first; needs an `access_…` token."""
    found, following = _page(api, "/v2/settlements", "settlements", place)
    sent = [one for one in found if one.get("status") == "paidout" and one.get("settledAt")]
    news = [one for one in sent if datetime.fromisoformat(str(one["settledAt"])) >= asked.since]
    is_over = len(news) < len(sent)
    return Sent(payouts=tuple(map(_payout, news)), following="" if is_over else following)


def parts(api: Api, payout: Payout, before: Payout | None, place: str) -> Parts:
    """Return a page of what a settlement is made of, and at last what Mollie kept of it all.

    A place is the list, and where in it the page begins.
    """
    del before
    what, _, at = (place or "payments").partition(" ")
    settlement = f"/v2/settlements/{payout.reference}"
    if what == "costs":
        costs = _costs(api.call("GET", settlement).json(), payout.amount.currency)
        return Parts(parts=costs)
    found, following = _page(api, f"{settlement}/{what}", what, at)
    # A capture that settles nothing of its own is in the sum of its payment.
    found = [one for one in found if what != "captures" or one.get("settlementAmount")]
    after = f"{what} {following}" if following else NEXT[what]
    return Parts(parts=tuple(_part(one, *LISTS[what]) for one in found), following=after)


def _page(api: Api, path: str, what: str, place: str) -> tuple[list[Any], str]:
    query = None if place else {"limit": PAGE}
    page = api.call("GET", place or path, query=query).json()
    found = (page.get("_embedded") or {}).get(what)
    if not isinstance(found, list):
        raise garbled(what)
    return found, str(((page.get("_links") or {}).get("next") or {}).get("href") or "")


def _payout(one: Any) -> Payout:  # noqa: ANN401 - JSON
    named = str(one.get("reference") or "")
    return Payout(
        source="mollie",
        reference=str(one["id"]),
        amount=of_major(one.get("amount")),
        arrived_on=datetime.fromisoformat(str(one["settledAt"])).date(),
        traces=(named,) if named else (),
    )


def _part(one: Any, kind: str, sign: int) -> PayoutPart:  # noqa: ANN401 - JSON
    settled = of_major(one.get("settlementAmount") or one.get("amount"))
    return PayoutPart(
        payment=str(one.get("paymentId") or one["id"]),
        kind=kind,
        gross=Money(minor=sign * abs(settled.minor), currency=settled.currency),
        fee=Money.zero(settled.currency),
        reference=str(one["id"]),
        booked_at=datetime.fromisoformat(str(one.get("paidAt") or one["createdAt"])),
    )


def _costs(settlement: Any, currency: str) -> tuple[PayoutPart, ...]:  # noqa: ANN401 - JSON
    """Return what Mollie kept, which it bills by the month and not by the payment."""
    months = [
        month for year in (settlement.get("periods") or {}).values() for month in year.values()
    ]
    costs = [of_major(cost["amountGross"]) for month in months for cost in month.get("costs") or []]
    fee = total(costs, currency)
    if not fee:
        return ()
    return (PayoutPart(payment="", kind="fee", gross=Money.zero(currency), fee=fee),)

"""Mollie: refunds by its API, which keep our name of them in their metadata.

Secrets: `api_key`. Amounts are decimals as text with their currency.
Format: docs.mollie.com, payments and refunds API v2, idempotency.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Permanent
from chalicelib.domain.fields import Field
from chalicelib.domain.money import Money, total
from chalicelib.domain.payouts import Payout, PayoutPart
from chalicelib.providers.amounts import of_major
from chalicelib.providers.captures import captured
from chalicelib.providers.port import (
    MARK,
    MISSING,
    ORDER_KEYS,
    Paid,
    Refunded,
    State,
    garbled,
    needed,
)
from chalicelib.runtime.http import fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.providers.port import Sought, Wanted
    from chalicelib.runtime.http import Api

ADDRESS = "https://api.mollie.com"
KEY = re.compile(r"(live|test|access)_\S{8,}")
STATES = {"refunded": State.DONE, "failed": State.FAILED, "canceled": State.FAILED}
PAGE = "250"
WITH_PARTS = {"embed": "captures"}
# The parts of a settlement: where they are listed, what each is, and whether it takes money away.
PARTS = {
    "payments": ("received", 1),
    "refunds": ("refunded", -1),
    "chargebacks": ("charged_back", -1),
}
PAGES = 40  # ten thousand payments; who has more since an order came in must look himself


def connect(settings: Mapping[str, str], secrets: Secrets, call: Callable[..., Api]) -> Api:
    """Sign in with the key; Permanent(`not_set_up`) if there is none."""
    del settings
    key = needed(secrets, "secrets.api_key")
    if not KEY.fullmatch(key):
        raise Permanent("not_set_up", "secrets.api_key: must be a key like live_…")
    return call(ADDRESS, fixed(Authorization=f"Bearer {key}"))


def refund(api: Api, wanted: Wanted) -> Refunded:
    """Give back a part of a payment, or all of it."""
    data = {
        "amount": {"currency": wanted.amount.currency, "value": str(wanted.amount.amount)},
        "description": f"{wanted.number}",
        "metadata": {MARK: wanted.refund_id},
    }
    path, headers = f"/v2/payments/{wanted.payment}/refunds", {"Idempotency-Key": wanted.key}
    return _refunded(api.call("POST", path, data=data, headers=headers).json())


def find_refund(api: Api, wanted: Wanted) -> Refunded | None:
    """Look through the refunds of the payment for the one that carries our name."""
    for one in _listed(api, f"/v2/payments/{wanted.payment}/refunds", "refunds"):
        if _metadata(one).get(MARK) == wanted.refund_id:
            found = _refunded(one)
            if found.state is not State.FAILED:
                return found
    return None


def payments_of(api: Api, sought: Sought) -> Iterator[Paid]:
    """Look at the payments known, then through all since the order came in: there is no search."""
    for name in sought.payments:
        reply = api.call("GET", f"/v2/payments/{name}", query=WITH_PARTS, allow=(MISSING,))
        if reply.status != MISSING:
            yield from _paid(reply.json())
    if not sought.references:
        return
    for one in _listed(api, "/v2/payments", "payments"):
        if datetime.fromisoformat(str(one["createdAt"])) < sought.since:
            return
        named = {str(_metadata(one).get(key, "")).removeprefix("#") for key in ORDER_KEYS}
        wanted = {name.removeprefix("#") for name in sought.references}
        if one.get("id") not in sought.payments and named & wanted:
            yield from _paid(_with_parts(api, one))


def _with_parts(api: Api, payment: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a payment of a list with its captures, if it may be captured in parts."""
    if payment.get("captureMode") == "automatic" or not payment.get("amountCaptured"):
        return payment
    return api.call("GET", f"/v2/payments/{payment['id']}", query=WITH_PARTS).json()


def _paid(payment: Any) -> Iterator[Paid]:  # noqa: ANN401 - JSON
    status, name = payment.get("status"), str(payment["id"])
    parts = captured(Field("", payment), lambda amount: of_major(amount.value))
    for part in parts:
        yield Paid(
            reference=part.reference,
            amount=part.amount,
            booked_at=part.captured_at,
            payment=name,
            earlier=part.earlier,
        )
    if status not in {"paid", "authorized"} or (status == "paid" and parts):
        return
    counted = payment.get("amountCaptured") if status == "paid" else None
    when = payment.get("paidAt") or payment.get("authorizedAt") or payment["createdAt"]
    yield Paid(
        reference=name,
        amount=of_major(counted or payment["amount"]),
        booked_at=datetime.fromisoformat(str(when)),
        is_promise=status == "authorized",
    )


def _listed(api: Api, path: str, what: str) -> Iterator[Any]:
    query: dict[str, str] | None = {"limit": PAGE}
    for _ in range(PAGES):
        page = api.call("GET", path, query=query).json()
        found = (page.get("_embedded") or {}).get(what)
        if not isinstance(found, list):
            raise garbled(what)
        yield from found
        following = ((page.get("_links") or {}).get("next") or {}).get("href")
        if not following:
            return
        path, query = str(following), None
    raise Permanent("outside_too_large", "Mollie has more payments than we look through.")


def _metadata(thing: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    found = thing.get("metadata")
    return found if isinstance(found, dict) else {}


def _refunded(found: Any) -> Refunded:  # noqa: ANN401 - JSON
    if not isinstance(found, dict) or not found.get("id"):
        raise garbled("id")
    state = STATES.get(str(found.get("status")), State.PENDING)
    return Refunded(reference=str(found["id"]), state=state, text=str(found.get("status")))


def tells_payouts(secrets: Secrets) -> bool:
    """Tell whether the key may list settlements: that of an organisation, not of a profile."""
    return secrets.get("api_key", "").startswith("access_")


def payouts(api: Api, since: datetime) -> Iterator[Payout]:
    """Yield the settlements that have reached the bank, newest first; needs an `access_…` token."""
    for one in _listed(api, "/v2/settlements", "settlements"):
        arrived = one.get("settledAt")
        if one.get("status") != "paidout" or not arrived:
            continue
        if datetime.fromisoformat(str(arrived)) < since:
            return
        named = str(one.get("reference") or "")
        yield Payout(
            source="mollie",
            reference=str(one["id"]),
            amount=of_major(one.get("amount")),
            arrived_on=datetime.fromisoformat(str(arrived)).date(),
            traces=(named,) if named else (),
        )


def parts_of(api: Api, payout: Payout) -> Iterator[PayoutPart]:
    """Yield what a settlement is made of, and at last what Mollie kept of it all."""
    place = f"/v2/settlements/{payout.reference}"
    for what, (kind, sign) in PARTS.items():
        for one in _listed(api, f"{place}/{what}", what):
            settled = of_major(one.get("settlementAmount") or one.get("amount"))
            minor = sign * abs(settled.minor)
            yield PayoutPart(
                payment=str(one.get("paymentId") or one["id"]),
                kind=kind,
                gross=Money(minor=minor, currency=settled.currency),
                fee=Money.zero(settled.currency),
                reference=str(one["id"]),
                booked_at=datetime.fromisoformat(str(one.get("paidAt") or one["createdAt"])),
            )
    yield from _costs(api.call("GET", place).json(), payout.amount.currency)


def _costs(settlement: Any, currency: str) -> Iterator[PayoutPart]:  # noqa: ANN401 - JSON
    """Yield what Mollie kept, which it bills by the month and not by the payment."""
    months = [
        month for year in (settlement.get("periods") or {}).values() for month in year.values()
    ]
    costs = [of_major(cost["amountGross"]) for month in months for cost in month.get("costs") or []]
    if fee := total(costs, currency):
        yield PayoutPart(payment="", kind="fee", gross=Money.zero(currency), fee=fee)

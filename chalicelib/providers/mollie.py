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

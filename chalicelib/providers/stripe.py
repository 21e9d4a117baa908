"""Stripe: refunds by its API, which keep our name of them in their metadata.

Secrets: `api_key`, a secret or restricted key that may write refunds and read payments. Amounts are
whole numbers in Stripe's own minor units; bodies are forms.
Format: docs.stripe.com, API reference (refunds, payment intents) and idempotent requests.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Permanent
from chalicelib.providers.amounts import of_minor, to_minor
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

ADDRESS = "https://api.stripe.com"
KEY = re.compile(r"(sk|rk)_(live|test)_\S{8,}")
# Where Stripe counts otherwise than ISO 4217, as in its events.
MINOR_DIGITS = {"MGA": 0, "ISK": 2, "UGX": 2}
STATES = {"succeeded": State.DONE, "failed": State.FAILED, "canceled": State.FAILED}
PAGE = "100"


def connect(settings: Mapping[str, str], secrets: Secrets, call: Callable[..., Api]) -> Api:
    """Sign in with the key; Permanent(`not_set_up`) if there is none."""
    del settings
    key = needed(secrets, "secrets.api_key")
    if not KEY.fullmatch(key):
        raise Permanent("not_set_up", "secrets.api_key: must be a key like sk_live_… or rk_live_…")
    return call(ADDRESS, fixed(Authorization=f"Bearer {key}"))


def refund(api: Api, wanted: Wanted) -> Refunded:
    """Give back a part of a payment, or all of it."""
    form = {
        _named(wanted.payment): wanted.payment,
        "amount": str(to_minor(wanted.amount, MINOR_DIGITS)),
        f"metadata[{MARK}]": wanted.refund_id,
        "metadata[order_number]": wanted.number,
    }
    reply = api.call("POST", "/v1/refunds", form=form, headers={"Idempotency-Key": wanted.key})
    return _refunded(reply.json())


def find_refund(api: Api, wanted: Wanted) -> Refunded | None:
    """Look through the refunds of the payment for the one that carries our name."""
    query = {_named(wanted.payment): wanted.payment, "limit": PAGE}
    for one in _listed(api, "/v1/refunds", query):
        if (one.get("metadata") or {}).get(MARK) == wanted.refund_id:
            found = _refunded(one)
            if found.state is not State.FAILED:
                return found
    return None


def payments_of(api: Api, sought: Sought) -> Iterator[Paid]:
    """Look at the payments known, and search for those that name the order."""
    known = set(sought.payments)
    for name in sorted(known):
        reply = api.call("GET", f"/v1/payment_intents/{name}", allow=(MISSING,))
        if reply.status != MISSING:
            yield from _paid(reply.json())
    for reference in sought.references:
        text = reference.replace("\\", "").replace("'", "")
        query = " OR ".join(f"metadata['{key}']:'{text}'" for key in ORDER_KEYS)
        path, more = "/v1/payment_intents/search", {"query": query, "limit": PAGE}
        for one in api.call("GET", path, query=more).json().get("data") or []:
            if one.get("id") not in known:
                known.add(one.get("id"))
                yield from _paid(one)


def _paid(intent: Any) -> Iterator[Paid]:  # noqa: ANN401 - JSON
    states = {"succeeded": "amount_received", "requires_capture": "amount_capturable"}
    field = states.get(intent.get("status"))
    if field is None or not intent.get(field):
        return
    yield Paid(
        reference=str(intent["id"]),
        amount=of_minor(intent[field], intent.get("currency"), MINOR_DIGITS),
        booked_at=datetime.fromtimestamp(int(intent["created"]), UTC),
        is_promise=field == "amount_capturable",
    )


def _listed(api: Api, path: str, query: dict[str, str]) -> Iterator[Any]:
    while True:
        page = api.call("GET", path, query=query).json()
        found = page.get("data")
        if not isinstance(found, list):
            raise garbled("data")
        yield from found
        if not page.get("has_more") or not found:
            return
        query = query | {"starting_after": str(found[-1]["id"])}


def _named(payment: str) -> str:
    """Return what kind of a payment it is: older integrations know only the charge."""
    return "charge" if payment.startswith(("ch_", "py_")) else "payment_intent"


def _refunded(found: Any) -> Refunded:  # noqa: ANN401 - JSON
    if not isinstance(found, dict) or not found.get("id"):
        raise garbled("id")
    state = STATES.get(str(found.get("status")), State.PENDING)
    text = str(found.get("failure_reason") or "")
    return Refunded(reference=str(found["id"]), state=state, text=text)

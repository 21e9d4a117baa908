"""Klarna: refunds of an order, which keep our name of them as their `reference`.

Settings: `environment` (`playground`, else production); secrets: `username`, `password` of the API.
Klarna has no search by an order number: only orders that it has told us of are asked for.
Format: docs.klarna.com, Order Management API v1 (refunds, idempotency).
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Permanent
from chalicelib.providers.amounts import of_minor, to_minor
from chalicelib.providers.port import MISSING, Paid, Refunded, State, garbled, needed
from chalicelib.runtime.http import fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.providers.port import Sought, Wanted
    from chalicelib.runtime.http import Api

HOSTS = {
    "production": "https://api.klarna.com",
    "playground": "https://api.playground.klarna.com",
}
ORDERS = "/ordermanagement/v1/orders"
IS_SEARCHED = False


def connect(settings: Mapping[str, str], secrets: Secrets, call: Callable[..., Api]) -> Api:
    """Sign in as the API user; Permanent(`not_set_up`) names what is missing."""
    host = HOSTS.get(settings.get("environment", "").strip() or "production")
    if host is None:
        raise Permanent("not_set_up", f"settings.environment: one of {', '.join(HOSTS)}")
    user = f"{needed(secrets, 'secrets.username')}:{needed(secrets, 'secrets.password')}"
    return call(host, fixed(Authorization=f"Basic {base64.b64encode(user.encode()).decode()}"))


def refund(api: Api, wanted: Wanted) -> Refunded:
    """Give back a part of what was captured of an order, or all of it."""
    data = {
        "refunded_amount": to_minor(wanted.amount),
        "reference": wanted.refund_id,
        "description": wanted.number[:255],
    }
    path, headers = f"{ORDERS}/{wanted.payment}/refunds", {"Klarna-Idempotency-Key": wanted.key}
    reply = api.call("POST", path, data=data, headers=headers)
    name = reply.headers.get("refund-id") or reply.headers.get("location", "").rpartition("/")[2]
    if not name:
        raise garbled("Refund-Id")
    return Refunded(reference=name, state=State.DONE)


def find_refund(api: Api, wanted: Wanted) -> Refunded | None:
    """Look through the refunds of the order for the one that carries our name."""
    order = api.call("GET", f"{ORDERS}/{wanted.payment}").json()
    for one in order.get("refunds") or []:
        if one.get("reference") == wanted.refund_id:
            return Refunded(reference=str(one["refund_id"]), state=State.DONE)
    return None


def payments_of(api: Api, sought: Sought) -> Iterator[Paid]:
    """Look at the orders that Klarna has told us of: what it promises, and what was captured."""
    for name in sought.payments:
        reply = api.call("GET", f"{ORDERS}/{name}", allow=(MISSING,))
        if reply.status != MISSING:
            yield from _paid(reply.json(), name)


def _paid(order: Any, name: str) -> Iterator[Paid]:  # noqa: ANN401 - JSON
    currency = order.get("purchase_currency")
    for one in order.get("captures") or []:
        yield Paid(
            reference=str(one["capture_id"]),
            amount=of_minor(one["captured_amount"], currency),
            booked_at=datetime.fromisoformat(str(one["captured_at"])),
            payment=name,
        )

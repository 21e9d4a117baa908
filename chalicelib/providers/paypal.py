"""PayPal: refunds of captures, which keep our name of them as their `custom_id`.

Settings: `environment` (`sandbox`, else production); secrets: `client_id`, `client_secret` of the
REST app that took the payments. To be asked what was paid, the app needs *Transaction search*.
Format: developer.paypal.com, Payments API v2, Orders API v2, Transaction Search API v1.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Permanent
from chalicelib.providers.amounts import of_major
from chalicelib.providers.port import Paid, Refunded, State, Unsure, garbled, needed
from chalicelib.runtime.oauth import Grant, bearer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.providers.port import Sought, Wanted
    from chalicelib.runtime.http import Api

HOSTS = {
    "production": "https://api-m.paypal.com",
    "sandbox": "https://api-m.sandbox.paypal.com",
}
TOKEN = "/v1/oauth2/token"  # noqa: S105 - an address
STATES = {"COMPLETED": State.DONE, "FAILED": State.FAILED, "CANCELLED": State.FAILED}
CAPTURES = "/v2/payments/captures"
SEARCH = "/v1/reporting/transactions"
LONGEST = timedelta(days=31)  # that one search may span
PAGE = "500"
KEY_DAYS = 45  # for how long PayPal knows a key
SUCCESS, PAYMENT = "S", "T00"


def connect(settings: Mapping[str, str], secrets: Secrets, call: Callable[..., Api]) -> Api:
    """Sign in as the app; Permanent(`not_set_up`) names what is missing."""
    host = HOSTS.get(settings.get("environment", "").strip() or "production")
    if host is None:
        raise Permanent("not_set_up", f"settings.environment: one of {', '.join(HOSTS)}")
    client, secret = needed(secrets, "secrets.client_id"), needed(secrets, "secrets.client_secret")
    basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
    grant = Grant(
        address=f"{host}{TOKEN}",
        fields={"grant_type": "client_credentials"},
        headers={"authorization": f"Basic {basic}"},
    )
    return call(host, bearer(grant))


def refund(api: Api, wanted: Wanted) -> Refunded:
    """Give back a part of a capture, or all of it."""
    data = {
        "amount": {"currency_code": wanted.amount.currency, "value": str(wanted.amount.amount)},
        "custom_id": wanted.refund_id,
        "note_to_payer": wanted.number[:255],
    }
    headers = {"PayPal-Request-Id": wanted.key, "Prefer": "return=representation"}
    path = f"{CAPTURES}/{wanted.payment}/refund"
    return _refunded(api.call("POST", path, data=data, headers=headers).json())


def find_refund(api: Api, wanted: Wanted) -> Refunded | Unsure | None:
    """Look through the refunds of the order that the capture belongs to.

    A capture without an order cannot be asked for its refunds; what PayPal has done under our key
    it then tells when the key is sent again.
    """
    capture = api.call("GET", f"{CAPTURES}/{wanted.payment}").json()
    related = (capture.get("supplementary_data") or {}).get("related_ids") or {}
    if not related.get("order_id"):
        return Unsure(days=KEY_DAYS, text="PayPal tells no refunds of a capture without an order.")
    order = api.call("GET", f"/v2/checkout/orders/{related['order_id']}").json()
    for unit in order.get("purchase_units") or []:
        for one in (unit.get("payments") or {}).get("refunds") or []:
            if one.get("custom_id") == wanted.refund_id:
                found = _refunded(one)
                if found.state is not State.FAILED:
                    return found
    return None


def payments_of(api: Api, sought: Sought) -> Iterator[Paid]:
    """Look at the captures known, then search all payments of the time for the order's name."""
    for name in sought.payments:
        reply = api.call("GET", f"{CAPTURES}/{name}", allow=(404,))
        capture = reply.json() if reply.status == 200 else {}  # noqa: PLR2004 - HTTP
        if capture.get("status") in {"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}:
            yield Paid(
                reference=str(capture["id"]),
                amount=of_major(capture["amount"], "currency_code"),
                booked_at=datetime.fromisoformat(str(capture["create_time"])),
            )
    wanted = {name.removeprefix("#") for name in sought.references}
    for one in _searched(api, sought) if wanted else ():
        named = {str(one.get(key, "")).removeprefix("#") for key in ("invoice_id", "custom_field")}
        is_payment = str(one.get("transaction_event_code", "")).startswith(PAYMENT)
        is_news = one.get("transaction_id") not in sought.payments
        is_paid = is_payment and one.get("transaction_status") == SUCCESS
        if named & wanted and is_paid and is_news:
            amount = of_major(one["transaction_amount"], "currency_code")
            if amount.minor > 0:
                yield Paid(
                    reference=str(one["transaction_id"]),
                    amount=amount,
                    booked_at=datetime.fromisoformat(str(one["transaction_initiation_date"])),
                )


def _searched(api: Api, sought: Sought) -> Iterator[Any]:
    begin = sought.since
    while begin < sought.until:
        end, page, pages = min(begin + LONGEST, sought.until), 1, 1
        while page <= pages:
            query = {
                "start_date": _text(begin),
                "end_date": _text(end),
                "fields": "transaction_info",
                "page_size": PAGE,
                "page": str(page),
            }
            found = api.call("GET", SEARCH, query=query).json()
            pages, page = int(found.get("total_pages") or 1), page + 1
            yield from (x["transaction_info"] for x in found.get("transaction_details") or [])
        begin = end


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _refunded(found: Any) -> Refunded:  # noqa: ANN401 - JSON
    if not isinstance(found, dict) or not found.get("id"):
        raise garbled("id")
    state = STATES.get(str(found.get("status")), State.PENDING)
    text = str((found.get("status_details") or {}).get("reason") or found.get("status") or "")
    return Refunded(reference=str(found["id"]), state=state, text=text)

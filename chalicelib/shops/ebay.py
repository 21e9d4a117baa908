"""eBay: the Sell APIs, with the consent that a seller has given our application.

Settings: `tax_rate`, the seller's VAT in per cent, which eBay does not tell, and `environment`
(`sandbox`, else production); secrets: `client_id`, `client_secret`, `refresh_token`. eBay offers no
cancellation by a seller in these APIs, and levels only for listings of its Inventory API.
Format: developer.ebay.com, Sell Fulfillment API 1.20, Sell Inventory API 1.18.
"""

from __future__ import annotations

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.domain.deliveries import OWN_RATE
from chalicelib.domain.errors import Permanent
from chalicelib.runtime.http import HttpApi
from chalicelib.runtime.oauth import bearer, refresh_token
from chalicelib.shops.port import LevelsTold, Page, needed, own_rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.runtime.http import Api
    from chalicelib.shops.port import Level, Parcel

HOSTS = {"production": "https://api.ebay.com", "sandbox": "https://api.sandbox.ebay.com"}
TOKEN = "/identity/v1/oauth2/token"  # noqa: S105 - an address
SCOPES = " ".join(
    f"https://api.ebay.com/oauth/api_scope/{name}"
    for name in ("sell.fulfillment", "sell.inventory")
)
ORDERS = "/sell/fulfillment/v1/order"
LEVELS = "/sell/inventory/v1/bulk_update_price_quantity"
SIZE = 200
BATCH = 25
SHORTEST = timedelta(seconds=1)
UNFINISHED = "orderfulfillmentstatus:{NOT_STARTED|IN_PROGRESS}"
# Answers of the Inventory API that mean: there is no such SKU.
NO_SUCH_SKU = frozenset({25702, 25710, 25713})
PLAIN = re.compile(r"[^A-Za-z0-9]")
CARRIERS = {"dhl": "DHL", "gls": "GLS", "dpd": "DPD", "ups": "UPS", "hermes": "Hermes"}


class Shop(HttpApi):
    """eBay's API, and the rate of the seller's VAT."""

    tax_rate: str = "0"


def connect(settings: Mapping[str, str], secrets: Secrets) -> Api:
    """Sign in as the seller; Permanent(`not_set_up`) names what is missing."""
    rate = own_rate(settings)
    host = HOSTS.get(settings.get("environment", "").strip() or "production")
    if host is None:
        text = f"settings.environment: one of {', '.join(HOSTS)}"
        raise Permanent("not_set_up", text)
    client, secret = needed(secrets, "secrets.client_id"), needed(secrets, "secrets.client_secret")
    basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
    grant = refresh_token(
        f"{host}{TOKEN}",
        needed(secrets, "secrets.refresh_token"),
        scope=SCOPES,
        headers={"authorization": f"Basic {basic}"},
    )
    api = Shop(host, bearer(grant))
    api.tax_rate = rate
    return api


def check(api: Api) -> str:
    """Look at one order; the name is the seller's, as far as there is an order."""
    found = api.call("GET", ORDERS, query={"limit": "1"}).json()["orders"]
    return str(found[0]["sellerId"]) if found else ""


def orders(api: Api, *, since: datetime, until: datetime, cursor: str = "") -> Page:
    """Return the orders of a span so short that one answer holds them.

    Counted pages would shift while an order changes and moves on in the list.
    """
    begin = datetime.fromisoformat(cursor) if cursor else since
    end = until
    while True:
        listed = f"lastmodifieddate:[{_text(begin)}..{_text(end)}]"
        found, total = _list(api, listed, 0)
        if total <= SIZE or end - begin <= SHORTEST:
            break
        end = begin + max((end - begin) / 2, SHORTEST)
    while len(found) < total:
        more, total = _list(api, listed, len(found))
        found += more
        if not more:
            break
    found.sort(key=lambda order: str(order["lastModifiedDate"]))
    return _page(api, found, cursor=end.isoformat() if end < until else "")


def open_orders(api: Api, *, cursor: str = "") -> Page:
    """Return one page of the orders of which something is still to be sent."""
    start = int(cursor or 0)
    found, total = _list(api, UNFINISHED, start)
    end = start + len(found)
    more = str(end) if found and end < total else ""
    return _page(api, found, cursor=more, total=None if cursor else total)


def _list(api: Api, wanted: str, offset: int) -> tuple[list[dict[str, Any]], int]:
    query = {"filter": wanted, "limit": str(SIZE), "offset": str(offset)}
    answer = api.call("GET", ORDERS, query=query).json()
    return list(answer.get("orders") or []), int(answer.get("total") or 0)


def _page(api: Api, found: Sequence[Any], *, cursor: str, total: int | None = None) -> Page:
    return Page(
        bodies=tuple(msgspec.json.encode(order) for order in found),
        headers={OWN_RATE: str(getattr(api, "tax_rate", "0"))},
        cursor=cursor,
        total=total,
    )


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def ship(api: Api, parcel: Parcel) -> str:
    """Tell of a parcel, unless its tracking number is known there."""
    path = f"{ORDERS}/{parcel.order_id}/shipping_fulfillment"
    number = PLAIN.sub("", parcel.tracking_number)
    told = api.call("GET", path).json().get("fulfillments") or []
    for one in told:
        if one.get("shipmentTrackingNumber") == number:
            return str(one["fulfillmentId"])
    data = {
        "lineItems": [
            {"lineItemId": line.line_id, "quantity": line.quantity} for line in parcel.lines
        ],
        "shippedDate": _text(parcel.shipped_at),
        "shippingCarrierCode": CARRIERS.get(parcel.carrier.lower(), parcel.carrier),
        "trackingNumber": number,
    }
    made = api.call("POST", path, data=data)
    return made.headers.get("location", "").rstrip("/").rpartition("/")[2] or number


def set_levels(api: Api, levels: Sequence[Level]) -> LevelsTold:
    """Tell what may be sold; eBay has no compare-and-set."""
    taken: list[str] = []
    unknown: list[str] = []
    refused: dict[str, str] = {}
    for start in range(0, len(levels), BATCH):
        requests = [
            {"sku": level.sku, "shipToLocationAvailability": {"quantity": level.available}}
            for level in levels[start : start + BATCH]
        ]
        answer = api.call("POST", LEVELS, data={"requests": requests}, allow=(400, 404)).json()
        if "responses" not in answer:  # the call as a whole is refused
            said = "; ".join(str(error.get("message")) for error in answer.get("errors") or [])
            raise Permanent("outside_refused", said or "eBay does not say why.")
        for told in answer["responses"] or []:
            errors = told.get("errors") or []
            if not errors:
                taken.append(told["sku"])
            elif any(error.get("errorId") in NO_SUCH_SKU for error in errors):
                unknown.append(told["sku"])
            else:
                refused[told["sku"]] = "; ".join(str(error.get("message")) for error in errors)
    return LevelsTold(taken=tuple(taken), unknown=tuple(unknown), refused=refused)

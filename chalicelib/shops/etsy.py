"""Etsy: the Open API, with the consent that a seller has given our application.

Settings: `shop_id` and `tax_rate`, the seller's VAT in per cent, which Etsy does not tell; secrets:
`keystring`, `shared_secret`, `refresh_token`. Webhooks are set up in Etsy's own portal, and nothing
cancels a receipt. Levels are not told: Etsy takes only the whole table of a listing with all its
prices, without compare-and-set, and knows no listing by its SKU. Format: Open API 3.0.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol

import msgspec

from chalicelib.domain.deliveries import OWN_RATE
from chalicelib.domain.errors import Permanent
from chalicelib.runtime.http import Api, HttpApi
from chalicelib.runtime.oauth import bearer, refresh_token
from chalicelib.shops.port import Page, needed, own_rate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.runtime.oauth import Kept
    from chalicelib.shops.port import Parcel

HOST = "https://openapi.etsy.com/v3/application"
TOKEN = "https://api.etsy.com/v3/public/oauth/token"  # noqa: S105 - an address
# A refresh token lives for ninety days, and each sign-in brings another.
ROTATES = True
SHOP = re.compile(r"\d{1,20}", re.ASCII)
SIZE = 100
OLDEST = "946684800"  # the first second that Etsy takes: of the year 2000
# So many of a second's receipts are asked for twice, in case others have left it meanwhile.
OVERLAP = 10
# How Etsy calls the carriers whose parcels it can follow; of others it may drop the number.
CARRIERS = {
    "dhl": "dhl-germany",
    "dpd": "dpd-de",
    "gls": "gls",
    "ups": "ups",
    "hermes": "hermes-de",
}


class Seller(Api, Protocol):
    """Etsy's API as one shop sees it."""

    shop_id: str
    tax_rate: str


class SellerApi(HttpApi):
    """Etsy's API over HTTPS, as one shop sees it."""

    shop_id: str = ""
    tax_rate: str = "0"


def connect(settings: Mapping[str, str], secrets: Secrets, kept: Kept | None = None) -> Seller:
    """Sign in as the seller; Permanent(`not_set_up`) names what is missing."""
    shop_id = needed(settings, "settings.shop_id")
    if not SHOP.fullmatch(shop_id):
        raise Permanent("not_set_up", f"settings.shop_id: must be a number, is {shop_id!r}")
    key = needed(secrets, "secrets.keystring")
    shared = needed(secrets, "secrets.shared_secret")
    both = f"{key}:{shared}"
    agreed = needed(secrets, "secrets.refresh_token")
    token = bearer(refresh_token(TOKEN, agreed, client_id=key, kept=kept))
    api = SellerApi(
        HOST, lambda is_refused: {**token(is_refused), "x-api-key": both}, hide=[key, shared]
    )
    api.shop_id, api.tax_rate = shop_id, own_rate(settings)
    return api


def check(api: Seller) -> str:
    """See that receipts may be read; the name is the shop's."""
    api.call("GET", _receipts(api), query={"limit": "1"})
    return str(api.call("GET", f"/shops/{api.shop_id}").json()["shop_name"])


def orders(api: Seller, *, since: datetime, until: datetime, cursor: str = "") -> Page:
    """Return one page of what was changed in between."""
    wanted = {"max_last_modified": _text(until), "sort_on": "updated"}
    begin = cursor or _text(since)
    return _page(api, wanted, "min_last_modified", "updated_timestamp", begin)[0]


def open_orders(api: Seller, *, cursor: str = "") -> Page:
    """Return one page of the receipts of which something is still to be sent."""
    wanted = {"was_paid": "true", "was_shipped": "false", "was_canceled": "false"}
    wanted["sort_on"] = "created"
    page, count = _page(api, wanted, "min_created", "created_timestamp", cursor or OLDEST)
    return page if cursor else replace(page, total=count)


def _page(
    api: Seller, wanted: Mapping[str, str], least: str, by: str, cursor: str
) -> tuple[Page, int]:
    """Return the receipts since the moment that the cursor names, and how many there are.

    Counted pages would shift while a receipt changes and moves to the end of the list.
    """
    begin, _, skip = cursor.partition(" ")
    query = {**wanted, least: begin, "sort_order": "asc", "limit": str(SIZE), "offset": skip or "0"}
    answer = api.call("GET", _receipts(api), query=query).json()
    found: list[dict[str, Any]] = list(answer.get("results") or [])
    more = ""
    if len(found) >= SIZE:
        last = str(found[-1][by])
        more = f"{begin} {int(skip or 0) + SIZE - OVERLAP}" if last == begin else last
    bodies = tuple(msgspec.json.encode(receipt) for receipt in found)
    page = Page(bodies=bodies, headers={OWN_RATE: api.tax_rate}, cursor=more)
    return page, int(answer.get("count") or 0)


def _receipts(api: Seller) -> str:
    return f"/shops/{api.shop_id}/receipts"


def _text(moment: datetime) -> str:
    return str(int(moment.astimezone(UTC).timestamp()))


def ship(api: Seller, parcel: Parcel) -> str:
    """Tell of a parcel, unless Etsy has one with its number: each call sends the buyer a mail.

    Etsy knows no part of an order: with the first parcel all of it counts as sent.
    """
    path = f"{_receipts(api)}/{parcel.order_id}"
    if known := _told(api.call("GET", path).json(), parcel):
        return known
    data = {
        "tracking_code": parcel.tracking_number,
        "carrier_name": CARRIERS.get(parcel.carrier.lower(), "other"),
    }
    answer = api.call("POST", f"{path}/tracking", data=data if parcel.tracking_number else {})
    return _told(answer.json(), parcel) or parcel.order_id


def _told(receipt: Mapping[str, Any], parcel: Parcel) -> str:
    """Return Etsy's own number of a parcel; of one without a tracking number that of the order."""
    for shipment in receipt.get("shipments") or []:
        if parcel.tracking_number and shipment.get("tracking_code") == parcel.tracking_number:
            return str(shipment.get("receipt_shipping_id") or parcel.tracking_number)
    is_done = not parcel.tracking_number and receipt.get("is_shipped")
    return parcel.order_id if is_done else ""

"""Amazon: the Selling Partner API, with the consent that a seller has given our application.

Settings: `region` (eu, na, fe), `marketplace_ids` with blanks between, the seller's home first,
`seller_id`, and `tax_rate`, the seller's VAT in per cent for what Amazon tells no tax of; secrets:
`client_id`, `client_secret`, `refresh_token`. A seller cannot cancel an order over this API, and
notices need an event bus of the merchant's own. Format: Orders 2026-01-01, `confirmShipment` of
Orders v0, Listings Items 2021-08-01, Sellers v1.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import quote

import msgspec

from chalicelib.domain.deliveries import OWN_RATE
from chalicelib.domain.errors import Permanent
from chalicelib.runtime.http import Api, HttpApi
from chalicelib.runtime.oauth import bearer, refresh_token
from chalicelib.shops.port import LevelsTold, Page, needed, own_rate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.shops.port import Level, Parcel

REGIONS = ("eu", "na", "fe")
HOST = "https://sellingpartnerapi-{}.amazon.com"
TOKEN = "https://api.amazon.com/auth/o2/token"  # noqa: S105 - an address
NAME = re.compile(r"[A-Z0-9]{5,30}")  # of a seller or a marketplace
ORDERS = "/orders/2026-01-01/orders"
LISTINGS = "/listings/2021-08-01/items"
SIZE = 100
BATCH = 20
PARTS = "BUYER,RECIPIENT,PROCEEDS,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT"
# A pending order may not be sent, and its amounts are not told yet.
RELEASED = "UNSHIPPED,PARTIALLY_SHIPPED,SHIPPED,CANCELLED"
UNSENT = "UNSHIPPED,PARTIALLY_SHIPPED"
EVER = datetime(2015, 1, 1, tzinfo=UTC)
OURS = "DEFAULT"  # the channel of goods that the seller sends
CARRIERS = {"dhl": "DHL", "gls": "GLS", "dpd": "DPD", "ups": "UPS", "hermes": "Hermes"}


class Seller(Api, Protocol):
    """Amazon's API as one seller sees it."""

    seller_id: str
    marketplaces: tuple[str, ...]
    tax_rate: str


class SellerApi(HttpApi):
    """Amazon's API over HTTPS, as one seller sees it."""

    seller_id: str = ""
    marketplaces: tuple[str, ...] = ()
    tax_rate: str = "0"


def connect(settings: Mapping[str, str], secrets: Secrets) -> Seller:
    """Sign in as the seller; Permanent(`not_set_up`) names what is missing."""
    region = needed(settings, "settings.region").lower()
    if region not in REGIONS:
        raise Permanent("not_set_up", f"settings.region: one of {', '.join(REGIONS)}")
    seller_id = _name(needed(settings, "settings.seller_id"), "settings.seller_id")
    places = re.split(r"[\s,]+", needed(settings, "settings.marketplace_ids"))
    grant = refresh_token(
        TOKEN,
        needed(secrets, "secrets.refresh_token"),
        client_id=needed(secrets, "secrets.client_id"),
        client_secret=needed(secrets, "secrets.client_secret"),
    )
    api = SellerApi(HOST.format(region), bearer(grant, header="x-amz-access-token", scheme=""))
    api.seller_id, api.tax_rate = seller_id, own_rate(settings)
    api.marketplaces = tuple(_name(one, "settings.marketplace_ids") for one in places)
    return api


def _name(given: str, field: str) -> str:
    if not NAME.fullmatch(given):
        raise Permanent("not_set_up", f"{field}: must be like A1PA6795UKMFR9, is {given!r}")
    return given


def check(api: Seller) -> str:
    """See that the seller sells where the settings say; the name is that of the shop there."""
    found = api.call("GET", "/sellers/v1/marketplaceParticipations").json()["payload"]
    names = {one["marketplace"]["id"]: one for one in found}
    for place in api.marketplaces:
        if not names.get(place, {}).get("participation", {}).get("isParticipating"):
            text = f"settings.marketplace_ids: this seller does not sell in {place}"
            raise Permanent("not_set_up", text)
    home = names[api.marketplaces[0]]
    return str(home.get("storeName") or home["marketplace"]["name"])


def orders(api: Seller, *, since: datetime, until: datetime, cursor: str = "") -> Page:
    """Return one page of what was changed in between, of all that the seller sends.

    Amazon takes no end younger than two minutes, so what is beyond it is left out here.
    """
    wanted = {"lastUpdatedAfter": _text(since), "fulfillmentStatuses": RELEASED}
    found, more = _search(api, wanted, cursor)
    return _page(api, [one for one in found if _changed(one) <= _text(until)], more)


def open_orders(api: Seller, *, cursor: str = "") -> Page:
    """Return one page of the orders of which something is still to be sent."""
    wanted = {"createdAfter": _text(EVER), "fulfillmentStatuses": UNSENT}
    return _page(api, *_search(api, wanted, cursor))


def _search(
    api: Seller, wanted: Mapping[str, str], cursor: str
) -> tuple[list[dict[str, Any]], str]:
    """Return a page of orders and the token of the next; a token counts for the same question."""
    query = {
        **wanted,
        "marketplaceIds": ",".join(api.marketplaces),
        "fulfilledBy": "MERCHANT",
        "includedData": PARTS,
        "maxResultsPerPage": str(SIZE),
    }
    query |= {"paginationToken": cursor} if cursor else {}
    answer = api.call("GET", ORDERS, query=query).json()
    token = (answer.get("pagination") or {}).get("nextToken")
    return list(answer.get("orders") or []), str(token or "")


def _page(api: Seller, found: Sequence[Mapping[str, Any]], cursor: str) -> Page:
    return Page(
        bodies=tuple(msgspec.json.encode(order) for order in sorted(found, key=_changed)),
        headers={OWN_RATE: api.tax_rate},
        cursor=cursor,
    )


def _changed(order: Mapping[str, Any]) -> str:
    return str(order.get("lastUpdatedTime") or "")


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ship(api: Seller, parcel: Parcel) -> str:
    """Tell of a parcel, unless Amazon has one with its tracking number."""
    if not parcel.tracking_number:
        text = "Amazon takes no parcel without a tracking number."
        raise Permanent("outside_refused", text)
    query = {"includedData": "PACKAGES"}
    order = api.call("GET", f"{ORDERS}/{parcel.order_id}", query=query).json()["order"]
    packages = order.get("packages") or []
    for one in packages:
        if one.get("trackingNumber") == parcel.tracking_number:
            return str(one["packageReferenceId"])
    # Amazon wants a number; one that it knows would have it change that package.
    taken = {str(one["packageReferenceId"]) for one in packages}
    number = next(str(n) for n in range(parcel.number, 10**6) if str(n) not in taken)
    place = order["salesChannel"].get("marketplaceId") or api.marketplaces[0]
    data = {"marketplaceId": place, "packageDetail": _package(parcel, number)}
    path = f"/orders/v0/orders/{parcel.order_id}/shipmentConfirmation"
    api.call("POST", path, data=data)
    return number


def _package(parcel: Parcel, number: str) -> dict[str, Any]:
    return {
        "packageReferenceId": number,
        "carrierCode": CARRIERS.get(parcel.carrier.lower(), "Other"),
        "carrierName": parcel.carrier,
        "trackingNumber": parcel.tracking_number,
        "shipDate": _text(parcel.shipped_at),
        "orderItems": [
            {"orderItemId": line.line_id, "quantity": line.quantity} for line in parcel.lines
        ],
    }


def set_levels(api: Seller, levels: Sequence[Level]) -> LevelsTold:
    """Tell what may be sold of goods that the seller sends; Amazon has no compare-and-set.

    A level that looks right is told all the same: an older one may still be on its way there.
    """
    taken: list[str] = []
    unknown: list[str] = []
    refused: dict[str, str] = {}
    for batch in _batches(levels):
        known = _sent_by_seller(api, [level.sku for level in batch])
        for level in batch:
            problem = _patch(api, level) if level.sku in known else None
            if problem is None:
                unknown.append(level.sku)
            elif problem:
                refused[level.sku] = problem
            else:
                taken.append(level.sku)
    return LevelsTold(taken=tuple(taken), unknown=tuple(unknown), refused=refused)


def _batches(levels: Sequence[Level]) -> Iterator[Sequence[Level]]:
    """Yield what can be looked up at once; Amazon takes a comma for the end of a SKU."""
    yield from ([level] for level in levels if "," in level.sku)
    plain = [level for level in levels if "," not in level.sku]
    yield from (plain[start : start + BATCH] for start in range(0, len(plain), BATCH))


def _sent_by_seller(api: Seller, skus: Sequence[str]) -> set[str]:
    """Return which of these are sold there and not sent by Amazon from its own warehouse."""
    query = {
        "marketplaceIds": api.marketplaces[0],
        "identifiersType": "SKU",
        "identifiers": ",".join(skus),
        "includedData": "fulfillmentAvailability",
        "pageSize": str(BATCH),
    }
    answer = api.call("GET", f"{LISTINGS}/{api.seller_id}", query=query).json()
    found = set()
    for item in answer.get("items") or []:
        offers = item.get("fulfillmentAvailability") or []
        channels = {offer.get("fulfillmentChannelCode") for offer in offers}
        if not channels or OURS in channels:
            found.add(str(item["sku"]))
    return found


def _patch(api: Seller, level: Level) -> str:
    """Tell one level; returns what Amazon has against it."""
    value = {"fulfillment_channel_code": OURS, "quantity": level.available}
    patch = {"op": "merge", "path": "/attributes/fulfillment_availability", "value": [value]}
    answer = api.call(
        "PATCH",
        f"{LISTINGS}/{api.seller_id}/{quote(level.sku, safe='')}",
        query={"marketplaceIds": api.marketplaces[0]},
        data={"productType": "PRODUCT", "patches": [patch]},
    ).json()
    if answer.get("status") != "INVALID":
        return ""
    issues = [str(issue.get("message")) for issue in answer.get("issues") or []]
    return "; ".join(issues) or "Amazon does not say why."

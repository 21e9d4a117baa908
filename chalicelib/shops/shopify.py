"""Shopify: the Admin API in GraphQL, in one pinned version.

Settings: `shop` (…myshopify.com) and, where there are several, `location`; secret: `access_token`.
Format: shopify.dev, GraphQL Admin API; a version is served for a year after its release.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Permanent
from chalicelib.runtime.http import HttpApi, fixed
from chalicelib.shops import shopify_queries as queries
from chalicelib.shops import shopify_stock
from chalicelib.shops.graphql import Json, ask, every, settled
from chalicelib.shops.port import Page

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.runtime.http import Api
    from chalicelib.shops.port import Level, LevelsTold, Parcel, ParcelLine

VERSION = "2026-10"
PATH = f"/admin/api/{VERSION}/graphql.json"
OWN_SECRET = True  # webhooks are signed with the app's
HOST = re.compile(r"[a-z0-9][a-z0-9-]*\.myshopify\.com")
# Tells the translator that a body is a GraphQL order, not a webhook's.
SOURCE = {"x-kontor-source": "graphql"}
# Orders are read one by one, so a page stays a few seconds' work and its points within the bucket.
PAGE = 25
LINES = 50
TOPICS = (
    "orders/create",
    "orders/updated",
    "orders/paid",
    "orders/cancelled",
    "orders/edited",
    "orders/fulfilled",
    "orders/partially_fulfilled",
    "orders/delete",
    "refunds/create",
)
# Fulfillment orders of which something may still be sent.
SENDABLE = frozenset({"OPEN", "IN_PROGRESS"})
# What Shopify may be told of why an order was cancelled, by words our reasons contain.
REASONS = {"customer": "CUSTOMER", "stock": "INVENTORY", "payment": "DECLINED", "fraud": "FRAUD"}


class Admin(HttpApi):
    """A shop's Admin API, and the location whose stock we keep; empty: the first active one."""

    location: str = ""


def connect(settings: Mapping[str, str], secrets: Secrets) -> Api:
    """Return the way to a shop; Permanent(`not_set_up`) names what is missing."""
    shop = settings.get("shop", "").strip().lower()
    shop = shop.removeprefix("https://").rstrip("/")
    address = settings.get("base_url", "").strip() or f"https://{shop}"
    if not settings.get("base_url") and not HOST.fullmatch(shop):
        raise Permanent("not_set_up", "settings.shop: must be like name.myshopify.com")
    token = secrets.get("access_token", "").strip()
    if not token:
        raise Permanent("not_set_up", "secrets.access_token: must be given")
    api = Admin(address, sign=fixed(X_Shopify_Access_Token=token))
    api.location = settings.get("location", "").strip()
    return api


def check(api: Api) -> str:
    """Ask for the shop's name."""
    return str(_ask(api, queries.SHOP)["shop"]["name"])


def orders(api: Api, *, since: datetime, until: datetime, cursor: str = "") -> Page:
    """Return one page of the orders that were changed between two moments."""
    wanted = f"updated_at:>='{since.isoformat()}' AND updated_at:<='{until.isoformat()}'"
    return _page(api, wanted, cursor)


def open_orders(api: Api, *, cursor: str = "") -> Page:
    """Return one page of the orders of which something is still to be sent."""
    sendable = "(fulfillment_status:unfulfilled OR fulfillment_status:partial)"
    return _page(api, f"status:open AND {sendable}", cursor)


def order(api: Api, order_id: str) -> bytes | None:
    """Return one order as it stands, with all its lines; None if there is none."""
    name = _gid("Order", order_id)
    found: Json | None = _ask(api, queries.ORDER, id=name, lines=LINES)["order"]
    if found is None:
        return None
    first = found.get("lineItems") or {}

    def page(cursor: str | None) -> Any:  # noqa: ANN401 - JSON is any
        if cursor is None:
            return first
        more = _ask(api, queries.MORE_LINES, id=name, lines=LINES, after=cursor)
        return (more["order"] or {}).get("lineItems")

    found["lineItems"] = {"nodes": list(every(page))}
    return json.dumps(found, default=str, ensure_ascii=False).encode("utf-8", "surrogatepass")


def register(api: Api, *, address: str, secret: str) -> Sequence[str]:
    """Have our webhook called for every topic; again after Shopify gave up on it.

    Eight failures in a row delete a subscription, so this is run from time to time.
    """
    del secret  # Shopify signs with the app's own
    there = {
        str(each["topic"])
        for each in every(
            lambda cursor: _ask(api, queries.WEBHOOKS, after=cursor)["webhookSubscriptions"]
        )
        if each.get("uri") == address
    }
    for topic in TOPICS:
        name = topic.replace("/", "_").upper()
        if name not in there:
            to = {"uri": address, "format": "JSON"}
            answer = _ask(api, queries.SUBSCRIBE, topic=name, to=to)
            settled(answer["webhookSubscriptionCreate"], "userErrors")
    return TOPICS


def ship(api: Api, parcel: Parcel) -> str:
    """Tell of a parcel: what of it was told before under its number is not told again."""
    name = _gid("Order", parcel.order_id)
    told, known = _told(api, name, parcel.tracking_number)
    open_lines = list(_open_lines(api, name))
    ids = known[-1:]
    for location in dict.fromkeys(line.location for line in open_lines):
        here = [line for line in open_lines if line.location == location]
        groups = _claim(here, parcel.lines, told)
        if groups:
            ids.append(_fulfill(api, parcel, groups))
    if not ids:
        text = f"Shopify has nothing left to send of order {parcel.order_number}."
        raise Permanent("outside_refused", text)
    return ids[-1]


def cancel(api: Api, order_id: str, reason: str) -> str:
    """Have an order cancelled; its money and its stock are settled by us, not by Shopify."""
    name = _gid("Order", order_id)
    found = _ask(api, queries.CANCELLED, id=name)["order"]
    if found is None:
        raise Permanent("outside_refused", "Shopify does not know this order any more.")
    if found["cancelledAt"]:
        return str(found["id"])
    code = next((code for word, code in REASONS.items() if word in reason.lower()), "OTHER")
    answer = _ask(api, queries.CANCEL, id=name, reason=code, note=reason[:255])["orderCancel"]
    return str((settled(answer, "orderCancelUserErrors").get("job") or found)["id"])


def set_levels(api: Api, levels: Sequence[Level]) -> LevelsTold:
    """Tell what may be sold, where the level is still what we told last."""
    place = getattr(api, "location", "")
    return shopify_stock.set_levels(partial(_ask, api), levels, place)


def _ask(api: Api, query: str, /, **variables: object) -> Json:
    return ask(api, PATH, query, variables)


def _gid(kind: str, name: str) -> str:
    return name if name.startswith("gid://") else f"gid://shopify/{kind}/{name}"


def _page(api: Api, wanted: str, cursor: str) -> Page:
    found = _ask(api, queries.LIST, first=PAGE, after=cursor or None, query=wanted)
    listed = found["orders"]
    bodies = (order(api, node["id"]) for node in listed["nodes"])
    info = listed["pageInfo"]
    return Page(
        bodies=tuple(body for body in bodies if body is not None),
        headers=SOURCE,
        cursor=str(info["endCursor"]) if info["hasNextPage"] else "",
        total=(found.get("ordersCount") or {}).get("count"),
    )


@dataclass(slots=True, kw_only=True)
class _OpenLine:
    """What of an order's line still waits to be sent, and from where."""

    group: str
    location: str
    id: str
    line_id: str
    sku: str
    left: int


def _open_lines(api: Api, name: str) -> Iterator[_OpenLine]:
    groups = (_ask(api, queries.TO_SHIP, id=name)["order"] or {}).get("fulfillmentOrders") or {}
    for group in groups.get("nodes", []):
        if group["status"] not in SENDABLE:
            continue
        place = ((group.get("assignedLocation") or {}).get("location") or {}).get("id", "")
        for line in _pages(
            api, queries.TO_SHIP_LINES, "fulfillmentOrder", "lineItems", group["id"]
        ):
            yield _OpenLine(
                group=group["id"],
                location=str(place),
                id=line["id"],
                line_id=_number(line["lineItem"]["id"]),
                sku=line["lineItem"].get("sku") or "",
                left=int(line["remainingQuantity"]),
            )


def _told(api: Api, name: str, number: str) -> tuple[dict[str, int], list[str]]:
    """Count what was sent under this tracking number already, by line, and name the reports."""
    found = _ask(api, queries.TOLD, id=name)["order"]
    if found is None:
        raise Permanent("outside_refused", "Shopify does not know this order any more.")
    ids = [
        str(each["id"])
        for each in found["fulfillments"]
        if each["status"] != "CANCELLED"
        and number
        and any(info["number"] == number for info in each["trackingInfo"])
    ]
    told: dict[str, int] = {}
    for each in ids:
        for line in _pages(api, queries.TOLD_LINES, "fulfillment", "fulfillmentLineItems", each):
            line_id = _number(line["lineItem"]["id"])
            told[line_id] = told.get(line_id, 0) + int(line["quantity"])
    return told, ids


def _pages(api: Api, query: str, what: str, nodes: str, name: str) -> Iterator[Json]:
    return every(lambda cursor: (_ask(api, query, id=name, after=cursor)[what] or {}).get(nodes))


def _claim(
    lines: Sequence[_OpenLine], wanted: Sequence[ParcelLine], told: dict[str, int]
) -> dict[str, list[Json]]:
    """Take the parcel's pieces from the waiting lines; what is taken counts as told."""
    groups: dict[str, list[Json]] = {}
    for piece in wanted:
        name = piece.line_id.partition(".")[0]  # a number after it tells two of one id apart
        for line in lines:
            if line.line_id != name and not (piece.sku and piece.sku == line.sku):
                continue
            taken = min(line.left, piece.quantity - told.get(name, 0))
            if taken > 0:
                line.left -= taken
                told[name] = told.get(name, 0) + taken
                groups.setdefault(line.group, []).append({"id": line.id, "quantity": taken})
    return groups


def _fulfill(api: Api, parcel: Parcel, groups: Mapping[str, list[Json]]) -> str:
    tracking = {
        "company": parcel.carrier,
        "number": parcel.tracking_number,
        "url": parcel.tracking_url,
    }
    fulfillment = {
        "lineItemsByFulfillmentOrder": [
            {"fulfillmentOrderId": group, "fulfillmentOrderLineItems": lines}
            for group, lines in groups.items()
        ],
        "trackingInfo": {name: text for name, text in tracking.items() if text},
        "notifyCustomer": False,  # the customer hears of it from us
    }
    answer = _ask(api, queries.SHIP, fulfillment=fulfillment)["fulfillmentCreate"]
    return str(settled(answer, "userErrors")["fulfillment"]["id"])


def _number(gid: str) -> str:
    return gid.rpartition("/")[2].partition("?")[0]

"""Shopify: the Admin API in GraphQL, in one pinned version.

Settings: `shop` (…myshopify.com) and, where there are several, `location`; secret: `access_token`.
Format: shopify.dev, GraphQL Admin API; a version is served for a year after its release.
"""

from __future__ import annotations

import json
import re
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Permanent
from chalicelib.runtime.http import HttpApi, fixed
from chalicelib.shops import shopify_parcels, shopify_stock
from chalicelib.shops import shopify_queries as queries
from chalicelib.shops.graphql import Json, ask, every, settled
from chalicelib.shops.port import Page

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.runtime.http import Api
    from chalicelib.shops.port import Level, LevelsTold, Parcel

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
    return shopify_parcels.ship(partial(_ask, api), _gid("Order", parcel.order_id), parcel)


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

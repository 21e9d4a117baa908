"""WooCommerce: REST API v3 of the shop's own WordPress, signed in to by consumer key and secret.

An order in the trash is found by asking for it; one that was deleted for good appears in no list,
so only its webhook can tell. The shop has no compare-and-set for stock: the newest call wins.
"""

from __future__ import annotations

import base64
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.domain.errors import Permanent
from chalicelib.runtime.http import HttpApi, fixed
from chalicelib.shops.port import LevelsTold, Page, needed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.runtime.http import Api, Reply
    from chalicelib.shops.port import Level, Parcel

BASE = "/wp-json/wc/v3"
TRACKING = "/wp-json/wc-shipment-tracking/v3"
TOPICS = ("order.created", "order.updated", "order.deleted", "order.restored")
AS_UPDATED = {"x-wc-webhook-topic": "order.updated"}
SIZE = 100  # the most the shop gives or takes at once
LOOKED_UP = 50  # SKUs in one address: a shop with two languages has each of them twice
SECOND = timedelta(seconds=1)
OPEN = "pending,on-hold,processing"
# The list of all statuses leaves the trash out; it is gone through after them.
LISTS = ("any", "trash")
GONE = frozenset({"cancelled", "refunded", "trash"})
FIELDS = "id,sku,type,parent_id,manage_stock,stock_quantity"
# A product that was deleted a moment ago must not keep the others from their levels.
REFUSALS = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)


def connect(settings: Mapping[str, str], secrets: Secrets) -> Api:
    """Sign in by HTTP Basic; the shop may lie in a folder of its host."""
    base = needed(settings, "settings.base_url")
    key = needed(secrets, "secrets.consumer_key")
    pair = f"{key}:{needed(secrets, 'secrets.consumer_secret')}"
    token = base64.b64encode(pair.encode()).decode()
    return HttpApi(base, fixed(authorization=f"Basic {token}"))


def check(api: Api) -> str:
    """See that the key may read orders; the name of the site needs no key."""
    api.call("GET", f"{BASE}/orders", query={"per_page": "1", "_fields": "id"})
    return str(api.call("GET", "/wp-json/", query={"_fields": "name"}).json().get("name") or "")


def orders(api: Api, *, since: datetime, until: datetime, cursor: str = "") -> Page:
    """Return what was changed in between, first in all statuses, then in the trash."""
    status, _, place = cursor.partition(" ")
    status = status or LISTS[0]
    page = _page(api, status, place or f"{_text(since - SECOND)} 1", {"modified_before": until})
    if page.cursor:
        return _with_cursor(page, f"{status} {page.cursor}")
    rest = LISTS[LISTS.index(status) + 1 :]
    return _with_cursor(page, rest[0] if rest else "")


def open_orders(api: Api, *, cursor: str = "") -> Page:
    """Return what is unpaid, on hold or being worked on."""
    return _page(api, OPEN, cursor or f"{_text(datetime.fromtimestamp(0, UTC))} 1", {})


def _page(api: Api, status: str, place: str, bounds: Mapping[str, datetime]) -> Page:
    """Return a page from a place on: a moment, and the number of a page counted from there.

    A changed order moves to the end of the list and would pull the next page under our feet. So the
    next page begins at the last moment seen, unless all of the page was changed in one second.
    """
    after, number = place.split(" ")
    query = {
        "status": status,
        "orderby": "modified",
        "order": "asc",
        "per_page": str(SIZE),
        "page": number,
        "dates_are_gmt": "true",
        "modified_after": after,
        **{name: _text(moment) for name, moment in bounds.items()},
    }
    reply = api.call("GET", f"{BASE}/orders", query=query)
    bodies = _bodies(reply)
    cursor = _next(bodies[-1], after, int(number)) if len(bodies) == SIZE else ""
    total = reply.headers.get("x-wp-total", "")
    return Page(
        bodies=bodies,
        headers=AS_UPDATED,
        cursor=cursor,
        total=int(total) if total.isdigit() else None,
    )


def _bodies(reply: Reply) -> tuple[bytes, ...]:
    """Return the orders byte for byte as the shop wrote them."""
    try:
        return tuple(map(bytes, msgspec.json.decode(reply.body, type=list[msgspec.Raw])))
    except msgspec.DecodeError as error:
        # WordPress prints the warnings of its plugins before the answer.
        raise Permanent("outside_answer", f"orders: no list of JSON ({error})") from error


def _next(last: bytes, after: str, number: int) -> str:
    text = json.loads(last).get("date_modified_gmt")
    start = text and _text(datetime.fromisoformat(text).replace(tzinfo=UTC) - SECOND)
    return f"{start} 1" if start and start > after else f"{after} {number + 1}"


def _with_cursor(page: Page, cursor: str) -> Page:
    return Page(bodies=page.bodies, headers=page.headers, cursor=cursor, total=page.total)


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def register(api: Api, *, address: str, secret: str) -> Sequence[str]:
    """Have the shop call us for each topic; a webhook that it switched off is switched on again.

    The secret is sent each time: the shop does not say whether it still has the right one.
    """
    known = {
        hook["topic"]: hook["id"]
        for hook in _all(api, f"{BASE}/webhooks")
        if hook["delivery_url"] == address
    }
    for topic in TOPICS:
        hook: dict[str, Any] = {"secret": secret, "status": "active"}
        if topic in known:
            api.call("PUT", f"{BASE}/webhooks/{known[topic]}", data=hook)
        else:
            hook |= {"name": f"Kontor {topic}", "topic": topic, "delivery_url": address}
            api.call("POST", f"{BASE}/webhooks", data=hook)
    return TOPICS


def _all(api: Api, path: str) -> Iterator[dict[str, Any]]:
    number, found = 1, SIZE
    while found == SIZE:
        query = {"per_page": str(SIZE), "page": str(number)}
        items = api.call("GET", path, query=query).json()
        yield from items
        number, found = number + 1, len(items)


def ship(api: Api, parcel: Parcel) -> str:
    """Note the parcel where the customer sees it, and complete the order with its last one."""
    path = f"{BASE}/orders/{parcel.order_id}"
    status = api.call("GET", path, query={"_fields": "status"}).json()["status"]
    reference = _tracked(api, parcel) or _noted(api, parcel)
    if parcel.is_last and status not in GONE | {"completed"}:
        api.call("PUT", path, data={"status": "completed"})
    return reference


def _tracked(api: Api, parcel: Parcel) -> str:
    """Give the parcel to the shop's tracking plugin; empty if it has none that takes it."""
    path = f"{TRACKING}/orders/{parcel.order_id}/shipment-trackings"
    reply = api.call("GET", path, allow=(HTTPStatus.NOT_FOUND,))
    if reply.status == HTTPStatus.NOT_FOUND or not parcel.tracking_number:
        return ""
    for item in reply.json():
        if item["tracking_number"] == parcel.tracking_number:
            return str(item["tracking_id"])
    # The plugin of WooCommerce takes any carrier with its link, others only those that they know.
    free = {
        "custom_tracking_provider": parcel.carrier,
        "custom_tracking_link": parcel.tracking_url,
    }
    for carrier in (free, {"tracking_provider": parcel.carrier}):
        data = {"tracking_number": parcel.tracking_number, **carrier}
        reply = api.call("POST", path, data=data, allow=(HTTPStatus.BAD_REQUEST,))
        if reply.status != HTTPStatus.BAD_REQUEST:
            return str(reply.json()["tracking_id"])
    return ""


def _noted(api: Api, parcel: Parcel) -> str:
    """Write a private note: one to the customer would be a second mail about the same parcel."""
    path = f"{BASE}/orders/{parcel.order_id}/notes"
    start = f"Kontor: parcel {parcel.number},"
    for note in api.call("GET", path).json():
        if note["note"].startswith(start):
            return str(note["id"])
    told = [f"{start} {parcel.carrier}", parcel.tracking_number, parcel.tracking_url]
    told += [f"{line.quantity} × {line.sku}" for line in parcel.lines]
    data = {"note": "\n".join(filter(None, told)), "customer_note": False}
    return str(api.call("POST", path, data=data).json()["id"])


def cancel(api: Api, order_id: str, reason: str) -> str:
    """Cancel the order, with the reason as a private note; one that is gone stays so."""
    path = f"{BASE}/orders/{order_id}"
    reply = api.call("GET", path, query={"_fields": "status"}, allow=(HTTPStatus.NOT_FOUND,))
    if reply.status == HTTPStatus.NOT_FOUND:
        return "deleted"
    status = str(reply.json()["status"])
    if status in GONE:
        return status
    if reason:
        data = {"note": f"Kontor: {reason}", "customer_note": False}
        api.call("POST", f"{path}/notes", data=data)
    api.call("PUT", path, data={"status": "cancelled"})
    return "cancelled"


def set_levels(api: Api, levels: Sequence[Level]) -> LevelsTold:
    """Set what may be sold of products and variations; a right level is not written again."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for skus in _lookups([level.sku for level in levels]):
        query = {"sku": skus, "per_page": str(SIZE), "_fields": FIELDS}
        for product in api.call("GET", f"{BASE}/products", query=query).json():
            found[_same(product["sku"])].append(product)
    updates: dict[str, list[dict[str, Any]]] = defaultdict(list)
    sku_of: dict[int, str] = {}
    for level in levels:
        for product in found[_same(level.sku)]:
            if product["manage_stock"] is True and product["stock_quantity"] == level.available:
                continue
            sku_of[product["id"]] = level.sku
            updates[_batch(product)].append(
                {"id": product["id"], "manage_stock": True, "stock_quantity": level.available}
            )
    refused = dict(_refused(api, updates, sku_of))
    unknown = tuple(level.sku for level in levels if not found[_same(level.sku)])
    left = {*refused, *unknown}
    taken = tuple(level.sku for level in levels if level.sku not in left)
    return LevelsTold(taken=taken, unknown=unknown, refused=refused)


def _same(sku: str) -> str:
    """Return what two spellings share that are the same to the shop's database."""
    return sku.strip().casefold()


def _lookups(skus: Sequence[str]) -> Iterator[str]:
    """Yield lists as the shop reads them; a SKU with a comma is understood only alone."""
    plain = [sku for sku in skus if "," not in sku]
    for start in range(0, len(plain), LOOKED_UP):
        yield ",".join(plain[start : start + LOOKED_UP])
    yield from (sku for sku in skus if "," in sku)


def _batch(product: Mapping[str, Any]) -> str:
    if product["type"] == "variation":
        return f"{BASE}/products/{product['parent_id']}/variations/batch"
    return f"{BASE}/products/batch"


def _refused(
    api: Api, updates: Mapping[str, list[dict[str, Any]]], sku_of: Mapping[int, str]
) -> Iterable[tuple[str, str]]:
    for path, products in updates.items():
        for start in range(0, len(products), SIZE):
            data = {"update": products[start : start + SIZE]}
            reply = api.call("POST", path, data=data, allow=REFUSALS)
            answers = reply.json().get("update", [])
            if reply.status in REFUSALS:
                answers = [{"id": each["id"], "error": reply.json()} for each in data["update"]]
            for answer in answers:
                if error := answer.get("error"):
                    yield sku_of[answer["id"]], str(error.get("message") or error.get("code"))

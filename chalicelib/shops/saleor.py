"""Saleor: its GraphQL API, with the token of an app that may manage orders and products.

Settings: `base_url`, and where there are several warehouses, `warehouse`; secret: `app_token`.
Format: docs.saleor.io, API reference; Saleor 3.14 and later.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Permanent
from chalicelib.runtime.http import HttpApi, fixed
from chalicelib.shops import saleor_queries as queries
from chalicelib.shops.graphql import Json, ask, every, settled, words
from chalicelib.shops.port import LevelsTold, Page, needed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.runtime.http import Api
    from chalicelib.shops.port import Level, Parcel

PATH = "/graphql/"
PAGE = 25
BATCH = 50
UNFINISHED = ["UNCONFIRMED", "UNFULFILLED", "PARTIALLY_FULFILLED"]
# Fulfillments whose goods have not left or came back.
VOID = frozenset({"CANCELED", "RETURNED", "REFUNDED_AND_RETURNED", "REPLACED"})


class Shop(HttpApi):
    """A shop's API, and the warehouse whose stock we keep; empty: its first one."""

    warehouse: str = ""


def connect(settings: Mapping[str, str], secrets: Secrets) -> Api:
    """Return the way to a shop; Permanent(`not_set_up`) names what is missing."""
    address = needed(settings, "settings.base_url").rstrip("/").removesuffix("/graphql")
    token = needed(secrets, "secrets.app_token")
    api = Shop(address, sign=fixed(Authorization=f"Bearer {token}"))
    api.warehouse = settings.get("warehouse", "").strip()
    return api


def check(api: Api) -> str:
    """Ask for the shop's name."""
    return str(_ask(api, queries.SHOP)["shop"]["name"])


def orders(api: Api, *, since: datetime, until: datetime, cursor: str = "") -> Page:
    """Return one page of the orders that were changed between two moments."""
    changed = {"gte": since.isoformat(), "lte": until.isoformat()}
    return _page(api, {"updatedAt": changed}, cursor)


def open_orders(api: Api, *, cursor: str = "") -> Page:
    """Return one page of the orders of which something is still to be sent."""
    return _page(api, {"status": UNFINISHED}, cursor)


def register(api: Api, *, address: str, secret: str) -> Sequence[str]:
    """Have our webhook called for every event, with the fields we ask for.

    Without a key of ours Saleor signs with its own, whose public half it publishes.
    """
    del secret
    topics = list(queries.EVENTS)
    wanted = {"asyncEvents": topics, "query": queries.SUBSCRIPTION, "isActive": True}
    there = (_ask(api, queries.WEBHOOKS).get("app") or {}).get("webhooks") or []
    ours = [each for each in there if each["targetUrl"] == address]
    if not ours:
        data = {**wanted, "name": "Kontor", "targetUrl": address}
        settled(_ask(api, queries.REGISTER, input=data)["webhookCreate"], "errors")
    elif not _is_as_wanted(ours[0]):
        renewed = _ask(api, queries.RENEW, id=ours[0]["id"], input=wanted)
        settled(renewed["webhookUpdate"], "errors")
    return [topic.lower() for topic in topics]


def ship(api: Api, parcel: Parcel) -> str:
    """Tell of a parcel: what of it was told before under its number is not told again."""
    order = _order(api, parcel.order_id)
    told: Counter[str] = Counter()
    known = [each for each in order["fulfillments"] if _is_of(each, parcel.tracking_number)]
    for each in known:
        for line in each["lines"]:
            told[str((line["orderLine"] or {}).get("id"))] += int(line["quantity"])
    lines = _claim(order["lines"], parcel, told, getattr(api, "warehouse", ""))
    if not lines and known:
        return str(known[-1]["id"])
    if not lines:
        return _track(api, order, parcel)
    data = {
        "lines": lines,
        "notifyCustomer": False,  # the customer hears of it from us
        "allowStockToBeExceeded": True,  # the goods are gone, whatever Saleor counts
        "trackingNumber": parcel.tracking_number,
    }
    answer = _ask(api, queries.SHIP, order=parcel.order_id, input=data)["orderFulfill"]
    made = settled(answer, "errors")["fulfillments"] or [order]
    return str(made[-1]["id"])


def _track(api: Api, order: Json, parcel: Parcel) -> str:
    """Give the number to a fulfillment that somebody made in the shop without one."""
    bare = [x for x in order["fulfillments"] if not x["trackingNumber"] and x["status"] not in VOID]
    if not bare or not parcel.tracking_number:
        text = f"Saleor has nothing left to send of order {parcel.order_number}."
        raise Permanent("outside_refused", text)
    name = bare[-1]["id"]
    answer = _ask(api, queries.TRACK, id=name, number=parcel.tracking_number)
    settled(answer["orderFulfillmentUpdateTracking"], "errors")
    return str(name)


def cancel(api: Api, order_id: str, reason: str) -> str:
    """Have an order cancelled; Saleor takes no reason."""
    del reason
    if _order(api, order_id)["status"] not in {"CANCELED", "EXPIRED"}:
        settled(_ask(api, queries.CANCEL, id=order_id)["orderCancel"], "errors")
    return order_id


def set_levels(api: Api, levels: Sequence[Level]) -> LevelsTold:
    """Tell what may be sold; Saleor counts what it has allocated as in stock, so that is added."""
    place = getattr(api, "warehouse", "") or _warehouse(api)
    taken: list[str] = []
    unknown: list[str] = []
    refused: dict[str, str] = {}
    for start in range(0, len(levels), BATCH):
        batch = levels[start : start + BATCH]
        variants = _variants(api, [level.sku for level in batch])
        unknown += [level.sku for level in batch if level.sku not in variants]
        found = [level for level in batch if level.sku in variants]
        stocks = [_stock(level, variants[level.sku], place) for level in found]
        if not stocks:
            continue
        answer = _ask(api, queries.SET_LEVELS, stocks=stocks)["stockBulkUpdate"]
        if not answer["results"]:
            settled(answer, "errors")
        for level, result in zip(found, answer["results"], strict=True):
            if result["errors"]:
                refused[level.sku] = words(result["errors"])
            else:
                taken.append(level.sku)
    return LevelsTold(taken=tuple(taken), unknown=tuple(unknown), refused=refused)


def _ask(api: Api, query: str, /, **variables: object) -> Json:
    return ask(api, PATH, query, variables)


def _page(api: Api, wanted: Json, cursor: str) -> Page:
    variables = {"first": PAGE, "after": cursor or None, "filter": wanted}
    found = _ask(api, queries.LIST, **variables)["orders"]
    info = found["pageInfo"]
    return Page(
        bodies=tuple(_bytes(edge["node"]) for edge in found["edges"]),
        headers={"saleor-event": "order_updated"},
        cursor=str(info["endCursor"]) if info["hasNextPage"] else "",
        total=found["totalCount"],
    )


def _bytes(node: Json) -> bytes:
    text = json.dumps(node, default=str, ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def _is_as_wanted(webhook: Json) -> bool:
    events = {each["eventType"] for each in webhook["asyncEvents"]}
    is_same = webhook["subscriptionQuery"] == queries.SUBSCRIPTION
    return bool(webhook["isActive"]) and is_same and events == set(queries.EVENTS)


def _order(api: Api, order_id: str) -> Any:  # noqa: ANN401 - JSON is any
    found = _ask(api, queries.TO_SHIP, id=order_id)["order"]
    if found is None:
        raise Permanent("outside_refused", "Saleor does not know this order any more.")
    return found


def _is_of(fulfillment: Json, number: str) -> bool:
    is_void = fulfillment["status"] in VOID
    return bool(number) and fulfillment["trackingNumber"] == number and not is_void


def _claim(lines: Sequence[Json], parcel: Parcel, told: Counter[str], warehouse: str) -> list[Json]:
    """Take the parcel's pieces from what waits, out of the warehouses that set it aside."""
    counts: Counter[str] = Counter()
    for piece in parcel.lines:
        name = piece.line_id.partition(".")[0]  # a number after it tells two of one id apart
        line = next((x for x in lines if x["id"] == name), None)
        line = line or next((x for x in lines if piece.sku and x["productSku"] == piece.sku), None)
        if line is not None:
            counts[line["id"]] += piece.quantity
    found = []
    for line in lines:
        count = min(counts[line["id"]] - told[line["id"]], int(line["quantityToFulfill"]))
        if count > 0:
            found.append({"orderLineId": line["id"], "stocks": _stocks(line, count, warehouse)})
    return found


def _stocks(line: Json, count: int, warehouse: str) -> list[Json]:
    """Say which warehouse the pieces came from, as far as Saleor has set them aside somewhere."""
    found: Counter[str] = Counter()
    for allocation in line["allocations"] or []:
        part = min(count - found.total(), int(allocation["quantity"]))
        found[str(allocation["warehouse"]["id"])] += max(part, 0)
    if rest := count - found.total():
        stocks = (line["variant"] or {}).get("stocks") or []
        place = warehouse or next((str(each["warehouse"]["id"]) for each in stocks), "")
        if not place:
            text = f"Saleor has no warehouse for {line['productSku'] or line['id']}."
            raise Permanent("outside_refused", text)
        found[place] += rest
    return [{"warehouse": place, "quantity": part} for place, part in found.items() if part]


def _warehouse(api: Api) -> str:
    edges = _ask(api, queries.WAREHOUSES)["warehouses"]["edges"]
    if not edges:
        raise Permanent("not_set_up", "The shop has no warehouse to keep stock at.")
    return str(edges[0]["node"]["id"])


def _variants(api: Api, skus: Sequence[str]) -> dict[str, Json]:
    return {
        str(node["sku"]): node
        for node in every(
            lambda cursor: _ask(api, queries.VARIANTS, skus=skus, first=BATCH, after=cursor)[
                "productVariants"
            ]
        )
    }


def _stock(level: Level, variant: Json, place: str) -> Json:
    stocks = [each for each in variant["stocks"] or [] if each["warehouse"]["id"] == place]
    allocated = sum(int(each["quantityAllocated"]) for each in stocks)
    return {
        "variantId": variant["id"],
        "warehouseId": place,
        "quantity": level.available + allocated,
    }

"""A seller's account at eBay in memory: orders, fulfillments and listings."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, ClassVar

from chalicelib.runtime.http import Reply
from chalicelib.shops import ebay
from tests.recorded.reading import recorded
from tests.shops.outside import Outside, reply

SPAN = re.compile(r"lastmodifieddate:\[(.+)\.\.(.+)\]")


class Shop(Outside):
    """Orders by their ids, what was told of each, and levels by SKU."""

    settings: ClassVar = {"tax_rate": "19"}
    secrets: ClassVar = {"client_id": "app", "client_secret": "s1", "refresh_token": "r1"}
    tax_rate = "19"

    def __init__(self) -> None:
        """Open the account."""
        super().__init__()
        self.seller = "Der Laden"
        self.orders: dict[str, dict[str, Any]] = {}
        self.sent: dict[str, list[dict[str, Any]]] = {}
        self.levels: dict[str, int] = {}

    def add(self, number: int, changed: datetime, *, is_open: bool = True) -> str:
        """Have an order of two pieces of one line."""
        order = recorded("ebay", "delivery-and-discount")
        name = f"12-{number}"
        order.update(orderId=name, sellerId="Der Laden")
        order["orderFulfillmentStatus"] = "NOT_STARTED" if is_open else "FULFILLED"
        self.orders[name] = order
        self.touch(name, changed)
        return name

    def touch(self, order_id: str, changed: datetime) -> None:
        """Change an order."""
        self.orders[order_id]["lastModifiedDate"] = changed.strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def state(self, order_id: str) -> str:
        """Say it in the contract's words."""
        pieces = sum(
            line["quantity"] for one in self.sent.get(order_id, []) for line in one["lineItems"]
        )
        return "shipped" if pieces >= 2 else "open"

    def parcels(self, order_id: str) -> list[str]:
        """Return the tracking numbers."""
        return [one["shipmentTrackingNumber"] for one in self.sent.get(order_id, [])]

    def stock(self, sku: str, available: int | None = None) -> int:
        """Have a listing, or say what is sold of it."""
        if available is not None:
            self.levels[sku] = available
        return self.levels[sku]

    def answer(self, method: str, path: str, query: dict[str, str], data: Any) -> Reply:
        """Find who answers."""
        if path == ebay.LEVELS:
            return reply({"responses": [self._level(each) for each in data["requests"]]})
        parts = path.removeprefix(ebay.ORDERS).strip("/").split("/")
        if parts == [""]:
            return self._list(query)
        told = self.sent.setdefault(parts[0], [])
        if method == "GET":
            return reply({"fulfillments": told, "total": len(told)})
        name = f"f{len(told) + 1}"
        made = {"fulfillmentId": name, "shipmentTrackingNumber": data["trackingNumber"]}
        told.append(made | {"lineItems": data["lineItems"]})
        return reply({}, 201, location=f"https://api.ebay.com{path}/{name}")

    def _list(self, query: dict[str, str]) -> Reply:
        found = list(self.orders.values())
        wanted = query.get("filter", "")
        if span := SPAN.fullmatch(wanted):
            found = [x for x in found if span[1] <= x["lastModifiedDate"] <= span[2]]
        elif wanted:
            found = [x for x in found if x["orderFulfillmentStatus"] in wanted]
        start = int(query.get("offset", "0"))
        page = found[::-1][start : start + int(query["limit"])]
        if not found and not wanted:
            page = [{"sellerId": self.seller}]
        return reply({"orders": page, "total": len(found)})

    def _level(self, request: dict[str, Any]) -> dict[str, Any]:
        sku = request["sku"]
        if sku not in self.levels:
            error = {"errorId": 25710, "message": "We didn't find the entity you are requesting."}
            return {"sku": sku, "statusCode": 404, "errors": [error]}
        self.levels[sku] = request["shipToLocationAvailability"]["quantity"]
        return {"sku": sku, "statusCode": 200, "errors": []}

"""Amazon in memory: searched orders with tokens, confirmed packages, listings of two channels."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar
from urllib.parse import unquote

from chalicelib.runtime.http import Reply
from tests.recorded.reading import recorded
from tests.shops.outside import Outside, reply

ORDERS = "/orders/2026-01-01/orders"
HOME = "A1PA6795UKMFR9"


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Shop(Outside):
    """Orders by their ids, and how many of a SKU are sold, by channel."""

    settings: ClassVar = {
        "region": "eu",
        "marketplace_ids": f"{HOME} A13V1IB3VIYZZH",
        "seller_id": "A3TESTSELLER01",
        "tax_rate": "19",
    }
    secrets: ClassVar = {"client_id": "c1", "client_secret": "s1", "refresh_token": "Atzr|1"}
    seller_id: str = "A3TESTSELLER01"
    marketplaces: tuple[str, ...] = (HOME, "A13V1IB3VIYZZH")
    tax_rate: str = "19"
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    listings: dict[str, dict[str, int]] = field(default_factory=dict)
    stubborn: set[str] = field(default_factory=set)  # SKUs of which Amazon takes no level

    def add(self, number: int, changed: datetime, *, is_open: bool = True) -> str:
        """Have an order of two pieces of one line."""
        order = recorded("amazon", "gross-no-tax-told")
        status = "UNSHIPPED" if is_open else "SHIPPED"
        order.update(orderId=f"028-{number}", lastUpdatedTime=_text(changed))
        order["fulfillment"]["fulfillmentStatus"] = status
        order["orderItems"] = order["orderItems"][:1]
        order["orderItems"][0]["orderItemId"] = "1"
        order["packages"] = []
        self.orders[order["orderId"]] = order
        return str(order["orderId"])

    def touch(self, order_id: str, changed: datetime) -> None:
        """Change an order."""
        self.orders[order_id]["lastUpdatedTime"] = _text(changed)

    def state(self, order_id: str) -> str:
        """Say it in the contract's words."""
        sent = sum(
            int(item["quantity"])
            for package in self.orders[order_id]["packages"]
            for item in package["packageItems"]
        )
        return "shipped" if sent == 2 else "open"

    def parcels(self, order_id: str) -> list[str]:
        """Return the tracking numbers of the packages."""
        return [package["trackingNumber"] for package in self.orders[order_id]["packages"]]

    def stock(self, sku: str, available: int | None = None) -> int:
        """Have a listing, or say what is sold of it."""
        if available is not None:
            self.listings[sku] = {"DEFAULT": available}
        return self.listings[sku]["DEFAULT"]

    def answer(self, method: str, path: str, query: dict[str, str], data: Any) -> Reply:
        """Find who answers."""
        name = unquote(path.rpartition("/")[2])
        if path == "/sellers/v1/marketplaceParticipations":
            there = {"isParticipating": True, "hasSuspendedListings": False}
            places = [{"id": place, "name": "Amazon"} for place in self.marketplaces]
            told = [{"marketplace": x, "participation": there} for x in places]
            return reply({"payload": [{**one, "storeName": "Der Laden"} for one in told]})
        if path == ORDERS:
            return self._searched(query)
        if path.startswith(ORDERS):
            return reply({"order": self.orders[name]})
        if name == "shipmentConfirmation":
            return self._confirmed(path.split("/")[4], data["packageDetail"])
        if method == "PATCH":
            return self._patched(name, data["patches"][0])
        return self._listed(query["identifiers"])

    def _searched(self, query: dict[str, str]) -> Reply:
        wanted = query["fulfillmentStatuses"].split(",")
        begin = query.get("lastUpdatedAfter", "")
        rows = sorted(self.orders.values(), key=_place)
        rows = [
            row
            for row in rows
            if row["fulfillment"]["fulfillmentStatus"] in wanted
            and row["lastUpdatedTime"] >= begin
            and _place(row) > query.get("paginationToken", "")
        ]
        found = rows[: int(query["maxResultsPerPage"])]
        more = {"pagination": {"nextToken": _place(found[-1])}} if found != rows else {}
        return reply({"orders": found, **more})

    def _confirmed(self, order_id: str, detail: dict[str, Any]) -> Reply:
        packages = self.orders[order_id]["packages"]
        packages[:] = [
            one for one in packages if one["packageReferenceId"] != detail["packageReferenceId"]
        ]
        kept = ("packageReferenceId", "trackingNumber")
        items = {"packageItems": detail["orderItems"]}
        packages.append({name: detail[name] for name in kept} | items)
        return Reply(status=204, headers={}, body=b"")

    def _listed(self, skus: str) -> Reply:
        items = [
            {
                "sku": sku,
                "fulfillmentAvailability": [
                    {"fulfillmentChannelCode": code, "quantity": count}
                    for code, count in self.listings[sku].items()
                ],
            }
            for sku in ([skus] if skus in self.listings else skus.split(","))
            if sku in self.listings
        ]
        return reply({"numberOfResults": len(items), "items": items})

    def _patched(self, sku: str, patch: dict[str, Any]) -> Reply:
        if sku in self.stubborn:
            issues = [{"code": "90220", "message": "'quantity' is refused.", "severity": "ERROR"}]
            return reply({"sku": sku, "status": "INVALID", "issues": issues})
        value = patch["value"][0]
        self.listings[sku][value["fulfillment_channel_code"]] = value["quantity"]
        return reply({"sku": sku, "status": "ACCEPTED", "submissionId": "s1", "issues": []})


def _place(order: dict[str, Any]) -> str:
    return f"{order['lastUpdatedTime']} {order['orderId']}"

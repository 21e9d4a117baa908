"""A Shopware shop in memory: search with filters, states with their transitions, and sync."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from chalicelib.runtime.http import Reply
from tests.recorded.reading import recorded
from tests.shops.outside import ADDRESS, Outside, reply

EVENTS = ("checkout.order.placed", "order.written", "order.deleted")
# From which states which transition leads where, as the shop's own state machines have it.
TRANSITIONS = {
    "ship": ({"open", "shipped_partially"}, "shipped"),
    "ship_partially": ({"open"}, "shipped_partially"),
    "cancel": ({"open", "in_progress"}, "cancelled"),
}


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000+00:00")


@dataclass
class Shop(Outside):
    """Orders, products and the app's webhooks; every part knows when it was written."""

    settings: ClassVar = {"base_url": "https://laden.example"}
    secrets: ClassVar = {"client_id": "SWIA1", "client_secret": "secret-of-the-app"}
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    products: list[dict[str, Any]] = field(default_factory=list)
    stubborn: set[str] = field(default_factory=set)  # SKUs that the shop refuses to change
    hooks: list[dict[str, Any]] = field(
        default_factory=lambda: [
            {"id": f"h{n}", "url": ADDRESS, "eventName": name, "active": True, "errorCount": 0}
            for n, name in enumerate(EVENTS)
        ]
    )

    def add(self, number: int, changed: datetime, *, is_open: bool = True) -> str:
        """Have an order of one delivery."""
        order = copy.deepcopy(recorded("shopware", "cancelled"))
        order.update(id=f"o{number}", orderNumber=str(number), autoIncrement=number)
        state = "open" if is_open else "completed"
        parts = [order, *order["transactions"], *order["deliveries"]]
        for part in (*parts, order["billingAddress"], *order["lineItems"]):
            part.update(createdAt=_iso(changed), updatedAt=None)
        for part in parts:
            part["stateMachineState"]["technicalName"] = state
        order["deliveries"][0]["id"] = f"d{number}"
        self.orders[order["id"]] = order
        return str(order["id"])

    def touch(self, order_id: str, changed: datetime) -> None:
        """Change an order."""
        order = self.orders[order_id]
        order.update(updatedAt=_iso(changed), createdAt=_iso(changed))
        order["transactions"][0]["createdAt"] = _iso(changed)

    def state(self, order_id: str) -> str:
        """Say it in the contract's words."""
        order = self.orders[order_id]
        if order["stateMachineState"]["technicalName"] == "cancelled":
            return "cancelled"
        states = {one["stateMachineState"]["technicalName"] for one in order["deliveries"]}
        return "shipped" if states == {"shipped"} else "open"

    def parcels(self, order_id: str) -> list[str]:
        """Return the tracking codes of the first delivery."""
        return list(self.orders[order_id]["deliveries"][0]["trackingCodes"])

    def stock(self, sku: str, available: int | None = None) -> int:
        """Have a product, or say what is sold of it."""
        if available is not None:
            product = {"id": f"p{len(self.products)}", "productNumber": sku, "stock": available}
            self.products.append(product)
        return next(int(p["stock"]) for p in self.products if p["productNumber"] == sku)

    def webhooks(self) -> dict[str, str]:
        """Return the events that are sent; their secret is the app's."""
        return {hook["eventName"]: "" for hook in self.hooks if hook["active"]}

    def writes(self) -> list[tuple[str, str, Any]]:
        """Return the calls that may have changed something; a search is a POST too."""
        return [call for call in self.calls if not call[1].startswith("/api/search/")]

    def answer(self, method: str, path: str, query: dict[str, str], data: Any) -> Reply:
        """Find who answers."""
        way = path.removeprefix("/api/").split("/")
        if way[0] == "search":
            return self._searched(way[1], data)
        if way[0] == "webhook":
            next(hook for hook in self.hooks if hook["id"] == way[1]).update(data)
        elif way[0] == "order-delivery":
            self._delivery(way[1]).update(data)
        elif way[1] == "sync":
            return self._synced(data["levels"]["payload"])
        else:
            return self._moved(way[1], way[2], way[4])
        return Reply(status=204, headers={}, body=b"")

    def _delivery(self, name: str) -> dict[str, Any]:
        known = [one for order in self.orders.values() for one in order["deliveries"]]
        found: dict[str, Any] = next(one for one in known if one["id"] == name)
        return found

    def _searched(self, entity: str, data: dict[str, Any]) -> Reply:
        rows = {
            "order": list(self.orders.values()),
            "product": self.products,
            "webhook": self.hooks,
            "sales-channel": [
                {
                    "typeId": "8a243080f92e4c719546314b577cf82b",
                    "active": True,
                    "translated": {"name": "Der Laden"},
                }
            ],
        }[entity]
        found = [row for row in rows if all(_fits(row, one) for one in data.get("filter", []))]
        found = [row for row in found if row["id"] in data["ids"]] if "ids" in data else found
        found.sort(key=lambda row: row.get("autoIncrement", 0))
        total = len(found) if data.get("total-count-mode") else min(len(found), data["limit"])
        return reply({"total": total, "data": found[: data["limit"]]})

    def _moved(self, entity: str, name: str, transition: str) -> Reply:
        part = self.orders[name] if entity == "order" else self._delivery(name)
        sources, target = TRANSITIONS[transition]
        if part["stateMachineState"]["technicalName"] not in sources:
            return reply({"errors": [{"code": "SYSTEM__ILLEGAL_STATE_TRANSITION"}]}, 400)
        part["stateMachineState"] = {"technicalName": target}
        return reply({"id": name})

    def _synced(self, payload: list[dict[str, Any]]) -> Reply:
        rows = {product["id"]: product for product in self.products}
        if any(rows[each["id"]]["productNumber"] in self.stubborn for each in payload):
            return reply({"errors": [{"detail": "This value is not allowed."}]}, 400)
        for each in payload:
            rows[each["id"]].update(each)
        return reply({"data": {}})


def _values(row: Any, way: list[str]) -> Iterator[Any]:
    """Yield what a path names, through every element of a list."""
    if isinstance(row, list):
        for each in row:
            yield from _values(each, way)
    elif not way:
        yield row
    elif isinstance(row, dict):
        yield from _values(row.get(way[0]), way[1:])


def _fits(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    if wanted["type"] == "multi":
        assert wanted["operator"] == "or"
        return any(_fits(row, each) for each in wanted["queries"])
    values = list(_values(row, wanted["field"].split("."))) or [None]
    if wanted["type"] == "equals":
        return wanted["value"] in values
    if wanted["type"] == "equalsAny":
        named = {str(value).lower() for value in wanted["value"]}
        return any(str(value).lower() in named for value in values)
    bounds = wanted["parameters"]
    return any(_within(value, bounds) for value in values if value is not None)


def _within(value: Any, bounds: dict[str, Any]) -> bool:
    if isinstance(value, str):  # a moment, as the database keeps it
        value = value.replace("T", " ").removesuffix("+00:00")
    after = value >= bounds["gte"] if "gte" in bounds else value > bounds["gt"]
    return bool(after and ("lt" not in bounds or value < bounds["lt"]))

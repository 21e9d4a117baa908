"""A Shopify shop in memory, behind its Admin API."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, ClassVar

from chalicelib.shops import shopify
from tests.recorded.reading import recorded
from tests.shops.graphql_shop import GraphQLShop, page
from tests.shops.shopify_nodes import node


def gid(kind: str, number: object) -> str:
    """Write a global id."""
    return f"gid://shopify/{kind}/{number}"


class Shop(GraphQLShop):
    """Orders as GraphQL nodes, stock by item, fulfillments, webhooks."""

    schema_name = "shopify/admin.graphql"
    path = shopify.PATH
    settings: ClassVar = {"shop": "laden.myshopify.com"}
    secrets: ClassVar = {"access_token": "shpat_1"}

    def __init__(self, *nodes: dict[str, Any]) -> None:
        """Open the shop with these orders."""
        super().__init__()
        self.shop = {"name": "Der Laden"}
        self.nodes = list(nodes)
        self.searches: list[str] = []
        self.hooks: list[dict[str, Any]] = []
        self.places = [
            {"id": gid("Location", 1), "isActive": False, "fulfillsOnlineOrders": True},
            {"id": gid("Location", 2), "isActive": True, "fulfillsOnlineOrders": False},
            {"id": gid("Location", 3), "isActive": True, "fulfillsOnlineOrders": True},
        ]
        self.items: list[dict[str, Any]] = []
        self.waiting: dict[str, dict[str, Any]] = {}
        self.sent: list[dict[str, Any]] = []

    # ---- the contract's words -----------------------------------------------------------------

    def add(self, number: int, changed: datetime, *, is_open: bool = True) -> str:
        """Have an order of two pieces; one that is not open was sent."""
        order = recorded("shopify", "gross-two-rates-discount-unpaid")
        order.update(id=number, name=f"#{number}", updated_at=changed.isoformat())
        order.update(fulfillment_status=None if is_open else "fulfilled")
        self.nodes.append(node(order))
        self.wait(1, (1, "BECHER-B", 2))
        return str(number)

    def touch(self, order_id: str, changed: datetime) -> None:
        """Change an order."""
        self._node(order_id)["updatedAt"] = changed.isoformat()

    def state(self, order_id: str) -> str:
        """Tell what has become of an order."""
        if self._node(order_id)["cancelledAt"]:
            return "cancelled"
        left = [x["remainingQuantity"] for each in self.waiting.values() for x in each["lines"]]
        return "open" if any(left) else "shipped"

    def parcels(self, order_id: str) -> list[str]:
        """Return the tracking numbers of the fulfillments."""
        return [each["told"]["number"] for each in self.sent if "number" in each["told"]]

    def webhooks(self) -> dict[str, str]:
        """Return the topics that are sent to us; Shopify signs them with its own secret."""
        return {each["topic"].lower().replace("_", "/", 1): "" for each in self.hooks}

    def writes(self) -> list[dict[str, Any]]:
        """Return the calls that may have changed something."""
        return [sent for sent in self.calls if sent["query"].lstrip().startswith("mutation")]

    def stock(self, sku: str, available: int | None = None, *, tracked: bool = True) -> int:
        """Return what is sold of a product at location 3, after having it if a number is given."""
        if available is not None:
            item = {"id": gid("InventoryItem", len(self.items) + 1), "sku": sku}
            self.items.append({**item, "tracked": tracked, "available": available})
        return next(int(item["available"]) for item in self.items if item["sku"] == sku)

    def _node(self, order_id: str) -> dict[str, Any]:
        return next(each for each in self.nodes if each["legacyResourceId"] == order_id)

    def wait(self, group: int, *lines: tuple[int, str, int], status: str = "OPEN") -> None:
        """Have lines (id, SKU, quantity) wait to be sent, from a location of the same number."""
        self.waiting[gid("FulfillmentOrder", group)] = {
            "id": gid("FulfillmentOrder", group),
            "status": status,
            "assignedLocation": {"location": {"id": gid("Location", group)}},
            "lines": [
                {
                    "id": gid("FulfillmentOrderLineItem", f"{group}-{line}"),
                    "remainingQuantity": quantity,
                    "lineItem": {"id": gid("LineItem", line), "sku": sku},
                }
                for line, sku, quantity in lines
            ],
        }

    # ---- what can be asked -------------------------------------------------------------------

    def order(self, _: Any, id: str) -> Any:  # noqa: A002 - Shopify's word
        node = next((node for node in self.nodes if node["id"] == id), None)
        if node is None:
            return None
        lines = node["lineItems"]["nodes"]
        return {
            **node,
            "lineItems": lambda _info, first, after=None: page(lines, first, after),
            "shippingLines": lambda _info, **_: node["shippingLines"],
            "fulfillments": lambda _info, first: self.sent[:first],
            "fulfillmentOrders": lambda _info, first: {
                "nodes": list(self.waiting.values())[:first]
            },
        }

    def orders(self, _: Any, first: int, query: str, after: Any = None, **_more: Any) -> Any:
        """List orders by their last change; the cursor remembers a place in time, not a row."""
        self.searches.append(query)
        found = self._found(query)
        rest = [each for each in found if f"{each['updatedAt']}|{each['id']}" > str(after or "")]
        last = rest[:first][-1] if rest else None
        info = {
            "hasNextPage": len(rest) > first,
            "endCursor": last and f"{last['updatedAt']}|{last['id']}",
        }
        return {"nodes": [{"id": each["id"]} for each in rest[:first]], "pageInfo": info}

    def _found(self, query: str) -> list[dict[str, Any]]:
        times = [
            datetime.fromisoformat(text) for text in re.findall(r"updated_at:..'(.*?)'", query)
        ]
        since, until = times or [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)]
        nodes = [
            each
            for each in self.nodes
            if since <= datetime.fromisoformat(each["updatedAt"]) <= until
            and (times or each["displayFulfillmentStatus"] != "FULFILLED")
        ]
        return sorted(nodes, key=lambda each: (each["updatedAt"], each["id"]))

    def ordersCount(self, _: Any, query: str) -> Any:  # noqa: N802 - Shopify's word
        return {"count": len(self._found(query))}

    def webhookSubscriptions(self, _: Any, first: int, after: Any = None) -> Any:  # noqa: N802
        return page(self.hooks, first, after)

    def fulfillment(self, _: Any, id: str) -> Any:  # noqa: A002
        found = next(each for each in self.sent if each["id"] == id)
        return {
            "fulfillmentLineItems": lambda _i, first, after=None: page(found["lines"], first, after)
        }

    def fulfillmentOrder(self, _: Any, id: str) -> Any:  # noqa: A002, N802
        lines = self.waiting[id]["lines"]
        return {"lineItems": lambda _info, first, after=None: page(lines, first, after)}

    def locations(self, _: Any, first: int) -> Any:
        return {"nodes": self.places[:first]}

    def inventoryItems(self, _: Any, first: int, query: str, after: Any = None) -> Any:  # noqa: N802
        wanted = re.findall(r'sku:"((?:[^"\\]|\\.)*)"', query)
        names = [re.sub(r"\\(.)", r"\1", name).casefold() for name in wanted]
        found = [item for item in self.items if str(item["sku"]).casefold() in names]
        return page([{**item, "inventoryLevel": self._level(item)} for item in found], first, after)

    def _level(self, item: dict[str, Any]) -> Any:
        def level(_info: Any, locationId: str) -> Any:  # noqa: N803
            if locationId != gid("Location", 3):
                return None
            return {
                "quantities": lambda _i, names: [{"quantity": item["available"]} for _ in names]
            }

        return level

    # ---- what can be told --------------------------------------------------------------------

    def webhookSubscriptionCreate(self, _: Any, topic: str, webhookSubscription: Any) -> Any:  # noqa: N802, N803
        self.hooks.append({"id": str(len(self.hooks)), "topic": topic, **webhookSubscription})
        return {"webhookSubscription": self.hooks[-1], "userErrors": []}

    def fulfillmentCreate(self, _: Any, fulfillment: Any) -> Any:  # noqa: N802
        groups = fulfillment["lineItemsByFulfillmentOrder"]
        places = {
            self.waiting[each["fulfillmentOrderId"]]["assignedLocation"]["location"]["id"]
            for each in groups
        }
        if len(places) > 1:
            error = {"field": ["fulfillment"], "message": "All must be at the same location."}
            return {"fulfillment": None, "userErrors": [error]}
        lines = []
        for group in groups:
            there = {
                line["id"]: line for line in self.waiting[group["fulfillmentOrderId"]]["lines"]
            }
            for wanted in group["fulfillmentOrderLineItems"]:
                line = there[wanted["id"]]
                line["remainingQuantity"] -= wanted["quantity"]
                assert line["remainingQuantity"] >= 0
                lines.append({"quantity": wanted["quantity"], "lineItem": line["lineItem"]})
        told = dict(fulfillment["trackingInfo"])
        self.sent.append(
            {
                "id": gid("Fulfillment", len(self.sent) + 1),
                "status": "SUCCESS",
                "told": told,
                "trackingInfo": lambda _info, first: [told][:first] if told else [],
                "lines": lines,
            }
        )
        return {"fulfillment": self.sent[-1], "userErrors": []}

    def fulfillmentTrackingInfoUpdate(  # noqa: N802 - Shopify's word
        self,
        _: Any,
        fulfillmentId: str,  # noqa: N803
        trackingInfoInput: Any,  # noqa: N803
        **_more: Any,
    ) -> Any:
        found = next(each for each in self.sent if each["id"] == fulfillmentId)
        found["told"].update(trackingInfoInput)
        return {"fulfillment": found, "userErrors": []}

    def orderCancel(self, _: Any, orderId: str, reason: str, **_more: Any) -> Any:  # noqa: N802, N803
        node = next(node for node in self.nodes if node["id"] == orderId)
        node.update(cancelledAt="2026-11-23T10:00:00Z", cancelReason=reason)
        return {"job": {"id": gid("Job", 1), "done": False}, "orderCancelUserErrors": []}

    def inventorySetQuantities(self, _: Any, input: Any) -> Any:  # noqa: A002, N802
        errors = []
        items = {item["id"]: item for item in self.items}
        for index, each in enumerate(input["quantities"]):
            assert "changeFromQuantity" in each
            before = each["changeFromQuantity"]
            if before is not None and before != items[each["inventoryItemId"]]["available"]:
                way = ["input", "quantities", str(index), "changeFromQuantity"]
                text = "The quantity has changed."
                code = "CHANGE_FROM_QUANTITY_STALE"
                errors.append({"code": code, "field": way, "message": text})
        if not errors:
            for each in input["quantities"]:
                items[each["inventoryItemId"]]["available"] = each["quantity"]
        return {"userErrors": errors}

"""A Saleor shop in memory, behind its GraphQL API."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from chalicelib.shops import saleor
from tests.recorded.reading import recorded
from tests.shops.graphql_shop import GraphQLShop

PLACE = "V2FyZWhvdXNlOjE="


def edges(items: list[Any], first: int, after: str | None) -> dict[str, Any]:
    """Cut one page out of a list, as edges; the cursor is a place in it."""
    start = int(after or 0)
    end = min(start + first, len(items))
    info = {"hasNextPage": end < len(items), "endCursor": str(end)}
    return {"edges": [{"node": item} for item in items[start:end]], "pageInfo": info}


class Shop(GraphQLShop):
    """Orders as nodes, stocks by SKU, fulfillments, one webhook for all events."""

    schema_name = "saleor/api.graphql"
    path = saleor.PATH
    settings: ClassVar = {"base_url": "https://laden.example"}
    secrets: ClassVar = {"app_token": "token-1"}

    def __init__(self) -> None:
        """Open the shop."""
        super().__init__()
        self.shop = {"name": "Der Laden"}
        self.nodes: dict[str, dict[str, Any]] = {}
        self.variants: dict[str, dict[str, Any]] = {}
        self.places = [PLACE]
        self.registered: list[dict[str, Any]] = []
        self.sent: list[dict[str, Any]] = []
        self.filters: list[dict[str, Any]] = []

    # ---- the contract's words -----------------------------------------------------------------

    def add(self, number: int, changed: datetime, *, is_open: bool = True) -> str:
        """Have an order of two pieces of its one line."""
        order = recorded("saleor", "gross-two-rates-voucher")
        name = f"T3JkZXI6{number}"
        status = "UNFULFILLED" if is_open else "FULFILLED"
        order.update(id=name, number=str(number), updatedAt=changed.isoformat(), status=status)
        variant = {"stocks": [{"warehouse": {"id": PLACE}}]}
        allocations = [{"quantity": 1, "warehouse": {"id": PLACE}}]
        order["lines"][0].update(
            id="1",
            productSku="BECHER-B",
            quantityToFulfill=2,
            allocations=allocations,
            variant=variant,
        )
        order["lines"][1].update(quantityToFulfill=0, allocations=None, variant=None)
        self.nodes[name] = {**order, "fulfillments": lambda *_: self.sent}
        return name

    def touch(self, order_id: str, changed: datetime) -> None:
        """Change an order."""
        self.nodes[order_id]["updatedAt"] = changed.isoformat()

    def state(self, order_id: str) -> str:
        """Tell what has become of an order."""
        if self.nodes[order_id]["status"] == "CANCELED":
            return "cancelled"
        left = [line["quantityToFulfill"] for line in self.nodes[order_id]["lines"]]
        return "open" if any(left) else "shipped"

    def parcels(self, order_id: str) -> list[str]:
        """Return the tracking numbers of the fulfillments."""
        return [each["trackingNumber"] for each in self.sent]

    def webhooks(self) -> dict[str, str]:
        """Return the events that are sent to us, with the key they are signed with."""
        return {
            event["eventType"].lower(): each.get("secretKey", "")
            for each in self.registered
            for event in each["asyncEvents"]
        }

    @property
    def hooks(self) -> list[str]:
        """Every event of every webhook."""
        return [event["eventType"] for each in self.registered for event in each["asyncEvents"]]

    def writes(self) -> list[dict[str, Any]]:
        """Return the calls that may have changed something."""
        return [sent for sent in self.calls if sent["query"].lstrip().startswith("mutation")]

    def stock(self, sku: str, available: int | None = None, *, allocated: int = 0) -> int:
        """Return what may be sold of a product, after having it if a number is given."""
        if available is not None:
            quantity = available + allocated
            stock = {
                "warehouse": {"id": PLACE},
                "quantity": quantity,
                "quantityAllocated": allocated,
            }
            self.variants[sku] = {
                "id": f"V-{sku}",
                "sku": sku,
                "trackInventory": True,
                "stocks": [stock],
            }
        (stock,) = self.variants[sku]["stocks"]
        return int(stock["quantity"]) - int(stock["quantityAllocated"])

    # ---- what can be asked -------------------------------------------------------------------

    def app(self, _: Any) -> Any:
        return {"id": "QXBwOjE=", "webhooks": self.registered}

    def order(self, _: Any, id: str) -> Any:  # noqa: A002 - Saleor's word
        return self.nodes.get(id)

    def orders(self, _: Any, first: int, filter: Any, sortBy: Any, after: Any = None) -> Any:  # noqa: A002, N803
        """List orders by their last change; the cursor remembers a place in time, not a row."""
        assert sortBy == {"field": "LAST_MODIFIED_AT", "direction": "ASC"}
        self.filters.append(filter)
        found = sorted(self._found(filter), key=_place)
        rest = [node for node in found if _place(node) > str(after or "")]
        info = {"hasNextPage": len(rest) > first, "endCursor": rest and _place(rest[:first][-1])}
        nodes = [{"node": node} for node in rest[:first]]
        return {"totalCount": len(found), "edges": nodes, "pageInfo": info}

    def _found(self, wanted: Any) -> list[dict[str, Any]]:
        nodes = list(self.nodes.values())
        if "updatedAt" in wanted:
            times = wanted["updatedAt"]
            since, until = (datetime.fromisoformat(times[name]) for name in ("gte", "lte"))
            nodes = [x for x in nodes if since <= datetime.fromisoformat(x["updatedAt"]) <= until]
        if "status" in wanted:
            nodes = [node for node in nodes if node["status"] in wanted["status"]]
        return nodes

    def warehouses(self, _: Any, first: int) -> Any:
        return {"edges": [{"node": {"id": place}} for place in self.places[:first]]}

    def productVariants(self, _: Any, first: int, filter: Any, after: Any = None) -> Any:  # noqa: A002, N802
        found = [self.variants[sku] for sku in filter["sku"] if sku in self.variants]
        return edges(found, first, after)

    # ---- what can be told --------------------------------------------------------------------

    def webhookCreate(self, _: Any, input: Any) -> Any:  # noqa: A002, N802
        self.registered.append({"id": f"W{len(self.registered)}", **_webhook(input)})
        return {"webhook": self.registered[-1], "errors": []}

    def webhookUpdate(self, _: Any, id: str, input: Any) -> Any:  # noqa: A002, N802
        found = next(each for each in self.registered if each["id"] == id)
        found.update(_webhook(input))
        return {"webhook": found, "errors": []}

    def orderFulfill(self, _: Any, order: str, input: Any) -> Any:  # noqa: A002, N802
        lines = {line["id"]: line for line in self.nodes[order]["lines"]}
        made = []
        for wanted in input["lines"]:
            line = lines[wanted["orderLineId"]]
            count = sum(stock["quantity"] for stock in wanted["stocks"])
            line["quantityToFulfill"] -= count
            assert line["quantityToFulfill"] >= 0
            made.append({"quantity": count, "orderLine": line})
        number = input["trackingNumber"]
        name = f"F{len(self.sent) + 1}"
        self.sent.append(
            {"id": name, "status": "FULFILLED", "trackingNumber": number, "lines": made}
        )
        return {"fulfillments": [self.sent[-1]], "errors": []}

    def orderFulfillmentUpdateTracking(self, _: Any, id: str, input: Any) -> Any:  # noqa: A002, N802
        found = next(each for each in self.sent if each["id"] == id)
        found["trackingNumber"] = input["trackingNumber"]
        return {"fulfillment": found, "errors": []}

    def orderCancel(self, _: Any, id: str) -> Any:  # noqa: A002, N802
        self.nodes[id]["status"] = "CANCELED"
        return {"order": self.nodes[id], "errors": []}

    def stockBulkUpdate(self, _: Any, stocks: Any, errorPolicy: str) -> Any:  # noqa: N802, N803
        assert errorPolicy == "REJECT_FAILED_ROWS"
        by_id = {variant["id"]: variant for variant in self.variants.values()}
        results = []
        for each in stocks:
            there = [
                stock
                for stock in by_id[each["variantId"]]["stocks"]
                if stock["warehouse"]["id"] == each["warehouseId"]
            ]
            for stock in there:
                stock["quantity"] = each["quantity"]
            problem = {"field": "warehouse", "message": "No such stock", "code": "NOT_FOUND"}
            results.append({"errors": [] if there else [problem]})
        return {"results": results, "errors": []}


def _place(node: dict[str, Any]) -> str:
    return f"{node['updatedAt']}|{node['id']}"


def _webhook(given: dict[str, Any]) -> dict[str, Any]:
    found = dict(given)
    found["asyncEvents"] = [{"eventType": event} for event in found["asyncEvents"]]
    found["subscriptionQuery"] = found.pop("query")
    return found

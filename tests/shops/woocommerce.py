"""A WooCommerce shop in memory: REST API v3, with or without a plugin for tracking."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from chalicelib.runtime.http import Reply
from tests.recorded.reading import recorded
from tests.shops.outside import Outside, reply

V3 = "/wp-json/wc/v3"
TRACKING = "/wp-json/wc-shipment-tracking/v3"


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S")


@dataclass
class Shop(Outside):
    """Orders, notes, parcels, webhooks and products, by their ids; `plugin` keeps the parcels."""

    settings: ClassVar = {"base_url": "https://laden.example"}
    secrets: ClassVar = {"consumer_key": "ck_1", "consumer_secret": "cs_1"}
    plugin: str = "woocommerce"  # woocommerce | picky (knows only its own carriers) | none
    orders: dict[int, dict[str, Any]] = field(default_factory=dict)
    notes: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    tracked: dict[int, list[dict[str, Any]]] = field(default_factory=dict)
    hooks: list[dict[str, Any]] = field(default_factory=list)
    products: list[dict[str, Any]] = field(default_factory=list)
    stubborn: set[int] = field(default_factory=set)  # products that refuse every change

    def add(self, number: int, changed: datetime, *, is_open: bool = True) -> str:
        """Have an order."""
        order = recorded("woocommerce", "gross-two-rates-coupon")
        status = "processing" if is_open else "completed"
        order.update(id=number, number=str(number), status=status)
        order["date_modified_gmt"] = _text(changed)
        self.orders[number] = order
        return str(number)

    def touch(self, order_id: str, changed: datetime) -> None:
        """Change an order."""
        self.orders[int(order_id)]["date_modified_gmt"] = _text(changed)

    def state(self, order_id: str) -> str:
        """Say it in the contract's words."""
        status = self.orders[int(order_id)]["status"]
        return {"completed": "shipped", "cancelled": "cancelled"}.get(status, "open")

    def parcels(self, order_id: str) -> list[str]:
        """Return what the plugin shows, or else the notes."""
        if self.plugin != "none":
            return [item["tracking_number"] for item in self.tracked.get(int(order_id), [])]
        found = [note["note"].splitlines() for note in self.notes.get(int(order_id), [])]
        return [lines[1] for lines in found if len(lines) > 1]

    def stock(self, sku: str, available: int | None = None) -> int:
        """Have a product, or say what is sold of it."""
        if available is not None:
            self.product(sku, available)
        return next(int(p["stock_quantity"]) for p in self.products if p["sku"] == sku)

    def product(self, sku: str, available: int | None, *, parent: int = 0) -> None:
        """Have a product, or a variation of one; None: the shop does not count it."""
        self.products.append(
            {
                "id": 100 + len(self.products),
                "sku": sku,
                "type": "variation" if parent else "simple",
                "parent_id": parent,
                "manage_stock": available is not None,
                "stock_quantity": available,
            }
        )

    def webhooks(self) -> dict[str, str]:
        """Return the secret by topic of the webhooks that are switched on."""
        return {hook["topic"]: hook["secret"] for hook in self.hooks if hook["status"] == "active"}

    def answer(self, method: str, path: str, query: dict[str, str], data: Any) -> Reply:
        """Find who answers."""
        if path == "/wp-json/":
            return reply({"name": "Der Laden"})
        if path.startswith(TRACKING):
            return self._parcel(method, int(path.split("/")[5]), data)
        parts = path.removeprefix(f"{V3}/").split("/")
        if parts[0] == "orders":
            return self._order(method, parts[1:], query, data)
        if parts[0] == "products":
            return self._product(parts[1:], query, data)
        return self._webhook(method, parts[1:], query, data)

    def _order(self, method: str, way: list[str], query: dict[str, str], data: Any) -> Reply:
        if not way:
            return self._list(query)
        order = self.orders.get(int(way[0]))
        if order is None:
            return reply({"code": "woocommerce_rest_shop_order_invalid_id"}, 404)
        if way[1:] == ["notes"]:
            notes = self.notes.setdefault(order["id"], [])
            if method == "POST":
                notes.append({"id": 900 + len(notes), **data})
                return reply(notes[-1], 201)
            return reply(notes)
        order.update(data or {})
        return reply(order)

    def _list(self, query: dict[str, str]) -> Reply:
        found = [order for order in self.orders.values() if _is_listed(order, query)]
        found.sort(key=lambda order: order["date_modified_gmt"])
        size = int(query["per_page"])
        start = (int(query.get("page", "1")) - 1) * size
        return reply(found[start : start + size], x_wp_total=str(len(found)))

    def _parcel(self, method: str, number: int, data: Any) -> Reply:
        if self.plugin == "none":
            return reply({"code": "rest_no_route"}, 404)
        items = self.tracked.setdefault(number, [])
        if method == "GET":
            return reply(items)
        if self.plugin == "picky" and data.get("tracking_provider") != "DHL":
            return reply({"code": "invalid_provider"}, 400)
        items.append({"tracking_id": f"t{len(items)}", **data})
        return reply(items[-1], 201)

    def _product(self, way: list[str], query: dict[str, str], data: Any) -> Reply:
        if not way:
            wanted = {query["sku"].lower(), *query["sku"].lower().split(",")}
            return reply([p for p in self.products if p["sku"].lower() in wanted])
        parent = int(way[0]) if way[0] != "batch" else 0
        return reply({"update": [self._changed(each, parent) for each in data["update"]]})

    def _changed(self, change: dict[str, Any], parent: int) -> dict[str, Any]:
        found = next(p for p in self.products if p["id"] == change["id"])
        if found["id"] in self.stubborn or found["parent_id"] != parent:
            return {"id": found["id"], "error": {"code": "invalid_id", "message": "Invalid ID."}}
        found.update(change)
        return found

    def _webhook(self, method: str, way: list[str], query: dict[str, str], data: Any) -> Reply:
        if method == "POST":
            self.hooks.append({"id": len(self.hooks) + 1, **data})
            return reply({"id": len(self.hooks)}, 201)
        if method == "PUT":
            self.hooks[int(way[0]) - 1].update(data)
            return reply({"id": int(way[0])})
        size, page = int(query["per_page"]), int(query["page"])
        return reply(self.hooks[(page - 1) * size : page * size])


def _is_listed(order: dict[str, Any], query: dict[str, str]) -> bool:
    wanted, status = query.get("status", "any").split(","), order["status"]
    is_wanted = status != "trash" if wanted == ["any"] else status in wanted
    changed = order["date_modified_gmt"]
    after, before = query.get("modified_after", ""), query.get("modified_before", "9")
    return is_wanted and after < changed < before

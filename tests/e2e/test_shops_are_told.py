"""The way back to the shop, as deployed: what may be sold, the parcel, and the cancellation."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.e2e.conftest import Merchant, until
from tests.e2e.test_journey import CREATED
from tests.events import stripe_succeeded, woocommerce_order
from tests.loopback import Loopback, Request, Response, serving
from tests.shops.woocommerce import Shop

pytestmark = pytest.mark.e2e
TOLD = "ShopTold"
SECONDS = 5.0  # from a change of the level to the shop that knows it


@dataclass
class Town:
    """A merchant whose shop stands on this machine."""

    merchant: Merchant
    shop: Shop
    line: Loopback

    def tellings(self) -> list[Request]:
        """Return the calls that set levels."""
        return [asked for asked in self.line.asked if asked.path.endswith("/batch")]


@pytest.fixture
def town(merchant: Merchant) -> Iterator[Town]:
    """Join a WooCommerce shop that counts its stock; what is sold in it lay there before."""
    shop = Shop()
    shop.product("OLD-1", 0)
    merchant.stock("OLD-1", 3)

    def answer(request: Request) -> Response:
        data = json.loads(request.body) if request.body else None
        told = shop.answer(request.method, request.path, request.query, data)
        return Response(status=told.status, body=told.body, headers=dict(told.headers))

    with serving(answer) as line:
        made = merchant.api.post(
            "/v1/connections",
            {
                "kind": "woocommerce",
                "settings": {"base_url": line.url, "push_stock": "on"},
                "secrets": {
                    "webhook_secret": "s" * 24,
                    "consumer_key": "ck",
                    "consumer_secret": "cs",
                },
            },
        )
        merchant.connections["woocommerce"] = {"id": made["id"], "secret": "s" * 24}
        yield Town(merchant, shop, line)


def seconds_until(town: Town, sku: str, level: int) -> float:
    """Return how long it takes until the shop offers so many."""
    began = time.monotonic()
    until(lambda: town.shop.stock(sku) == level)
    return time.monotonic() - began


def test_the_shop_knows_a_new_level_within_seconds_and_many_changes_are_few_calls(
    town: Town,
) -> None:
    """So does it know what there was when it was joined; it ends with the last level."""
    until(lambda: town.shop.stock("OLD-1") == 3)
    town.shop.product("TEE-1", 0)
    town.merchant.stock("TEE-1", 5)
    until(lambda: town.shop.stock("TEE-1") == 5)  # the functions have started
    change: dict[str, Any] = {"sku": "TEE-1", "difference": 2, "reason": "found"}
    town.merchant.api.post("/v1/stock/adjustments", change)
    assert seconds_until(town, "TEE-1", 7) < SECONDS
    before = len(town.tellings())
    for _ in range(30):
        town.merchant.api.post("/v1/stock/adjustments", {**change, "difference": 1})
    assert seconds_until(town, "TEE-1", 37) < SECONDS
    assert len(town.tellings()) - before <= 10
    assert town.merchant.level("TEE-1") == (37, 0, 37)


def test_a_bundle_changes_with_its_parts(town: Town) -> None:
    """It was never written itself: the stream knows what it is made of."""
    town.shop.product("SET-1", 0)
    parts = [{"sku": "OLD-1", "quantity": 2}]
    town.merchant.api.put("/v1/products/SET-1", {"name": "Two of them", "parts": parts})
    until(lambda: town.shop.stock("SET-1") == 1)
    change = {"sku": "OLD-1", "difference": 1, "reason": "found"}
    town.merchant.api.post("/v1/stock/adjustments", change)
    until(lambda: (town.shop.stock("OLD-1"), town.shop.stock("SET-1")) == (4, 2))


def test_the_shop_hears_of_the_parcel_once(town: Town) -> None:
    """With its number, and that the order is complete; the sale is told as a level."""
    town.shop.product("TEE-1", 10)
    town.shop.orders[727] = json.loads(woocommerce_order(status="processing"))
    town.merchant.stock("TEE-1", 10)
    town.merchant.send("woocommerce", woocommerce_order(status="pending"), CREATED)
    town.merchant.order("727")
    town.merchant.send("stripe", stripe_succeeded())
    shipped = town.merchant.order_when("727", lambda one: bool(one["shipments"]))
    until(lambda: town.shop.state("727") == "shipped")
    assert town.shop.parcels("727") == [shipped["shipments"][0]["tracking_number"]]
    until(lambda: town.shop.stock("TEE-1") == 8)
    path = f"/v1/orders/{shipped['id']}/timeline"
    told = until(lambda: [x for x in town.merchant.api.get(path)["items"] if x["fact"] == TOLD])
    assert [fact["details"]["what"] for fact in told] == ["shipped:1"]


def test_the_shop_hears_of_a_cancellation_made_here(town: Town) -> None:
    """So that nobody there waits for the goods."""
    town.shop.orders[727] = json.loads(woocommerce_order(status="processing"))
    town.merchant.send("woocommerce", woocommerce_order(status="pending"), CREATED)
    order = town.merchant.order("727")
    town.merchant.api.post(f"/v1/orders/{order['id']}/cancel", {"reason": "sold out"})
    until(lambda: town.shop.state("727") == "cancelled")

"""Stock on the deployed house: several places, and every unit accounted for by the stream."""

from __future__ import annotations

import pytest

from tests.e2e.conftest import Merchant, until
from tests.events import woocommerce_order

pytestmark = pytest.mark.e2e
CREATED = {"X-WC-Webhook-Topic": "order.created"}


def test_an_order_from_two_places_leaves_in_two_parcels_and_adds_up(merchant: Merchant) -> None:
    """Each with its papers; movements tell all of it, and what is low is listed."""
    settings = merchant.api.get("/v1/settings")
    settings["locations"] = [{"id": "main"}, {"id": "berlin", "priority": 2}]
    settings["policy"]["split"] = True
    merchant.api.put("/v1/settings", settings)
    product = {"name": "T-Shirt", "weight_g": 250, "min_stock": 2}
    merchant.api.put("/v1/products/TEE-1", {**product, "on_hand": 1})
    merchant.api.put("/v1/products/TEE-1", {**product, "on_hand": 1, "location": "berlin"})
    merchant.send("woocommerce", woocommerce_order(status="processing"), CREATED)
    order = merchant.order_when("727", lambda o: o["states"]["fulfillment"] == "shipped")
    assert sorted(parcel["location"] for parcel in order["shipments"]) == ["berlin", "main"]
    papers = [one["kind"] for one in merchant.order_when("727", _has_labels)["documents"]]
    assert (papers.count("delivery_note"), papers.count("label")) == (2, 2)
    assert until(lambda: merchant.level("TEE-1") == (0, 0, 0))
    assert until(lambda: merchant.api.get("/v1/products/TEE-1/audit")["is_sound"])
    moved = merchant.api.get("/v1/products/TEE-1/movements")["items"]
    assert sorted(one["kind"] for one in moved) == [
        "count", "count", "reservation", "reservation", "sale", "sale",
    ]  # fmt: skip
    low = until(lambda: merchant.api.get("/v1/products?below_minimum=1")["items"])
    assert [one["sku"] for one in low] == ["TEE-1"]


def _has_labels(order: dict[str, list[dict[str, str]]]) -> bool:
    return [one["kind"] for one in order["documents"]].count("label") == 2

"""Every payload that others have published: an order to the cent, or a reason by name."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.intake.port import PROVIDERS, Snapshot, shop
from tests.recorded.reading import delivery

BESIDE = Path(__file__).parents[3] / "shared" / "samples"
SAMPLES = Path(os.environ.get("SAMPLES", BESIDE))
# What is no order of a customer, and the beginning of the reason we give for it.
REASONS = {
    "amazon/notification-order-change": "Amazon tells of BuyerRequestedChange",
    "ebay/signature-vectors": "pricingSummary.total.currency: must be given",
    "saleor/variant-out-of-stock": "total_gross_amount: must be given",
    "shopify/dispute": "total_price: must be given",
    "shopify/draft-order": "a draft",
    "shopify/fulfillment": "currency: must be given",
    "shopify/fulfillment-order": "currency: must be given",
    "shopify/inventory-level-update": "currency: must be given",
    "shopify/order-transactions": "body: must be an object, is a list",
    "shopify/refund-create": "currency: must be given",
    "shopware/app-refund": "a call of the app: without order.currency",
    "woocommerce/docs-product": "currency: must be given",
    "woocommerce/docs-refund": "currency: must be given",
    "woocommerce/docs-webhook-resource": "currency: must be given",
}
# What never added up, and waits for a person: written by hand in 2014 (3 × 199.00 and a subtotal of
# 398.00), and notices of which the documentation prints one of several lines.
OFF_BY = {
    "shopify/webhook-order-old": "-199.00",
    "saleor/notify-order-cancelled": "2.50",
    "saleor/notify-order-created": "105.60",
    "saleor/notify-order-fulfilled": "13.60",
}


def samples() -> list[str]:
    """Return all payloads of shops we know, as `kind/name`."""
    found = sorted(path for kind in PROVIDERS for path in (SAMPLES / kind).glob("*.json"))
    return [f"{path.parent.name}/{path.stem}" for path in found]


def bodies(name: str) -> list[Any]:
    """Read the bodies in a file: one, several, or one in the wrapper of its interface."""
    found = json.loads((SAMPLES / f"{name}.json").read_text(encoding="utf-8"))
    if isinstance(found, dict) and found.keys() == {"order"}:
        return [found["order"]]
    if isinstance(found, dict) and "orders" in found:
        return list(found["orders"])
    is_list = isinstance(found, list) and name not in REASONS
    return list(found) if is_list else [found]


def answer(kind: str, body: object) -> str:
    """Return by how much an order does not add up, or why it is none."""
    try:
        found = shop(kind).translate(delivery(kind, body, ""))
    except Permanent as error:
        return error.text
    if isinstance(found, Snapshot):
        return str(found.bought.difference().amount)
    return found.reason


@pytest.mark.skipif(not samples(), reason="no samples beside the repository")
@pytest.mark.parametrize("name", samples())
def test_every_sample_is_an_order_to_the_cent_or_has_a_reason(name: str) -> None:
    """Nothing is half understood: totals are the shop's, and what is no order is named."""
    expected = REASONS.get(name) or OFF_BY.get(name, "0.00")
    for body in bodies(name):
        assert answer(name.partition("/")[0], body).startswith(expected)

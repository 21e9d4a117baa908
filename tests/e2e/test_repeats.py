"""Webhooks twice, in the wrong order and ten at once: the end is always the same."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.e2e.conftest import Merchant, until
from tests.e2e.test_journey import CREATED, kinds, shipped
from tests.events import stripe_succeeded, woocommerce_order

pytestmark = pytest.mark.e2e
UPDATED = {"x-wc-webhook-topic": "order.updated"}


def assert_once(merchant: Merchant, order: dict[str, Any]) -> None:
    """Check that there is one order, one reservation, one number, one label, one of each mail."""
    assert until(lambda: merchant.level("TEE-1") == (8, 0, 8))
    assert [item["number"] for item in merchant.orders()] == ["727"]
    assert Counter(kinds(order, "documents")) == {"invoice": 1, "delivery_note": 1, "label": 1}
    assert set(Counter(kinds(order, "messages")).values()) == {1}
    facts = merchant.api.get(f"/v1/orders/{order['id']}/timeline")["items"]
    count = Counter(fact["fact"] for fact in facts)
    for once in ("OrderReceived", "StockReserved", "StockIssued", "ShipmentRegistered"):
        assert count[once] == 1, once
    invoice = next(d for d in order["documents"] if d["kind"] == "invoice")
    assert invoice["number"].endswith("-00001")


def test_every_webhook_twice_changes_nothing(merchant: Merchant) -> None:
    """A repeated delivery is answered 2xx and known already."""
    merchant.stock("TEE-1", 10)
    for body, kind in ((woocommerce_order(status="pending"), "woocommerce"),
                       (stripe_succeeded(), "stripe")):  # fmt: skip
        headers = CREATED if kind == "woocommerce" else {}
        first, second = (merchant.send(kind, body, headers) for _ in range(2))
        assert (first[0], first[1]["code"]) == (202, "saved")
        assert (second[0], second[1]["code"]) == (202, "known")
        merchant.order("727")
    assert_once(merchant, merchant.order_when("727", shipped))


def test_an_update_before_the_creation_gives_the_same_order(merchant: Merchant) -> None:
    """The newer version may come first; the older one then adds nothing."""
    merchant.stock("TEE-1", 10)
    newer = woocommerce_order(status="processing").replace(b"07:55:01", b"07:58:00")
    merchant.send("woocommerce", newer, UPDATED)
    merchant.order("727")
    merchant.send("woocommerce", woocommerce_order(status="pending"), CREATED)
    assert_once(merchant, merchant.order_when("727", shipped))


def test_ten_deliveries_at_once_make_one_order(merchant: Merchant) -> None:
    """Created and updated, five of each with bodies of their own, all at the same moment."""
    merchant.stock("TEE-1", 10)
    bodies = [
        (woocommerce_order(status="processing").replace(b"MwSt.", f"MwSt{n}".encode()), topic)
        for n in range(5)
        for topic in (CREATED, UPDATED)
    ]
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda one: merchant.send("woocommerce", *one), bodies))
    assert [status for status, _ in answers] == [202] * 10
    assert_once(merchant, merchant.order_when("727", shipped))


def test_a_payment_before_its_order_finds_it_when_it_comes(merchant: Merchant) -> None:
    """Money for an order that is not known yet is kept, visible, and booked with the order."""
    merchant.stock("TEE-1", 10)
    merchant.send("stripe", stripe_succeeded())
    until(lambda: merchant.api.get("/v1/payments?state=unmatched")["items"])
    merchant.send("woocommerce", woocommerce_order(status="pending"), CREATED)
    assert_once(merchant, merchant.order_when("727", shipped))
    assert merchant.api.get("/v1/payments?state=unmatched")["items"] == []


def test_a_payment_that_names_no_order_is_assigned_by_a_person(merchant: Merchant) -> None:
    """Unmatched money is listed, and one call books it on its order."""
    merchant.stock("TEE-1", 10)
    merchant.send("stripe", stripe_succeeded(order_reference="?"))
    waiting = until(lambda: merchant.api.get("/v1/payments?state=unmatched")["items"])
    assert waiting[0]["amount"] == {"amount": "38.92", "currency": "EUR"}
    merchant.send("woocommerce", woocommerce_order(status="pending"), CREATED)
    order = merchant.order("727")
    path = f"/v1/payments/{waiting[0]['id'].replace(':', '%3A')}/match"
    merchant.api.post(path, {"order_id": order["id"]})
    assert_once(merchant, merchant.order_when("727", shipped))
    assert merchant.api.get("/v1/payments?state=unmatched")["items"] == []

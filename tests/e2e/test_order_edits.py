"""Orders as their shop changes them, over HTTP and through the deployed house."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.conftest import Merchant, until
from tests.e2e.test_journey import CREATED, shipped
from tests.edits import version
from tests.events import stripe_succeeded, woocommerce_order

pytestmark = pytest.mark.e2e
UPDATED = {"x-wc-webhook-topic": "order.updated"}
DELETED = {"x-wc-webhook-topic": "order.deleted"}


def codes(order: dict[str, Any]) -> set[str]:
    """Return why an order waits."""
    return {blocker["code"] for blocker in order["blockers"]}


def mails(order: dict[str, Any]) -> list[str]:
    """Return the kinds of mails that were sent."""
    return [mail["kind"] for mail in order["messages"] if mail["state"] == "sent"]


def test_an_edit_is_taken_over_until_the_invoice_stands_against_it(merchant: Merchant) -> None:
    """Goods and customer follow the first one; the second waits, and is released."""
    for sku in ("TEE-1", "TEE-2"):
        merchant.stock(sku, 10)
    merchant.send("woocommerce", woocommerce_order(status="pending"), CREATED)
    merchant.order_when("727", lambda order: "order_confirmation" in mails(order))
    merchant.send("woocommerce", version("added"), UPDATED)
    order = merchant.order_when("727", lambda order: "order_changed" in mails(order))
    assert order["totals"]["total"]["amount"] == "72.94"
    assert until(lambda: merchant.level("TEE-1") == (10, 3, 7))
    assert until(lambda: merchant.level("TEE-2") == (10, 1, 9))
    merchant.send("stripe", stripe_succeeded(amount=7294))
    order = merchant.order_when("727", shipped)
    assert until(lambda: merchant.level("TEE-1") == (7, 0, 7))
    merchant.send("woocommerce", version("back"), UPDATED)
    order = merchant.order_when("727", lambda order: "changed_in_shop" in codes(order))
    assert order["pending_change"]["obstacle"] == "invoice_issued"
    assert order["totals"]["total"]["amount"] == "72.94"
    path = f"/v1/orders/{order['id']}"
    order = merchant.api.post(f"{path}/release", {"code": "changed_in_shop", "by": "Ute"})
    assert codes(order) == set()
    assert order["states"]["order"] == "completed"


def test_an_order_that_was_deleted_before_it_came_is_there_and_cancelled(
    merchant: Merchant,
) -> None:
    """With the reason; nothing is set aside and nobody gets a mail."""
    merchant.stock("TEE-1", 10)
    merchant.send("woocommerce", b'{"id": 727}', DELETED)
    merchant.send("woocommerce", woocommerce_order(number=728, status="pending"), CREATED)
    merchant.order("728")
    merchant.send("woocommerce", woocommerce_order(status="processing"), CREATED)
    order = merchant.order_when("727", lambda order: order["states"]["order"] == "cancelled")
    assert codes(order) == {"refund_due"}
    assert mails(order) == []
    assert until(lambda: merchant.level("TEE-1") == (10, 2, 8))

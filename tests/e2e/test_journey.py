"""One order, all the way: from the shop's webhook to the parcel, and back again."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from local.caller import Caller
from tests.e2e.conftest import Merchant, until
from tests.events import stripe_succeeded, woocommerce_order

pytestmark = pytest.mark.e2e
CREATED = {"x-wc-webhook-topic": "order.created"}


def kinds(order: dict[str, Any], what: str) -> list[str]:
    """Return the kinds of an order's documents or messages, sorted."""
    return sorted(one["kind"] for one in order[what])


def opened(url: str) -> bytes:
    """Open a link as a browser would, without any token."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        data: bytes = answer.read()
    return data


def shipped(order: dict[str, Any]) -> bool:
    """Tell whether the parcel, its papers and its mail are all there."""
    return (
        order["states"]["fulfillment"] == "shipped"
        and "label" in kinds(order, "documents")
        and "shipping_confirmation" in kinds(order, "messages")
        and all(message["state"] == "sent" for message in order["messages"])
    )


def test_an_order_travels_from_the_shop_to_the_parcel_and_back(merchant: Merchant) -> None:
    """Intake, stock, confirmation, payment, invoice, parcel, return, refund: each once."""
    merchant.stock("TEE-1", 10)
    body = woocommerce_order(status="pending")
    assert merchant.send("woocommerce", body, CREATED)[0] == 202

    order = merchant.order_when(
        "727",
        lambda o: (
            o["states"]["stock"] == "reserved"
            and kinds(o, "messages") == ["order_confirmation"]
            and o["messages"][0]["state"] == "sent"
        ),
    )
    assert order["totals"]["total"] == {"amount": "38.92", "currency": "EUR"}
    assert order["totals"]["difference"]["amount"] == "0.00"
    assert order["states"]["payment"] == "unpaid"
    assert [blocker["code"] for blocker in order["blockers"]] == ["unpaid"]
    assert [item["number"] for item in merchant.orders("unpaid")] == ["727"]
    assert until(lambda: merchant.level("TEE-1") == (10, 2, 8))

    assert merchant.send("stripe", stripe_succeeded())[0] == 202
    order = merchant.order_when("727", shipped)
    assert order["states"] | {"return": "none"} == {
        "order": "completed",
        "payment": "paid",
        "stock": "reserved",
        "fulfillment": "shipped",
        "invoice": "issued",
        "return": "none",
    }
    assert kinds(order, "documents") == ["delivery_note", "invoice", "label"]
    assert kinds(order, "messages") == [
        "order_confirmation", "payment_received", "shipping_confirmation",
    ]  # fmt: skip
    assert order["blockers"] == []
    assert [item["number"] for item in merchant.orders("shipped")] == ["727"]
    assert until(lambda: merchant.level("TEE-1") == (8, 0, 8))
    for document in order["documents"]:
        assert opened(document["url"]).startswith(b"%PDF-"), document["kind"]

    _comes_back(merchant, order)


def _comes_back(merchant: Merchant, order: dict[str, Any]) -> None:
    line = order["lines"][0]["id"]
    pieces = [{"line_id": line, "quantity": 1, "restock": True}]
    wanted = {"order_id": order["id"], "lines": pieces, "reason": "too small"}
    made = merchant.api.post("/v1/returns", wanted)
    assert merchant.order_when("727", lambda o: o["worklist"] == "returns")
    path = f"/v1/returns/{made['id']}/receive"
    merchant.api.post(path, {"order_id": order["id"], "lines": pieces})
    owed = merchant.order_when(
        "727", lambda o: any(b["code"] == "refund_due" for b in o["blockers"])
    )["returns"][0]["refund_due"]
    refund = {"amount": owed, "reference": "back-1", "return_id": made["id"]}
    merchant.api.post(f"/v1/orders/{order['id']}/refunds", refund)
    order = merchant.order_when(
        "727",
        lambda o: (
            "credit_note" in kinds(o, "documents") and "refund_confirmation" in kinds(o, "messages")
        ),
    )
    assert order["states"]["payment"] == "partially_refunded"
    assert order["states"]["return"] == "refunded"
    assert order["states"]["invoice"] == "credited"
    assert until(lambda: merchant.level("TEE-1") == (9, 0, 9))
    facts = merchant.api.get(f"/v1/orders/{order['id']}/timeline")["items"]
    assert [fact["fact"] for fact in facts][:2] == ["OrderReceived", "OrderAccepted"]
    assert all(fact["at"].endswith("Z") for fact in facts)


def test_a_bank_transfer_booked_by_the_merchant_pays_the_order(merchant: Merchant) -> None:
    """A bank transfer that the merchant books makes the order paid, and it ships."""
    merchant.stock("TEE-1", 10)
    merchant.send("woocommerce", woocommerce_order(status="on-hold"), CREATED)
    order = merchant.order("727")
    payment = {"amount": order["outstanding"], "source": "bank", "reference": "statement 7/3"}
    merchant.api.post(f"/v1/orders/{order['id']}/payments", payment)
    order = merchant.order_when("727", shipped)
    assert [p["source"] for p in order["payments"]] == ["bank"]


def test_an_order_that_arrives_paid_gets_one_mail_for_order_and_payment(
    merchant: Merchant,
) -> None:
    """The shop's own word counts: confirmation and payment are one mail."""
    merchant.stock("TEE-1", 10)
    merchant.send("woocommerce", woocommerce_order(status="processing"), CREATED)
    order = merchant.order_when("727", shipped)
    assert kinds(order, "messages") == ["order_confirmation", "shipping_confirmation"]


def test_stock_that_arrives_later_lets_the_order_go_on(merchant: Merchant) -> None:
    """Short stock is a blocker, no error; it goes away when goods come in."""
    merchant.stock("TEE-1", 1)
    merchant.send("woocommerce", woocommerce_order(status="processing"), CREATED)
    order = merchant.order_when("727", lambda o: o["states"]["stock"] == "short")
    assert [blocker["code"] for blocker in order["blockers"]] == ["short_stock"]
    assert until(lambda: merchant.level("TEE-1") == (1, 0, 1))
    merchant.order_when("727", lambda o: merchant.orders("on_hold") != [])
    merchant.stock("TEE-1", 5)
    merchant.order_when("727", shipped)
    assert until(lambda: merchant.level("TEE-1") == (3, 0, 3))


def test_the_customer_sees_the_order_without_a_login(merchant: Merchant) -> None:
    """The status page opens with its token, and with no other."""
    merchant.send("woocommerce", woocommerce_order(status="pending"), CREATED)
    url = merchant.order("727")["customer_url"]
    page = opened(url).decode()
    assert "727" in page
    status, _ = merchant.api.send("GET", url.removeprefix(merchant.house.url)[:-1] + "x", None, {})
    assert status == 404


def test_one_merchant_never_sees_anothers_order(merchant: Merchant, house: Any) -> None:
    """Another merchant's token finds nothing, whatever the address."""
    merchant.send("woocommerce", woocommerce_order(), CREATED)
    order = merchant.order("727")
    root = Caller(house.url, house.root_token)
    other = Caller(house.url, root.put("/v1/merchants/other")["token"])
    headers = {"Authorization": f"Bearer {other.token}"}
    for path in (f"/v1/orders/{order['id']}", f"/v1/orders/{order['id']}/timeline"):
        status, answer = other.send("GET", path, None, headers)
        assert status == 404, json.loads(answer)
    assert other.get("/v1/orders?worklist=all")["items"] == []

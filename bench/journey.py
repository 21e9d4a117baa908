"""The reference journey: a WooCommerce order with two lines comes unpaid, is paid by Stripe, ships.

In the end there are an invoice, a delivery note, a label and three mails. An order that arrives
paid is the same without Stripe, and one mail less.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.merchant import Merchant
from bench.meter import Meter, UnfinishedError
from chalicelib.domain.order import order_id

HERE = Path(__file__).parent
RECORDED = "500001"  # the number in the recorded bodies, which every order replaces by its own
HEADERS = {
    "X-WC-Webhook-Topic": "order.created",
    "X-WC-Webhook-Resource": "order",
    "X-WC-Webhook-Event": "created",
    "X-WC-Webhook-ID": "7",
    "X-WC-Webhook-Source": "https://shop.teekontor-nord.example/",
    "X-WC-Webhook-Delivery-ID": "41",
    "User-Agent": "WooCommerce/10.3.4 Hookshot (WordPress/6.8.3)",
}
STRIPE = {"User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)"}
PATIENCE = 90.0
MAILS = ["order_confirmation", "payment_received", "shipping_confirmation"]
PAPERS = ["delivery_note", "invoice", "label"]


def order_body(number: int, *, paid: bool = False) -> bytes:
    """Return the recorded WooCommerce order under a number of its own."""
    order = json.loads(_recorded("order.json", number))
    if paid:
        order |= {"status": "processing", "date_paid": order["date_created"]}
        order |= {"date_paid_gmt": order["date_created_gmt"], "needs_payment": False}
        order["transaction_id"] = f"pi_{number}"
    return json.dumps(order, ensure_ascii=False, separators=(",", ":")).encode()


def payment_body(number: int) -> bytes:
    """Return the recorded Stripe event about that order, of this moment."""
    event = json.loads(_recorded("payment.json", number))
    event["created"] = int(time.time())
    event["id"] += str(number)
    event["data"]["object"]["id"] += str(number)
    return json.dumps(event, separators=(",", ":")).encode()


def _recorded(name: str, number: int) -> str:
    return (HERE / name).read_text(encoding="utf-8").replace(RECORDED, str(number))


def unpaid(merchant: Merchant, number: int) -> None:
    """Let the shop tell of an order that is not paid."""
    merchant.deliver("woocommerce", order_body(number), HEADERS)


def pay(merchant: Merchant, number: int) -> None:
    """Let Stripe tell that it is."""
    merchant.deliver("stripe", payment_body(number), STRIPE)


def one(merchant: Merchant, meter: Meter, number: int) -> dict[str, Any]:
    """Take one order from its arrival to its last mail, alone; return it."""
    unpaid(merchant, number)
    await_mails(merchant, number, MAILS[:1])
    meter.await_quiet()
    pay(merchant, number)
    return _complete(merchant, meter, number, MAILS)


def one_paid(merchant: Merchant, meter: Meter, number: int) -> dict[str, Any]:
    """Take one that arrives paid to its last mail, alone; return it."""
    merchant.deliver("woocommerce", order_body(number, paid=True), HEADERS)
    return _complete(merchant, meter, number, [MAILS[0], MAILS[2]])


def _complete(merchant: Merchant, meter: Meter, number: int, mails: list[str]) -> dict[str, Any]:
    await_mails(merchant, number, mails)
    meter.await_quiet()
    order = found(merchant, number)
    papers = sorted(document["kind"] for document in order["documents"])
    if papers != PAPERS or order["states"]["fulfillment"] != "shipped":
        raise UnfinishedError("order", number, papers, order["states"], order["blockers"])
    return order


def await_mails(merchant: Merchant, number: int, wanted: list[str]) -> dict[str, Any]:
    """Wait until exactly these mails were sent; return the order."""
    patience, order = time.monotonic() + PATIENCE, None
    while time.monotonic() < patience:
        order = find(merchant, number)
        if order and sorted(_sent(order)) == sorted(wanted):
            return order
        time.sleep(0.1)
    raise UnfinishedError("order", number, order and (_sent(order), order["blockers"]))


def _sent(order: dict[str, Any]) -> list[str]:
    return [message["kind"] for message in order["messages"] if message["state"] == "sent"]


def find(merchant: Merchant, number: int) -> dict[str, Any] | None:
    """Return an order, if it is there."""
    connection = merchant.connections["woocommerce"][0].rsplit("/", 1)[-1]
    path = f"/v1/orders/{order_id(connection, str(number))}"
    status, answer = merchant.read(path)
    order: dict[str, Any] | None = json.loads(answer) if status == 200 else None
    return order


def found(merchant: Merchant, number: int) -> dict[str, Any]:
    """Return an order that must be there."""
    order = find(merchant, number)
    if order is None:
        raise UnfinishedError("order", number, "is not there")
    return order


def many(merchant: Merchant, meter: Meter, numbers: Iterable[int], clients: int) -> float:
    """Take orders to their end, several at a time; return the seconds it took.

    First all of them arrive, then all are paid: Stripe tells of no order before the shop does.
    """
    wanted = list(numbers)
    began = time.monotonic()
    with ThreadPoolExecutor(clients) as pool:
        list(pool.map(lambda number: unpaid(merchant, number), wanted))
        meter.await_calls("ses", len(wanted))
        list(pool.map(lambda number: pay(merchant, number), wanted))
        meter.await_calls("ses", 3 * len(wanted))
    return time.monotonic() - began

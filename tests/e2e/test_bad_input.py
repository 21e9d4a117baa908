"""Bad input at the webhook: a clear answer, and nothing is lost."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.conftest import Merchant, until
from tests.e2e.test_journey import CREATED
from tests.events import stripe_succeeded, woocommerce_order

pytestmark = pytest.mark.e2e


def changed(**fields: Any) -> bytes:
    """Return a WooCommerce order with some fields changed."""
    return json.dumps(json.loads(woocommerce_order()) | fields).encode()


def first_line(**fields: Any) -> bytes:
    """Return a WooCommerce order whose only article is changed."""
    line = json.loads(woocommerce_order())["line_items"][0]
    return changed(line_items=[line | fields])


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [
        (b"this is not JSON", "bad_payload", "JSON"),
        (b"[1, 2, 3]", "bad_payload", ""),
        (changed(line_items="none"), "bad_payload", "line_items"),
        (first_line(quantity=-1), "bad_payload", "line_items[0].quantity"),
        (first_line(quantity=1.5), "bad_payload", "line_items[0].quantity"),
        (changed(currency="EUX"), "bad_payload", "currency"),
    ],
    ids=["no JSON", "a list", "lines are a word", "negative", "fractional", "currency"],
)
def test_a_genuine_delivery_we_cannot_read_is_kept_with_field_and_reason(
    merchant: Merchant, body: bytes, code: str, field: str
) -> None:
    """The shop gets 2xx, the merchant sees the raw body with the field and the reason."""
    assert merchant.send("woocommerce", body, CREATED)[0] == 202
    (problem,) = until(lambda: merchant.deliveries_problems("woocommerce"))
    assert problem["code"] == code
    assert field in problem["text"]
    assert problem["body"].encode() == body
    assert merchant.orders() == []


def test_forged_unsigned_and_unknown_deliveries_are_refused_and_shown(merchant: Merchant) -> None:
    """401 for a wrong or missing signature, 404 for an unknown connection; no order is made."""
    body = woocommerce_order()
    status, answer = merchant.send("woocommerce", body, CREATED, secret="another")
    assert (status, answer["code"]) == (401, "bad_signature")
    connection = merchant.connections["woocommerce"]["id"]
    headers = {"Content-Type": "application/json", **CREATED}
    unsigned, _ = merchant.api.send("POST", f"/webhooks/{connection}", body, headers)
    assert unsigned == 401
    unknown, _ = merchant.api.send("POST", f"/webhooks/{connection[:-4]}aaaa", body, headers)
    assert unknown == 404
    assert merchant.orders() == []
    problems = merchant.deliveries_problems("woocommerce")
    assert [problem["code"] for problem in problems] == ["bad_signature"]
    assert problems[0]["body"].encode() == body


def test_a_connection_without_a_secret_is_refused_at_the_door(merchant: Merchant) -> None:
    """An empty secret would verify anything, so there is no connection with one."""
    wanted = {"kind": "woocommerce", "name": "x", "secrets": {"webhook_secret": "  "}}
    raw = json.dumps(wanted).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {merchant.token}"}
    status, answer = merchant.api.send("POST", "/v1/connections", raw, headers)
    assert status == 400
    assert json.loads(answer)["field"] == "secrets.webhook_secret"


def test_the_ping_of_woocommerce_is_answered_200(merchant: Merchant) -> None:
    """The shop checks a new webhook by a form without a signature."""
    connection = merchant.connections["woocommerce"]["id"]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _ = merchant.api.send("POST", f"/webhooks/{connection}", b"webhook_id=7", form)
    assert status == 200


def test_an_order_that_does_not_add_up_waits_with_the_difference(merchant: Merchant) -> None:
    """The order is on hold, the difference named; released it goes on."""
    merchant.stock("TEE-1", 5)
    merchant.send("woocommerce", changed(total="39.92", status="processing"), CREATED)
    order = merchant.order_when("727", lambda o: o["blockers"] != [])
    assert order["states"]["order"] == "received"
    assert order["totals"]["difference"] == {"amount": "1.00", "currency": "EUR"}
    assert "1.00 EUR" in next(b["text"] for b in order["blockers"] if b["code"] == "total_mismatch")
    until(lambda: [item["number"] for item in merchant.orders("on_hold")] == ["727"])


def test_a_body_of_300_kilobytes_is_an_order_like_any_other(merchant: Merchant) -> None:
    """Five hundred lines arrive whole."""
    line = json.loads(woocommerce_order())["line_items"][0]
    lines = [line | {"id": n, "name": f"Kanne {n} " + "x" * 400} for n in range(500)]
    gross = 500 * 3402 + 490
    body = changed(line_items=lines, total=f"{gross / 100:.2f}", total_tax="2715.78")
    assert len(body) > 300 * 1024
    assert merchant.send("woocommerce", body, CREATED)[0] == 202
    order = merchant.order("727")
    assert len(order["lines"]) == 501
    assert order["totals"]["difference"]["amount"] == "0.00"


def test_an_order_without_lines_and_one_with_an_unknown_sku_wait_for_a_person(
    merchant: Merchant,
) -> None:
    """Both are kept as orders, with a blocker that says what to do."""
    merchant.send("woocommerce", changed(line_items=[], shipping_lines=[], total="0.00"), CREATED)
    order = merchant.order("727")
    assert "no_lines" in [blocker["code"] for blocker in order["blockers"]]
    merchant.send("woocommerce", woocommerce_order(number=728, sku="NOWHERE"), CREATED)
    merchant.order_when(
        "728", lambda o: "unknown_sku" in [blocker["code"] for blocker in o["blockers"]]
    )


def test_money_for_another_merchants_order_stays_unmatched(
    merchant: Merchant, other: Merchant
) -> None:
    """A payment never reaches an order of somebody else, even with the right number."""
    merchant.send("woocommerce", woocommerce_order(status="pending"), CREATED)
    merchant.order("727")
    other.send("stripe", stripe_succeeded())
    until(lambda: other.api.get("/v1/payments?state=unmatched")["items"])
    assert merchant.order("727")["payments"] == []


def test_a_rotated_secret_is_accepted_beside_the_old_one(merchant: Merchant) -> None:
    """During a rotation the shop may sign with either secret."""
    connection = merchant.connections["woocommerce"]
    path = f"/v1/connections/{connection['id']}/secrets"
    merchant.api.put(path, {"secrets": {"webhook_secret": "a-new-secret-of-the-shop"}})

    def is_new() -> bool:
        body = changed(customer_note="new")
        status, _ = merchant.send("woocommerce", body, CREATED, secret="a-new-secret-of-the-shop")
        return status == 202

    assert merchant.send("woocommerce", woocommerce_order(), CREATED)[0] == 202
    until(is_new, patience=90)

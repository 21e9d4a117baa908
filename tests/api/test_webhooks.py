"""The webhook: 2xx only for what is genuine and saved; everything else has a clear answer."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.store.inbox import Inbox
from local.stack import Engine
from tests.api.conftest import Caller
from tests.api.deliveries import SECRET, connect, knock, process
from tests.events import stripe_succeeded, woocommerce_order
from tests.recorded.reading import signed

pytestmark = pytest.mark.engine


def saved(call: Caller, shop_id: str) -> list[str]:
    """Return the deliveries that lie in the inbox for a step."""
    from chalicelib.store.inbox import InboxRow

    rows = InboxRow.query(f"{call.merchant}#{shop_id}")
    return [f"{shop_id}/{row.sk}" for row in rows if row.step]


def test_a_genuine_delivery_is_saved_and_then_answered_2xx(call: Caller) -> None:
    """Byte for byte, with the headers that its reader needs and none that might be secret."""
    shop = connect(call)
    body = woocommerce_order()
    answer = shop.send(body, Authorization="Basic c2VjcmV0", Cookie="session=1")
    assert (answer.status, answer.json["code"]) == (202, "saved")
    [name] = saved(call, shop.id)
    delivery = Inbox().load(call.merchant, name)
    assert delivery
    assert delivery.body == body
    assert delivery.headers["x-wc-webhook-topic"] == "order.created"
    assert not {"authorization", "cookie"} & set(delivery.headers)
    assert shop.health() == []


def test_a_repeated_delivery_is_2xx_and_changes_nothing(call: Caller) -> None:
    """Shops send again until they are told that all is well."""
    shop = connect(call)
    assert shop.send(woocommerce_order()).json["code"] == "saved"
    again = shop.send(woocommerce_order())
    assert (again.status, again.json["code"]) == (202, "known")
    assert len(saved(call, shop.id)) == 1


@pytest.mark.parametrize(("kind", "kept"), [("amazon", None), ("etsy", "webhook-id")])
def test_a_notice_of_a_marketplace_is_saved_without_our_key(
    call: Caller, kind: str, kept: str | None
) -> None:
    """What vouches for it by being secret stays at the door; the rest of its name is kept."""
    shop = connect(call, kind)
    body = b'{"event_type": "order.paid"}'
    headers = signed(kind, body, SECRET, datetime.now(UTC))
    assert knock(shop.id, body, headers).json["code"] == "saved"
    assert knock(shop.id, body + b" ", {**headers, "x-api-key": "another"}).status == 401
    [name] = saved(call, shop.id)
    delivery = Inbox().load(call.merchant, name)
    assert delivery
    assert SECRET not in str(delivery.headers)
    assert kept is None or delivery.headers[kept] == "msg_1"


def test_stripe_is_saved_for_the_payment_step(call: Caller) -> None:
    """Whoever reads a delivery is decided at the door."""
    shop = connect(call, "stripe")
    assert shop.send(stripe_succeeded()).status == 202
    assert saved(call, shop.id) == [f"{shop.id}/evt_1"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-WC-Webhook-Signature": "Zm9yZ2Vk"},
        {"X-WC-Webhook-Signature": ""},
        {"X-WC-Webhook-Signature": "not base64 ✗"},
    ],
    ids=["wrong", "none", "nonsense"],
)
def test_a_wrong_or_missing_signature_is_refused_and_shown(
    call: Caller, headers: dict[str, str]
) -> None:
    """401; no step sees it, but the merchant does, with the raw body."""
    shop = connect(call)
    answer = shop.send(woocommerce_order(), **headers)
    assert (answer.status, answer.json["code"]) == (401, "bad_signature")
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert saved(call, shop.id) == []
    [problem] = shop.health()
    assert problem["code"] == "bad_signature"
    assert problem["body"].encode() == woocommerce_order()


def test_a_delivery_signed_with_another_shops_secret_is_forged(call: Caller) -> None:
    """Every connection has its own."""
    shop = connect(call)
    assert shop.send(woocommerce_order(), secret="another-secret").status == 401
    other = connect(call.other())
    answer = knock(other.id, woocommerce_order(), shop.signed(woocommerce_order(), "x" * 9))
    assert answer.status == 401


def test_an_old_event_of_stripe_is_refused(call: Caller) -> None:
    """A recorded delivery cannot be played again later."""
    shop = connect(call, "stripe")
    headers = shop.signed(stripe_succeeded())
    stale = headers["Stripe-Signature"].replace("t=", "t=1")
    assert knock(shop.id, stripe_succeeded(), {"Stripe-Signature": stale}).status == 401


def test_a_connection_without_a_secret_verifies_nothing(call: Caller) -> None:
    """Nobody can sign with an empty secret; the delivery is kept and shown."""
    from chalicelib.runtime import secrets

    shop = connect(call)
    secrets.write(call.merchant, shop.id, {"webhook_secret": ""})
    answer = shop.send(woocommerce_order(), secret="")
    assert (answer.status, answer.json["code"]) == (401, "bad_signature")
    assert [problem["code"] for problem in shop.health()] == ["no_secret"]


@pytest.mark.parametrize(
    "name", ["{merchant}-unknown", "unknown-unknown", "nonsense", "", "-", "a" * 3000, "ü-x", "a/b"]
)
def test_an_unknown_connection_is_404(call: Caller, name: str) -> None:
    """Whatever stands in the address."""
    answer = knock(name.format(merchant=call.merchant), woocommerce_order(), {})
    assert (answer.status, answer.json["code"]) == (404, "unknown_connection")


def test_a_connection_that_takes_no_webhooks_is_404(call: Caller) -> None:
    """A carrier or a bank sends none."""
    made = call("POST", "/v1/connections", {"kind": "local"}).json
    assert made["webhook_url"] is None
    assert knock(made["id"], b"{}", {}).status == 404


def test_the_ping_of_a_new_webhook_is_answered(call: Caller) -> None:
    """WooCommerce sends a form without a signature when a webhook is made."""
    shop = connect(call)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert knock(shop.id, b"webhook_id=7", form).json["code"] == "pong"
    assert knock(shop.id, b"webhook_id=7&order=1", form).status == 401


def test_a_body_that_is_too_large_is_refused_and_its_beginning_kept(call: Caller) -> None:
    """413; the merchant sees what it was."""
    shop = connect(call)
    answer = shop.send(b"x" * (4 * 1024 * 1024 + 1))
    assert (answer.status, answer.json["code"]) == (413, "too_large")
    [problem] = shop.health()
    assert problem["code"] == "too_large"
    assert problem["body"].startswith("xxx")


def test_a_body_as_api_gateway_sends_text_is_the_same_body(call: Caller) -> None:
    """Not every body comes in base64; header names come in any case."""
    shop = connect(call)
    body = woocommerce_order()
    headers = {name.lower(): value for name, value in shop.signed(body).items()}
    answer = knock(shop.id, body, headers, body=body.decode(), isBase64Encoded=False)
    assert answer.json["code"] == "saved"
    assert knock(shop.id, b"", {}, body=None, headers=None, isBase64Encoded=False).status == 401


def changed(**fields: Any) -> bytes:
    """Return an order with some fields changed."""
    return json.dumps(json.loads(woocommerce_order()) | fields).encode()


UNREADABLE = {
    "not json": (b"this is not JSON", "body"),
    "a list": (b"[1, 2, 3]", "body"),
    "lines are a word": (changed(line_items="none"), "line_items"),
    "negative quantity": (woocommerce_order(quantity=-2), "line_items[0].quantity"),
    "unknown currency": (changed(currency="EUX"), "currency"),
    "no id": (changed(id=None), "id"),
}


@pytest.mark.parametrize("what", UNREADABLE)
def test_a_genuine_delivery_that_cannot_be_read_is_kept_with_field_and_reason(
    call: Caller, what: str
) -> None:
    """2xx for the shop, for it is saved; the merchant sees body, field and reason."""
    body, field = UNREADABLE[what]
    shop = connect(call)
    assert shop.send(body).status == 202
    [name] = saved(call, shop.id)
    process(shop, name)
    [problem] = shop.health()
    assert problem["code"] == "bad_payload"
    assert problem["text"].startswith(f"{field}:")
    assert problem["body"].encode() == body
    assert problem["delivery_id"] == name
    assert call.get("/v1/orders?worklist=all")["items"] == []


KEPT_AS_ORDER = {
    "no lines": (changed(line_items=[], shipping_lines=[], total="0.00"), "no_lines"),
    "does not add up": (changed(total="39.92"), "total_mismatch"),
    "300 kilobytes": (changed(customer_note="ä" * 300_000), ""),
}


@pytest.mark.parametrize("what", KEPT_AS_ORDER)
def test_an_odd_order_is_an_order_all_the_same(call: Caller, what: str) -> None:
    """It waits for a person with its problem named, or is just long."""
    body, code = KEPT_AS_ORDER[what]
    shop = connect(call)
    assert shop.send(body).status == 202
    process(shop, saved(call, shop.id)[0])
    assert shop.health() == []
    [listed] = call.get("/v1/orders?external_id=727")["items"]
    shown = call.get(f"/v1/orders/{listed['id']}")
    assert (code in [blocker["code"] for blocker in shown["blockers"]]) is bool(code)


def test_money_for_an_unknown_order_or_another_merchants_waits(call: Caller) -> None:
    """It is listed, not lost, and never booked on somebody else's order."""
    shop, other = connect(call), call.other()
    shop.send(woocommerce_order())
    process(shop, saved(call, shop.id)[0])
    stripe = connect(other, "stripe")
    stripe.send(stripe_succeeded())
    process(stripe, f"{stripe.id}/evt_1")
    [waiting] = other.get("/v1/payments?state=unmatched")["items"]
    assert waiting["amount"] == {"amount": "38.92", "currency": "EUR"}
    [listed] = call.get("/v1/orders?external_id=727")["items"]
    assert call.get(f"/v1/orders/{listed['id']}")["payments"] == []


def test_what_could_not_be_saved_is_not_answered_2xx(
    call: Caller, monkeypatch: pytest.MonkeyPatch, engine: Engine
) -> None:
    """503: the shop sends it again."""
    from chalicelib.domain.errors import Retryable

    shop = connect(call)

    def away(*_: Any, **__: Any) -> bool:
        raise Retryable("database", "away")

    monkeypatch.setattr(Inbox, "save", away)
    answer = shop.send(woocommerce_order())
    assert (answer.status, answer.json["code"]) == (503, "unavailable")
    assert SECRET not in answer.body.decode()

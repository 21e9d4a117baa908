"""Payment providers at the door: what can be checked later is kept, what can not is refused."""

from __future__ import annotations

import pytest

from chalicelib.api.webhooks import webhook
from chalicelib.store.inbox import Inbox
from tests.api.conftest import Caller
from tests.api.deliveries import connect, knock
from tests.api.test_webhooks import saved
from tests.recorded.reading import key_of, raw, recorded, sealed

pytestmark = pytest.mark.engine

PAYPAL = {
    "paypal-transmission-id": "69cd13f0",
    "paypal-transmission-time": "2026-11-23T08:15:31Z",
    "paypal-transmission-sig": "AAAA",
    "paypal-cert-url": "https://api.paypal.com/v1/notifications/certs/CERT-1",
    "paypal-auth-algo": "SHA256withRSA",
}


def test_an_unsigned_call_of_mollie_waits_for_the_worker(call: Caller) -> None:
    """A burst is one delivery; an event without its signature is refused."""
    shop = connect(call, "mollie", secrets={"api_key": "live_key-of-the-tests"})
    for name in (b"id=tr_Test1001", b"id=tr_Test1002"):
        assert knock(shop.id, name, {}).json["code"] == "saved"
    event = raw(recorded("mollie", "event-payment-paid"))
    assert knock(shop.id, event, {}).status == 401
    names = saved(call, shop.id)
    assert len(names) == 2
    delivery = Inbox().load(call.merchant, names[0])
    assert delivery
    assert delivery.is_unverified


def test_a_call_without_a_body_is_kept_with_what_it_was_called_with(call: Caller) -> None:
    """Klarna's checkout names the order in the address alone; without a name it is refused."""
    known = {"username": "PK_test_user", "password": "klarna-test-password"}
    shop = connect(call, "klarna", secrets=known)
    order = "a3f1c0de-0000-4000-8000-000000001001"
    path = {"connection_id": shop.id}
    asked = {"klarna_order_id": order}
    event = {"httpMethod": "POST", "pathParameters": path, "queryStringParameters": asked}
    assert webhook(event, None)["statusCode"] == 202
    assert webhook(event | {"queryStringParameters": None}, None)["statusCode"] == 401
    [name] = saved(call, shop.id)
    delivery = Inbox().load(call.merchant, name)
    assert delivery
    assert (delivery.body, delivery.is_unverified) == (f"klarna_order_id={order}".encode(), True)


def test_an_event_of_paypal_waits_for_the_worker_with_all_it_is_checked_by(call: Caller) -> None:
    """Nobody outside can say that it is checked already."""
    shop = connect(call, "paypal", settings={"webhook_id": "1JE4291016473214C"}, secrets={})
    body = raw(recorded("paypal", "capture-completed"))
    sent = PAYPAL | {"x-kontor-verdict": "genuine", "x-kontor-setting-capture": "automatic"}
    assert knock(shop.id, body, sent).json["code"] == "saved"
    assert knock(shop.id, body, PAYPAL | {"paypal-cert-url": "https://evil.example"}).status == 401
    [name] = saved(call, shop.id)
    delivery = Inbox().load(call.merchant, name)
    assert delivery
    assert delivery.is_unverified
    assert PAYPAL.items() <= delivery.headers.items()
    assert "x-kontor-setting-capture" not in delivery.headers


def test_adyen_is_answered_2xx_once_its_items_are_saved(call: Caller) -> None:
    """Signed with the key in hexadecimal that the connection was given."""
    key = {"webhook_secret": key_of("adyen")}
    shop = connect(call, "adyen", settings={"capture": "automatic"}, secrets=key)
    bare = raw(recorded("adyen", "batch-dinar-and-crowns"))
    body, _ = sealed("adyen", bare)
    assert knock(shop.id, body, {}).status == 202
    assert knock(shop.id, bare, {}).status == 401
    assert len(saved(call, shop.id)) == 1


@pytest.mark.parametrize(
    ("new", "field"),
    [
        ({"kind": "adyen", "secrets": {"webhook_secret": "0" * 64}}, "settings.capture"),
        ({"kind": "mollie"}, "secrets.api_key"),
        ({"kind": "klarna"}, "secrets.username"),
        ({"kind": "sumup"}, "secrets.api_key"),
        ({"kind": "paypal", "settings": {"webhook_id": "WEBHOOK_ID"}}, "settings.webhook_id"),
    ],
)
def test_a_connection_that_could_not_work_is_refused(
    call: Caller, new: dict[str, object], field: str
) -> None:
    """With the field that is missing."""
    answer = call("POST", "/v1/connections", new)
    assert (answer.status, answer.json["field"]) == (400, field)

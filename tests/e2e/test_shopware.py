"""A Shopware shop from the installation of our app to the parcel that it hears of.

The shop is a real HTTP server on this machine; the house is deployed, with its own rights.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest

from tests.e2e.conftest import Merchant, until
from tests.loopback import Request, Response, serving
from tests.shops.shopware import Shop

pytestmark = pytest.mark.e2e
KEYS = {"apiKey": "SWIA-of-the-app", "secretKey": "key-of-the-app"}


def sign(message: str | bytes, secret: str) -> str:
    """Sign as a shop does."""
    raw = message.encode() if isinstance(message, str) else message
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


@dataclass
class Installed:
    """A merchant's connection to a shop on this machine, and the secret its app was given."""

    merchant: Merchant
    shop: Shop
    connection: str
    secret: str

    def tell(self, event: str, payload: Any) -> int:
        """Have the shop send an event; returns our answer's status."""
        body = {"data": {"event": event, "payload": payload}, "source": {"shopId": "S1"}}
        raw = json.dumps(body | {"timestamp": int(time.time())}).encode()
        headers = {
            "Content-Type": "application/json",
            "shopware-shop-signature": sign(raw, self.secret),
        }
        path = f"/webhooks/{self.connection}"
        status, _ = self.merchant.api.send("POST", path, raw, headers)
        return int(status)


def install(merchant: Merchant, url: str, shop: Shop) -> Installed:
    """Join a shop, and install the app there with the manifest that we hand out."""
    new = {"kind": "shopware", "name": "Laden", "settings": {"base_url": url}}
    connection = merchant.api.post("/v1/connections", new)["id"]
    path = f"/v1/connections/{connection}/manifest.xml"
    token = {"Authorization": f"Bearer {merchant.token}"}
    _, text = merchant.api.send("GET", path, None, token)
    manifest = ET.fromstring(text)  # noqa: S314 - our own
    base, stamp = merchant.house.url, str(int(time.time()))
    query = {"shop-id": "S1", "shop-url": url, "timestamp": stamp}
    signature = sign(
        f"shop-id=S1&shop-url={url}&timestamp={stamp}", str(manifest.findtext("setup/secret"))
    )
    way = str(manifest.findtext("setup/registrationUrl")).removeprefix(base)
    status, raw = merchant.api.send(
        "GET", f"{way}?{urlencode(query)}", None, {"shopware-app-signature": signature}
    )
    assert status == 200, raw
    answer = json.loads(raw)
    body = json.dumps({**KEYS, "shopId": "S1", "shopUrl": url, "timestamp": stamp}).encode()
    headers = {
        "Content-Type": "application/json",
        "shopware-shop-signature": sign(body, answer["secret"]),
    }
    way = answer["confirmation_url"].removeprefix(base)
    assert merchant.api.send("POST", way, body, headers)[0] == 204
    return Installed(merchant, shop, connection, answer["secret"])


@pytest.fixture
def installed(merchant: Merchant) -> Iterator[Installed]:
    """Serve a shop, with our app in it."""
    shop = Shop()

    def answer(request: Request) -> Response:
        body = json.loads(request.body or b"null")
        if request.path == "/api/oauth/token":
            is_ours = (body["client_id"], body["client_secret"]) == tuple(KEYS.values())
            told = b'{"access_token":"t1","expires_in":600}'
            return Response(body=told) if is_ours else Response(status=401)
        if request.headers.get("authorization") != "Bearer t1":
            return Response(status=401)
        reply = shop.answer(request.method, request.path, request.query, body)
        return Response(status=reply.status, body=reply.body)

    with serving(answer) as server:
        found = install(merchant, server.url, shop)
        yield found
        merchant.api.call("DELETE", f"/v1/connections/{found.connection}")


def test_an_event_that_only_names_an_order_brings_it_and_the_shop_hears_of_its_parcel(
    installed: Installed,
) -> None:
    """Within seconds, not at the next poll; nobody has typed a secret."""
    merchant, shop = installed.merchant, installed.shop
    merchant.stock("WIND-1", 5)
    order_id = shop.add(9101, datetime.now(UTC))
    order = shop.orders[order_id]
    order["transactions"][0]["stateMachineState"]["technicalName"] = "paid"
    began = time.monotonic()
    payload = [{"entity": "order", "operation": "update", "primaryKey": order_id}]
    assert installed.tell("order.written", payload) == 202
    until(lambda: merchant.api.get("/v1/orders?number=9101")["items"], patience=30)
    assert time.monotonic() - began < 30
    sent = merchant.order_when("9101", lambda o: o["states"]["fulfillment"] == "shipped")
    assert sent["states"]["payment"] == "paid"
    number = sent["shipments"][0]["tracking_number"]
    assert until(lambda: shop.parcels(order_id)) == [number]
    assert until(lambda: shop.state(order_id) == "shipped")
    whole = {"order": json.loads(json.dumps(order))}
    assert installed.tell("checkout.order.placed", whole) == 202
    assert len(merchant.orders()) == 1

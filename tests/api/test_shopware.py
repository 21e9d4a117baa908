"""The app of a Shopware shop over the API: download, install, confirm, and the first event."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree as ET

import pytest

from chalicelib.api.webhooks import receive
from chalicelib.runtime import clock, secrets
from chalicelib.runtime.settings import connection_of
from tests.api.conftest import Caller

pytestmark = pytest.mark.engine
URL = "https://laden.example"


def sign(message: str | bytes, secret: str) -> str:
    """Sign as a shop does."""
    raw = message.encode() if isinstance(message, str) else message
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


@pytest.fixture
def connection(call: Caller) -> str:
    """Return a Shopware connection: it needs no secret to begin with."""
    new = {"kind": "shopware", "settings": {"base_url": URL}}
    answer = call("POST", "/v1/connections", new)
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def install(call: Caller, connection: str, *, shop_url: str = URL, secret: str = "") -> Any:
    """Have the shop register with what is in the manifest, or with another secret."""
    manifest = ET.fromstring(call("GET", f"/v1/connections/{connection}/manifest.xml").body)  # noqa: S314
    stamp = str(int(clock.now().timestamp()))
    query = {"shop-id": "S1", "shop-url": shop_url, "timestamp": stamp}
    text = f"shop-id=S1&shop-url={shop_url}&timestamp={stamp}"
    signature = sign(text, secret or str(manifest.findtext("setup/secret")))
    address = str(manifest.findtext("setup/registrationUrl")).removeprefix("https://kontor.example")
    stranger = replace(call, token="")
    headers = {"shopware-app-signature": signature}
    return stranger("GET", f"{address}?{urlencode(query)}", **headers)


def test_a_shop_installs_the_app_and_its_events_come_in(call: Caller, connection: str) -> None:
    """From the download to the first event that is saved, without any secret typed by hand."""
    answer = install(call, connection).json
    body = {"apiKey": "SWIA1", "secretKey": "k", "shopId": "S1", "shopUrl": URL, "timestamp": "1"}
    raw = json.dumps(body).encode()
    way = answer["confirmation_url"].removeprefix("https://kontor.example")
    headers = {"shopware-shop-signature": sign(raw, answer["secret"])}
    assert replace(call, token="")("POST", way, raw, **headers).status == 204
    known = secrets.fetch(call.merchant, connection)
    assert (known["client_id"], known["webhook_secret"]) == ("SWIA1", answer["secret"])
    connection_of.forget()
    stamp = int(clock.now().timestamp())
    event = {"data": {"event": "order.written", "payload": []}, "source": {}, "timestamp": stamp}
    sent = json.dumps(event).encode()
    signed = {"shopware-shop-signature": sign(sent, answer["secret"])}
    assert receive(connection, signed, sent)[:2] == (202, "saved")


def test_a_forged_installation_is_refused_with_a_word_for_the_installer(
    call: Caller, connection: str
) -> None:
    """The shop shows `error` to the person before it."""
    forged = install(call, connection, secret="f" * 64)
    assert forged.problem() == (401, "bad_signature")
    other = install(call, connection, shop_url="https://other.example")
    assert other.problem() == (422, "wrong_shop")
    assert (
        other.json["error"]
        == "This connection is for laden.example, the call came for other.example."
    )
    assert "pending_secret" not in secrets.fetch(call.merchant, connection)


def test_the_manifest_is_for_its_merchant_only(call: Caller, connection: str) -> None:
    """It holds a secret; downloaded again it is the same."""
    first = call("GET", f"/v1/connections/{connection}/manifest.xml")
    assert first.status == 200
    assert first.headers["Content-Type"] == "application/vnd.shopware.manifest+xml"
    assert call("GET", f"/v1/connections/{connection}/manifest.xml").body == first.body
    strange = call.other()("GET", f"/v1/connections/{connection}/manifest.xml")
    assert strange.problem() == (404, "not_found")


def test_the_handshake_is_for_shopware_only(call: Caller) -> None:
    """Any other connection has none."""
    new = {"kind": "woocommerce", "secrets": {"webhook_secret": "long-enough"}}
    other = call("POST", "/v1/connections", new).json["id"]
    for method, way in (("GET", "register"), ("POST", "confirm")):
        answer = replace(call, token="")(method, f"/shopware/{other}/{way}", {})
        assert answer.problem() == (404, "not_found")

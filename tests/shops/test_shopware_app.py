"""The handshake with a Shopware shop: who may set which secret, and when it begins to count."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.shops import shopware_app
from tests.recorded.reading import NOW

APP = "a" * 64
SETTINGS = {"base_url": "https://laden.example/shop/"}
URL = "https://laden.example/shop"
STAMP = str(int(NOW.timestamp()))


def sign(message: str | bytes, secret: str) -> str:
    """Sign as a shop does."""
    raw = message.encode() if isinstance(message, str) else message
    return hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()


def register(secrets: dict[str, str], *, by: str = APP, **changed: Any) -> tuple[Any, Any]:
    """Have a shop install the app, signed with a secret."""
    query = {"shop-id": "S1", "shop-url": URL, "timestamp": STAMP, **changed.pop("query", {})}
    text = f"shop-id={query['shop-id']}&shop-url={query['shop-url']}&timestamp={query['timestamp']}"
    headers = {"shopware-app-signature": sign(text, by)}
    if "second" in changed:
        headers["shopware-shop-signature"] = sign(text, changed["second"])
    return shopware_app.registered(query, headers, secrets, SETTINGS, changed.get("at", NOW))


def confirm(secrets: dict[str, str], *, by: str, **more: Any) -> dict[str, str]:
    """Have a shop confirm, signed with a secret."""
    body = {"apiKey": "SWIA1", "secretKey": "key", "shopUrl": URL, "shopId": "S1", "timestamp": "1"}
    raw = json.dumps(body | more.get("body", {})).encode()
    headers = {"shopware-shop-signature": sign(raw, by)}
    if "previous" in more:
        headers["shopware-shop-signature-previous"] = sign(raw, more["previous"])
    return shopware_app.confirmed(raw, headers, secrets, SETTINGS)


def installed() -> dict[str, str]:
    """Return the secrets of a connection whose app is installed."""
    known = {"app_secret": APP}
    answer, kept = register(known)
    return confirm({**known, **kept}, by=answer["secret"])


def test_an_installation_leaves_credentials_and_a_secret_of_its_own() -> None:
    """Nothing that was pending stays behind."""
    answer, kept = register({"app_secret": APP})
    assert answer["proof"] == sign(f"S1{URL}Kontor", APP)
    assert 64 <= len(answer["secret"]) <= 255
    known = confirm({"app_secret": APP, **kept}, by=answer["secret"])
    assert known == {
        "app_secret": APP,
        "webhook_secret": answer["secret"],
        "client_id": "SWIA1",
        "client_secret": "key",
        "shop_id": "S1",
    }


def test_every_installation_gets_another_secret() -> None:
    """And none is told to anybody without the manifest's."""
    known = {"app_secret": APP}
    assert register(known)[0]["secret"] != register(known)[0]["secret"]


def test_a_new_registration_counts_only_once_it_is_confirmed() -> None:
    """Until then webhooks are signed with the old secret; for a while after it, some still are."""
    known = installed()
    old = known["webhook_secret"]
    answer, kept = register(known, second=old)
    during = {**known, **kept}
    assert during["webhook_secret"] == old
    after = confirm(during, by=answer["secret"], previous=old)
    assert after["webhook_secret"] == answer["secret"]
    assert after["previous_webhook_secret"] == old
    assert not [name for name in after if name.startswith("pending_")]


def test_a_confirmation_that_comes_twice_changes_nothing() -> None:
    """The shop may not have heard our answer."""
    known = installed()
    assert confirm(known, by=known["webhook_secret"]) == known


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("bad_signature", {"by": "b" * 64}),
        ("bad_signature", {"by": ""}),
        ("bad_signature", {"second": "not the secret of before"}),
        ("bad_signature", {"at": NOW + timedelta(hours=2)}),
        ("bad_signature", {"at": NOW - timedelta(hours=2)}),
        ("bad_signature", {"query": {"timestamp": ""}}),
        ("bad_signature", {"query": {"timestamp": "9" * 5000}}),
        ("wrong_shop", {"query": {"shop-url": "https://other.example"}}),
        ("wrong_shop", {"query": {"shop-url": "https://laden.example:8443/shop"}}),
        ("wrong_shop", {"query": {"shop-url": "https://[broken"}}),
        ("wrong_shop", {"query": {"shop-url": ""}}),
    ],
)
def test_a_registration_that_is_not_right_sets_nothing(code: str, changed: dict[str, Any]) -> None:
    """Another secret, another time, another shop."""
    with pytest.raises(Permanent) as caught:
        register(installed(), **changed)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("bad_signature", {"by": APP}),
        ("bad_signature", {"by": ""}),
        ("bad_signature", {"previous": "not the secret of before"}),
        ("wrong_shop", {"body": {"shopId": "S2"}}),
        ("wrong_shop", {"body": {"shopUrl": "https://other.example"}}),
        ("not_set_up", {"body": {"apiKey": ""}}),
        ("not_set_up", {"body": {"secretKey": 5}}),
    ],
)
def test_a_confirmation_that_is_not_right_sets_nothing(code: str, more: dict[str, Any]) -> None:
    """Also not one that is signed with the manifest's secret, which every installation shares."""
    known = installed()
    answer, kept = register(known)
    with pytest.raises(Permanent) as caught:
        confirm({**known, **kept}, **{"by": answer["secret"], **more})
    assert caught.value.code == code


def test_without_any_secret_nothing_is_confirmed() -> None:
    """An empty secret would verify everything."""
    with pytest.raises(Permanent, match="does not match"):
        confirm({"app_secret": APP}, by="")


@pytest.mark.parametrize("raw", [b"", b"[]", b"\xff", b"null"])
def test_a_body_that_is_no_confirmation_is_refused(raw: bytes) -> None:
    """Even when it is signed."""
    known = installed()
    headers = {"shopware-shop-signature": sign(raw, known["webhook_secret"])}
    with pytest.raises(Permanent, match="must be an object"):
        shopware_app.confirmed(raw, headers, known, SETTINGS)


def test_the_manifest_names_our_addresses_the_rights_and_the_events() -> None:
    """Well-formed, whatever signs are in an address."""
    text = shopware_app.manifest(
        {"app_secret": APP}, address="https://k.example/w?a=1&b=2", register_address="https://k/<r>"
    )
    root = ET.fromstring(text)  # noqa: S314 - our own text
    assert root.findtext("meta/name") == "Kontor"
    assert root.findtext("setup/registrationUrl") == "https://k/<r>"
    assert root.findtext("setup/secret") == APP
    hooks = root.findall("webhooks/webhook")
    assert {hook.get("url") for hook in hooks} == {"https://k.example/w?a=1&b=2"}
    events = {hook.get("event") for hook in hooks}
    assert {"checkout.order.placed", "order.written", "order.deleted", "app.deleted"} <= events
    assert "state_enter.order_transaction.state.paid" in events
    assert len({hook.get("name") for hook in hooks}) == len(hooks)
    written = {entry.text for entry in root.findall("permissions/update")}
    assert {"order", "order_delivery", "product"} <= written


def test_there_is_no_manifest_without_a_secret() -> None:
    """Anybody could register then."""
    with pytest.raises(Permanent, match="app_secret"):
        shopware_app.manifest({}, address="https://k", register_address="https://k")

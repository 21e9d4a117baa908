"""A shop that signs with its own key: saved at the door, checked by the worker, then taken in."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.intake import saleor, trust
from chalicelib.runtime import secrets
from chalicelib.runtime.http import Reply
from chalicelib.shops.reach import Reached
from chalicelib.store.inbox import InboxRow
from tests.api.conftest import Answer, Caller
from tests.api.deliveries import Shop, connect, knock, process
from tests.intake.signing import jwk, key, sign
from tests.recorded.reading import raw, recorded

pytestmark = pytest.mark.engine

BODY = raw({"order": recorded("saleor", "gross-two-rates-voucher")})


class Keys:
    """The address of the shop where its public keys lie."""

    def call(self, *_: Any, **__: Any) -> Reply:
        """Answer with the key."""
        return Reply(status=200, headers={}, body=json.dumps({"keys": [jwk(key())]}).encode())


@pytest.fixture
def shop(call: Caller, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Return a Saleor shop that has no secret in common with us."""
    saleor._KNOWN.clear()
    monkeypatch.setattr(trust, "enter", lambda *_: Reached(shop=None, api=Keys()))
    address = {"base_url": "https://laden.example"}
    return connect(call, "saleor", settings=address, secrets={"app_token": "a-token"})


def send(shop: Shop, signature: str, **headers: str) -> Answer:
    """Send an order with a signature."""
    return knock(
        shop.id, BODY, {"Saleor-Event": "order_created", "Saleor-Signature": signature, **headers}
    )


def saved(shop: Shop) -> str:
    """Return the one delivery that waits for its step."""
    [row] = [x for x in InboxRow.query(f"{shop.call.merchant}#{shop.id}") if x.step]
    return f"{shop.id}/{row.sk}"


def test_an_order_signed_with_the_shops_key_is_taken_in(shop: Shop) -> None:
    """Its signature is checked before it is read."""
    assert send(shop, sign(BODY, key())).status == 202
    assert shop.call.get("/v1/orders?worklist=all")["items"] == []
    process(shop, saved(shop))
    [listed] = shop.call.get("/v1/orders?worklist=all")["items"]
    assert listed["number"] == "1001"
    assert shop.health() == []


def test_an_order_that_somebody_else_signed_changes_nothing(shop: Shop) -> None:
    """It is kept for a person to see; saying that it is checked does not help."""
    forged = sign(BODY, key("another"))
    assert send(shop, forged, **{"X-Kontor-Verdict": "genuine"}).status == 202
    process(shop, saved(shop))
    assert shop.call.get("/v1/orders?worklist=all")["items"] == []
    [problem] = shop.health()
    assert problem["code"] == "bad_signature"


@pytest.mark.parametrize("signature", ["", "a.b.c", "0" * 64])
def test_what_is_not_signed_at_all_is_turned_away_at_the_door(shop: Shop, signature: str) -> None:
    """Nothing but a signature of Saleor's own kind is worth a look at the shop."""
    assert send(shop, signature).status == 401


def test_a_secret_that_only_the_shop_knows_is_not_made_up(call: Caller) -> None:
    """Shopify signs with its app's: one of ours would turn all its deliveries away."""
    address = {"shop": "laden.myshopify.com"}
    shop = connect(call, "shopify", settings=address, secrets={"access_token": "shpat_1"})
    assert "webhook_secret" not in secrets.read(call.merchant, shop.id)

"""A shop that we call: what its webhooks lost comes in by the poll, and it hears what became of it.

The shop is a real HTTP server on this machine; the house is deployed, with its own rights.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.e2e.conftest import Merchant, until
from tests.e2e.test_crash import hasty
from tests.e2e.test_sweeper import sweep_now
from tests.events import woocommerce_order
from tests.loopback import Request, Response, serving
from tests.shops.woocommerce import Shop

pytestmark = pytest.mark.e2e
__all__ = ["hasty"]  # the fixture of the crashes
KEYS = {"consumer_key": "ck_of_the_shop", "consumer_secret": "cs_of_the_shop"}
SIGNED = "Basic " + base64.b64encode(":".join(KEYS.values()).encode()).decode()


@dataclass
class Joined:
    """A merchant's connection to a shop on this machine."""

    merchant: Merchant
    shop: Shop
    connection: dict[str, Any]

    def sell(self, number: int, *, sku: str = "TEE-1") -> bytes:
        """Let somebody buy and pay, without a webhook; returns the order as the shop has it."""
        order = json.loads(woocommerce_order(number=number, status="processing", sku=sku))
        order["date_modified_gmt"] = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        self.shop.orders[number] = order
        return json.dumps(order).encode()

    def ask(self, what: str) -> dict[str, Any]:
        """Ask for something and wait for its end."""
        began = self.merchant.api.post(f"/v1/connections/{self.connection['id']}/{what}")
        return self.ended(began["id"], since=began["updated_at"])

    def ended(self, job_id: str, *, since: str) -> dict[str, Any]:
        """Return a job once it is over, later than a moment."""

        def over() -> Any:
            job = self.merchant.api.get(f"/v1/jobs/{job_id}")
            return job["state"] in {"done", "failed"} and job["updated_at"] > since and job

        job: dict[str, Any] = until(over)
        return job


@pytest.fixture
def joined(merchant: Merchant) -> Iterator[Joined]:
    """Join a shop with the keys of its interface."""
    shop = Shop()

    def answer(request: Request) -> Response:
        if request.headers.get("authorization") != SIGNED:
            return Response(status=401, body=b'{"message":"Consumer key is invalid."}')
        told = shop.answer(
            request.method, request.path, request.query, json.loads(request.body or b"null")
        )
        return Response(status=told.status, body=told.body, headers=dict(told.headers))

    with serving(answer) as server:
        new = {
            "kind": "woocommerce", "name": "Laden", "secrets": KEYS,
            "settings": {"base_url": server.url, "push_stock": "on"},
        }  # fmt: skip
        made = merchant.api.post("/v1/connections", new)
        yield Joined(merchant=merchant, shop=shop, connection=made)
        # The house of the other tests goes on: it must not ask a shop that is gone.
        merchant.api.call("DELETE", f"/v1/connections/{made['id']}")


def test_an_order_whose_webhook_was_lost_comes_in_by_the_poll(joined: Joined) -> None:
    """Asked for or by itself; and neither poll nor a late webhook makes a second one of it."""
    merchant = joined.merchant
    joined.sell(9001)
    done = joined.ask("poll")
    assert (done["state"], done["result"]["orders"]) == ("done", 1), done
    assert merchant.order("9001")["states"]["payment"] == "paid"

    late = joined.sell(9002)
    sweep_now(merchant)
    assert merchant.order("9002")["number"] == "9002"

    assert joined.ask("register")["state"] == "done"
    merchant.connections["own"] = {
        "id": joined.connection["id"], "secret": joined.shop.hooks[0]["secret"],
    }  # fmt: skip
    status, _ = merchant.send("own", late, {"x-wc-webhook-topic": "order.created"})
    assert status == 202
    joined.ask("poll")
    numbers = sorted(order["number"] for order in merchant.orders())
    assert numbers == ["9001", "9002"]


def test_the_shop_hears_of_the_parcel_and_of_what_is_left(joined: Joined) -> None:
    """Tracking where the customer looks, and the level, within seconds of the change."""
    merchant, shop = joined.merchant, joined.shop
    shop.stock("TEE-1", 99)
    merchant.stock("TEE-1", 10)
    assert until(lambda: shop.stock("TEE-1") == 10)
    joined.sell(9003)
    joined.ask("poll")
    order = merchant.order_when("9003", lambda o: o["states"]["fulfillment"] == "shipped")
    assert until(lambda: shop.parcels("9003")) == [order["shipments"][0]["tracking_number"]]
    assert until(lambda: shop.state("9003") == "shipped")
    assert until(lambda: shop.stock("TEE-1") == 8)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_poll_that_dies_while_it_saves_leaves_no_order_out_and_makes_none_twice(
    joined: Joined, *, after: bool
) -> None:
    """The message comes back, and the page is read again."""
    fuse = joined.merchant.house.engine.home / "fuse.json"
    half = fuse.with_suffix(".new")
    half.write_text(json.dumps({"function": "jobs", "operation": "PutItem", "after": after}))
    joined.sell(9004)
    joined.sell(9005)
    half.rename(fuse)
    joined.ask("poll")
    assert not fuse.exists()
    assert joined.merchant.order("9004")["states"]["payment"] == "paid"
    assert joined.merchant.order("9005")["states"]["payment"] == "paid"
    assert len(joined.merchant.orders()) == 2


def test_a_test_of_the_connection_says_the_name_or_what_is_wrong(joined: Joined) -> None:
    """In the shop's own words, without the key."""
    assert joined.ask("check")["result"] == {"name": "Der Laden"}
    path = f"/v1/connections/{joined.connection['id']}/secrets"
    joined.merchant.api.put(path, {"secrets": {"consumer_key": "ck_wrong"}})
    failed = until(lambda: (job := joined.ask("check")) and job["state"] == "failed" and job)
    assert failed["reason"]["code"] == "outside_refused"
    assert "Consumer key is invalid." in failed["reason"]["text"]
    assert "ck_wrong" not in str(failed)

"""Health and deliveries: what came when, as it came; processed again, but never when forged."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from chalicelib.api.connections import own
from chalicelib.api.deliveries import AT_ONCE, SECONDS, replay_failed
from chalicelib.domain.errors import Permanent
from chalicelib.flow.replaying import advance
from chalicelib.intake.port import shop as translator
from chalicelib.runtime import clock
from chalicelib.store.connections import Connections
from chalicelib.store.inbox import Inbox
from chalicelib.store.jobs import Jobs, new_job
from chalicelib.store.tables import stamp
from local.stack import Engine
from tests.api.conftest import Caller
from tests.api.deliveries import Shop, connect, knock, process, work
from tests.api.test_asking import SHOP
from tests.api.test_webhooks import changed, saved
from tests.events import woocommerce_order

pytestmark = pytest.mark.engine


def deliveries(shop: Shop, query: str = "") -> Any:
    """List what a connection sent."""
    return shop.call.get(f"/v1/connections/{shop.id}/deliveries{query}")


def health(shop: Shop) -> dict[str, Any]:
    """Return a connection's health; its place in the list says the same."""
    one: dict[str, Any] = shop.call.get(f"/v1/connections/{shop.id}")["health"]
    [listed] = [x for x in shop.call.get("/v1/connections")["items"] if x["id"] == shop.id]
    assert listed["health"]["state"] == one["state"]
    return one


def later(monkeypatch: pytest.MonkeyPatch, **span: int) -> None:
    """Let time pass."""
    now = clock.now() + timedelta(**span)
    monkeypatch.setattr(clock, "now", lambda: now)


def test_a_connection_says_when_it_was_last_heard_of(call: Caller) -> None:
    """Also with how much came in a day; a sister's deliveries do not count."""
    shop, sister = connect(call), connect(call)
    assert health(shop)["last_delivery_at"] is None
    shop.send(changed(id=1))
    shop.send(changed(id=2))
    seen = health(shop)
    assert seen["state"] == "ok"
    assert seen["last_delivery_at"] == deliveries(shop)["items"][0]["received_at"]
    assert (seen["deliveries_24h"], seen["deliveries_24h_cut"]) == (2, False)
    assert health(sister)["deliveries_24h"] == 0


def test_a_connection_that_is_not_heard_of_for_days_is_silent(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a delivery nor a poll; a new one is given its time."""
    shop = connect(call)
    shop.send(changed(id=1))
    later(monkeypatch, days=2)
    assert health(shop)["state"] == "ok"
    assert health(shop)["deliveries_24h"] == 0
    assert health(shop)["last_delivery_at"]
    later(monkeypatch, days=2)
    assert health(shop)["state"] == "silent"
    job = replace(
        new_job(call.merchant, "poll", clock.now(), subject=shop.id, is_standing=True),
        state="done",
        memory={"since": stamp(clock.now())},
        began_at=clock.now(),
    )
    Jobs().create(job)
    assert health(shop)["state"] == "ok"
    assert health(shop)["last_poll_at"] == stamp(clock.now())
    assert health(shop)["next_poll_at"] == stamp(clock.now() + timedelta(minutes=5))


def test_a_poll_that_fails_is_a_problem_in_the_shops_own_words(call: Caller) -> None:
    """A wrong key shows where the merchant looks."""
    shop = connect(call)
    job = new_job(call.merchant, "poll", clock.now(), subject=shop.id, is_standing=True)
    text = "GET /orders was answered with 401: wrong key"
    Jobs().create(replace(job, state="failed", code="outside_refused", reason=text))
    seen = health(shop)
    assert seen["state"] == "problems"
    assert seen["last_problem"]["text"] == text


def test_deliveries_are_listed_newest_first_with_what_became_of_them(call: Caller) -> None:
    """Good ones, failed ones and forged ones, each once, page by page."""
    shop, sister = connect(call), connect(call)
    for number in range(5):
        shop.send(changed(id=number))
        sister.send(changed(id=number))
    shop.send(b"not JSON")
    [newest, *_] = deliveries(shop)["items"]
    process(shop, newest["delivery_id"])
    shop.send(b"forged", secret="another-secret")
    found, query = [], "?limit=2"
    while True:
        page = deliveries(shop, query)
        found += page["items"]
        if not page["next"]:
            break
        query = f"?limit=2&cursor={quote(page['next'])}"
    assert sorted(x["received_at"] for x in found) == [x["received_at"] for x in found][::-1]
    assert len({x["delivery_id"] for x in found}) == len(found) == 7
    assert sorted(x["state"] for x in found) == ["forged", "problem"] + ["taken"] * 5
    [failed] = [x for x in found if x["state"] == "problem"]
    assert failed["problem"]["code"] == "bad_payload"


def test_a_delivery_is_shown_as_it_came(call: Caller) -> None:
    """Headers and bytes; what is no text also in base64. Another merchant's is not there."""
    shop = connect(call)
    shop.send(woocommerce_order())
    shop.send(b"\xff\x00", secret="another-secret")
    for item in deliveries(shop)["items"]:
        key = item["delivery_id"].partition("/")[2]
        path = f"/v1/connections/{shop.id}/deliveries/{key}"
        seen = call.get(path)
        if item["state"] == "taken":
            assert seen["body"].encode() == woocommerce_order()
            assert seen["body_base64"] is None
            assert seen["headers"]["x-wc-webhook-topic"] == "order.created"
        else:
            assert seen["body_base64"] == "/wA="
        assert call.other()("GET", path).problem() == (404, "not_found")
    missing = call("GET", f"/v1/connections/{shop.id}/deliveries/none")
    assert missing.problem() == (404, "not_found")


def test_one_delivery_is_processed_again_and_a_forged_one_never(call: Caller, aws: Engine) -> None:
    """Also one that was fine: it changes nothing."""
    shop = connect(call)
    shop.send(woocommerce_order())
    [name] = saved(call, shop.id)
    process(shop, name)
    work(aws, "intake")
    path = f"/v1/connections/{shop.id}/replay"
    assert call("POST", path, {"delivery_id": name}).json == {"replayed": 1}
    assert work(aws, "intake") == [name]
    shop.send(b"forged", secret="another-secret")
    [forged] = [x for x in deliveries(shop)["items"] if x["state"] == "forged"]
    refused = call("POST", path, {"delivery_id": forged["delivery_id"]})
    assert refused.problem() == (422, "forged")
    sister = connect(call)
    elsewhere = call("POST", f"/v1/connections/{sister.id}/replay", {"delivery_id": name})
    assert elsewhere.problem() == (404, "not_found")
    assert work(aws, "intake") == []


def test_a_replay_that_has_no_time_left_keeps_the_rest_on_the_list(
    call: Caller, aws: Engine
) -> None:
    """What is off the list is on the queue: a call that is cut off must lose nothing."""
    shop, sister = connect(call), connect(call)
    failed = set()
    for number in range(AT_ONCE + 2):
        shop.send(f"not JSON {number}".encode())
    sister.send(b"not JSON")
    for one in (shop, sister):
        for name in saved(call, one.id):
            process(one, name)
            failed |= {name} if one is shop else set()
    work(aws, "intake")
    connection = own(call.merchant, shop.id)
    ticks = iter((0.0, 1.0, SECONDS))
    assert replay_failed(connection, tick=lambda: next(ticks)) == AT_ONCE
    waiting = {one.delivery.id for one in Inbox().failed(call.merchant)}
    assert set(work(aws, "intake")) == failed - waiting
    assert len(failed & waiting) == 2
    # Those that were sent have failed again.
    assert replay_failed(connection) == len(failed)
    assert set(work(aws, "intake")) == failed
    assert len(sister.health()) == 1


def test_all_since_a_moment_are_processed_again_by_a_job(call: Caller, aws: Engine) -> None:
    """Good and failed ones of this connection, no forged ones; those that fail are listed again."""
    shop, sister = connect(call), connect(call)
    shop.send(b"not JSON")
    [bad] = saved(call, shop.id)
    process(shop, bad)
    shop.send(changed(id=1))
    shop.send(b"forged", secret="another-secret")
    sister.send(changed(id=1))
    names = set(saved(call, shop.id))
    since = stamp(clock.now() - timedelta(hours=2))
    work(aws, "intake")
    asked = call("POST", f"/v1/connections/{shop.id}/replay", {"since": since})
    assert (asked.status, asked.json["kind"]) == (202, "replay")
    job = Jobs().load(call.merchant, asked.json["id"])
    assert job
    while not job.is_over:
        job = advance(job, clock.now())
    assert job.result == {"replayed": 2}
    genuine = {x["delivery_id"] for x in deliveries(shop)["items"] if x["state"] != "forged"}
    assert set(work(aws, "intake")) == genuine
    assert bad in names & genuine
    codes = sorted(problem["code"] for problem in shop.health())
    assert codes == ["bad_payload", "bad_signature"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"since": "yesterday"}, "since"),
        ({"since": "2999-01-01"}, "since"),
        ({"since": "2026-11-23", "delivery_id": "x"}, "since"),
        ({"since": 5}, "since"),
    ],
)
def test_a_replay_that_makes_no_sense_is_refused(
    call: Caller, body: dict[str, Any], field: str
) -> None:
    """The field is named."""
    shop = connect(call)
    answer = call("POST", f"/v1/connections/{shop.id}/replay", body)
    assert answer.problem() == (400, "bad_field")
    assert answer.json["field"] == field
    cursor = call("GET", f"/v1/connections/{shop.id}/deliveries?cursor=bm8=")
    assert cursor.problem() == (400, "bad_field")


def test_a_test_goes_the_way_of_a_delivery_and_makes_no_order(call: Caller) -> None:
    """It is marked on every page; sent again, it still makes none."""
    shop = connect(call)
    asked = call("POST", f"/v1/connections/{shop.id}/test")
    assert asked.status == 202
    assert asked.json["webhook_url"].endswith(shop.id)
    assert asked.json["job"] is None
    assert [x["state"] for x in deliveries(shop)["items"]] == ["test"]
    process(shop, asked.json["delivery_id"])
    key = asked.json["delivery_id"].partition("/")[2]
    seen = call.get(f"/v1/connections/{shop.id}/deliveries/{key}")
    assert (seen["state"], seen["problem"]) == ("arrived", None)
    assert shop.health() == []
    assert call.get("/v1/orders")["items"] == []


def test_nobody_outside_can_mark_a_delivery_as_a_test(call: Caller) -> None:
    """A real order with the mark of a test is a real order."""
    shop = connect(call)
    knock(shop.id, woocommerce_order(), shop.signed(woocommerce_order()) | {"x-kontor-test": "1"})
    [name] = saved(call, shop.id)
    process(shop, name)
    assert len(call.get("/v1/orders?number=727")["items"]) == 1


def test_a_test_of_a_shop_that_can_be_called_asks_it_for_its_name(call: Caller) -> None:
    """Both ways are tried; what cannot be tried says so."""
    made = call("POST", "/v1/connections", SHOP).json
    asked = call("POST", f"/v1/connections/{made['id']}/test").json
    assert asked["job"]["kind"] == "check"
    bank = call("POST", "/v1/connections", {"kind": "bank"}).json
    answer = call("POST", f"/v1/connections/{bank['id']}/test")
    assert answer.problem() == (422, "not_offered")


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"secrets": {"consumer_key": "ck_1"}}, "secrets.consumer_secret"),
        ({"settings": {}}, "settings.base_url"),
        ({"settings": {"base_url": "ftp://shop.example"}}, "settings.base_url"),
        ({"settings": {"base_url": "https://shop.example", "poll": "maybe"}}, "settings.poll"),
        ({"settings": {"base_url": "https://shop.example", "reserve_units": "-1"}},
         "settings.reserve_units"),
    ],
)  # fmt: skip
def test_a_shop_that_could_not_be_called_is_refused_by_the_field(
    call: Caller, given: dict[str, Any], field: str
) -> None:
    """Half of the keys is a slip, not a shop that only calls us."""
    answer = call("POST", "/v1/connections", SHOP | given)
    assert answer.status == 400
    assert answer.json["field"] == field


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.0.0.8:8080", "169.254.169.254", "localhost", "[::1]"]
)
def test_an_address_inside_our_own_network_is_refused(
    call: Caller, monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    """When it is given, and when it is changed to; nothing is called."""
    monkeypatch.delenv("ALLOW_LOCAL_HOSTS", raising=False)
    inside = {"settings": {"base_url": f"https://{host}/shop"}}
    answer = call("POST", "/v1/connections", SHOP | inside)
    assert answer.problem() == (400, "bad_address")
    assert answer.json["field"] == "settings.base_url"
    made = call("POST", "/v1/connections", SHOP).json
    assert call("PATCH", f"/v1/connections/{made['id']}", inside).problem() == (400, "bad_address")


def test_settings_are_changed_one_by_one(call: Caller) -> None:
    """What is not named stays, what is empty goes, what is wrong changes nothing."""
    made = call("POST", "/v1/connections", SHOP).json
    path = f"/v1/connections/{made['id']}"
    answer = call("PATCH", path, {"name": "Neu", "settings": {"poll": "off", "push_stock": "on"}})
    assert answer.status == 200
    assert call("PATCH", path, {"settings": {"push_stock": "", "poll": "no"}}).status == 400
    assert call("PATCH", path, {"settings": {"push_stock": ""}}).status == 200
    known = Connections().load(made["id"])
    assert known
    assert known.name == "Neu"
    assert known.settings == {"base_url": "https://shop.example", "poll": "off"}
    assert call.other()("PATCH", path, {}).problem() == (404, "not_found")


def test_a_test_is_no_order_of_any_kind_of_shop() -> None:
    """Read by mistake, its body would be refused: it holds nothing that an order has."""
    from chalicelib.domain.deliveries import Delivery
    from chalicelib.intake.port import PROVIDERS, Snapshot

    for kind in PROVIDERS:
        delivery = Delivery(
            merchant_id="demo", connection_id="demo-x", kind=kind, id="demo-x/1",
            received_at=clock.now(), headers={}, body=b'{"test": true, "text": "A test"}',
        )  # fmt: skip
        try:
            assert not isinstance(translator(kind).translate(delivery), Snapshot)
        except Permanent:
            continue

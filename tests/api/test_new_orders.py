"""Orders that are handed in over the API: once, kept, and answered at once."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.api.new_orders import place, source
from chalicelib.intake.schema import EXAMPLE
from chalicelib.store.inbox import Inbox, short
from tests.api.conftest import Answer, Caller
from tests.api.deliveries import SECRET, connect, knock, process

pytestmark = pytest.mark.engine

LINE = {"name": "Kanne", "sku": "KANNE", "quantity": 2, "unit_price": "10.00"}


def order(**more: Any) -> dict[str, Any]:
    """Return a small order."""
    return {"external_id": "1", "currency": "EUR", "tax_rate": 19, "lines": [dict(LINE)]} | more


def hand_in(call: Caller, body: Any, key: str = "", path: str = "/v1/orders") -> Answer:
    """Post an order, with a key if there is one."""
    return call("POST", path, body, **({"Idempotency-Key": key} if key else {}))


def test_an_order_is_made_and_shown_at_once(call: Caller) -> None:
    """201 with its id, its address and its states; it is there before the answer is."""
    answer = hand_in(call, EXAMPLE)
    told = answer.json
    assert (answer.status, told["number"]) == (201, "WEB-4711")
    assert answer.headers["Location"] == told["url"]
    assert told["url"] == f"https://kontor.example/v1/orders/{told['id']}"
    assert told["states"]["order"] == "accepted"
    assert told["totals"]["total"] == {"amount": "46.30", "currency": "EUR"}
    assert call.get(f"/v1/orders/{told['id']}")["lines"] == told["lines"]


def test_it_is_kept_like_any_delivery(call: Caller) -> None:
    """The raw body lies in the inbox under a connection that everybody sees."""
    told = hand_in(call, order(), "k1").json
    [connection] = call.get("/v1/connections")["items"]
    assert (connection["id"], connection["name"]) == (f"{call.merchant}-api", "API")
    assert told["connection_id"] == connection["id"]
    entry = call.get(f"/v1/orders/{told['id']}/timeline")["items"][0]
    delivery = Inbox().load(call.merchant, entry["details"]["delivery_id"])
    assert delivery is not None
    assert json.loads(delivery.body) == order()
    assert call.get("/v1/orders?external_id=1")["items"] == []  # the lists follow the stream


def test_the_same_key_is_the_same_order(call: Caller) -> None:
    """However the body is written; another body with the key is refused, and changes nothing."""
    first = hand_in(call, order(), "k1")
    again = hand_in(call, json.dumps(order(), indent=3).encode(), "k1")
    assert (first.status, again.status) == (201, 200)
    assert again.json["id"] == first.json["id"]
    other = hand_in(call, order(external_id="2"), "k1")
    assert other.problem() == (422, "idempotency_mismatch")
    timeline = call.get(f"/v1/orders/{first.json['id']}/timeline")["items"]
    assert [entry["fact"] for entry in timeline] == ["OrderReceived", "OrderAccepted"]


def test_without_a_key_the_orders_own_id_is_the_key(call: Caller) -> None:
    """The same id with other contents is refused; a change needs a key of its own."""
    first = hand_in(call, order())
    assert (first.status, hand_in(call, order()).status) == (201, 200)
    changed = order(lines=[LINE | {"quantity": 3}])
    assert hand_in(call, changed).problem() == (422, "idempotency_mismatch")
    known = hand_in(call, changed, "change-1")
    assert (known.status, known.json["id"]) == (200, first.json["id"])


def test_two_at_once_make_one_order(call: Caller) -> None:
    """All callers are told of the same one, and one of them that it made it."""
    connection, raw = source(call.merchant), json.dumps(order()).encode()
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: place(connection, raw, "k1"), range(4)))
    assert len({one.id for one, _ in made}) == 1
    assert sorted(is_new for _, is_new in made) == [False, False, False, True]


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        (b"{", 400, "not_json", None),
        (b"[]", 400, "not_json", None),
        ({}, 422, "bad_payload", "currency"),
        (order(external_id=""), 422, "bad_payload", "external_id"),
        (order(lines=[LINE, LINE | {"quantity": 1.5}]), 422, "bad_payload", "lines[1].quantity"),
        (order(total={"amount": "1", "currency": "USD"}), 422, "bad_payload", "total.currency"),
        (order(connection_id="m-none"), 404, "not_found", None),
        (b'{"note": "' + b"x" * 4_200_000 + b'"}', 413, "too_large", None),
    ],
)
def test_what_is_wrong_is_said_at_once(
    call: Caller, body: Any, status: int, code: str, field: str | None
) -> None:
    """With the field and the reason; nothing is kept, for the caller still has it."""
    answer = hand_in(call, body)
    assert answer.problem() == (status, code)
    assert answer.json.get("field") == field
    hand_in(call, order(external_id="after"))
    assert call.get("/v1/connections")["items"][0]["health"]["problems"] == []


def test_a_total_that_does_not_add_up_waits_for_a_person(call: Caller) -> None:
    """It is taken in, on hold."""
    told = hand_in(call, order(total="99.00")).json
    assert told["states"]["order"] == "received"
    assert told["totals"]["difference"] == {"amount": "79.00", "currency": "EUR"}
    assert told["blockers"][0]["code"] == "total_mismatch"


def test_a_connection_of_ones_own_keeps_numbers_apart(call: Caller) -> None:
    """Two marketplaces may both have an order 1; another merchant's connection is none."""
    mine = connect(call, "generic").id
    first = hand_in(call, order(connection_id=mine)).json
    second = hand_in(call, order()).json
    assert first["connection_id"] == mine
    assert first["id"] != second["id"]
    assert hand_in(call, order(), path=f"/v1/orders?connection_id={mine}").json["id"] == first["id"]
    theirs = connect(call.other(), "generic").id
    assert hand_in(call, order(connection_id=theirs)).problem() == (404, "not_found")
    other_kind = connect(call).id
    assert hand_in(call, order(connection_id=other_kind)).problem() == (404, "not_found")


def test_a_key_is_not_a_novel(call: Caller) -> None:
    """At most 255 characters."""
    assert hand_in(call, order(), "k" * 256).problem() == (400, "bad_field")


def test_the_schema_is_published(call: Caller) -> None:
    """Without a token, under its own address, and the same as in the description."""
    call.token = ""
    answer = call("GET", "/schemas/order.json")
    assert answer.headers["Content-Type"] == "application/schema+json"
    assert answer.json["$id"] == "https://kontor.example/schemas/order.json"
    described = call.get("/openapi.json")["components"]["schemas"]["Order"]
    assert described["properties"].keys() == answer.json["properties"].keys()
    assert answer.json["examples"] == [EXAMPLE]


def test_a_signed_delivery_brings_the_same_order(call: Caller) -> None:
    """Stamped: taken; five minutes later: refused by name, kept, and nothing happens."""
    shop = connect(call, "generic")
    body = json.dumps(EXAMPLE).encode()

    def stamped(age: int) -> dict[str, str]:
        stamp = str(int(time.time()) - age)
        digest = hmac.new(SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
        return {"Kontor-Signature": f"t={stamp},v1={digest.hexdigest()}"}

    assert knock(shop.id, body, stamped(301)).problem() == (401, "bad_signature")
    assert [problem["text"] for problem in shop.health()] == ["The signature is stale."]
    assert knock(shop.id, body, stamped(0)).status == 202
    assert knock(shop.id, body, stamped(1)).json["code"] == "known"
    process(shop, f"{shop.id}/{short(hashlib.sha256(body).hexdigest())}")
    [found] = call.get("/v1/orders?external_id=4711")["items"]
    assert found["number"] == "WEB-4711"

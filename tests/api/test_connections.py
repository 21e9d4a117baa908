"""Connections: secrets go in and never come out, rotate without a gap, and failures come back."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.flow.queues import StepQueues
from chalicelib.runtime import secrets
from chalicelib.store.inbox import Inbox
from local.stack import Engine
from tests.api.conftest import Caller
from tests.api.deliveries import SECRET, connect, work
from tests.api.test_webhooks import changed, process, saved
from tests.events import woocommerce_order

pytestmark = pytest.mark.engine


def test_a_connection_answers_with_its_address_and_no_secret(call: Caller) -> None:
    """Neither when it is made nor in any list, nor inside settings."""
    new = {
        "kind": "woocommerce",
        "name": "Blattwerk",
        "settings": {"base_url": "https://shop.example"},
        "secrets": {"webhook_secret": SECRET, "api_key": "ck_very_secret"},
    }
    made = call("POST", "/v1/connections", new)
    told = made.json
    assert told["webhook_url"] == f"https://kontor.example/webhooks/{told['id']}"
    assert told["id"].startswith(f"{call.merchant}-")
    assert told["health"]["state"] == "ok"
    assert told["health"]["last_problem"] is None
    for answer in (
        made,
        call("GET", "/v1/connections"),
        call("GET", f"/v1/connections/{told['id']}"),
        call("PUT", f"/v1/connections/{told['id']}/secrets", {"secrets": {"api_key": "ck_new"}}),
    ):
        assert answer.status < 300
        assert SECRET not in answer.body.decode()
        assert "ck_" not in answer.body.decode()
    assert secrets.read(call.merchant, told["id"])["webhook_secret"] == SECRET


@pytest.mark.parametrize(
    ("new", "field"),
    [
        ({}, "body"),
        ({"kind": "amazon-marketplace"}, "kind"),
        ({"kind": "woocommerce"}, "secrets.webhook_secret"),
        ({"kind": "woocommerce", "secrets": {"webhook_secret": ""}}, "secrets.webhook_secret"),
        ({"kind": "stripe", "secrets": {"webhook_secret": "   "}}, "secrets.webhook_secret"),
        ({"kind": "stripe", "secrets": {"webhook_secret": "short"}}, "secrets.webhook_secret"),
        ({"kind": "stripe", "secrets": {"webhook_secret": "with a blank"}},
         "secrets.webhook_secret"),
        ({"kind": "stripe", "secrets": {"webhook_secret": 12345678901}}, "secrets"),
        ({"kind": "bank", "settings": []}, "settings"),
    ],
)  # fmt: skip
def test_a_connection_that_could_not_work_is_refused(
    call: Caller, new: dict[str, Any], field: str
) -> None:
    """The problem names the field; nothing is kept."""
    answer = call("POST", "/v1/connections", new)
    assert answer.problem() == (400, "bad_field")
    assert answer.json["field"].startswith(field)
    assert call.get("/v1/connections")["items"] == []


def rotate(call: Caller, shop_id: str, secret: str) -> int:
    """Give a connection a new secret."""
    body = {"secrets": {"webhook_secret": secret}}
    return call("PUT", f"/v1/connections/{shop_id}/secrets", body).status


def test_during_a_rotation_both_secrets_are_accepted_at_once(call: Caller) -> None:
    """Also by a function that remembered the old one; the one before that is void."""
    shop = connect(call)
    assert shop.send(changed(id=1)).status == 202
    secrets._cached[f"/kontor/test/{call.merchant}/{shop.id}"] = (
        secrets.time.monotonic() - 6, {"webhook_secret": SECRET},
    )  # fmt: skip
    stale = dict(secrets._cached)
    assert rotate(call, shop.id, "the-second-secret") == 200
    secrets._cached.update(stale)
    assert shop.send(changed(id=2), secret="the-second-secret").status == 202
    assert shop.send(changed(id=3), secret=SECRET).status == 202
    assert rotate(call, shop.id, "the-third-secret") == 200
    assert shop.send(changed(id=4), secret="the-third-secret").status == 202
    assert shop.send(changed(id=5), secret="the-second-secret").status == 202
    assert shop.send(changed(id=6), secret=SECRET).status == 401


def test_a_rotation_that_is_sent_twice_keeps_the_old_secret(call: Caller) -> None:
    """A repeated request must not lock the shop out."""
    shop = connect(call)
    for _ in range(2):
        assert rotate(call, shop.id, "the-second-secret") == 200
    assert shop.send(changed(id=1), secret=SECRET).status == 202
    assert rotate(call, shop.id, "short") == 400
    assert shop.send(changed(id=2), secret="the-second-secret").status == 202


def test_a_cut_connection_takes_nothing_more(call: Caller) -> None:
    """Its secrets are forgotten, its orders stay."""
    shop = connect(call)
    shop.send(woocommerce_order())
    process(shop, saved(call, shop.id)[0])
    assert call("DELETE", f"/v1/connections/{shop.id}").status == 204
    assert call("DELETE", f"/v1/connections/{shop.id}").problem() == (404, "not_found")
    assert secrets.fetch(call.merchant, shop.id) == {}
    assert shop.send(changed(id=9)).status in {401, 404}  # a warm function may remember it
    assert len(call.get("/v1/orders?number=727")["items"]) == 1


def test_failed_deliveries_can_be_processed_again(call: Caller, aws: Engine) -> None:
    """Those of this connection; what fails again is a problem again."""
    shop = connect(call)
    shop.send(b"not JSON")
    [name] = saved(call, shop.id)
    process(shop, name)
    assert len(shop.health()) == 1
    answer = call("POST", f"/v1/connections/{shop.id}/replay", {})
    assert answer.json == {"replayed": 1}
    assert shop.health() == []
    assert name in work(aws, "intake")
    assert [problem["delivery_id"] for problem in shop.health()] == [name]


def test_forged_deliveries_are_never_processed(call: Caller, aws: Engine) -> None:
    """They stay in sight, however often somebody presses replay."""
    shop = connect(call)
    shop.send(woocommerce_order(), secret="another-secret")
    assert call("POST", f"/v1/connections/{shop.id}/replay", {}).json == {"replayed": 0}
    assert len(shop.health()) == 1
    assert work(aws, "intake") == []


def test_a_flood_of_forged_deliveries_hides_no_genuine_one(call: Caller) -> None:
    """What strangers send is listed apart from what the shop sent."""
    shop = connect(call)
    shop.send(b"not JSON")
    process(shop, saved(call, shop.id)[0])
    for number in range(60):
        shop.send(f"forged {number}".encode(), secret="another-secret")
    codes = [problem["code"] for problem in shop.health()]
    assert codes.count("bad_payload") == 1
    assert codes.count("bad_signature") >= 10
    assert call("POST", f"/v1/connections/{shop.id}/replay", {}).json == {"replayed": 1}


def test_a_replay_that_the_queues_refuse_loses_nothing(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The deliveries are problems again, and the person is told to try later."""
    from chalicelib.domain.errors import Retryable

    shop = connect(call)
    shop.send(b"not JSON")
    process(shop, saved(call, shop.id)[0])

    def away(*_: Any) -> None:
        raise Retryable("queue", "away")

    monkeypatch.setattr(StepQueues, "send", away)
    answer = call("POST", f"/v1/connections/{shop.id}/replay", {})
    assert answer.problem() == (503, "queue")
    assert [problem["code"] for problem in shop.health()] == ["bad_payload"]


def test_problems_show_what_was_sent_even_if_it_is_no_text(call: Caller) -> None:
    """Raw bytes that are no UTF-8 are shown as well as can be."""
    shop = connect(call)
    shop.send(b"\xff\xfe\x00", secret="another-secret")
    [problem] = shop.health()
    assert "�" in problem["body"]
    assert json.dumps(problem)


def test_a_long_body_is_kept_whole_and_shown_in_part(call: Caller) -> None:
    """A list of long ones must still fit into one answer of the API."""
    shop = connect(call)
    body = b"not JSON " * 40_000
    shop.send(body)
    [name] = saved(call, shop.id)
    process(shop, name)
    [problem] = shop.health()
    assert problem["body_bytes"] == len(body)
    assert body.startswith(problem["body"].encode())
    assert 1000 < len(problem["body"]) < 10_000
    kept = Inbox().load(call.merchant, name)
    assert kept
    assert kept.body == body


def test_the_health_of_one_connection_shows_no_others(call: Caller) -> None:
    """Each has its own list."""
    one, two = connect(call), connect(call)
    one.send(b"x", secret="another-secret")
    assert len(one.health()) == 1
    assert two.health() == []
    assert len(Inbox().problems(call.merchant)) == 1

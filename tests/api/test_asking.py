"""What can be asked of a shop, and what goes on by itself once it can be."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.runtime import secrets
from chalicelib.store.connections import Connections, LevelTrouble
from chalicelib.store.merchants import Merchants
from tests.api.conftest import Caller
from tests.events import NOW

pytestmark = pytest.mark.engine

KEYS = {"consumer_key": "ck_0123456789", "consumer_secret": "cs_0123456789"}
SHOP = {"kind": "woocommerce", "settings": {"base_url": "https://shop.example"}, "secrets": KEYS}


@pytest.fixture
def shop(call: Caller) -> Any:
    """Join a shop that we can call, and whose webhooks nobody has set up."""
    made = call("POST", "/v1/connections", SHOP)
    assert made.status == 201, made.body
    return made.json


def standing(merchant: str) -> set[str]:
    """Return the kinds of jobs that the sweeper starts for a merchant."""
    [known] = [one for one in Merchants().registered() if one.id == merchant]
    return {kind for kind, _ in known.standing}


def test_a_shop_that_can_be_called_needs_no_secret_of_its_webhooks(call: Caller, shop: Any) -> None:
    """We think of one, and tell it the shop when we register; it is strong and never shown."""
    made = secrets.fetch(call.merchant, shop["id"])["webhook_secret"]
    assert len(made) >= 32
    assert made not in str(shop)
    given = call("POST", "/v1/connections", SHOP | {"secrets": KEYS | {"webhook_secret": "short"}})
    assert given.problem() == (400, "bad_field")


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ("poll", "poll"),
        ("import", "import_open"),
        ("register", "register"),
        ("check", "check"),
        ("levels", "push_levels"),
    ],
)
def test_asking_answers_with_the_job_that_does_it(
    call: Caller, shop: Any, what: str, kind: str
) -> None:
    """The shop may be slow; the job says how it went. Asked twice it is the same one."""
    asked = call("POST", f"/v1/connections/{shop['id']}/{what}")
    assert asked.status == 202
    assert (asked.json["kind"], asked.json["subject"]) == (kind, shop["id"])
    assert asked.json["state"] == "waiting"
    assert call.get(f"/v1/jobs/{asked.json['id']}") == asked.json
    again = call("POST", f"/v1/connections/{shop['id']}/{what}")
    assert again.json["id"] == asked.json["id"]


def test_what_a_connection_has_no_call_for_is_refused_at_once(call: Caller, shop: Any) -> None:
    """And another merchant's connection does not exist."""
    bank = call("POST", "/v1/connections", {"kind": "bank"}).json
    refused = call("POST", f"/v1/connections/{bank['id']}/poll")
    assert refused.problem() == (422, "not_offered")
    stranger = call.other()("POST", f"/v1/connections/{shop['id']}/poll")
    assert stranger.problem() == (404, "not_found")
    assert call.get("/v1/jobs")["items"] == []


def test_a_shop_is_polled_by_itself_from_when_it_can_be_called_until_it_is_cut(
    call: Caller,
) -> None:
    """With its credentials it begins, and a shop that only calls us costs nothing."""
    only_webhooks = SHOP | {"secrets": {"webhook_secret": "letters-and-digits"}}
    made = call("POST", "/v1/connections", only_webhooks).json
    assert standing(call.merchant) == set()
    call("PUT", f"/v1/connections/{made['id']}/secrets", {"secrets": KEYS})
    assert standing(call.merchant) == {"poll"}
    call("DELETE", f"/v1/connections/{made['id']}")
    assert standing(call.merchant) == set()


def test_a_merchant_may_forbid_polling_and_wish_for_levels(call: Caller) -> None:
    """By the settings of the connection; the shop is told all levels at once."""
    wishes = SHOP["settings"] | {"poll": "off", "push_stock": "on"}  # type: ignore[operator]
    call("POST", "/v1/connections", SHOP | {"settings": wishes})
    assert standing(call.merchant) == {"push_levels"}
    [job] = call.get("/v1/jobs")["items"]
    assert job["kind"] == "push_levels"


def test_levels_that_a_shop_does_not_take_are_part_of_its_health(call: Caller, shop: Any) -> None:
    """With its own words, by SKU or for all of them."""
    assert (shop["health"]["state"], shop["health"]["levels"]) == ("ok", None)
    found = Connections().load(shop["id"])
    assert found
    Connections().note_levels(found, LevelTrouble(at=NOW, refused={"A": "no stock is kept"}))
    health = call.get(f"/v1/connections/{shop['id']}")["health"]
    assert health["state"] == "problems"
    assert health["levels"] == {
        "at": "2026-11-23T08:00:00.000Z",
        "code": "",
        "text": "",
        "refused": {"A": "no stock is kept"},
    }


def test_an_address_that_is_none_is_refused_when_the_shop_is_joined(call: Caller) -> None:
    """Not hours later by a job."""
    bad = call("POST", "/v1/connections", SHOP | {"settings": {"base_url": "ftp://shop"}})
    assert bad.status in {400, 422}
    assert call.get("/v1/connections")["items"] == []

"""The pages of connections: joined, seen, tried, changed and cut, over the real engine."""

from __future__ import annotations

import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from chalice.test import Client

from app import app
from chalicelib.api import deliveries as api_deliveries
from chalicelib.api.connections import KINDS
from chalicelib.console.connection_fields import FIELDS
from chalicelib.console.words import LANGUAGES, WORDS
from chalicelib.domain.deliveries import Delivery
from chalicelib.runtime import clock, secrets
from chalicelib.runtime.settings import settings_of
from chalicelib.shops.port import PROVIDERS
from chalicelib.store.connections import Connections, LevelTrouble
from chalicelib.store.inbox import Inbox
from chalicelib.store.merchants import Merchants, Settings
from tests.console.conftest import FakeMerchants, House, outline
from tests.console.test_browser import BROWSER, sticking_out
from tests.fakes import Database, FakeOrders, Fuse

engine = pytest.mark.engine
WOO = {
    "name": "Laden <Mitte>",
    "settings.base_url": "https://shop.example",
    "secrets.consumer_key": "ck_very_secret",
    "secrets.consumer_secret": "cs_very_secret",
}


class Counter:
    """The counter of one new merchant."""

    def __init__(self, house: House, merchant: str) -> None:
        self.house, self.merchant = house, merchant

    def get(self, path: str, status: int = 200) -> str:
        """Read a page, and check that it is sound."""
        answer = self.house.get(f"/console{path}")
        assert answer.status_code == status
        outline(answer.body)
        return str(answer.body.decode())

    def send(self, path: str, form: dict[str, str]) -> Any:
        """Send a form of this session."""
        key = re.search(r'name="form_key" value="(\w+)"', self.get("/connections"))
        assert key
        return self.house.post(f"/console{path}", {"form_key": key[1], **form})

    def join(self, kind: str = "woocommerce", form: dict[str, str] | None = None) -> str:
        """Join a shop; returns the path of its page."""
        answer = self.send(f"/connections/new/{kind}", form or WOO)
        assert answer.status_code == 303, outline(answer.body).text
        path: str = answer.headers["Location"].removeprefix("/console").partition("?")[0]
        return path


@pytest.fixture
def counter(merchant: str, monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Log a new merchant in whose connections lie in the engine; time is the engine's."""
    from chalicelib.console import staff

    monkeypatch.setenv("PUBLIC_URL", "https://kontor.example")
    Merchants().create(merchant, f"{merchant}.secret")
    monkeypatch.setattr(staff, "known_merchant", {f"{merchant}.secret": merchant}.get)
    house = House(
        client=Client(app), orders=FakeOrders(Database(), Fuse()), merchants=FakeMerchants()
    )
    answer = house.post("/console/login", {"token": f"{merchant}.secret"})
    house.cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return Counter(house, merchant)


@engine
def test_a_merchant_without_any_connection_is_told_what_to_do(counter: Counter) -> None:
    """Every kind that there is can be chosen."""
    page = counter.get("/connections")
    assert "Noch ist nichts verbunden" in page
    for kind in KINDS:
        assert f"/console/connections/new/{kind}" in page
        counter.get(f"/connections/new/{kind}")
    counter.get("/connections/new/nothing", 404)


@engine
def test_a_provider_with_a_key_is_asked_for_its_payouts(counter: Counter) -> None:
    """The button stands on its page only then, and starts the job."""
    form = {"name": "Stripe", "secrets.webhook_secret": "whsec_0123456789"}
    assert "/payouts" not in counter.get(counter.join("stripe", form))
    path = counter.join("stripe", form | {"secrets.api_key": "sk_test_0123456789"})
    assert f'{path}/payouts"' in counter.get(path)
    answer = counter.send(f"{path}/payouts", {})
    assert answer.headers["Location"].startswith("/console/jobs/payouts-")


@engine
def test_a_shop_is_joined_and_its_secrets_are_never_shown(counter: Counter) -> None:
    """Its page has the address to copy and everything that can be done."""
    path = counter.join()
    page = counter.get(path)
    name = path.rpartition("/")[2]
    assert f"https://kontor.example/webhooks/{name}" in page
    assert "Laden &lt;Mitte&gt;" in page
    assert secrets.fetch(counter.merchant, name)["consumer_key"] == "ck_very_secret"
    for seen in (page, counter.get("/connections")):
        assert "very_secret" not in seen
        assert secrets.fetch(counter.merchant, name)["webhook_secret"] not in seen
    for action in ("test", "poll", "register", "import"):
        answer = counter.send(f"{path}/{action}", {})
        assert answer.status_code == 303
        counter.get(answer.headers["Location"].removeprefix("/console"))


@engine
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"settings.base_url": ""}, "Adresse des Shops: fehlt"),
        ({"secrets.consumer_secret": ""}, "Consumer Secret: fehlt"),
        (
            {"settings.base_url": "http://shop.example"},
            "ist keine Adresse wie https://shop.example",
        ),
        ({"secrets.webhook_secret": "kurz"}, "Webhook-Geheimnis: mindestens 8 Zeichen"),
    ],
)
def test_what_is_missing_is_named_and_nothing_is_made(
    counter: Counter, change: dict[str, str], says: str
) -> None:
    """What was typed stays, but for the secrets."""
    answer = counter.send("/connections/new/woocommerce", WOO | change)
    assert answer.status_code in {400, 422}
    page = outline(answer.body)
    assert says in page.text
    assert "ck_very_secret" not in answer.body.decode()
    assert any(one.get("value") == WOO["name"] for one in page.fields)
    assert Connections().list(counter.merchant) == []


@engine
def test_switches_secrets_and_the_end_of_a_connection(counter: Counter) -> None:
    """Each form does what it says; the end has to be confirmed."""
    path = counter.join()
    name = path.rpartition("/")[2]
    form = {"name": "Neu", "push_stock": "on", "reserve_units": "2",
            "settings.base_url": "https://new.example"}  # fmt: skip
    assert counter.send(f"{path}/settings", form).status_code == 303
    known = Connections().load(name)
    assert known
    assert known.name == "Neu"
    assert known.settings == {
        "base_url": "https://new.example", "poll": "off", "writeback": "off", "push_stock": "on",
        "reserve_units": "2",
    }  # fmt: skip
    assert "Bestände im Shop" in counter.get(path)
    wrong = counter.send(f"{path}/settings", form | {"reserve_units": "viele"})
    assert wrong.status_code == 400
    assert counter.send(f"{path}/secrets", {}).status_code == 400
    counter.send(f"{path}/secrets", {"secrets.consumer_key": "ck_new"})
    assert secrets.fetch(counter.merchant, name)["consumer_key"] == "ck_new"
    assert secrets.fetch(counter.merchant, name)["consumer_secret"] == "cs_very_secret"
    assert counter.send(f"{path}/remove", {}).status_code == 400
    assert counter.send(f"{path}/remove", {"sure": "1"}).status_code == 303
    counter.get(path, 404)
    assert secrets.fetch(counter.merchant, name) == {}


@engine
def test_a_delivery_that_failed_is_read_and_processed_again(counter: Counter) -> None:
    """With its raw body, escaped; a forged one has no button."""
    path = counter.join()
    name = path.rpartition("/")[2]
    for key in ("bad", "forged"):
        delivery = Delivery(
            merchant_id=counter.merchant, connection_id=name, kind="woocommerce",
            id=f"{name}/{key}", received_at=clock.now(), headers={"x-wc-webhook-topic": "order"},
            body=b"<script>alert(1)</script>",
        )  # fmt: skip
        if key == "bad":
            Inbox().save(delivery, step="intake")
            Inbox().fail(counter.merchant, delivery.id, "bad_payload", "body: must be JSON")
        else:
            Inbox().save_problem(delivery, "bad_signature", "The signature is forged.")
    page = counter.get(path)
    assert "&lt;script&gt;alert(1)" in page
    assert "muss JSON sein" in page
    assert "Probleme" in counter.get("/connections")
    assert "/replay" in counter.get(f"{path}/deliveries/bad")
    assert "/replay" not in counter.get(f"{path}/deliveries/forged")
    refused = counter.send(f"{path}/replay", {"delivery_id": f"{name}/forged"})
    assert refused.status_code == 422
    assert counter.send(f"{path}/replay", {"delivery_id": f"{name}/bad"}).status_code == 303
    assert [one.code for one in Inbox().problems(counter.merchant)] == ["bad_signature"]
    since = counter.send(f"{path}/replay", {"since": "2020-01-01"})
    assert "/jobs/" in since.headers["Location"]
    assert counter.send(f"{path}/replay", {"since": "gestern"}).status_code == 400
    counter.get(f"{path}/deliveries/{quote('no/ne', safe='')}", 404)


@engine
def test_a_page_of_the_shop_gets_its_key_and_the_code(counter: Counter) -> None:
    """The key is made once, and says whose it is."""
    path = counter.join()
    counter.send(f"{path}/key", {})
    key = Merchants().settings(counter.merchant).availability_key
    assert key.startswith(f"{counter.merchant}.")
    assert key in counter.get(path)
    counter.send(f"{path}/key", {})
    assert Merchants().settings(counter.merchant).availability_key == key


@engine
def test_a_shop_that_only_calls_us_is_tested_by_a_marked_delivery(counter: Counter) -> None:
    """The page says whether it has arrived."""
    path = counter.join("generic", {"secrets.webhook_secret": "a-long-secret"})
    sent = counter.send(f"{path}/test", {}).headers["Location"].removeprefix("/console")
    assert "Test unterwegs" in counter.get(sent)
    key = sent.rpartition("/")[2]
    Inbox().note_test(counter.merchant, f"{path.rpartition('/')[2]}/{key}", "now")
    assert "Test ist angekommen" in counter.get(sent)
    assert api_deliveries.TESTS in key


@engine
def test_nobody_sees_or_touches_the_connections_of_others(counter: Counter) -> None:
    """Nor is anything done by a form of another site."""
    path = counter.join()
    assert counter.house.post(f"/console{path}/remove", {"sure": "1"}).status_code == 403
    name = path.rpartition("/")[2].partition("-")[2]
    counter.get(f"/connections/other-{name}", 404)
    assert len(Connections().list(counter.merchant)) == 1
    counter.house.cookie = ""
    assert counter.house.get("/console/connections").status_code == 303


@pytest.mark.parametrize("kind", sorted(PROVIDERS))
def test_the_form_asks_for_all_that_a_shop_needs(kind: str) -> None:
    """What its `connect` reads has a field, with a name in both languages."""
    shop = import_module(f"tests.shops.{kind}").Shop()
    needed = {f"settings.{name}" for name in shop.settings}
    needed |= {f"secrets.{name}" for name in shop.secrets}
    asked = {one.name for one in FIELDS[kind]}
    assert needed <= asked
    for one in FIELDS[kind]:
        assert f"connection_field.{one.key}" in WORDS["de"]


def test_every_kind_can_be_joined_from_the_console() -> None:
    """With a name, and a word on how it goes."""
    assert FIELDS.keys() <= KINDS
    for kind in FIELDS:
        assert f"connection_kind.{kind}" in WORDS["de"]
        assert f"connection_how.{kind}" in WORDS["de"]


LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenversandhandel"


@engine
@pytest.mark.browser
@pytest.mark.skipif(not BROWSER, reason="no Chromium on this machine")
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_a_connection_sticks_out(
    counter: Counter, language: str, tmp_path: Path
) -> None:
    """Long names, fifty problems with bodies that nobody can break, levels refused, empty ones."""
    Merchants().save_settings(counter.merchant, Settings(name="Blattwerk", language=language))
    settings_of.forget()
    pages = {"none": counter.get("/connections")}
    path = counter.join("woocommerce", WOO | {"name": LONG * 2})
    name = path.rpartition("/")[2]
    counter.send(
        f"{path}/settings", {"push_stock": "on", "settings.base_url": WOO["settings.base_url"]}
    )
    counter.send(f"{path}/key", {})
    known = Connections().load(name)
    assert known
    trouble = LevelTrouble(at=clock.now(), refused={"SKU" * 20: LONG})
    Connections().note_levels(known, trouble)
    for number in range(50):
        delivery = Delivery(
            merchant_id=counter.merchant, connection_id=name, kind="woocommerce",
            id=f"{name}/{number}", received_at=clock.now(), headers={"x-wc-webhook-id": LONG * 5},
            body=b'{"id": "' + b"9" * 3000 + b'"}',
        )  # fmt: skip
        Inbox().save(delivery, step="intake")
        Inbox().fail(counter.merchant, delivery.id, "bad_payload", f"{LONG * 3}: must be text")
    counter.join("bank", {"name": "Bank"})
    quiet = counter.join("generic", {"secrets.webhook_secret": "a-long-secret"})
    pages |= {
        one: counter.get(one) for one in ("/connections", path, quiet, f"{path}/deliveries/7")
    }
    pages["open"] = pages[path].replace("<details", "<details open")
    pages |= {kind: counter.get(f"/connections/new/{kind}") for kind in FIELDS}
    if folder := os.environ.get("PAGES"):
        for title, text in pages.items():
            Path(folder, f"{language}-{title.replace('/', '_')}.html").write_text(text)
    assert sticking_out(pages, tmp_path) == []

"""Registering and testing a connection: our address, its secret, and the shop's own name."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.intake import registering
from chalicelib.intake.registering import Registrar
from chalicelib.shops.reach import Reached
from chalicelib.store.connections import Connection
from chalicelib.store.jobs import Job, new_job
from tests.events import NOW

SHOP = Connection(
    merchant_id="demo", id="demo-woo", kind="woocommerce", name="Blattwerk", created_at=NOW
)


class Shop:
    """A shop that notes what it is told."""

    def __init__(self) -> None:
        self.told: dict[str, str] = {}

    def check(self, api: Any) -> str:
        """Return its name."""
        return "Blattwerk Tee"

    def register(self, api: Any, *, address: str, secret: str) -> list[str]:
        """Note where to call."""
        self.told = {"address": address, "secret": secret}
        return ["order.created", "order.updated"]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Let every WooCommerce connection lead to this shop."""
    found = Shop()
    monkeypatch.setattr(registering, "can", lambda kind, what: kind == "woocommerce")
    monkeypatch.setattr(registering, "enter", lambda *_: Reached(shop=found, api=SimpleNamespace()))
    return found


def run(kind: str, connection: Connection | None = SHOP, **secrets: str) -> Job:
    """Do the job."""
    registrar = Registrar(
        connection_of=lambda _: connection,
        secrets_of=lambda *_: secrets,
        public_url=lambda: "https://kontor.example",
    )
    return registrar.advance(new_job("demo", kind, NOW, subject="demo-woo"), NOW)


def test_a_shop_is_told_our_address_and_the_secret_it_signs_with(shop: Shop) -> None:
    """And the merchant sees what it now sends."""
    done = run("register", webhook_secret="s3cret-of-ours")
    assert shop.told == {
        "address": "https://kontor.example/webhooks/demo-woo", "secret": "s3cret-of-ours",
    }  # fmt: skip
    assert (done.state, done.result) == ("done", {"topics": ["order.created", "order.updated"]})


def test_a_test_of_the_connection_answers_with_the_name_of_the_shop(shop: Shop) -> None:
    """Whoever reads it sees at once whether it is the right one."""
    assert run("check").result == {"name": "Blattwerk Tee"}
    assert shop.told == {}


@pytest.mark.parametrize(
    ("kind", "connection", "code"),
    [
        ("register", SHOP, "not_set_up"),
        ("register", replace(SHOP, kind="generic"), "not_offered"),
        ("check", None, "unknown_connection"),
        ("check", replace(SHOP, merchant_id="other"), "unknown_connection"),
    ],
)
def test_what_can_not_be_done_ends_with_its_reason(
    shop: Shop, kind: str, connection: Connection | None, code: str
) -> None:
    """A missing secret is named by its field."""
    with pytest.raises(Permanent) as error:
        run(kind, connection)
    assert error.value.code == code
    assert shop.told == {}

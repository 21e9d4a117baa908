"""What people may see of a product's way to the shops."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.store.connections import Connections, LevelTrouble
from chalicelib.store.told import Told, ToldLevels
from tests.api.conftest import Caller
from tests.events import NOW

pytestmark = pytest.mark.engine


def join(call: Caller, name: str, push_stock: str = "on") -> str:
    """Join a shop and return its id."""
    made = call(
        "POST",
        "/v1/connections",
        {
            "kind": "woocommerce",
            "name": name,
            "settings": {"base_url": "https://shop.example", "push_stock": push_stock},
            "secrets": {"consumer_key": "ck_0123456789", "consumer_secret": "cs_0123456789"},
        },
    )
    found: str = made.json["id"]
    return found


def tell(call: Caller, shop: str, available: int | None) -> None:
    """Let a shop be told of A."""
    ToldLevels().keep(call.merchant, shop, Told(sku="A", available=available, turn=1, at=NOW))


def test_each_shop_shows_what_it_knows_since_when_or_why_not(call: Caller) -> None:
    """Only the shops that are told levels; another merchant sees none of it."""
    names = ("knows", "has it not", "was not told", "refuses it", "refuses all")
    shops = {name: join(call, name) for name in names}
    join(call, "keeps its own", push_stock="off")
    tell(call, shops["knows"], 3)
    tell(call, shops["has it not"], None)
    for name, refused, text in (("refuses it", "no stock is kept", ""), ("refuses all", "", "401")):
        found = Connections().load(shops[name])
        assert found
        words = {"A": refused} if refused else {}
        Connections().note_levels(found, LevelTrouble(at=NOW, text=text, refused=words))
    items: list[dict[str, Any]] = call.get("/v1/products/A/shops")["items"]
    seen = {item["name"]: (item["state"], item["available"], item["refused"]) for item in items}
    assert seen == {
        "knows": ("told", 3, ""),
        "has it not": ("unknown", None, ""),
        "was not told": ("waiting", None, ""),
        "refuses it": ("refused", None, "no stock is kept"),
        "refuses all": ("refused", None, "401"),
    }
    [told] = [item["told_at"] for item in items if item["name"] == "knows"]
    assert told == "2026-11-23T08:00:00.000Z"
    assert call.other().get("/v1/products/A/shops")["items"] == []

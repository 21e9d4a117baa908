"""Shopify: what we ask its Admin API, and what we tell it."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from graphql import parse, validate

from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.shops import shopify, shopify_queries
from tests.recorded.reading import recorded
from tests.shops.graphql_shop import schema
from tests.shops.shopify import Shop, gid
from tests.shops.shopify_nodes import node

ADDRESS = "https://kontor.example/webhooks/demo-shopify"
SINCE = datetime(2026, 11, 23, 9, tzinfo=UTC)
UNTIL = datetime(2026, 11, 23, 10, tzinfo=UTC)
DOCUMENTS = {
    name: text
    for name, text in vars(shopify_queries).items()
    if isinstance(text, str) and text.lstrip().startswith(("query", "mutation"))
}


def shop(*names: str) -> Shop:
    """Return a shop with recorded orders."""
    return Shop(*(node(recorded("shopify", name)) for name in names or ["yen"]))


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_every_query_is_one_that_the_schema_knows(name: str) -> None:
    """Fields, arguments and the types of variables, as Shopify's reference names them."""
    assert validate(schema("shopify/admin.graphql"), parse(DOCUMENTS[name])) == []


# ---- signing in ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "token", "named"),
    [
        ({}, "t", "settings.shop"),
        ({"shop": "shop.example.com"}, "t", "settings.shop"),
        ({"shop": "evil.com/x.myshopify.com"}, "t", "settings.shop"),
        ({"shop": "kaethe.myshopify.com"}, " ", "secrets.access_token"),
    ],
)
def test_what_is_missing_to_connect_is_named(
    settings: dict[str, str], token: str, named: str
) -> None:
    """A person sees which field to fill."""
    with pytest.raises(Permanent) as caught:
        shopify.connect(settings, {"access_token": token})
    assert caught.value.code == "not_set_up"
    assert caught.value.text.startswith(named)


def test_a_shop_is_known_by_its_address_in_any_spelling() -> None:
    """As people copy it from the address bar."""
    settings = {"shop": "https://Kaethe.myshopify.com/", "location": "7"}
    api = shopify.connect(settings, {"access_token": "t"})
    assert getattr(api, "location", "") == "7"


def test_the_check_returns_the_shops_name() -> None:
    """The person sees that it is the right one."""
    assert shopify.check(shop()) == "Der Laden"


def test_a_busy_shop_is_asked_again_later() -> None:
    """Throttling comes with status 200, and with what is left in the bucket of points."""
    api = shop()
    api.queue = [{"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}]
    with pytest.raises(Retryable, match="Throttled") as caught:
        shopify.check(api)
    assert caught.value.after is None
    bucket = {"maximumAvailable": 2000, "currentlyAvailable": 130, "restoreRate": 100}
    cost = {"requestedQueryCost": 680, "throttleStatus": bucket}
    errors = [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    api.queue = [{"errors": errors, "extensions": {"cost": cost}}]
    with pytest.raises(Retryable) as caught:
        shopify.check(api)
    assert caught.value.after == 5.5


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"errors": [{"message": "Access denied for orders"}]}, "Access denied for orders"),
        ({"errors": "[API] Invalid API key"}, "Invalid API key"),
        ({"data": None}, "without data"),
        ([], "without data"),
    ],
)
def test_a_refusal_is_told_in_the_shops_words(answer: Any, words: str) -> None:
    """Asking again would change nothing."""
    api = shop()
    api.queue = [answer]
    with pytest.raises(Permanent, match=words):
        shopify.check(api)


# ---- orders ----------------------------------------------------------------------------------


def test_orders_come_in_pages_by_the_time_of_their_change() -> None:
    """All of them, each once, whole; the last page has no cursor."""
    order = recorded("shopify", "yen")
    api = Shop(*(node({**order, "id": number}) for number in range(1, 61)))
    seen: list[str] = []
    cursor, pages = "", 0
    while pages == 0 or cursor:
        page = shopify.orders(api, since=SINCE, until=UNTIL, cursor=cursor)
        seen += [json.loads(body)["legacyResourceId"] for body in page.bodies]
        assert page.total == 60
        cursor, pages = page.cursor, pages + 1
    assert sorted(seen, key=int) == [str(number) for number in range(1, 61)]
    assert pages == 3
    assert set(api.searches) == {
        "updated_at:>='2026-11-23T09:00:00+00:00' AND updated_at:<='2026-11-23T10:00:00+00:00'"
    }
    assert page.headers == {"x-kontor-source": "graphql"}


def test_the_first_import_asks_for_what_is_not_sent_yet() -> None:
    """Finished orders stay where they are."""
    api = shop()
    assert len(shopify.open_orders(api).bodies) == 1
    assert api.searches == [
        "status:open AND (fulfillment_status:unfulfilled OR fulfillment_status:partial)"
    ]


def test_an_order_of_five_hundred_lines_is_read_in_pieces() -> None:
    """No line is left out."""
    order = recorded("shopify", "yen")
    line = order["line_items"][0]
    order["line_items"] = [{**copy.deepcopy(line), "id": 1000 + n} for n in range(500)]
    api = Shop(node(order))
    body = shopify.order(api, str(order["id"]))
    assert body
    found = json.loads(body)["lineItems"]["nodes"]
    assert [each["id"] for each in found] == [gid("LineItem", 1000 + n) for n in range(500)]


def test_an_order_deleted_while_we_read_is_left_out() -> None:
    """The list was older than the order's end."""
    api = shop("yen", "cancelled")
    listed = api.orders
    api.orders = lambda *given, **more: {  # type: ignore[method-assign]
        **listed(*given, **more),
        "nodes": [{"id": gid("Order", 1)}, {"id": api.nodes[0]["id"]}],
    }
    assert len(shopify.orders(api, since=SINCE, until=UNTIL).bodies) == 1


# ---- webhooks --------------------------------------------------------------------------------


def test_every_topic_is_registered_once() -> None:
    """Again after Shopify dropped some of them; other addresses are left alone."""
    api = shop()
    api.hooks.append({"id": "x", "topic": "ORDERS_CREATE", "uri": "https://other.example"})
    topics = shopify.register(api, address=ADDRESS, secret="")
    assert {"orders/create", "orders/updated", "orders/edited", "refunds/create"} <= set(topics)
    assert len(api.hooks) == 1 + len(topics)
    shopify.register(api, address=ADDRESS, secret="")
    assert len(api.hooks) == 1 + len(topics)
    del api.hooks[3]
    shopify.register(api, address=ADDRESS, secret="")
    ours = [each["topic"] for each in api.hooks if each["uri"] == ADDRESS]
    assert sorted(ours) == sorted(topic.replace("/", "_").upper() for topic in topics)


# ---- cancelling ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reason", "code"),
    [("withdrawn by the customer", "CUSTOMER"), ("out of stock", "INVENTORY"), ("", "OTHER")],
)
def test_an_order_is_cancelled_once(reason: str, code: str) -> None:
    """Without moving money or stock there: both are ours to settle."""
    api = shop()
    number = api.nodes[0]["legacyResourceId"]
    shopify.cancel(api, number, reason)
    assert api.nodes[0]["cancelReason"] == code
    shopify.cancel(api, number, reason)
    assert len(api.mutations("orderCancel")) == 1
    assert "restock: false" in shopify_queries.CANCEL
    assert "originalPaymentMethodsRefund: false" in shopify_queries.CANCEL


def test_an_order_the_shop_does_not_know_is_named() -> None:
    """Deleted there, or another shop's."""
    with pytest.raises(Permanent, match="does not know this order"):
        shopify.cancel(shop(), "1", "")


def test_errors_of_a_mutation_are_told_with_their_field() -> None:
    """They come with status 200, beside the data."""
    api = shop()
    number = api.nodes[0]["legacyResourceId"]
    error = {"field": ["orderId"], "message": "Cannot cancel an order with an open return"}
    api.queue = [
        {"data": {"order": {"id": "x", "cancelledAt": None}}},
        {"data": {"orderCancel": {"job": None, "orderCancelUserErrors": [error]}}},
    ]
    with pytest.raises(Permanent, match="orderId: Cannot cancel an order with an open return"):
        shopify.cancel(api, number, "")

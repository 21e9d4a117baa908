"""Shopify: an order that was polled is the same order as the one a webhook brought."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.domain.deliveries import Delivery
from chalicelib.domain.errors import Permanent
from chalicelib.intake import shopify
from chalicelib.intake.port import Ignored, Snapshot
from chalicelib.intake.reading import Field
from chalicelib.intake.shopify_graphql import as_webhook
from chalicelib.shops import shopify as calls
from tests.recorded.reading import delivery, names, places, recorded, rubbish
from tests.shops.shopify import Shop
from tests.shops.shopify_nodes import node

KIND = "shopify"


def polled(body: object) -> Delivery:
    """Return a delivery of a node, as polling hands it on."""
    return replace(delivery(KIND, body, ""), headers=calls.SOURCE)


def asked(order: dict[str, Any]) -> Delivery:
    """Return the delivery that our own query brings of an order."""
    body = calls.order(Shop(node(order)), str(order["id"]))
    assert body
    return polled(body)


@pytest.mark.parametrize("name", names(KIND))
def test_both_ways_give_the_same_order(name: str) -> None:
    """To the cent and to the letter: through our own query, with nothing it does not ask for."""
    order = recorded(KIND, name)
    by_webhook = shopify.translate(delivery(KIND, order))
    assert shopify.translate(asked(order)) == by_webhook
    assert isinstance(by_webhook, Snapshot)


def test_edges_are_read_as_nodes() -> None:
    """Both are ways to write a list."""
    found = node(recorded(KIND, "yen"))
    edges = copy.deepcopy(found)
    for name in ("lineItems", "shippingLines"):
        edges[name] = {"edges": [{"node": each} for each in found[name]["nodes"]]}
    assert shopify.translate(polled(edges)) == shopify.translate(polled(found))


def test_a_complaint_names_the_field() -> None:
    """As a webhook's reader knows it."""
    found = node(recorded(KIND, "yen"))
    found["lineItems"]["nodes"][0]["quantity"] = 0
    with pytest.raises(Permanent) as caught:
        shopify.translate(polled(found))
    expected = "line_items[0].quantity: must be a whole number above 0, is 0"
    assert caught.value.text == expected


def test_a_body_nested_without_end_is_refused() -> None:
    """It would exhaust the reader."""
    deep: Any = {}
    for _ in range(5000):
        deep = {"inner": [deep]}
    with pytest.raises(Permanent, match="must not be nested so deep"):
        as_webhook(Field("", deep))


def read(body: object) -> object:
    """Translate a polled body, or return why not."""
    try:
        return shopify.translate(polled(body))
    except Permanent as error:
        return error


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_a_node_holds_the_answer_is_an_order_or_a_reason(data: st.DataObject) -> None:
    """No body crashes the reader."""
    body: Any = node(recorded(KIND, data.draw(st.sampled_from(names(KIND)))))
    *way, last = data.draw(st.sampled_from(places(body)))
    place = body
    for step in way:
        place = place[step]
    place[last] = data.draw(rubbish)
    found = read(json.dumps(body).encode())
    assert isinstance(found, Snapshot | Ignored | Permanent)
    if isinstance(found, Permanent):
        assert found.code == "bad_payload"
        assert ": " in found.text

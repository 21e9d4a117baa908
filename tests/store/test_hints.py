"""Hints: an order goes into a message and comes out as it was."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from random import Random

from hypothesis import given

from chalicelib.domain import events
from chalicelib.domain.deliveries import Delivery
from chalicelib.domain.order import Order
from chalicelib.store.hints import LARGEST, hint_of, hint_of_delivery, hinted, hinted_delivery
from chalicelib.store.inbox import _row
from tests.events import NOW, bought, order, paid, reserved
from tests.properties.strategies import orders


@given(orders())
def test_an_order_survives_its_hint(one: Order) -> None:
    """Every fact, both versions of the shop, and its own version."""
    whole = replace(one, version=7, reported=replace(one.bought, note="Grüße"))
    for each in (one, whole):
        assert hinted(each.merchant_id, each.id, hint_of(each)) == each


def test_a_usual_order_is_a_small_message() -> None:
    """A queue's request is billed by 64 KB, and a hint must never be a second one."""
    assert len(hint_of(order(reserved(), paid()))) < 2_000


def test_a_very_large_order_is_no_hint() -> None:
    """It is read instead; ten hints must fit into one call."""
    told = [
        events.NoteAdded(at=NOW, text=sha256(str(n).encode()).hexdigest(), by="staff")
        for n in range(1000)
    ]
    assert not hint_of(order(*told, what=bought()))
    assert LARGEST * 10 < 256 * 1024


DELIVERY = Delivery(
    merchant_id="demo",
    connection_id="demo-woo",
    kind="woocommerce",
    id="demo-woo/k1",
    received_at=NOW,
    headers={"x-wc-webhook-topic": "order.created"},
    body=b'{"name": "Gr\xc3\xbc\xc3\x9fe"}\n\x00',
)


def test_a_delivery_survives_its_hint() -> None:
    """Raw bytes, headers and the moment, as the webhook saved them."""
    hint = hint_of_delivery(_row(DELIVERY).to_dynamodb_dict())
    assert hinted_delivery("demo", "demo-woo/k1", hint) == DELIVERY


def test_a_large_delivery_is_no_hint() -> None:
    """Nor is one whose body lies in the bucket."""
    varied = replace(DELIVERY, body=Random(7).randbytes(LARGEST))  # noqa: S311 - keeps no secret
    assert not hint_of_delivery(_row(varied).to_dynamodb_dict())
    assert not hint_of_delivery({"kind": {"S": "woocommerce"}, "body_key": {"S": "inbox/x"}})

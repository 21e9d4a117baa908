"""Hints: an order goes into a message and comes out as it was."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

from hypothesis import given

from chalicelib.domain import events
from chalicelib.domain.order import Order
from chalicelib.store.hints import LARGEST, hint_of, hinted
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

"""Whatever was written to an order, everybody who reads it gets an answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import goods, states, waiting
from chalicelib.domain.order import Order
from chalicelib.flow.steps import STEPS
from chalicelib.store.orders import head_of
from tests.events import NOW
from tests.properties.strategies import any_fact, orders

AXES = {
    states.payment: states.Payment,
    states.stock: states.Stock,
    states.fulfillment: states.Fulfillment,
    states.invoice: states.Invoice,
    states.returns: states.Return,
    states.lifecycle: states.Lifecycle,
}
presents = st.integers(0, 60 * 24 * 30).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(orders(), presents)
def test_every_axis_every_list_and_every_blocker_has_an_answer(one: Order, now: datetime) -> None:
    """No list of facts, however odd, makes an order unreadable."""
    for axis, words in AXES.items():
        assert axis(one) in words
    assert waiting.worklist(one, now) in waiting.WORKLISTS
    for blocker in waiting.blockers(one, now):
        assert all((blocker.code, blocker.text, blocker.owner, blocker.next))
    assert head_of(one, now).version == one.version


@given(orders(), presents)
def test_every_step_can_decide_about_every_order(one: Order, now: datetime) -> None:
    """No decide raises, and no two wishes of a step have the same name."""
    for decide in STEPS.values():
        keys = [command.key for command in decide(one, now)]
        assert len(keys) == len(set(keys))


@given(orders(), any_fact)
def test_telling_a_fact_again_is_harmless_at_any_time(one: Order, fact: object) -> None:
    """An order knows its own facts, whatever they are."""
    assert one.plus(one.facts) is one
    once = one.plus([fact])  # type: ignore[list-item]
    assert once.plus([fact]) is once  # type: ignore[list-item]


@given(orders())
def test_nothing_leaves_twice(one: Order) -> None:
    """The next parcel never holds more than was bought and is not on a delivery note yet."""
    gone = goods.assigned(one)
    bought = {line.id: line.quantity for line in one.bought.physical()}
    packed = goods.to_ship(one)
    for piece in packed:
        assert 0 < piece.quantity <= bought[piece.line_id] - gone.get(piece.line_id, 0)
    assert len({piece.line_id for piece in packed}) == len(packed)

"""Settling: after performing what was decided, nothing is left to decide."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import balance, events, goods, states, waiting
from chalicelib.domain.events import Policy
from chalicelib.flow.steps import due
from tests.fakes import World
from tests.properties.runs import play, plots, policies

on_hand = st.sampled_from((0, 1, 10))


@given(plots, policies, on_hand)
def test_when_the_house_has_come_to_rest_no_step_asks_for_anything(
    plot: list[str], policy: Policy, on_hand: int
) -> None:
    """Whatever happened, performing what is asked for ends; nobody runs in circles."""
    world = play(plot, policy, on_hand=on_hand)
    for one in world.all_orders():
        assert list(due(one, world.clock())) == []


@given(plots, policies, on_hand)
def test_an_order_only_moves_as_the_lifecycle_allows(
    plot: list[str], policy: Policy, on_hand: int
) -> None:
    """Append by append, the order goes the ways of the table and no other."""
    world = play(plot, policy, on_hand=on_hand)
    for one in world.all_orders():
        ways = [states.lifecycle(moment) for moment in world.past(one)]
        for before, after in pairwise(ways):
            assert before is after or after in states.LIFECYCLE[before]


@given(plots, policies, on_hand)
def test_every_effect_happens_once(plot: list[str], policy: Policy, on_hand: int) -> None:
    """One mail of each kind about each thing, one parcel per shipment, one number per document."""
    world = play(plot, policy, on_hand=on_hand)
    sent = Counter((mail.tags["order_id"], mail.tags["effect"]) for mail in world.post.sent)
    assert set(sent.values()) <= {1}
    for one in world.all_orders():
        numbers = [fact.number for fact in one.all(events.DocumentIssued) if fact.kind != "label"]
        assert len(numbers) == len(set(numbers))
        once = [fact.identity for fact in one.facts]
        assert len(once) == len(set(once))


@given(plots, policies, on_hand)
def test_the_lists_show_every_order_as_it_is(plot: list[str], policy: Policy, on_hand: int) -> None:
    """After a sweep the head of each order tells its work list, and open ones are looked at."""
    world = play(plot, policy, on_hand=on_hand)
    for one in world.all_orders():
        head, wake_at = world.database.heads[f"demo#{one.id}"]
        assert head.worklist == waiting.worklist(one, world.clock())
        assert (wake_at is not None) == (head.worklist in waiting.OPEN)


@given(plots, policies)
def test_no_parcel_leaves_that_must_not(plot: list[str], policy: Policy) -> None:
    """Nothing is registered with a carrier before it is paid (or accepted) and set aside."""
    world = play(plot, policy)
    for one in world.all_orders():
        for before, after in pairwise(world.past(one)):
            if len(goods.delivery_notes(after)) > len(goods.delivery_notes(before)):
                assert balance.is_settled(before) or policy.ship_on == "acceptance"
                assert states.lifecycle(before) is states.Lifecycle.ACCEPTED
                assert all(hold.effect for hold in before.holds())


def test_the_plots_reach_the_whole_house() -> None:
    """A run that ships, takes back and pays back is among what the properties play."""
    plot = [
        "shop: pending", "stripe: all", "settle", "staff: authorize return", "settle",
        "staff: receive return", "settle", "staff: refund", "settle",
    ]  # fmt: skip
    world: World = play(plot, Policy())
    (one,) = world.all_orders()
    kinds = {type(fact) for fact in one.facts}
    assert kinds >= {events.ShipmentRegistered, events.StockReturned, events.RefundRecorded}
    assert states.lifecycle(one) is states.Lifecycle.COMPLETED

"""Whatever a shop changes, and whenever: what is set aside, packed and billed stays true."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import events, goods, revision, states, waiting
from chalicelib.domain.events import Policy
from chalicelib.domain.order import Bought, Order
from tests.edits import VERSIONS
from tests.fakes import World
from tests.properties.runs import ACTS, play, policies

EDITS = tuple(f"shop: {name}" for name in VERSIONS)
OTHERS = ("stripe: all", "bank: 38.92", "staff: keep", "staff: take over", "staff: cancel",
          "settle", "settle", "sweep", "a minute", "shop: processing")  # fmt: skip
plots = st.tuples(
    st.just("shop: pending"),
    st.lists(st.sampled_from((*EDITS, *OTHERS)), min_size=3, max_size=16),
).map(lambda parts: [parts[0], *parts[1]])
# What was written with the calm end in mind: paid when accepted, so that parcels leave early.
EAGER = Policy(ship_on="acceptance", invoice_on="shipment", partial_shipments=True)


@given(plots, policies)
def test_at_rest_exactly_what_is_wanted_is_set_aside(plot: list[str], policy: Policy) -> None:
    """No unit too few and none too many, as long as there are enough."""
    for one in play(plot, policy, on_hand=50).all_orders():
        if states.lifecycle(one) is states.Lifecycle.CANCELLED:
            assert goods.free(one) == {}
        elif one.has(events.OrderAccepted):
            assert goods.unreserved(one) == {}
            assert goods.surplus(one) == {}


@settings(max_examples=80)
@given(plots, st.one_of(policies, st.just(EAGER)))
def test_what_is_in_a_parcel_or_billed_is_never_changed(plot: list[str], policy: Policy) -> None:
    """No append takes a packed piece away, moves a packed parcel, or makes an invoice untrue."""
    world = play(plot, policy, on_hand=50)
    for one in world.all_orders():
        for before, after in pairwise(world.past(one)):
            keeps(before, after)


def keeps(before: Order, after: Order) -> None:
    """Check that one append leaves alone what stood before it."""
    old = {line.id: line for line in before.bought.lines}
    new = {line.id: line for line in after.bought.lines}
    for line_id, count in goods.assigned(before).items():
        assert new[line_id].sku == old[line_id].sku
        assert new[line_id].quantity >= count
    if before.bought.shipping != after.bought.shipping:
        assert revision.may_redirect(before)
    if states.document(before, "invoice"):
        assert before.bought.lines == after.bought.lines
        assert before.bought.total == after.bought.total
        assert before.bought.billing == after.bought.billing


@given(plots, policies)
def test_nothing_the_shop_said_is_forgotten(plot: list[str], policy: Policy) -> None:
    """At the end the order is what the shop said last, or somebody is told or has answered."""
    world = play(plot, policy, on_hand=50)
    told = [name for name in plot if name in EDITS]
    for one in world.all_orders():
        if not told or states.is_cancelled(one):
            continue
        last = max(told, key=lambda name: VERSIONS[name.removeprefix("shop: ")][0])
        if last == "shop: off":
            assert "cancelled_late" in {x.code for x in waiting.blockers(one, world.clock())}
            continue
        assert revision.newest(one) == newest(last)
        if not revision.last_report(one):
            assert revision.changes(one.bought, twin(last)) == ()


def newest(name: str) -> object:
    """Return when a version was made."""
    world = play([name], Policy())
    return world.all_orders()[0].bought.modified_at


def twin(name: str) -> Bought:
    """Return what was bought if a version is all that was ever told."""
    [other] = play([name], Policy()).all_orders()
    return other.bought


@settings(max_examples=30)
@given(st.permutations(EDITS), st.lists(st.sampled_from((*EDITS, "settle")), max_size=4))
def test_versions_in_any_order_give_the_newest(plot: list[str], more: list[str]) -> None:
    """Late, doubled and shuffled: the newest version is the order."""
    [one] = play([*plot, *more, "settle"], Policy()).all_orders()
    assert states.lifecycle(one) is states.Lifecycle.ACCEPTED
    assert one.bought == twin("shop: back")


def test_the_plots_reach_what_they_are_about() -> None:
    """Among them are orders that were revised, held, taken over, called off and reinstated."""
    world: World = play(["shop: pending", "settle", "shop: fewer", "settle", "stripe: all",
                         "settle", "shop: more", "settle", "staff: keep", "shop: off", "settle",
                         "shop: back", "settle"], Policy())  # fmt: skip
    [one] = world.all_orders()
    kinds = {type(fact) for fact in one.facts}
    assert kinds >= {events.OrderRevised, events.ShopChangeReported, events.OrderCancelled}
    early = play(["shop: pending", "settle", "shop: off", "settle", "shop: back"], Policy())
    [two] = early.all_orders()
    assert two.has(events.OrderReinstated)
    assert states.lifecycle(two) is states.Lifecycle.ACCEPTED


@pytest.mark.parametrize("name", sorted(ACTS))
def test_every_act_can_begin_a_run(name: str) -> None:
    """Also one that finds nothing to act on."""
    play([name], Policy())

"""Many orders on few units: nothing is sold twice, and every unit can be accounted for."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import events, goods, waiting
from chalicelib.domain.events import Policy
from chalicelib.domain.order import Order
from tests.events import NOW, bought, eur, line
from tests.fakes import World
from tests.properties.runs import policies

SKUS = ("A", "B")
baskets = st.dictionaries(st.sampled_from(SKUS), st.integers(1, 3), min_size=1)
shelves = st.fixed_dictionaries({sku: st.integers(0, 8) for sku in SKUS})
Chance = Any


def place(world: World, name: str, basket: dict[str, int], policy: Policy) -> None:
    """Take in a paid order."""
    lines = tuple(line(sku, quantity=quantity) for sku, quantity in basket.items())
    what = bought(*lines, external_id=name, number=name)
    world.orders.create(
        Order(merchant_id="demo", id=name, bought=what),
        (
            events.OrderReceived(at=NOW, delivery_id=name, policy=policy, access_token="t"),
            events.OrderAccepted(at=NOW),
            events.PaymentReceived(
                at=NOW, source="bank", reference=name, amount=what.total, booked_at=NOW
            ),
        ),
    )


def act(world: World, chance: Chance) -> None:
    """Let something happen to one of the orders, or carry out something that is under way."""
    one = chance.choice(world.all_orders())
    now = world.clock()
    what = chance.random()
    if what < 0.1 and not goods.shipments(one):
        world.orders.record(one, [events.OrderCancelled(at=now, by="staff")])
    elif what < 0.2 and goods.sent(one):
        if one.has(events.ReturnAuthorized):
            return
        back = tuple(
            events.LineQuantity(line_id=line_id, quantity=count, restock=chance.random() < 0.5)
            for line_id, count in goods.sent(one).items()
        )
        world.orders.record(one, [
            events.ReturnAuthorized(at=now, return_id="R1", lines=back),
            events.ReturnReceived(at=now, return_id="R1", lines=back),
        ])  # fmt: skip
    elif what < 0.3:
        world.sweep()
    else:
        chance.shuffle(world.queue)
        for _ in range(min(3, len(world.database.stream))):
            world._survive(world._route, world.database.stream.popleft())
        for _ in range(min(3, len(world.queue))):
            wake, _ = world.queue.popleft()
            world._survive(world._work, wake)


def count(world: World, kind: type[events.StockFact]) -> Counter[str]:
    """Count the units of a kind of fact over all orders."""
    found: Counter[str] = Counter()
    for one in world.all_orders():
        for (sku, _), quantity in one.allocated(kind).items():
            found[sku] += quantity
    return found


def account(world: World, at_first: dict[str, int]) -> None:
    """Check that no level is below zero and that facts and levels tell the same."""
    reserved, released = count(world, events.StockReserved), count(world, events.StockReleased)
    issued, returned = count(world, events.StockIssued), count(world, events.StockReturned)
    for sku, units in at_first.items():
        level = world.database.levels["demo", sku, "main"]
        assert level.available >= 0
        assert level.reserved == reserved[sku] - released[sku] - issued[sku]
        assert level.available == units - reserved[sku] + released[sku] + returned[sku]
        assert level.on_hand == units - issued[sku] + returned[sku]


@settings(max_examples=25)
@given(shelves, st.lists(baskets, min_size=1, max_size=6), policies, st.randoms())
def test_many_orders_never_sell_a_unit_twice(
    shelf: dict[str, int], wanted: list[dict[str, int]], policy: Policy, chance: Chance
) -> None:
    """At every moment of any run levels are what the facts of all orders say, never below zero."""
    world = World()
    for sku, units in shelf.items():
        world.shelve(sku, units)
    for number, basket in enumerate(wanted):
        place(world, f"o{number}", basket, policy)
    for _ in range(25):
        act(world, chance)
        account(world, shelf)
    world.settle()
    account(world, shelf)


@settings(max_examples=15)
@given(shelves, st.lists(baskets, min_size=1, max_size=5), st.randoms())
def test_units_that_are_there_are_set_aside(
    shelf: dict[str, int], wanted: list[dict[str, int]], chance: Chance
) -> None:
    """At rest an order is whole or waits for a SKU of which too few are left."""
    world = World()
    for sku, units in shelf.items():
        world.shelve(sku, units)
    for number, basket in enumerate(wanted):
        place(world, f"o{number}", basket, Policy())
    world.settle()
    for one in world.all_orders():
        short = {
            sku for (sku, _), missing in goods.unreserved(one).items()
            if world.database.levels["demo", sku, "main"].available < missing
        }  # fmt: skip
        assert short or goods.is_all_shipped(one)
        if short:
            assert goods.reserved(one) == {}
            assert "short_stock" in {b.code for b in waiting.blockers(one, world.clock())}


def test_one_run_reads_as_expected() -> None:
    """Three units, orders of two and two: the first ships, the second waits for one more."""
    world = World()
    world.shelve("A", 3)
    for name in ("o1", "o2"):
        place(world, name, {"A": 2}, Policy())
    world.settle()
    first, second = world.all_orders()
    assert goods.is_all_shipped(first)
    assert [b.code for b in waiting.blockers(second, world.clock())] == ["short_stock"]
    assert world.database.levels["demo", "A", "main"].available == 1
    assert eur("20.00") == first.bought.total

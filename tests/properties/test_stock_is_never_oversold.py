"""Many orders on few units: nothing is sold twice, and every unit can be accounted for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import events, goods, routing, waiting
from chalicelib.domain.audit import audit
from chalicelib.domain.events import Location, Part, Policy
from chalicelib.domain.levels import Cause, Level
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.events import NOW, bought, eur, line
from tests.fakes import SETTINGS, World
from tests.properties.runs import policies

SKUS = ("A", "B")
PLACES = ("main", "berlin")
SET = Product(sku="SET", parts=(Part(sku="A", quantity=2), Part(sku="B")))
HOUSE = replace(SETTINGS, locations=tuple(Location(id=name) for name in PLACES))
baskets = st.dictionaries(st.sampled_from((*SKUS, "SET")), st.integers(1, 3), min_size=1)
Shelf = dict[tuple[str, str], int]
shelves = st.fixed_dictionaries({(sku, at): st.integers(0, 8) for sku in SKUS for at in PLACES})
Chance = Any
splits: Any = st.sampled_from((True, False))


def stocked(shelf: Shelf) -> World:
    """Return a house with these units at each location, and a bundle of them."""
    world = World(settings=HOUSE)
    world.database.products["demo", "SET"] = SET
    for (sku, at), units in shelf.items():
        world.database.products["demo", sku] = Product(sku=sku, weight_g=250)
        put(world, (sku, at), units, "receipt")
    return world


def put(world: World, place: tuple[str, str], difference: int, kind: str) -> None:
    """Let a person change what is available, as far as there is as much."""
    levels, key = dict(world.database.levels), ("demo", *place)
    level = levels.get(key, Level(location=place[1]))
    if level.available + difference < 0:
        return
    cause = Cause(kind=kind, at=world.clock())
    available = level.available + difference
    levels[key] = replace(level, available=available, seq=level.seq + 1, cause=cause)
    world.database.tell(levels)


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
    elif what < 0.4:
        place = chance.choice([(sku, at) for sku in SKUS for at in PLACES])
        kind = chance.choice(("receipt", "correction", "count", "return"))
        put(world, place, chance.randint(-3, 5), kind)
    else:
        chance.shuffle(world.queue)
        for _ in range(min(3, len(world.database.stream))):
            world._survive(world._route, world.database.stream.popleft())
        for _ in range(min(3, len(world.queue))):
            wake, _ = world.queue.popleft()
            world._survive(world._work, wake)


def count(world: World, kind: type[events.StockFact]) -> Counter[tuple[str, str]]:
    """Count the units of a kind of fact over all orders."""
    found: Counter[tuple[str, str]] = Counter()
    for one in world.all_orders():
        found.update(one.allocated(kind))
    return found


def account(world: World) -> None:
    """Check that no level is below zero and that orders, movements and levels tell the same."""
    reserved, released = count(world, events.StockReserved), count(world, events.StockReleased)
    issued = count(world, events.StockIssued)
    for (merchant, sku, at), level in world.database.levels.items():
        place = (sku, at)
        assert level.available >= 0
        assert level.reserved == reserved[place] - released[place] - issued[place]
        told = world.database.movements
        mine = [x for who, x in told if (who, x.sku, x.location) == (merchant, sku, at)]
        assert audit(level, mine).is_sound


@settings(max_examples=25)
@given(shelves, st.lists(baskets, min_size=1, max_size=6), policies, st.randoms())
def test_many_orders_never_sell_a_unit_twice(
    shelf: Shelf, wanted: list[dict[str, int]], policy: Policy, chance: Chance
) -> None:
    """At every moment of any run levels are what the facts of all orders say, never below zero."""
    world = stocked(shelf)
    for number, basket in enumerate(wanted):
        place(world, f"o{number}", basket, policy)
    for _ in range(25):
        act(world, chance)
        account(world)
    world.settle()
    account(world)


@settings(max_examples=15)
@given(shelves, st.lists(baskets, min_size=1, max_size=5), splits, st.randoms())
def test_units_that_are_there_are_set_aside(
    shelf: Shelf,
    wanted: list[dict[str, int]],
    split: Chance,
    chance: Chance,
) -> None:
    """At rest an order is whole or waits for a SKU of which too few are left."""
    world = stocked(shelf)
    for number, basket in enumerate(wanted):
        place(world, f"o{number}", basket, Policy(split=split))
    world.settle()
    for one in world.all_orders():
        if goods.is_all_shipped(one):
            assert goods.reserved(one) == one.allocated(events.StockIssued)
            continue
        assert goods.reserved(one) == {}
        assert "short_stock" in {b.code for b in waiting.blockers(one, world.clock())}
        there = {key[1:]: level.available for key, level in world.database.levels.items()}
        wishes = goods.open_demands(one)
        picks = routing.allocate(wishes, there, PLACES, split=split)
        assert sum(x.quantity for x in picks) < sum(x.quantity for x in wishes)


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

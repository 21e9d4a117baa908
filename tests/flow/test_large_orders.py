"""Five hundred different articles: more rows than one transaction holds, at every step."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from chalicelib.domain import events, goods, states, waiting
from chalicelib.domain.order import Order
from chalicelib.store.portions import MOST, groups
from tests.events import NOW, bought, line, order
from tests.fakes import Fuse, World
from tests.histories import pieces

COUNT = 500
LINES = tuple(line(f"SKU-{n:03}", price="1.00", line_id=f"l{n}") for n in range(COUNT))


def sell(world: World, lines: int = COUNT) -> None:
    """Take in a paid order of so many articles."""
    what = bought(*LINES[:lines])
    for item in what.lines:
        world.shelve(item.sku or "", 5)
    now = world.clock()
    received = events.OrderReceived(
        at=now, delivery_id="d", policy=world.settings.policy, access_token="t"
    )
    paid = events.PaymentReceived(
        at=now, source="bank", reference="b", amount=what.total, booked_at=now
    )
    empty = Order(merchant_id="demo", id="o1", bought=what)
    world.orders.create(empty, [received, events.OrderAccepted(at=now), paid])
    world.settle()


def levels(world: World) -> Counter[tuple[int, int]]:
    """Count the SKUs by what is available and set aside of them."""
    return Counter((x.available, x.reserved) for x in world.database.levels.values())


def test_an_order_of_five_hundred_articles_goes_out_and_comes_back() -> None:
    """Set aside, packed into one parcel, taken out, and put back, each unit once."""
    world = World()
    sell(world)
    [one] = world.all_orders()
    assert states.lifecycle(one) is states.Lifecycle.COMPLETED
    assert len(goods.shipments(one)) == 1
    assert levels(world) == {(4, 0): COUNT}
    back = pieces({item.id: 1 for item in LINES}, restock=True)
    now = world.clock()
    world.orders.record(one, [
        events.ReturnAuthorized(at=now, return_id="R1", lines=back),
        events.ReturnReceived(at=now, return_id="R1", lines=back),
    ])  # fmt: skip
    world.settle()
    world.sweep()
    assert levels(world) == {(5, 0): COUNT}


def test_one_of_five_hundred_that_is_missing_is_named() -> None:
    """The rest waits for it, as in any order."""
    world = World()
    for item in LINES[:-1]:
        world.shelve(item.sku or "", 5)
    sell_without = replace(bought(*LINES))
    now = world.clock()
    received = events.OrderReceived(
        at=now, delivery_id="d", policy=world.settings.policy, access_token="t"
    )
    empty = Order(merchant_id="demo", id="o1", bought=sell_without)
    world.orders.create(empty, [received, events.OrderAccepted(at=now)])
    world.settle()
    [one] = world.all_orders()
    assert [x.code for x in waiting.blockers(one, now) if x.owner == "staff"] == ["unknown_sku"]


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "before the answer"])
def test_a_crash_between_the_portions_loses_no_unit(*, after: bool) -> None:
    """Whoever goes on writes the rest, and nothing twice."""
    count, calm = 2 * MOST + 20, Fuse()
    sell(World(calm), count)
    for n, what in enumerate(calm.touches, 1):
        if what == "stock.transact":
            world = World(Fuse(n, after=after))
            sell(world, count)
            for _ in range(3):
                world.sweep()
            [one] = world.all_orders()
            assert states.lifecycle(one) is states.Lifecycle.COMPLETED
            assert levels(world) == {(4, 0): count}


def test_an_ordinary_order_is_written_at_once() -> None:
    """Nothing is parted that fits; facts keep their order where it is."""
    fact = events.StockIssued(at=NOW, shipment=1, units=(events.Units(sku="A", quantity=1),))
    assert list(groups(order(), [fact])) == [[fact]]
    many = tuple(events.Units(sku=f"{n}", quantity=1) for n in range(MOST + 1))
    [first], [second] = groups(order(), [replace(fact, units=many)])
    assert (len(first.units), first.part, first.more) == (MOST, 0, True)  # type: ignore[attr-defined]
    assert (len(second.units), second.part, second.more) == (1, 1, False)  # type: ignore[attr-defined]
    rest = replace(fact, units=many[MOST:])
    assert list(groups(order(first), [rest])) == [[second]]

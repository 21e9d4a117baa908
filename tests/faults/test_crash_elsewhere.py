"""The crash test on other ways through the house: payment first, in parts, and cancelled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import events, goods
from chalicelib.domain.values import Policy
from tests.edits import version
from tests.events import stripe_succeeded, woocommerce_order
from tests.fakes import SETTINGS, Fuse, World
from tests.faults.test_crash_anywhere import WOO, ending, staff

Way = Callable[[World], None]


def payment_first(world: World) -> None:
    """The provider is faster than the shop: the money waits for its order."""
    world.shelve("TEE-1", 10)
    world.deliver("stripe", stripe_succeeded(), "evt_1", {})
    world.settle()
    world.clock.now += timedelta(minutes=1)
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.settle()


def in_parts(world: World) -> None:
    """Only one of two pieces is there: it leaves, the other follows when it has come in."""
    world.shelve("TEE-1", 1)
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.settle()
    world.clock.now += timedelta(minutes=1)
    world.deliver("stripe", stripe_succeeded(), "evt_1", {})
    world.settle()
    world.sweep()
    level = world.database.levels["demo", "TEE-1", "main"]
    world.database.levels["demo", "TEE-1", "main"] = replace(level, available=level.available + 9)
    world.sweep()


def cancelled(world: World) -> None:
    """Paid and cancelled while there is no stock: units and money go back."""
    world.shelve("TEE-1", 10)
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.settle()
    world.sweep()
    staff(world, lambda _, now: events.OrderCancelled(at=now, by="staff"))
    world.clock.now += timedelta(minutes=1)
    world.deliver("stripe", stripe_succeeded(), "evt_1", {})
    world.settle()


def deleted_first(world: World) -> None:
    """The shop's word that it has deleted an order overtakes the order itself."""
    world.shelve("TEE-1", 10)
    world.deliver("woo", b'{"id": 727}', "gone", {"x-wc-webhook-topic": "order.deleted"})
    world.settle()
    world.clock.now += timedelta(minutes=1)
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.settle()


def edited(world: World) -> None:
    """Confirmed, edited, called off and reopened in the shop, then paid and sent."""
    world.shelve("TEE-1", 10)
    world.shelve("TEE-2", 10)
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.settle()
    for name in ("added", "off", "back"):
        world.clock.now += timedelta(minutes=1)
        world.deliver("woo", version(name), name, WOO)
        world.settle()
    world.deliver("stripe", stripe_succeeded(), "evt_1", {})
    world.settle()


PARTS = Policy(partial_reservation=True, partial_shipments=True, merge_payment_mail=False)
WAYS: dict[str, tuple[Way, Policy]] = {
    "payment first": (payment_first, Policy(merge_payment_mail=False)),
    "in parts": (in_parts, PARTS),
    "cancelled": (cancelled, Policy(merge_payment_mail=False)),
    "deleted first": (deleted_first, Policy()),
    "edited": (edited, Policy(merge_payment_mail=False)),
}


def end_of(name: str, fuse: Fuse) -> dict[str, Any]:
    """Go a way through a house whose process may die once, and return what counts at the end."""
    way, policy = WAYS[name]
    world = World(fuse, settings=replace(SETTINGS, policy=policy))
    way(world)
    for _ in range(3):
        world.sweep()
    end = ending(world)
    # How often a shortage was noticed depends on when somebody looked.
    for often in ("StockShort", "StockArrived"):
        del end["facts"][often]
    (order,) = world.all_orders()
    end["sent"] = goods.sent(order)
    end["parked"] = world.parking.parked("demo")[0]
    return end


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "before the answer"])
@pytest.mark.parametrize("name", WAYS)
def test_a_crash_at_any_touch_ends_as_the_calm_way(name: str, *, after: bool) -> None:
    """Kill the process at every touch of the outside; redelivery and sweeps mend everything."""
    fuse = Fuse()
    calm = end_of(name, fuse)
    wrong = {}
    for n in range(1, len(fuse.touches) + 1):
        broken = Fuse(n, after=after)
        end = end_of(name, broken)
        if end != calm:
            different = {key: (end[key], calm[key]) for key in calm if end[key] != calm[key]}
            wrong[f"{n}: {broken.touches[n - 1]}"] = different
    assert wrong == {}


def test_the_calm_ways_end_as_they_should() -> None:
    """Two parcels in parts, one with the payment first, none of the cancelled order."""
    ends = {name: end_of(name, Fuse()) for name in WAYS}
    parcels = {name: end["facts"]["ShipmentRegistered"] for name, end in ends.items()}
    assert parcels == {
        "payment first": 1, "in parts": 2, "cancelled": 0, "deleted first": 0, "edited": 1,
    }  # fmt: skip
    assert ends["deleted first"]["worklist"] == "cancelled"
    assert ends["deleted first"]["mails"] == {}
    assert ends["edited"]["stock"] == (8, 0)
    assert ends["edited"]["facts"]["OrderReinstated"] == 1
    assert ends["in parts"]["stock"] == (8, 0)
    assert ends["in parts"]["facts"]["DocumentIssued"] == 5
    assert ends["cancelled"]["stock"] == (10, 0)
    assert ends["cancelled"]["blockers"] == ["refund_due"]
    assert ends["cancelled"]["worklist"] == "on_hold"
    assert {name: sum(end["shop"].values()) for name, end in ends.items()} == parcels
    assert {name: sum(end["cancelled"].values()) for name, end in ends.items()} == {
        "payment first": 0, "in parts": 0, "cancelled": 1, "deleted first": 0, "edited": 0,
    }  # fmt: skip
    for end in ends.values():
        assert end["parked"] == []
        assert set(end["mails"].values()) <= {1, 2}
        assert Counter(end["numbers"].values()).keys() <= {1}

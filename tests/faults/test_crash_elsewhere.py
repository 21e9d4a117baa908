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
from tests.fakes import SETTINGS, Fuse, Killed, World
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


def corrected(world: World) -> None:
    """Paid, billed and sent; then the shop adds pieces, and a person corrects the invoice."""
    for sku in ("TEE-1", "TEE-2"):
        world.shelve(sku, 10)
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.settle()
    world.clock.now += timedelta(minutes=1)
    world.deliver("stripe", stripe_succeeded(), "evt_1", {})
    world.settle()
    world.sweep()
    world.deliver("woo", version("added"), "added", WOO)
    world.settle()
    for _ in range(2):
        try:
            take_over(world)
        except Killed:
            continue
        break
    world.settle()


def take_over(world: World) -> None:
    """Make the shop's version the order and say that its invoice is wrong, in one append."""
    order = world.orders.load(world.merchant, world.all_orders()[0].id)
    if order is None or order.reported is None or order.has(events.InvoiceWithdrawn):
        return
    [invoice] = [x for x in order.all(events.DocumentIssued) if x.kind == "invoice"]
    now = world.clock()
    facts = [
        events.OrderRevised(
            at=now, modified_at=order.reported.modified_at, changes=("total",), by="staff"
        ),
        events.InvoiceWithdrawn(at=now, number=invoice.number, by="staff"),
    ]
    world.orders.append(order, facts, bought=order.reported)


def back_again(world: World) -> None:
    """Billed on account, called off in the shop, and reopened: taken back and billed anew."""
    world.shelve("TEE-1", 1)
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.settle()
    for name in ("off", "back"):
        world.clock.now += timedelta(minutes=1)
        world.deliver("woo", version(name), name, WOO)
        world.settle()


PARTS = Policy(partial_reservation=True, partial_shipments=True, merge_payment_mail=False)
WAYS: dict[str, tuple[Way, Policy]] = {
    "payment first": (payment_first, Policy(merge_payment_mail=False)),
    "in parts": (in_parts, PARTS),
    "cancelled": (cancelled, Policy(merge_payment_mail=False)),
    "deleted first": (deleted_first, Policy()),
    "edited": (edited, Policy(merge_payment_mail=False)),
    "billed by delivery": (in_parts, replace(PARTS, invoice_on="delivery")),
    "corrected": (corrected, Policy(merge_payment_mail=False)),
    "back again": (back_again, Policy(ship_on="acceptance", invoice_on="acceptance")),
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
        "corrected": 1, "back again": 0, "billed by delivery": 2,
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
        "corrected": 0, "back again": 0, "billed by delivery": 0,
    }  # fmt: skip
    assert ends["billed by delivery"]["numbers"] == {("demo", "SERIES#RE-2026"): 2}
    for name in ("corrected", "back again"):
        assert sorted(ends[name]["numbers"].values()) == [1, 2]
        assert ends[name]["states"][4] == "issued"
    new = "Ihre neue Rechnung zur Bestellung 727"
    assert ends["corrected"]["mails"][new] == 1
    assert ends["back again"]["mails"][new] == 0
    for end in ends.values():
        assert end["parked"] == []
        assert set(end["mails"].values()) <= {1, 2}
        assert Counter(end["numbers"].values()).keys() <= {1, 2}

"""The crash test: whatever the moment at which a process dies, the end is the calm end."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import events, goods, states, waiting
from tests.events import eur, stripe_succeeded, woocommerce_order
from tests.fakes import Fuse, Killed, World

WOO = {"x-wc-webhook-topic": "order.created"}


def journey(fuse: Fuse) -> World:
    """Run one order from the shop to its return, on a process that may die once."""
    world = World(fuse)
    world.shelve("TEE-1", 10)
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.settle()
    world.clock.now += timedelta(minutes=1)
    world.deliver("stripe", stripe_succeeded(), "evt_1", {})
    world.settle()
    world.sweep()
    staff(world, authorize)
    staff(world, receive)
    staff(world, refund)
    world.sweep()
    return world


def staff(world: World, act: Any) -> None:
    """Let a person do something; after an error page they press the button again."""
    for _ in range(2):
        try:
            order = world.orders.load(world.merchant, world.all_orders()[0].id)
            assert order
            world.orders.record(order, [act(order, world.clock())])
        except Killed:
            continue
        break
    world.settle()


def pieces(order: Any) -> tuple[events.LineQuantity, ...]:
    """Return one piece of the first line, fit to be sold again."""
    first = order.bought.physical()[0]
    return (events.LineQuantity(line_id=first.id, quantity=1, restock=True),)


def authorize(order: Any, now: Any) -> events.Fact:
    """Agree to a return."""
    return events.ReturnAuthorized(at=now, return_id="R1", lines=pieces(order), by="staff")


def receive(order: Any, now: Any) -> events.Fact:
    """Take it in."""
    return events.ReturnReceived(at=now, return_id="R1", lines=pieces(order), by="staff")


def refund(order: Any, now: Any) -> events.Fact:
    """Pay it back."""
    return events.RefundRecorded(
        at=now,
        source="manual",
        reference="back-1",
        amount=eur("17.01"),
        booked_at=now,
        return_id="R1",
    )


def ending(world: World) -> dict[str, Any]:
    """Return what counts at the end: every effect and how often it happened."""
    (order,) = world.all_orders()
    product = world.database.levels["demo", "TEE-1", "main"]
    return {
        "facts": Counter(
            type(fact).__name__ for fact in order.facts if type(fact) is not events.EffectIntended
        ),
        "states": (
            states.lifecycle(order),
            states.payment(order),
            states.stock(order),
            states.fulfillment(order),
            states.invoice(order),
            states.returns(order),
        ),
        "worklist": world.database.heads[f"demo#{order.id}"][0].worklist,
        "blockers": [blocker.code for blocker in waiting.blockers(order, world.clock())],
        "mails": Counter(mail.subject for mail in world.post.sent),
        "numbers": dict(world.numbers.last),
        "documents": sorted(world.archive.objects),
        "stock": (product.available, product.reserved),
        "shop": Counter(parcel.tracking_number for parcel in world.shop.fulfillments),
        "cancelled": Counter(world.shop.cancelled),
        "tracking": sorted(s.tracking_number for s in goods.shipments(order).values()),
    }


@pytest.fixture(scope="module")
def calm() -> dict[str, Any]:
    """The end when nothing goes wrong."""
    return ending(journey(Fuse()))


def test_the_calm_journey_does_every_step_once(calm: dict[str, Any]) -> None:
    """One order, one reservation, one invoice, one label, one of each mail, one credit note."""
    facts = calm["facts"]
    for once in (
        "OrderReceived",
        "OrderAccepted",
        "StockReserved",
        "PaymentReceived",
        "ShipmentRegistered",
        "StockIssued",
        "StockReturned",
        "RefundDue",
        "RefundRecorded",
        "ShopTold",
    ):
        assert facts[once] == 1, once
    assert facts["DocumentIssued"] == 5  # invoice, delivery note, label, return slip, credit note
    assert facts["MessageSent"] == len(calm["mails"]) == 5
    assert set(calm["mails"].values()) == {1}
    assert calm["numbers"] == {("demo", "SERIES#RE-2026"): 1, ("demo", "SERIES#RK-2026"): 1}
    assert calm["stock"] == (9, 0)
    assert calm["states"] == (
        "completed", "partially_refunded", "reserved", "shipped", "credited", "refunded",
    )  # fmt: skip
    assert calm["blockers"] == []
    assert calm["worklist"] == "shipped"
    assert calm["shop"] == Counter(calm["tracking"])


def touches() -> int:
    """Count how often the calm journey touches the outside world."""
    fuse = Fuse()
    journey(fuse)
    return len(fuse.touches)


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "before the answer"])
def test_a_crash_at_any_touch_ends_as_the_calm_journey(
    calm: dict[str, Any], *, after: bool
) -> None:
    """Kill the process at every touch of the outside; redelivery and a sweep mend everything."""
    count = touches()
    assert count > 60
    wrong = {}
    for n in range(1, count + 1):
        fuse = Fuse(n, after=after)
        end = ending(journey(fuse))
        if end != calm:
            different = {k: (end[k], calm[k]) for k in calm if end[k] != calm[k]}
            wrong[f"{n}: {fuse.touches[n - 1]}"] = different
    assert wrong == {}

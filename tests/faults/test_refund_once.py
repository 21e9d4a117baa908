"""Whatever the moment at which a process dies, money goes back once."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import balance, events, refunding
from chalicelib.domain.refunding import Progress
from tests.events import eur, stripe_succeeded, woocommerce_order
from tests.fakes import Fuse, World
from tests.faults.test_crash_anywhere import WOO, staff
from tests.providers.stripe import StripeInMemory

AMOUNTS = {"KRONE": "10.00", "KRTWO": "5.00"}


def ordered(name: str, way: str = "provider", payment: str = "pi_1") -> Any:
    """Return what orders a refund."""

    def act(_: Any, now: Any) -> events.Fact:
        return events.RefundRequested(
            at=now, refund_id=name, amount=eur(AMOUNTS[name]), way=way, source="stripe",
            payment=payment, by="staff",
        )  # fmt: skip

    return act


def paid_back(fuse: Fuse, *names: str, way: str = "provider") -> World:
    """Take an order in, have it paid, and order refunds."""
    world = World(fuse)
    world.outside = StripeInMemory(world.fuse)
    world.shelve("TEE-1", 10)
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.settle()
    world.clock.now += timedelta(minutes=1)
    world.deliver("stripe", stripe_succeeded(), "evt_1", {})
    world.settle()
    for name in names:
        staff(world, ordered(name, way))
    world.sweep()
    return world


def told(world: World, index: int = 0) -> None:
    """Have Stripe tell of one of its refunds."""
    refund = world.outside.refunds[index]
    event = {
        "id": f"evt_{refund['id']}", "object": "event", "type": "refund.created",
        "created": 1_795_000_100, "data": {"object": refund},
    }  # fmt: skip
    world.deliver("stripe", json.dumps(event).encode(), event["id"], {})
    world.settle()


def progress(world: World) -> list[Progress]:
    """Tell how far each refund is."""
    (order,) = world.all_orders()
    return [refunding.progress(order, x) for x in order.all(events.RefundRequested)]


def touches() -> int:
    """Count the touches of the calm way."""
    fuse = Fuse()
    paid_back(fuse, *AMOUNTS)
    return len(fuse.touches)


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "before the answer"])
def test_a_crash_anywhere_pays_each_refund_once(*, after: bool) -> None:
    """Killed at any touch of the outside, the provider has paid two refunds in the end."""
    for n in range(1, touches() + 1):
        world = paid_back(Fuse(n, after=after), *AMOUNTS)
        world.sweep()
        amounts = [refund["amount"] for refund in world.outside.refunds]
        assert sorted(amounts) == [500, 1000], world.fuse.touches[n - 1]
        (order,) = world.all_orders()
        assert progress(world) == [Progress.PAID, Progress.PAID], world.fuse.touches[n - 1]
        assert balance.kept(order) == eur("23.92")


def test_what_the_provider_tells_is_the_same_refund() -> None:
    """The webhook says again what we know: nothing is booked twice, no second mail leaves."""
    world = paid_back(Fuse(), "KRONE")
    before = len(world.post.sent)
    told(world)
    (order,) = world.all_orders()
    assert [(x.reference, x.refund_id) for x in order.all(events.RefundRecorded)] == [
        ("re_1", "KRONE")
    ]
    assert len(world.post.sent) == before


@pytest.mark.parametrize("is_marked", [True, False], ids=["with our name", "without it"])
def test_the_provider_may_tell_before_our_answer_is_written(*, is_marked: bool) -> None:
    """Killed after the call, told by the webhook, then asked: one refund, and it is settled."""
    fuse = Fuse()
    paid_back(fuse, "KRONE")
    n = fuse.touches.index("stripe.POST /v1/refunds") + 1
    world = World(Fuse(n, after=True))
    world.outside = StripeInMemory(world.fuse)
    world.shelve("TEE-1", 10)
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.settle()
    world.clock.now += timedelta(minutes=1)
    world.deliver("stripe", stripe_succeeded(), "evt_1", {})
    world.settle()
    (order,) = world.all_orders()
    world.orders.record(order, [ordered("KRONE")(order, world.clock())])
    world.database.stream.clear()
    world._survive(lambda _: run_payment(world), None)
    if not is_marked:
        world.outside.refunds[0]["metadata"] = {}
        told(world)
        world.outside.refunds[0]["metadata"] = {"kontor_refund": "KRONE"}
    else:
        told(world)
    for _ in range(3):
        world.sweep()
    (order,) = world.all_orders()
    assert len(order.all(events.RefundRecorded)) == len(world.outside.refunds) == 1
    assert progress(world) == [Progress.PAID]


def run_payment(world: World) -> None:
    """Run the payment step once."""
    from chalicelib.runtime.step import run

    (order,) = world.all_orders()
    run(world.steps["payment"], world.merchant, order.id)


def test_a_refusal_is_a_task_and_another_try_has_another_key() -> None:
    """The provider's own words are shown; after the release it is tried anew."""
    world = World()
    world.outside = StripeInMemory(world.fuse, limit=0)
    world.shelve("TEE-1", 10)
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.deliver("stripe", stripe_succeeded(), "evt_1", {})
    world.settle()
    staff(world, ordered("KRONE"))
    (order,) = world.all_orders()
    (hold,) = [x for x in order.holds() if x.effect == "refund:KRONE"]
    assert hold.code == "refund_refused"
    assert "greater than the unrefunded amount" in hold.text
    assert refunding.promised(order) == eur("10.00")
    world.outside.limit = 5000
    release = events.HoldReleased(at=world.clock(), code=hold.code, by="x", effect=hold.effect)
    staff(world, lambda *_: release)
    world.sweep()
    assert progress(world) == [Progress.PAID]
    assert list(world.outside.by_key) == [f"{order.id}-KRONE-2"]


def test_a_transfer_is_put_on_the_list_once() -> None:
    """What the bank shall pay is no provider's business."""
    world = paid_back(Fuse(), "KRONE", way="transfer")
    assert list(world.transfers.listed) == ["KRONE"]
    assert world.outside.refunds == []
    assert progress(world) == [Progress.LISTED]

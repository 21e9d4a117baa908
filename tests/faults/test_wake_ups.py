"""Wake-ups lost, doubled, late, in any order, and ten at once: the end is the calm end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import events, goods, states
from chalicelib.domain.commands import WakeUp
from chalicelib.domain.order import Order
from chalicelib.domain.values import Policy
from chalicelib.flow.router import HINTED
from chalicelib.store.hints import hint_of
from tests.events import stripe_succeeded, woocommerce_order
from tests.fakes import SETTINGS, World
from tests.faults.test_crash_anywhere import WOO, ending

Trouble = Callable[[World], None]


def house() -> World:
    """Return a house that tells of order and payment in two mails, whichever comes first."""
    return World(settings=replace(SETTINGS, policy=Policy(merge_payment_mail=False)))


def begin(trouble: Trouble | None = None, *, stock: int = 10) -> World:
    """Let an order and its payment come in, in a house with some trouble."""
    world = house()
    world.shelve("TEE-1", stock)
    if trouble:
        trouble(world)
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.clock.now += timedelta(minutes=1)
    world.settle()
    world.deliver("stripe", stripe_succeeded(), "evt_1", {})
    world.settle()
    return world


@pytest.fixture(scope="module")
def calm() -> dict[str, Any]:
    """The end when nothing goes wrong."""
    world = begin()
    world.sweep()
    return ending(world)


def losing(every: int) -> Trouble:
    """Lose every n-th message on its way into a queue, and every n-th row of the stream."""

    def trouble(world: World) -> None:
        world.queue = Lossy(every)
        world.database.stream = Lossy(every)

    return trouble


class Lossy(deque[Any]):
    """A queue that loses every n-th thing that is put into it, until it is mended."""

    def __init__(self, every: int) -> None:
        super().__init__()
        self.every, self.count, self.is_mended = every, 0, False

    def append(self, thing: Any) -> None:
        """Take a thing, or lose it."""
        self.count += 1
        if self.is_mended or self.count % self.every:
            super().append(thing)


@pytest.mark.parametrize("every", [1, 2, 3, 5])
def test_lost_wake_ups_are_made_up_for_by_the_sweeper(calm: dict[str, Any], every: int) -> None:
    """Even when every single one is lost: what is saved is found again."""
    world = begin(losing(every))
    world.queue.is_mended = world.database.stream.is_mended = True  # type: ignore[attr-defined]
    for _ in range(3):
        world.sweep()
    assert ending(world) == calm


class Doubling(deque[Any]):
    """A queue that brings everything several times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times = times

    def append(self, thing: Any) -> None:
        """Take a thing, more than once."""
        for _ in range(self.times):
            super().append(thing)


def test_doubled_wake_ups_change_nothing(calm: dict[str, Any]) -> None:
    """Every message and every row of the stream comes three times."""

    def trouble(world: World) -> None:
        world.queue, world.database.stream = Doubling(3), Doubling(3)

    world = begin(trouble)
    world.sweep()
    assert ending(world) == calm


class Backwards(deque[Any]):
    """A queue that brings the newest first."""

    def popleft(self) -> Any:
        """Take what came last."""
        return self.pop()


def test_wake_ups_in_the_wrong_order_change_nothing(calm: dict[str, Any]) -> None:
    """A message carries no data, so it cannot be out of date."""

    def trouble(world: World) -> None:
        world.queue, world.database.stream = Backwards(), Backwards()

    world = begin(trouble)
    world.sweep()
    assert ending(world) == calm


def test_wake_ups_of_yesterday_find_nothing_to_do(calm: dict[str, Any]) -> None:
    """Messages that lay in a queue for a day are answered by what has happened since."""
    world = begin()
    (order,) = world.all_orders()
    world.clock.now += timedelta(days=1)
    before = len(world.fuse.touches)
    for step in world.steps:
        wake = WakeUp(step=step, merchant_id="demo", order_id=order.id)
        world.queue.extend([(wake, 0), (wake, 0)])
    world.settle()
    assert set(world.fuse.touches[before:]) == {"orders.load"}
    assert world.all_orders() == [order]
    world.sweep()
    assert ending(world) == calm


def test_a_wake_up_for_the_wrong_step_or_order_does_no_harm(calm: dict[str, Any]) -> None:
    """Unknown orders, unknown deliveries, other merchants'."""
    world = begin()
    (order,) = world.all_orders()
    for wake in (
        WakeUp(step="stock", merchant_id="demo", order_id="o-unknown"),
        WakeUp(step="documents", merchant_id="other", order_id=order.id),
        WakeUp(step="intake", merchant_id="demo", delivery_id="demo-woo/unknown"),
        WakeUp(step="payment", merchant_id="other", delivery_id="demo-stripe/evt_1"),
    ):
        world.queue.append((wake, 0))
    world.settle()
    world.sweep()
    assert ending(world) == calm


def test_ten_at_once_are_one(calm: dict[str, Any]) -> None:
    """Ten deliveries of the order, ten of its payment, then ten wake-ups of every step."""
    world = house()
    world.shelve("TEE-1", 10)
    for number in range(10):
        world.deliver("woo", woocommerce_order(status="pending"), f"again-{number}", WOO)
    world.clock.now += timedelta(minutes=1)
    world.settle()
    for number in range(10):
        world.deliver("stripe", stripe_succeeded(event=f"evt_{number}"), f"evt_{number}", {})
    (order,) = world.all_orders()
    for _ in range(10):
        for step in world.steps:
            wake = WakeUp(step=step, merchant_id="demo", order_id=order.id)
            world.queue.append((wake, 0))
    world.settle()
    world.sweep()
    assert ending(world) == calm


def test_two_workers_in_step_do_every_effect_once(calm: dict[str, Any]) -> None:
    """While one worker performs, the other decides about the same order: one of them wins."""
    world = begin_interleaved()
    world.sweep()
    assert ending(world) == calm


def begin_interleaved() -> World:
    """Run every step twice at once: the second starts when the first has loaded the order."""
    world = house()
    world.shelve("TEE-1", 10)
    inside: list[str] = []

    def twice(load: Callable[..., Any], step: str) -> Callable[..., Any]:
        def loading(merchant_id: str, order_id: str) -> Order | None:
            found: Order | None = load(merchant_id, order_id)
            if step not in inside:
                inside.append(step)
                world._survive(
                    world._work, WakeUp(step=step, merchant_id=merchant_id, order_id=order_id)
                )
                inside.remove(step)
            return found

        return loading

    for name, step in world.steps.items():
        rows: Any = copy(getattr(step.orders, "orders", step.orders))
        rows.load = twice(rows.load, name)
        # What wraps the rows (the documents' filing) wraps the twin's.
        twin = replace(step.orders, orders=rows) if hasattr(step.orders, "orders") else rows  # type: ignore[type-var]
        world.steps[name] = type(step)(
            name=name, decide=step.decide, perform=step.perform, orders=twin, now=world.clock
        )
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.clock.now += timedelta(minutes=1)
    world.settle()
    world.deliver("stripe", stripe_succeeded(), "evt_1", {})
    world.settle()
    return world


def test_a_payment_told_before_its_order_is_booked_when_the_order_comes(
    calm: dict[str, Any],
) -> None:
    """Deliveries overtake each other; the parked movement finds its order by itself."""
    world = house()
    world.shelve("TEE-1", 10)
    world.deliver("stripe", stripe_succeeded(), "evt_1", {})
    world.settle()
    assert len(world.parking.parked("demo")[0]) == 1
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.settle()
    for _ in range(2):
        world.sweep()
    assert world.parking.parked("demo")[0] == []
    assert ending(world) == calm


def test_short_stock_goes_on_by_itself_when_units_come_in(calm: dict[str, Any]) -> None:
    """Nobody has to press a button."""
    world = begin(stock=1)
    (order,) = world.all_orders()
    assert states.stock(order) is states.Stock.SHORT
    world.shelve("TEE-1", 10)
    world.orders.record(order, [events.StockArrived(at=world.clock(), sku="TEE-1")])
    world.settle()
    world.sweep()
    (order,) = world.all_orders()
    assert goods.is_all_shipped(order)
    assert ending(world)["stock"] == calm["stock"]


def test_hints_of_every_old_version_find_nothing_to_do(calm: dict[str, Any]) -> None:
    """A message that hints at the past is refused by its first write, before anything leaves."""
    world = begin()
    world.sweep()
    [order] = world.all_orders()
    for old in world.past(order):
        for step in sorted(HINTED):
            wake = WakeUp(
                step=step, merchant_id=order.merchant_id, order_id=order.id, hint=hint_of(old)
            )
            world.queue.append((wake, 0))
            world.settle()
    assert world.all_orders() == [order]
    assert ending(world) == calm

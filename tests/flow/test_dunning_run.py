"""An order that nobody pays, from its confirmation to its end, day by day through the house."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain import events
from chalicelib.domain.order import Order
from tests.events import bought, line
from tests.fakes import SETTINGS, World

PREPAID = bought(line(price="10.00"), payment_method="bacs")


def ordered(policy: events.Policy | None = None) -> World:
    """Receive an order to be paid beforehand, with goods in stock."""
    world = World(settings=replace(SETTINGS, policy=policy or events.Policy()))
    world.shelve("TEE-1", 10)
    received = events.OrderReceived(
        at=world.clock(), delivery_id="d", policy=world.settings.policy, access_token="t"
    )
    empty = Order(merchant_id="demo", id="o1", bought=PREPAID)
    world.orders.create(empty, [received, events.OrderAccepted(at=world.clock())])
    world.settle()
    return world


def wait(world: World, days: int) -> Order:
    """Let days pass, with the sweeper at work every few hours."""
    for _ in range(days * 4):
        world.clock.now += timedelta(hours=6)
        world.sweep()
    return world.all_orders()[0]


def mails(world: World) -> list[str]:
    """Return which mails went out, in their order."""
    return [mail.tags["kind"] for mail in world.post.sent]


def test_who_does_not_pay_beforehand_is_reminded_on_the_day() -> None:
    """Seven days to pay and three for the transfer: the reminder goes out on the eleventh."""
    world = ordered()
    wait(world, 10)
    assert mails(world) == ["order_confirmation"]
    one = wait(world, 1)
    assert mails(world) == ["order_confirmation", "payment_reminder"]
    (letter,) = one.all(events.DunningRaised)
    assert letter.level == 0
    reminder = world.post.sent[-1]
    assert "10,00" in reminder.text
    assert "girocode" in [enclosure.content_id for enclosure in reminder.enclosures]

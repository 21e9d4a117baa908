"""A process dies, and just then the shop changes the order: nothing gets lost or untrue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from chalicelib.domain import events, goods, revision, states
from chalicelib.domain.order import Order
from chalicelib.domain.values import Policy
from chalicelib.flow.steps import due
from tests.edits import VERSIONS, version
from tests.events import stripe_succeeded, woocommerce_order
from tests.fakes import SETTINGS, Fuse, World
from tests.faults.test_crash_anywhere import WOO
from tests.properties.test_orders_that_are_edited import keeps, twin

POLICIES = {
    "paid first": Policy(),
    "on account": Policy(ship_on="acceptance", invoice_on="acceptance"),
}


class Disturbed(World):
    """A house whose process dies once; just then the shop tells of a newer version."""

    edit = ""

    def _survive(self, work: Callable[[Any], None], what: Any) -> bool:
        survived = super()._survive(work, what)
        has_died = self.fuse.at is not None and len(self.fuse.touches) >= self.fuse.at
        if has_died and self.edit:
            name, self.edit = self.edit, ""
            self.deliver("woo", version(name), name, WOO)
        return survived


def run(fuse: Fuse, policy: Policy, edit: str) -> World:
    """Sell, bill and send one order, whatever happens on the way."""
    world = Disturbed(fuse, settings=replace(SETTINGS, policy=policy))
    world.edit = edit
    for sku in ("TEE-1", "TEE-2"):
        world.shelve(sku, 10)
    world.deliver("woo", woocommerce_order(status="pending"), "first", WOO)
    world.settle()
    world.clock.now += timedelta(minutes=1)
    world.deliver("stripe", stripe_succeeded(), "evt_1", {})
    world.settle()
    for _ in range(3):
        world.sweep()
    return world


def touches(policy: Policy) -> int:
    """Count how often the calm run touches the outside world."""
    fuse = Fuse()
    run(fuse, policy, "")
    return len(fuse.touches)


@pytest.mark.parametrize("after", [False, True], ids=["before the call", "before the answer"])
@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("paid first", "fewer"),
        ("paid first", "added"),
        ("paid first", "off"),
        ("on account", "added"),
    ],
)
def test_an_edit_at_the_moment_of_a_crash_has_a_defined_end(
    name: str, edit: str, *, after: bool
) -> None:
    """At every touch: taken over, or held; the goods follow, papers stay true or are named."""
    policy = POLICIES[name]
    for n in range(1, touches(policy) + 1):
        world = run(Fuse(n, after=after), policy, edit)
        [one] = world.all_orders()
        assert list(due(one, world.clock())) == [], n
        for before, then in pairwise(world.past(one)):
            keeps(before, then)
        sent = Counter((mail.tags["order_id"], mail.tags["effect"]) for mail in world.post.sent)
        assert set(sent.values()) <= {1}, n
        is_answered(one, edit)
        bill_is_true(world, one)
        shelf_is_true(world, one)


def is_answered(one: Order, edit: str) -> None:
    """Check that the order is what the shop says, or that somebody has to look."""
    codes = {hold.code for hold in one.holds()}
    if edit == "off":
        gone = states.is_cancelled(one) or goods.shipments(one)
        assert one.has(events.OrderCancelled)
        assert gone
    elif not revision.open_report(one):
        assert one.bought == twin(f"shop: {edit}")
    else:
        assert one.reported == twin(f"shop: {edit}")
        assert states.document(one, "invoice") or goods.delivery_notes(one) or codes


def bill_is_true(world: World, one: Order) -> None:
    """Check that an invoice says what was bought, or that a hold says that it does not."""
    drawn = [x.frozen for x in world.numbers.documents.values() if x.number.startswith("RE")]
    for bill in drawn:
        is_true = bill["totals"]["gross"] == one.bought.total.minor
        is_named = any(hold.code == "invoice_outdated" for hold in one.holds())
        assert is_true or is_named or states.is_cancelled(one)


def shelf_is_true(world: World, one: Order) -> None:
    """Check that no unit is set aside for nobody, and none is missing."""
    issued = one.allocated(events.StockIssued)
    held = goods.reserved(one)
    for sku in ("TEE-1", "TEE-2"):
        key = (sku, "main")
        level = world.database.levels["demo", *key]
        assert level.reserved == held.get(key, 0) - issued[key]
        assert level.on_hand == 10 - issued[key]
    if not states.is_cancelled(one):
        assert goods.surplus(one) == {}
        assert goods.unreserved(one) == {}


def test_the_versions_are_newer_than_the_order() -> None:
    """Else nothing would be tried here."""
    assert {"fewer", "added", "off"} <= VERSIONS.keys()
    world = run(Fuse(12), Policy(), "added")
    [one] = world.all_orders()
    assert one.has(events.OrderRevised) or one.has(events.ShopChangeReported)

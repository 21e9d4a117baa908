"""Dunning under anything that can happen: each letter once, and none to who is not late."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import balance, dunning, events, states
from chalicelib.domain.order import Order
from tests.events import eur
from tests.fakes import Fuse, World
from tests.flow.test_dunning_run import ordered, wait

MOST = 140  # touches of the outside in a run of all letters

policies = st.builds(
    events.Policy,
    ship_on=st.sampled_from(("payment", "acceptance")),
    invoice_on=st.sampled_from(("acceptance", "shipment")),
    dunning_levels=st.integers(0, 3),
    reminder_days=st.sampled_from((0, 3)),
    dunning_days=st.sampled_from((1, 7)),
    dunning_fee_1=st.sampled_from((0, 120)),
    cancel_unpaid=st.booleans(),
    waive_fees_on_payment=st.booleans(),
)
acts = st.lists(
    st.sampled_from(("1 day", "4 days", "9 days", "pay 4", "pay 6", "pay 2.50", "hold", "release",
                     "stop", "resume", "undo", "woken thrice")),
    min_size=2, max_size=12,
)  # fmt: skip


def moved(world: World, act: str) -> None:
    """Let one thing happen."""
    (one,) = world.all_orders()
    word, _, rest = act.partition(" ")
    if rest.startswith("day"):
        wait(world, int(word))
    elif act == "woken thrice":
        world.sweep()
        world.sweep()
    else:
        world.orders.record(one, told(world, one, word, rest))
        world.settle()


def told(world: World, one: Order, word: str, rest: str) -> list[events.Fact]:
    """Return what a person or the bank tells."""
    now, effect = world.clock(), "dunning" if word in {"stop", "resume"} else ""
    came = one.all(events.PaymentReceived)
    if word == "pay":
        name = f"b{len(came)}"
        return [
            events.PaymentReceived(
                at=now, source="bank", reference=name, amount=eur(rest), booked_at=now
            )
        ]
    if word == "undo":
        return [events.MovementUndone(at=now, of_source="bank", of_reference=f"b{len(came) - 1}")]
    if word in {"hold", "stop"}:
        return [events.HoldPlaced(at=now, code=word, text="x.", effect=effect)]
    code = {"release": "hold", "resume": "stop"}[word]
    return [events.HoldReleased(at=now, code=code, by="x", effect=effect)]


@settings(max_examples=20)
@given(policies, acts)
def test_each_letter_is_written_once_and_only_to_who_is_late(
    policy: events.Policy, plot: list[str]
) -> None:
    """In order, never after payment or while it is held, each fee with its letter."""
    world = ordered(policy)
    for act in plot:
        moved(world, act)
    (one,) = world.all_orders()
    levels = [fact.level for fact in one.all(events.DunningRaised)]
    assert levels == [*range(len(levels))]
    assert len(levels) <= policy.dunning_levels
    fees = {fact.reference for fact in one.all(events.DunningFeeCharged)}
    assert fees <= {f"level-{level}" for level in levels}
    sent = Counter(mail.tags["kind"] for mail in world.post.sent)
    assert all(sent[kind] <= 1 for kind in dunning.LETTERS)
    for before, fact in histories(one):
        if isinstance(fact, events.DunningRaised):
            assert balance.outstanding(before).minor > 0
            assert not before.holds()
            due = dunning.due_on(before)
            assert due is not None
            assert dunning.day(fact.at) > due
        if isinstance(fact, events.OrderCancelled):
            assert not balance.received_amount(before)
            assert policy.cancel_unpaid
            assert policy.ship_on == "payment"


def histories(one: Order) -> list[tuple[Order, events.Fact]]:
    """Return each fact with the order as it stood before it."""
    bare = Order(merchant_id=one.merchant_id, id=one.id, bought=one.bought)
    return [(bare.plus(one.facts[:index]), one.facts[index]) for index in range(1, len(one.facts))]


@settings(max_examples=20, deadline=None)
@given(st.integers(1, MOST), st.booleans())
def test_wherever_a_process_dies_the_letters_are_the_same(at: int, after: bool) -> None:  # noqa: FBT001
    """Killed once, before or after any touch of the outside: three letters, one fee, one end."""
    world = ordered(fuse=Fuse(at, after=after))
    for _ in range(4):
        world.clock.now += timedelta(days=11)
        for _ in range(3):
            world.sweep()
    (one,) = world.all_orders()
    assert [fact.level for fact in one.all(events.DunningRaised)] == [0, 1, 2]
    assert len(one.all(events.DunningFeeCharged)) == 1
    assert len(one.all(events.OrderCancelled)) == 1
    assert states.is_cancelled(one)
    sent = Counter(mail.tags["kind"] for mail in world.post.sent)
    assert [sent[kind] for kind in dunning.LETTERS] == [1, 1, 1]
    assert world.database.levels["demo", "TEE-1", "main"].reserved == 0


def test_the_sweeper_looks_at_the_order_when_its_letter_is_due() -> None:
    """At eight in the morning where the merchant is, not when the day's round comes by."""
    world = ordered()
    world.clock.now += timedelta(days=10, hours=10)
    (one,) = world.all_orders()
    world.orders.postpone(one, world.clock())
    _, wake_at = world.database.heads["demo#o1"]
    assert wake_at is not None
    assert wake_at == dunning.next_at(one)
    assert f"{wake_at:%d %H:%M}" == "04 07:00"

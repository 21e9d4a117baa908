"""Deliveries doubled, late and in any order give one end; the stored facts give the order back."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.domain import balance, events, states, waiting
from chalicelib.domain.events import Policy
from chalicelib.store import codec
from chalicelib.store.orders import Orders
from tests.fakes import FakeOrders, Fuse, World
from tests.properties.runs import ACTS, play, plots, policies
from tests.properties.strategies import orders

DELIVERIES = ("shop: pending", "shop: processing", "stripe: all")
# A mail that tells of order and payment at once depends on what came first; two mails do not.
CALM = Policy(merge_payment_mail=False)


def ending(world: World) -> dict[str, Any]:
    """Return what counts at the end: each effect and how often, money, goods and states."""
    (one,) = world.all_orders()
    return {
        "facts": Counter(
            type(fact).__name__ for fact in one.facts if type(fact) is not events.EffectIntended
        ),
        "states": (states.lifecycle(one), states.payment(one), states.fulfillment(one)),
        "received": balance.received_amount(one),
        "mails": Counter(mail.subject for mail in world.post.sent),
        "numbers": dict(world.numbers.last),
        "archive": sorted(world.archive.objects),
        "stock": (
            world.database.levels["demo", "TEE-1", "main"].available,
            world.database.levels["demo", "TEE-1", "main"].reserved,
        ),
        "worklist": world.database.heads[f"demo#{one.id}"][0].worklist,
    }


CALM_END = ending(play([*DELIVERIES, "settle", "sweep"], CALM))


@given(
    st.permutations(DELIVERIES),
    st.lists(st.sampled_from((*DELIVERIES, "settle", "a minute", "sweep")), max_size=8),
    st.lists(st.sampled_from((*DELIVERIES, "settle")), max_size=4),
)
def test_deliveries_in_any_order_and_doubled_give_the_same_end(
    all_of_them: list[str], before: list[str], after: list[str]
) -> None:
    """One order, one reservation, one invoice number, one label, one of each mail."""
    assert ending(play([*before, *all_of_them, *after], CALM)) == CALM_END


@settings(max_examples=15)
@given(st.lists(st.sampled_from(DELIVERIES), min_size=2, max_size=10), st.randoms())
def test_ten_wake_ups_at_once_in_any_order_give_the_same_end(extra: list[str], chance: Any) -> None:
    """Queues shuffle and double what they carry; nobody minds."""
    world = play([], CALM)
    for name in (*DELIVERIES, *extra):
        ACTS[name](world)
    for _ in range(40):
        wakes = [*world.queue, *list(world.queue)[:3]]
        chance.shuffle(wakes)
        world.queue.clear()
        world.queue.extend(wakes[:12])
        stream = [*world.database.stream]
        chance.shuffle(stream)
        world.database.stream.clear()
        world.database.stream.extend(stream)
        for name in world.inbox.deliveries:
            world.wake_delivery(name)
        one_round(world)
    world.settle()
    world.sweep()
    assert ending(world) == CALM_END


def one_round(world: World) -> None:
    """Carry out what is under way now, not what comes of it."""
    for _ in range(len(world.database.stream)):
        world._survive(world._route, world.database.stream.popleft())
    for _ in range(len(world.queue)):
        wake, _ = world.queue.popleft()
        world._survive(world._work, wake)


@given(orders())
def test_facts_survive_being_written_and_read(one: Any) -> None:
    """What the store keeps is every fact, equal in all it says."""
    assert codec.facts_from_json(codec.facts_to_json(one.facts)) == one.facts
    assert codec.unpack(codec.pack(one.bought), type(one.bought)) == one.bought


@given(plots, policies)
def test_replaying_the_stored_rows_gives_the_same_order(plot: list[str], policy: Policy) -> None:
    """Loading is replaying: appended one by one or read at once, the order is the same."""
    world = play(plot, policy)
    for one in world.all_orders():
        twin = World()
        store: Orders = FakeOrders(twin.database, Fuse())
        copy = store.create(
            type(one)(merchant_id="demo", id=one.id, bought=one.bought), one.facts[:1]
        )
        for fact in one.facts[1:]:
            copy = store.append(copy, [fact])
        again = store.load("demo", one.id)
        assert again is not None
        assert again == copy
        assert again.facts == one.facts
        assert waiting.worklist(again, world.clock()) == waiting.worklist(one, world.clock())

"""The books: open items are what was charged less what moved, whatever is told, in any order."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain import balance, books, events, states
from chalicelib.domain.events import Fact, Policy
from chalicelib.domain.order import Order
from chalicelib.payment.checking import Seen, check, payments
from chalicelib.store.differences import Difference
from tests.fakes import World
from tests.properties.runs import play, plots, policies
from tests.properties.strategies import orders

KINDS = (
    events.PaymentReceived, events.VoucherRedeemed, events.WriteOffRecorded,
    events.DunningFeeCharged,
)  # fmt: skip


def counted(facts: tuple[Fact, ...]) -> dict[str, int]:
    """Add up a ledger the plain way: each name of a movement once, those undone not at all."""
    undone = {(x.of_source, x.of_reference) for x in facts if isinstance(x, events.MovementUndone)}
    once: dict[tuple[type, str, str], int] = {}
    back: dict[str, int] = {}
    told = [0]
    for fact in facts:
        if not isinstance(fact, events.Movement):
            continue
        name, minor = (fact.source, fact.reference), fact.amount.minor
        if isinstance(fact, events.RefundRecorded):
            back.setdefault(fact.reference, 0 if name in undone else minor)
        elif isinstance(fact, events.PaymentReceived) and fact.source == "shop":
            told.append(0 if name in undone else minor)
        elif name not in undone:
            once.setdefault((type(fact), *name), minor)
    failed = {x.reference for x in facts if isinstance(x, events.RefundFailed)}
    kinds = {kind: sum(v for k, v in once.items() if k[0] is kind) for kind in KINDS}
    seen = kinds[events.PaymentReceived] + kinds[events.VoucherRedeemed]
    disputes: dict[str, int] = {}
    for (kind, _, reference), minor in once.items():
        sign = {events.ChargebackRecorded: 1, events.ChargebackReversed: -1}.get(kind, 0)
        disputes[reference] = disputes.get(reference, 0) + sign * minor
    return {
        "in": max(*told, seen),
        "fees": kinds[events.DunningFeeCharged],
        "let go": kinds[events.WriteOffRecorded],
        "back": sum(minor for reference, minor in back.items() if reference not in failed),
        "disputed": sum(max(minor, 0) for minor in disputes.values()),
    }


def ended_by(facts: tuple[Fact, ...]) -> set[str]:
    """Return the refunds that a cancellation brought which was taken back later."""
    kinds = (events.OrderCancelled, events.ShipmentRegistered, events.OrderReinstated)
    found: set[str] = set()
    for back in (i for i, fact in enumerate(facts) if isinstance(fact, events.OrderReinstated)):
        state = "on"
        for fact in facts[:back]:
            if isinstance(fact, kinds):
                state = {
                    events.OrderCancelled: "off" if state == "on" else state,
                    events.ShipmentRegistered: "off and gone" if "off" in state else "gone",
                    events.OrderReinstated: "gone" if "gone" in state else "on",
                }[type(fact)]
            elif isinstance(fact, events.RefundRecorded) and "off" in state:
                found.add(balance.correction_name(fact))
    return found


def expected(one: Order) -> int:
    """Return the open item of an order by the plain way; what refunds take back apart."""
    sums = counted(one.facts)
    left = sums["back"] + sums["disputed"] - sums["in"]
    if states.is_cancelled(one):
        return left
    again = ended_by(one.facts)
    parts = balance.corrections(one)[0].items()
    corrected = sum(part.minor for name, part in parts if name not in again)
    corrected += balance.fees_back(one).minor
    return one.bought.total.minor + sums["fees"] - sums["let go"] - corrected + left


@given(st.lists(orders(), min_size=1, max_size=4))
def test_open_items_are_orders_less_movements(some: list[Order]) -> None:
    """Over several orders with any facts at all."""
    assert sum(books.open_item(one).minor for one in some) == sum(map(expected, some))


@given(orders())
def test_what_is_owed_is_what_the_books_say(one: Order) -> None:
    """What the customer is asked for is the open item, whatever went back and whatever it was."""
    left = books.open_item(one)
    if states.is_cancelled(one):
        assert left == -balance.kept(one)
    else:
        assert balance.outstanding(one) + balance.disputed(one) == left
        assert balance.surplus(one).minor == max(-(left + balance.forgiven(one)).minor, 0)


@given(orders(), st.randoms())
def test_what_is_told_twice_counts_once(one: Order, chance: Random) -> None:
    """Any fact again, anywhere later."""
    again = one
    for fact in chance.sample(one.facts, len(one.facts)):
        again = again.plus([fact])
    assert books.entries(again) == books.entries(one)


@given(orders(), st.randoms())
def test_the_order_of_movements_changes_nothing(one: Order, chance: Random) -> None:
    """A refund before its payment, an undoing before what it undoes: the sums are the same."""
    moves = [x for x in one.facts if isinstance(x, events.Movement | events.MovementUndone)]
    others = [x for x in one.facts if x not in moves]
    empty = replace(one, facts=(), version=0)
    calm, mixed = empty.plus([*others, *moves]), [*moves]
    chance.shuffle(mixed)
    # Of two movements of one name that differ, the first counts: such are no repetition.
    if len({_name(x) for x in moves}) == len(moves):
        kinds = set(books.KINDS) - {"corrected"}
        shuffled = empty.plus([*others, *mixed])
        assert {x: books.entries(calm)[x] for x in kinds} == {
            x: books.entries(shuffled)[x] for x in kinds
        }


def _name(fact: Fact) -> tuple[object, ...]:
    if isinstance(fact, events.RefundRecorded | events.RefundFailed):
        return (type(fact), fact.reference)
    return fact.identity


def differences(world: World) -> Iterator[Difference]:
    """Compare every order of a world with its lists and its payments' names."""
    for one in world.all_orders():
        order, head = world.orders.load_with_head(one.merchant_id, one.id)
        assert order
        owners = {
            (source, name): world.parking.order_of(one.merchant_id, source, name)
            for source, name in payments(order)
        }
        seen = Seen(head=head, entries={}, owners=owners)
        yield from check(order, seen, world.clock() + timedelta(hours=1))


@given(plots, policies)
def test_no_run_of_the_house_leaves_a_difference(plot: list[str], policy: Policy) -> None:
    """Whatever shops, providers and staff do."""
    assert list(differences(play(plot, policy))) == []


def test_a_row_that_is_broken_is_named() -> None:
    """The list's figure and the payment's owner: expected and found."""
    world = play(["shop: pending", "stripe: part"], Policy())
    [one] = world.all_orders()
    pk = f"{one.merchant_id}#{one.id}"
    head, wake = world.database.heads[pk]
    summary = json.loads(head.summary) | {"owed": 1}
    world.database.heads[pk] = (replace(head, summary=json.dumps(summary)), wake)
    world.parking.booked.clear()
    found = {x.what: (x.expected, x.found, x.is_healed) for x in differences(world)}
    assert found == {
        "owed": ("28.92 EUR", "0.01 EUR", True),
        "payment:stripe:pi_727_1000": (f"order {one.id}", "nobody's", True),
    }

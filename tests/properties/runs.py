"""Random runs of the house in memory: shops, providers and staff act as they like."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from chalicelib.domain import events, goods, revision, states
from chalicelib.domain.events import Fact, Policy
from chalicelib.domain.order import Order
from tests.edits import VERSIONS, version
from tests.events import eur, stripe_succeeded, woocommerce_order
from tests.fakes import SETTINGS, World

WOO = {"x-wc-webhook-topic": "order.updated"}
Act = Callable[[World], None]


def shop(status: str, number: int = 727) -> Act:
    """Let the shop tell of an order."""

    def act(world: World) -> None:
        body = woocommerce_order(status=status, number=number)
        world.deliver("woo", body, f"{number}-{status}", WOO)

    return act


def edit(name: str) -> Act:
    """Let the shop tell of a newer version of its order."""
    return lambda world: world.deliver("woo", version(name), f"727-{name}", WOO)


def take_over(world: World) -> None:
    """Let a person take over what the shop has changed, as the API would."""
    for one in world.all_orders()[:1]:
        new = one.reported
        if new and revision.open_report(one) and not revision.obstacle(one, new):
            fact = events.OrderRevised(
                at=world.clock(), modified_at=new.modified_at, by="staff",
                changes=revision.changes(one.bought, new),
                is_about_goods=revision.is_about_goods(one.bought, new),
            )  # fmt: skip
            world.orders.append(one, [fact], bought=new)


def keep(one: Order, now: Any) -> list[Fact]:
    """Let a person keep an order as it is, whatever the shop says."""
    report = revision.open_report(one)
    return [events.HoldReleased(at=now, code="changed_in_shop", by="staff")] if report else []


def stripe(amount: int, number: int = 727) -> Act:
    """Let the payment provider tell of money."""

    def act(world: World) -> None:
        body = stripe_succeeded(
            amount=amount, event=f"evt_{number}_{amount}", order_reference=str(number)
        ).replace(b"pi_1", f"pi_{number}_{amount}".encode())
        world.deliver("stripe", body, f"evt_{number}_{amount}", {})

    return act


def by_staff(decide: Callable[[Order, Any], list[Fact]]) -> Act:
    """Let a person act on the first order there is, as the API would."""

    def act(world: World) -> None:
        for one in world.all_orders()[:1]:
            world.orders.record(one, decide(one, world.clock()))

    return act


def _cancel(one: Order, now: Any) -> list[Fact]:
    return [] if goods.shipments(one) else [events.OrderCancelled(at=now, by="staff")]


def _hold(one: Order, now: Any) -> list[Fact]:
    return [events.HoldPlaced(at=now, code="manual", text="Ask Anna first.")]


def _release(one: Order, now: Any) -> list[Fact]:
    return [
        events.HoldReleased(at=now, code=held.code, by="staff", effect=held.effect)
        for held in one.holds()
    ]


def _return(one: Order, now: Any) -> list[Fact]:
    number = len(one.all(events.ReturnAuthorized)) + 1
    back: dict[str, int] = {}
    for fact in one.all(events.ReturnAuthorized):
        for piece in fact.lines:
            back[piece.line_id] = back.get(piece.line_id, 0) + piece.quantity
    for line_id, count in goods.sent(one).items():
        if count > back.get(line_id, 0):
            piece = events.LineQuantity(line_id=line_id, quantity=1, restock=number % 2 == 1)
            return [events.ReturnAuthorized(at=now, return_id=f"R{number}", lines=(piece,))]
    return []


def _receive(one: Order, now: Any) -> list[Fact]:
    for fact in one.all(events.ReturnAuthorized):
        if states.return_of(one, fact.return_id) is states.Return.AUTHORIZED:
            return [events.ReturnReceived(at=now, return_id=fact.return_id, lines=fact.lines)]
    return []


def _refund(one: Order, now: Any) -> list[Fact]:
    for due in one.all(events.RefundDue):
        if states.return_of(one, due.return_id) is states.Return.RECEIVED and due.amount:
            return [
                events.RefundRecorded(
                    at=now, source="manual", reference=f"back-{due.return_id}",
                    amount=due.amount, booked_at=now, return_id=due.return_id,
                )
            ]  # fmt: skip
    return []


def wait(minutes: int) -> Act:
    """Let time pass."""

    def act(world: World) -> None:
        world.clock.now += timedelta(minutes=minutes)

    return act


def stock(count: int) -> Act:
    """Let goods come in."""

    def act(world: World) -> None:
        key = ("demo", "TEE-1", "main")
        level = world.database.levels[key]
        world.database.levels[key] = replace(level, available=level.available + count)

    return act


ACTS: dict[str, Act] = {
    "shop: pending": shop("pending"),
    "shop: processing": shop("processing"),
    "shop: cancelled": shop("cancelled"),
    **{f"shop: {name}": edit(name) for name in VERSIONS},
    "staff: take over": take_over,
    "staff: keep": by_staff(keep),
    "stripe: all": stripe(3892),
    "stripe: part": stripe(1000),
    "staff: cancel": by_staff(_cancel),
    "staff: hold": by_staff(_hold),
    "staff: release": by_staff(_release),
    "staff: authorize return": by_staff(_return),
    "staff: receive return": by_staff(_receive),
    "staff: refund": by_staff(_refund),
    "bank: 38.92": by_staff(
        lambda one, now: [
            events.PaymentReceived(
                at=now, source="bank", reference="b1", amount=eur("38.92"), booked_at=now
            )
        ]
    ),
    "a minute": wait(1),
    "nine days": wait(60 * 24 * 9),
    "stock: 3": stock(3),
    "sweep": World.sweep,
    "settle": World.settle,
}
# A run that goes somewhere begins with an order and mostly with money.
plots = st.tuples(
    st.sampled_from(("shop: pending", "shop: processing")),
    st.lists(st.sampled_from(sorted(ACTS)), min_size=2, max_size=14),
).map(lambda parts: [parts[0], *parts[1]])
policies = st.builds(
    Policy,
    ship_on=st.sampled_from(("payment", "acceptance")),
    invoice_on=st.sampled_from(("payment", "acceptance", "shipment")),
    partial_reservation=st.booleans(),
    partial_shipments=st.booleans(),
    merge_payment_mail=st.booleans(),
)


def play(
    plot: list[str],
    policy: Policy,
    *,
    on_hand: int = 10,
    seen: Callable[[World], None] | None = None,
) -> World:
    """Run a plot to its end; `seen` looks at the world after every act."""
    world = World(settings=replace(SETTINGS, policy=policy))
    for sku in ("TEE-1", "TEE-2"):
        world.shelve(sku, on_hand)
    for name in plot:
        ACTS[name](world)
        if seen:
            seen(world)
    world.settle()
    world.sweep()
    if seen:
        seen(world)
    return world

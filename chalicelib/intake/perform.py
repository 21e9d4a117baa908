"""Turns a delivery of a shop into facts of its order, once."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Protocol

from chalicelib.domain.errors import Conflict, NeedsHuman, Permanent
from chalicelib.domain.order import Order, order_id
from chalicelib.intake.decide import decide, first_facts
from chalicelib.intake.port import Ignored, shop
from chalicelib.runtime.logging import log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery
    from chalicelib.domain.events import Fact, Policy
    from chalicelib.intake.port import Snapshot
    from chalicelib.store.orders import Head


class IntakeOrders(Protocol):
    """What intake needs of the orders."""

    def load_with_head(self, merchant_id: str, order_id: str) -> tuple[Order | None, Head | None]:
        """Read an order and what the lists show of it."""
        ...

    def create(self, order: Order, facts: Sequence[Fact]) -> Order:
        """Write a new order; Conflict if it is known."""
        ...

    def record(self, order: Order, facts: Iterable[Fact]) -> Order:
        """Add facts to a known one."""
        ...

    def project(self, order: Order, head: Head | None, now: datetime) -> None:
        """Bring the lists up to date."""
        ...


class IntakeInbox(Protocol):
    """What intake needs of the inbox."""

    def load(self, merchant_id: str, wanted: str) -> Delivery | None:
        """Read a delivery."""
        ...

    def fail(self, merchant_id: str, wanted: str, code: str, text: str) -> None:
        """Keep a delivery for a person to see."""
        ...


def perform(
    merchant_id: str,
    delivery_id: str,
    now: datetime,
    *,
    inbox: IntakeInbox,
    orders: IntakeOrders,
    policy_of: Callable[[str], Policy],
    tells_of: Callable[[str], tuple[str, ...]] = lambda _: (),
) -> None:
    """Take in one delivery; what cannot be understood is kept with the field and the reason."""
    delivery = inbox.load(merchant_id, delivery_id)
    if delivery is None:
        return
    try:
        read = shop(delivery.kind).translate(delivery)
    except (Permanent, NeedsHuman) as error:
        inbox.fail(merchant_id, delivery_id, error.code, error.text)
        return
    if isinstance(read, Ignored):
        log.info("ignored", reason=read.reason, delivery=delivery_id)
        return
    take_in(
        merchant_id,
        read,
        now,
        delivery_id=delivery_id,
        orders=orders,
        policy_of=policy_of,
        tells_of=tells_of,
    )


def take_in(
    merchant_id: str,
    snapshot: Snapshot,
    now: datetime,
    *,
    delivery_id: str,
    orders: IntakeOrders,
    policy_of: Callable[[str], Policy],
    tells_of: Callable[[str], tuple[str, ...]] = lambda _: (),
) -> Order | None:
    """Make the order, or add to it what is new; None for one that was deleted before we knew it."""
    bought = snapshot.bought
    name = order_id(bought.connection_id, bought.external_id)
    order, head = orders.load_with_head(merchant_id, name)
    if order is None and snapshot.cancelled and not bought.lines:
        log.info("ignored", reason="deleted before we knew it", order=name)
        return None
    if order is None:
        try:
            return orders.create(
                Order(merchant_id=merchant_id, id=name, bought=bought),
                tuple(
                    first_facts(
                        snapshot,
                        now,
                        delivery_id=delivery_id,
                        policy=policy_of(merchant_id),
                        access_token=secrets.token_urlsafe(16),
                        tells=tells_of(bought.connection_id),
                    )
                ),
            )
        except Conflict:
            order, head = orders.load_with_head(merchant_id, name)
            if order is None:
                raise
    if head is None:
        orders.project(order, head, now)
    return orders.record(order, decide(order, snapshot, now))

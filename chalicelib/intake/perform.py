"""Turns a delivery of a shop into facts of its order, once."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Protocol

from chalicelib.domain.errors import Conflict, NeedsHuman, Permanent, Retryable
from chalicelib.domain.order import Order, order_id
from chalicelib.intake.decide import decide, first_facts, untimely
from chalicelib.intake.port import Hint, Ignored, Snapshot, shop
from chalicelib.runtime.logging import log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery
    from chalicelib.domain.events import Fact, Policy
    from chalicelib.domain.order import Bought
    from chalicelib.store.orders import Found, Head

TRIES = 8


class IntakeOrders(Protocol):
    """What intake needs of the orders."""

    def find(self, merchant_id: str, order_id: str) -> Found:
        """Read an order, what the lists show of it, and whether the shop has deleted it."""
        ...

    def bury(self, merchant_id: str, order_id: str, at: datetime) -> None:
        """Remember that the shop deleted an order we never had."""
        ...

    def create(self, order: Order, facts: Sequence[Fact]) -> Order:
        """Write a new order; Conflict if it is known."""
        ...

    def append(
        self,
        order: Order,
        facts: Iterable[Fact],
        *,
        bought: Bought | None = None,
        reported: Bought | None = None,
    ) -> Order:
        """Add facts, and the versions they tell of, to a known one; Conflict if it has moved."""
        ...

    def project(self, order: Order, head: Head | None, now: datetime) -> object:
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

    def note_test(self, merchant_id: str, wanted: str, text: str) -> None:
        """Remember that a test was read."""
        ...


def verified_only(delivery: Delivery) -> None:
    """Raise for a delivery whose signature nobody has checked."""
    if delivery.is_unverified:
        raise Permanent("bad_signature", "Nobody has checked the signature.")


def perform(
    merchant_id: str,
    delivery_id: str,
    now: datetime,
    *,
    inbox: IntakeInbox,
    orders: IntakeOrders,
    policy_of: Callable[[str], Policy],
    read_now: Callable[[str, str], None],
    tells_of: Callable[[str], tuple[str, ...]] = lambda _: (),
    trust: Callable[[Delivery], None] = verified_only,
    known: Delivery | None = None,
) -> None:
    """Take in one delivery; what cannot be understood is kept with the field and the reason.

    `trust` raises for what is not its connection's own; `read_now` has its orders read at a hint.
    """
    if (delivery := known or inbox.load(merchant_id, delivery_id)) is None:
        return
    if delivery.is_test:
        inbox.note_test(merchant_id, delivery_id, now.isoformat(timespec="seconds"))
        return
    try:
        trust(delivery)
        read = shop(delivery.kind).translate(delivery)
    except (Permanent, NeedsHuman) as error:
        inbox.fail(merchant_id, delivery_id, error.code, error.text)
        return
    if not isinstance(read, Snapshot):
        _without_order(read, delivery, read_now)
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


def _without_order(
    read: Ignored | Hint, delivery: Delivery, read_now: Callable[[str, str], None]
) -> None:
    """Leave a delivery that holds no order; one that names an order has it read."""
    if isinstance(read, Ignored):
        log.info("ignored", reason=read.reason, delivery=delivery.id)
        return
    log.info("hint", reason=read.reason, order=read.external_id, delivery=delivery.id)
    read_now(delivery.merchant_id, delivery.connection_id)


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
    """Make the order, or add to it what is new; None for one that was deleted before we knew it.

    What a version of the shop may change depends on how far the order is, so whoever was slower
    than another worker looks at it again.
    """
    bought = snapshot.bought
    name = order_id(bought.connection_id, bought.external_id)
    for attempt in range(TRIES):
        found = _found(merchant_id, name, snapshot, orders)
        try:
            if found.order is not None:
                return _add(found.order, found, snapshot, now, orders)
            if snapshot.is_bare:
                log.info("ignored", reason="deleted before we knew it", order=name)
                return None
            facts = first_facts(
                snapshot,
                now,
                delivery_id=delivery_id,
                policy=policy_of(merchant_id),
                access_token=secrets.token_urlsafe(16),
                tells=tells_of(bought.connection_id),
                deleted_at=found.deleted_at,
            )
            empty = Order(merchant_id=merchant_id, id=name, bought=bought)
            return orders.create(empty, tuple(facts))
        except Conflict:
            if attempt == TRIES - 1:
                raise
    return None


def _found(merchant_id: str, name: str, snapshot: Snapshot, orders: IntakeOrders) -> Found:
    """Read the order; of one that is deleted before we had it, keep that before looking again."""
    found = orders.find(merchant_id, name)
    if found.order is None and found.deleted_at is None and snapshot.is_bare:
        orders.bury(merchant_id, name, snapshot.bought.modified_at)
        found = orders.find(merchant_id, name)
    return found


def _add(
    order: Order, found: Found, snapshot: Snapshot, now: datetime, orders: IntakeOrders
) -> Order:
    if found.head is None:
        orders.project(order, found.head, now)
    news = decide(order, snapshot, now, deleted_at=found.deleted_at)
    if untimely(order, news):
        raise Retryable("invoice_under_way", "The invoice of this order is being written.")
    return orders.append(order, news.facts, bought=news.bought, reported=news.reported)

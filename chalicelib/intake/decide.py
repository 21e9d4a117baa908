"""What a shop's order means for what we know: pure, whatever order the deliveries come in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import goods
from chalicelib.domain.events import (
    Fact,
    HoldPlaced,
    OrderAccepted,
    OrderCancelled,
    OrderReceived,
    PaymentReceived,
    Policy,
    ShopChangeReported,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Bought, LineItem, Order
    from chalicelib.intake.port import Snapshot


def first_facts(
    snapshot: Snapshot,
    now: datetime,
    *,
    delivery_id: str,
    policy: Policy,
    access_token: str,
    tells: tuple[str, ...] = (),
) -> Iterator[Fact]:
    """Return the facts of an order we see for the first time; one that adds up is accepted."""
    bought = snapshot.bought
    yield OrderReceived(
        at=now, delivery_id=delivery_id, policy=policy, access_token=access_token, tells=tells
    )
    if snapshot.fulfilled and bought.physical():
        yield from _sent_before(now)
    elif bought.lines and not bought.difference() and not snapshot.cancelled:
        yield OrderAccepted(at=now)
    yield from _claims(snapshot, now)


def _sent_before(now: datetime) -> Iterator[Fact]:
    """Hold an order that had left before we knew it: it must not be sent or confirmed again."""
    text = "The shop says that this order was sent before Kontor knew it."
    for effect in ("", "mail:order_confirmation:"):
        yield HoldPlaced(at=now, code="fulfilled_in_shop", text=text, effect=effect)


def decide(order: Order, snapshot: Snapshot, now: datetime) -> Iterator[Fact]:
    """Return what a further delivery of a known order adds; an older or equal one adds nothing.

    Facts that are known already carry the same identity, so the store leaves them out.
    """
    yield from _claims(snapshot, now)
    if snapshot.fulfilled and not goods.is_all_shipped(order):
        yield from _once(order, "fulfilled_in_shop", "The shop says that all goods are sent.", now)
    reported = order.last(ShopChangeReported)
    newest = reported.modified_at if reported else order.bought.modified_at
    if snapshot.bought.modified_at > newest:
        changes = tuple(_changes(order.bought, snapshot.bought))
        if changes:
            yield ShopChangeReported(
                at=now, modified_at=snapshot.bought.modified_at, changes=changes
            )


def _claims(snapshot: Snapshot, now: datetime) -> Iterator[Fact]:
    if snapshot.paid:
        yield PaymentReceived(
            at=now,
            source="shop",
            reference=snapshot.payment_reference,
            amount=snapshot.paid,
            booked_at=now,
        )
    if snapshot.cancelled:
        yield OrderCancelled(at=now, by="shop", reason=snapshot.cancel_reason)


def _once(order: Order, code: str, text: str, now: datetime) -> Iterator[Fact]:
    """Hold an order for a reason, unless it was held for it before."""
    if all(hold.code != code for hold in order.all(HoldPlaced)):
        yield HoldPlaced(at=now, code=code, text=text)


def _changes(old: Bought, new: Bought) -> Iterator[str]:
    if old.total != new.total:
        yield f"total {old.total} → {new.total}"
    if old.shipping != new.shipping:
        yield "delivery address"
    if old.billing != new.billing:
        yield "billing address"
    before = {line.id: line for line in old.lines}
    after = {line.id: line for line in new.lines}
    for line_id in sorted(before.keys() | after.keys()):
        yield from _line_change(before.get(line_id), after.get(line_id))


def _line_change(old: LineItem | None, new: LineItem | None) -> Iterator[str]:
    if old is None and new is not None:
        yield f"line added: {new.quantity} × {new.name}"
    elif new is None and old is not None:
        yield f"line removed: {old.quantity} × {old.name}"
    elif old is not None and new is not None and old.quantity != new.quantity:
        yield f"quantity of {old.name}: {old.quantity} → {new.quantity}"

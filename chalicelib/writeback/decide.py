"""What the shop must still be told of an order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import goods, states
from chalicelib.domain.commands import Command, TellCancelled, TellShipped
from chalicelib.domain.events import HoldPlaced, ShopTold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order

TELL = "tell:"


def decide(order: Order, now: datetime) -> Iterator[Command]:
    """Ask for every parcel, and for our cancellation, that its shop wants to hear of."""
    told = {f"{TELL}{fact.what}" for fact in order.all(ShopTold)}
    for command in (*_shipped(order), *_cancelled(order)):
        if command.key not in told and order.is_due(command.key, now):
            yield command


def _shipped(order: Order) -> Iterator[Command]:
    """Yield the registered parcels, unless the shop says itself that all is sent."""
    knows = any(hold.code == "fulfilled_in_shop" for hold in order.all(HoldPlaced))
    if "ship" not in order.received.tells or knows:
        return
    notes = goods.delivery_notes(order)
    for number in sorted(goods.shipments(order)):
        if number in notes:
            yield TellShipped(shipment=number)


def _cancelled(order: Order) -> Iterator[Command]:
    """Yield a cancellation made here; one after a parcel had left is a return to the shop too."""
    standing = states.cancellations(order)
    is_known = any(fact.by == "shop" for fact in standing)
    if states.is_cancelled(order) and not is_known and "cancel" in order.received.tells:
        yield TellCancelled()

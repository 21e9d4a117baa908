"""Which parcels the carrier must be told of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import goods, states
from chalicelib.domain.commands import Command, NumberShipment, RegisterShipment

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order

OWN = "local"  # the carrier that is the merchant's own delivery


def decide(order: Order, now: datetime) -> Iterator[Command]:
    """Ask for every parcel that has a delivery note and no tracking number yet."""
    if states.lifecycle(order) is states.Lifecycle.CANCELLED:
        return
    known = goods.shipments(order)
    wanted = NumberShipment if order.policy.carrier == OWN else RegisterShipment
    for number, note in goods.delivery_notes(order).items():
        command = wanted(shipment=number, lines=note.lines)
        if number not in known and order.is_due(command.key, now):
            yield command

"""What every shop's translator reads with, and what all shops tell alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.deliveries import OWN_RATE
from chalicelib.domain.fields import LONGEST_NAME, Field, header, read
from chalicelib.domain.money import Money
from chalicelib.domain.order import Bought
from chalicelib.intake.port import Snapshot

if TYPE_CHECKING:
    from decimal import Decimal

    from chalicelib.domain.deliveries import Delivery

__all__ = ["LONGEST_NAME", "Field", "deleted", "header", "own_rate", "read"]


def own_rate(delivery: Delivery) -> Decimal:
    """Return the seller's own VAT in per cent, as the connection has it; none if it came along."""
    return Field(OWN_RATE, header(delivery.headers, OWN_RATE)).number()


def deleted(order: Field, delivery: Delivery) -> Snapshot:
    """Return all that is known of an order that was deleted for good: its id."""
    number = order.at("id").name()
    bought = Bought(
        connection_id=delivery.connection_id,
        external_id=number,
        number=number,
        placed_at=delivery.received_at,
        modified_at=delivery.received_at,
        currency="EUR",
        total=Money.zero("EUR"),
        prices_include_tax=True,
        lines=(),
    )
    return Snapshot(bought=bought, cancelled=True, cancel_reason="deleted in the shop")

"""What the invoice of one parcel bills, and how much of the order is billed with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.documents.wording import WORDS
from chalicelib.domain import by_delivery, formats
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from chalicelib.documents.facts import InvoiceFacts
    from chalicelib.domain.order import LineItem, Order


def lines(order: Order, shipment: int) -> tuple[LineItem, ...]:
    """Return the lines of a parcel's invoice, or of all that was bought (0)."""
    return by_delivery.lines(order, shipment) if shipment else order.bought.lines


def billed(order: Order) -> int:
    """Return what earlier parcels were billed, in minor units."""
    return sum((x.amount.minor for x in by_delivery.invoices(order) if x.amount), start=0)


def notes(order: Order, bill: InvoiceFacts, shipment: int) -> tuple[str, ...]:
    """Say how much of the order is billed with this parcel; nothing of a whole order."""
    if not shipment:
        return ()
    now = Money(minor=billed(order) + bill.totals.due, currency=bill.currency)
    text = WORDS[bill.language]["billed_so_far"].format(
        amount=formats.money(now, bill.language),
        total=formats.money(order.bought.total, bill.language),
    )
    return (text,)

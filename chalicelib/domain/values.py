"""The small things that facts are made of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The merchant's rules, frozen into each order when it comes in."""

    ship_on: str = "payment"  # payment | acceptance (invoice customers ship before they pay)
    invoice_on: str = "payment"  # payment | acceptance | shipment
    partial_reservation: bool = False
    partial_shipments: bool = False
    payment_days: int = 7
    merge_payment_mail: bool = True
    carrier: str = "local"
    location: str = "main"
    handling_days: int = 1
    mail_on_change: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """A number of pieces of one SKU at one location; `weight_g` is one piece's, as it was then."""

    sku: str
    quantity: int
    location: str = "main"
    weight_g: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """Units that could not be set aside; `available` is None when the SKU is not known at all."""

    sku: str
    wanted: int
    available: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineQuantity:
    """Pieces of one order line, by the line's id."""

    line_id: str
    quantity: int
    restock: bool = False

"""The small things that facts are made of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The merchant's rules, frozen into each order when it comes in.

    Units come from the location that `routing` names first, from the next ones if it has too few
    (`fallback`), from several at once with `split`; unpaid orders let go of them after
    `reservation_days` (0: never).
    """

    ship_on: str = "payment"  # payment | acceptance (invoice customers ship before they pay)
    invoice_on: str = "payment"  # payment | acceptance | shipment
    partial_reservation: bool = False
    partial_shipments: bool = False
    payment_days: int = 7
    merge_payment_mail: bool = True
    carrier: str = "local"
    routing: str = "priority"  # priority | nearest
    split: bool = False
    fallback: bool = True
    reservation_days: int = 0
    handling_days: int = 1
    mail_on_change: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Location:
    """A place where units lie; of the lowest `priority` they are taken first."""

    id: str = "main"
    name: str = ""
    street: str = ""
    zip: str = ""
    city: str = ""
    country: str = "DE"
    priority: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """A number of pieces of one SKU at one location; `weight_g` is one piece's, as it was then.

    Where lots are kept, these are of one lot with its best-before date.
    """

    sku: str
    quantity: int
    location: str = "main"
    weight_g: int = 0
    lot: str = ""
    best_before: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Shortage:
    """Units that could not be set aside; `available` is None when the SKU is not known at all.

    Of a product that is sold on `backorder` the supplier owes more, perhaps on a known day.
    """

    sku: str
    wanted: int
    available: int | None
    backorder: bool = False
    expected_on: date | None = None
    suggestion: str = ""  # a known SKU that is spelled nearly so


@dataclass(frozen=True, slots=True, kw_only=True)
class LineQuantity:
    """Pieces of one order line, by the line's id, and the location where they are packed."""

    line_id: str
    quantity: int
    restock: bool = False
    location: str = "main"

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

    Dunning: `payment_days` from the order, or from the invoice of who buys on account; then, each
    time `reminder_days` after a deadline was missed, one of `dunning_levels` letters (3: a reminder
    and two dunning letters; 0: none), which gives `dunning_days` more. The letters' fees are in
    minor units of the order's currency: the first reminder may cost nothing (§ 286 BGB), and by
    default only the last letter costs what paper and postage do. After the last deadline an order
    that was to be paid beforehand is cancelled (`cancel_unpaid`). Who pays all but the fees owes
    nothing more (`waive_fees_on_payment`).
    """

    ship_on: str = "payment"  # payment | acceptance (invoice customers ship before they pay)
    # payment | acceptance | shipment (with the first parcel) | delivery (one for each parcel)
    invoice_on: str = "payment"
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
    dunning_levels: int = 3
    reminder_days: int = 3
    dunning_days: int = 7
    dunning_fee_1: int = 0
    dunning_fee_2: int = 250
    cancel_unpaid: bool = True
    waive_fees_on_payment: bool = True


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
    """A number of pieces of one SKU at one location; `weight_g` and `ean` are one piece's, as then.

    Where lots are kept, these are of one lot with its best-before date.
    """

    sku: str
    quantity: int
    location: str = "main"
    weight_g: int = 0
    lot: str = ""
    best_before: date | None = None
    ean: str = ""


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

"""Facts of the shelf: units set aside, let go, gone out and come back."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.fact import Fact
from chalicelib.domain.product import Part
from chalicelib.domain.values import Shortage, Units


@dataclass(frozen=True, slots=True, kw_only=True)
class StockFact(Fact):
    """Units of this order were moved between available, reserved and gone."""

    units: tuple[Units, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReserved(StockFact):
    """Units were set aside for this order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleOpened(Fact):
    """A bundle of this order is made of these parts, whatever becomes of the product later."""

    known_by = ("sku",)
    sku: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReleased(StockFact):
    """Units set aside went back to the shelf; `reason`: `expired`, or `changed` in the shop."""

    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StockIssued(StockFact):
    """Units left the house in a shipment; with `more`, the rest of them is yet to be told."""

    known_by = ("shipment", "part")
    shipment: int
    part: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StockReturned(StockFact):
    """Units of a return were looked at; `units` went back on the shelf, the rest did not.

    With `more`, the rest of what went back is yet to be told.
    """

    known_by = ("return_id", "part")
    return_id: str
    part: int = 0
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StockShort(Fact):
    """There was not enough to set aside."""

    missing: tuple[Shortage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockArrived(Fact):
    """Units of a SKU that this order waits for came in."""

    sku: str

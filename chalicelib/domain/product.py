"""What a merchant sells: how it is described, what it is made of, and where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.levels import Level


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """So many pieces of a SKU in one bundle."""

    sku: str
    quantity: int = 1
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product with its levels by location; grams, millimetres, ISO 3166-1 alpha-2.

    `parts` make it a bundle, which has no units of its own; `backorder` takes orders beyond what
    is there, due on `expected_on`; `preorder` says that it is not out yet.
    """

    sku: str
    name: str = ""
    ean: str = ""
    weight_g: int = 0
    length_mm: int = 0
    width_mm: int = 0
    height_mm: int = 0
    hs_code: str = ""
    origin: str = ""
    bin: str = ""
    min_stock: int = 0
    parts: tuple[Part, ...] = ()
    backorder: bool = False
    preorder: bool = False
    expected_on: date | None = None
    lots: bool = False
    archived: bool = False
    levels: tuple[Level, ...] = ()

    def at(self, location: str) -> Level:
        """Return the level of one location, empty where nothing was ever put."""
        return next((x for x in self.levels if x.location == location), Level(location=location))

    @property
    def available(self) -> int:
        """What may still be sold, over all locations."""
        return sum(max(level.available, 0) for level in self.levels)

    @property
    def reserved(self) -> int:
        """What waits for its parcel, over all locations."""
        return sum(level.reserved for level in self.levels)

    @property
    def on_hand(self) -> int:
        """What lies on the shelves."""
        return sum(level.on_hand for level in self.levels)

"""Levels that are read once and then move along in memory with what was decided since."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Conflict
from chalicelib.domain.levels import Level

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chalicelib.domain.lots import Lot
    from chalicelib.domain.product import Product
    from chalicelib.stock.port import Shelf
    from chalicelib.store.stock import Move

Key = tuple[str, str]  # SKU and location


class MovingShelf:
    """A shelf of one merchant as it will be once everything decided so far is written."""

    def __init__(self, shelf: Shelf) -> None:
        """Take the shelf to read from."""
        self._shelf = shelf
        self._products: dict[str, Product] = {}
        self._levels: dict[Key, Level] = {}

    def products(
        self, merchant_id: str, skus: Iterable[str], locations: Iterable[str]
    ) -> dict[str, Product]:
        """Return products with their levels at these locations; what is known is not read again."""
        skus, locations = tuple(dict.fromkeys(skus)), tuple(dict.fromkeys(locations))
        self._read(merchant_id, [(sku, at) for sku in skus for at in locations])
        return {
            sku: replace(product, levels=tuple(self._levels[sku, at] for at in locations))
            for sku in skus
            if (product := self._products.get(sku))
        }

    def lots(self, merchant_id: str, sku: str, location: str) -> Sequence[Lot]:
        """Refuse: lots are not moved along, so an order that wants some runs alone."""
        raise Conflict("lots", f"{merchant_id}: the lots of {sku} at {location} are chosen alone")

    def move(self, merchant_id: str, moves: Mapping[Key, Move]) -> None:
        """Move units as the table will; Conflict, and nothing moves, where it would refuse."""
        self._read(merchant_id, moves)
        self._levels |= {key: _moved(self._levels[key], key, move) for key, move in moves.items()}

    def _read(self, merchant_id: str, keys: Iterable[Key]) -> None:
        unread = [key for key in keys if key not in self._levels]
        if not unread:
            return
        skus, locations = ({key[part] for key in unread} for part in (0, 1))
        found = self._shelf.products(merchant_id, skus, locations)
        self._products |= found
        for sku, at in unread:
            product = found.get(sku)
            self._levels[sku, at] = product.at(at) if product else Level(location=at)


def _moved(level: Level, key: Key, move: Move) -> Level:
    after = replace(
        level, available=level.available + move.available, reserved=level.reserved + move.reserved
    )
    if (move.available < 0 and after.available < 0) or (move.reserved < 0 and after.reserved < 0):
        raise Conflict("conflict", f"there are not as many of {key[0]} at {key[1]}")
    return after

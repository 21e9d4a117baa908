"""Levels that are read once and then move along in memory with what was decided since."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from chalicelib.domain.errors import Conflict
from chalicelib.domain.levels import Level
from chalicelib.domain.lots import Lot
from chalicelib.store.stock import lot_key, lot_moves_of, moves_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.domain.product import Product
    from chalicelib.stock.port import Shelf
    from chalicelib.store.allocation import Append
    from chalicelib.store.stock import Move

Key = tuple[str, str]  # SKU and location
T = TypeVar("T", Level, Lot)


class MovingShelf:
    """A shelf of one merchant as it will be once everything decided so far is written."""

    def __init__(self, shelf: Shelf) -> None:
        """Take the shelf to read from."""
        self._shelf = shelf
        self._products: dict[str, Product] = {}
        self._levels: dict[Key, Level] = {}
        self._lots: dict[Key, dict[str, Lot]] = {}

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

    def lots(self, merchant_id: str, sku: str, location: str) -> list[Lot]:
        """Return the lots of a SKU at a location; they are read once."""
        if (sku, location) not in self._lots:
            found = self._shelf.lots(merchant_id, sku, location)
            self._lots[sku, location] = {
                lot_key(sku, location, lot.name, lot.best_before): lot for lot in found
            }
        return [lot for lot in self._lots[sku, location].values() if lot.on_hand]

    def move(self, append: Append) -> None:
        """Move units as the table will; Conflict, and nothing moves, where it would refuse."""
        order, new = append.order, append.new
        moves, lot_moves = moves_of(order.id, new), lot_moves_of(order.id, new)
        self._read(order.merchant_id, moves)
        levels = {key: _moved(self._levels[key], move) for key, move in moves.items()}
        lots: dict[Key, dict[str, Lot]] = {}
        for unit in (x for fact in new for x in getattr(fact, "units", ()) if x.lot):
            self.lots(order.merchant_id, unit.sku, unit.location)
            place = unit.sku, unit.location
            name = lot_key(*place, unit.lot, unit.best_before)
            lot = self._lots[place].get(name) or Lot(name=unit.lot, best_before=unit.best_before)
            lots.setdefault(place, {})[name] = _moved(lot, lot_moves[name])
        self._levels |= levels
        for place, changed in lots.items():
            self._lots[place] |= changed

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


def _moved(there: T, move: Move) -> T:
    after = replace(
        there, available=there.available + move.available, reserved=there.reserved + move.reserved
    )
    if (move.available < 0 and after.available < 0) or (move.reserved < 0 and after.reserved < 0):
        raise Conflict("conflict", "there are not as many")
    return after

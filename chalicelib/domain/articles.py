"""What was known of articles when their stock was set aside: weights and EANs, by SKU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import goods
from chalicelib.domain.events import StockReserved

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.domain.events import LineQuantity
    from chalicelib.domain.order import Order


def eans(order: Order) -> dict[str, str]:
    """Return the EANs that products had; a bundle has none of its own."""
    known = (unit for fact in order.all(StockReserved) for unit in fact.units)
    return {unit.sku: unit.ean for unit in known if unit.ean}


def weight(order: Order, lines: Iterable[LineQuantity]) -> int:
    """Return what a parcel weighs in grams; what has no weight counts as nothing."""
    grams = _grams(order)
    units = goods.units_of(order, lines)
    return sum(grams.get(sku, 0) * count for (sku, _), count in units.items())


def known_weight(order: Order, lines: Iterable[LineQuantity]) -> int:
    """Return what a parcel weighs in grams; nothing if that of any article is not known."""
    grams, pieces = _grams(order), tuple(lines)
    tracked = {line.id: line.sku for line in order.bought.lines}
    units = goods.units_of(order, pieces)
    is_known = all(grams.get(sku) for sku, _ in units) and all(tracked[x.line_id] for x in pieces)
    return weight(order, pieces) if is_known else 0


def _grams(order: Order) -> dict[str, int]:
    return {u.sku: u.weight_g for fact in order.all(StockReserved) for u in fact.units}

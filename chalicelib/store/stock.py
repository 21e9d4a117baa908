"""Stock levels, and how facts move them; `allocation` writes both in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.domain import events
from chalicelib.store.tables import REGION, Row, table_name, translated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action


class StockRow(Row):
    """One SKU at one location: `available` may be sold, `reserved` waits for its parcel."""

    class Meta:
        """The table as the template makes it."""

        table_name = table_name("stock")
        region = REGION

    name = UnicodeAttribute(default="")
    ean = UnicodeAttribute(default="")
    weight_g = NumberAttribute(default=0)
    available = NumberAttribute(default=0)
    reserved = NumberAttribute(default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A product at one location; `on_hand` = `available` + `reserved`, weight in grams."""

    sku: str
    name: str = ""
    ean: str = ""
    weight_g: int = 0
    location: str = "main"
    available: int = 0
    reserved: int = 0

    @property
    def on_hand(self) -> int:
        """What lies on the shelf."""
        return self.available + self.reserved


def stock_key(sku: str, location: str) -> str:
    """Return the sort key of a SKU at a location."""
    return f"SKU#{sku}#{location}"


class Shelf:
    """The stock of all merchants."""

    def products(self, merchant_id: str, skus: Iterable[tuple[str, str]]) -> dict[str, Product]:
        """Read products by (sku, location); unknown ones are missing from the answer."""
        keys = [(merchant_id, stock_key(sku, location)) for sku, location in sorted(set(skus))]
        with translated():
            rows = StockRow.batch_get(keys, consistent_read=True) if keys else []
            return {product.sku: product for product in map(_product, rows)}

    def page(self, merchant_id: str, *, limit: int, after: str = "") -> list[Product]:
        """List products by SKU."""
        start = {"pk": {"S": merchant_id}, "sk": {"S": after}} if after else None
        with translated():
            rows = StockRow.query(
                merchant_id, StockRow.sk.startswith("SKU#"), limit=limit, last_evaluated_key=start
            )
            return [_product(row) for row in rows]

    def put(self, merchant_id: str, product: Product, *, on_hand: int | None) -> Product:
        """Create or change a product; with `on_hand` set what lies there, reserved units included.

        Conflict if units moved meanwhile: what was counted is no longer true.
        """
        row = StockRow(merchant_id, stock_key(product.sku, product.location))
        seen = self.products(merchant_id, [(product.sku, product.location)]).get(product.sku)
        actions: list[Action] = [
            StockRow.name.set(product.name),
            StockRow.ean.set(product.ean),
            StockRow.weight_g.set(product.weight_g),
        ]
        condition: Condition = StockRow.pk.exists()
        if seen is None:
            actions += [StockRow.available.set(on_hand or 0), StockRow.reserved.set(0)]
            condition = StockRow.pk.does_not_exist()
        elif on_hand is not None:
            actions.append(StockRow.available.set(on_hand - seen.reserved))
            condition = StockRow.available == seen.available
            condition &= StockRow.reserved == seen.reserved
        with translated():
            row.update(actions, condition=condition)
        return _product(row)

    def adjust(self, merchant_id: str, sku: str, location: str, difference: int) -> Product:
        """Change what is available; Conflict for an unknown SKU, or if there is not as much."""
        row = StockRow(merchant_id, stock_key(sku, location))
        actions, condition = change(difference, 0)
        with translated():
            row.update(actions, condition=condition)
        return _product(row)


# What one unit of a fact does to what is available and to what is reserved.
EFFECTS: dict[type[events.Fact], tuple[int, int]] = {
    events.StockReserved: (-1, 1),
    events.StockReleased: (1, -1),
    events.StockIssued: (0, -1),
    events.StockReturned: (1, 0),
}


def moves_of(facts: Iterable[events.Fact]) -> dict[tuple[str, str], tuple[int, int]]:
    """Return by (sku, location) how facts change what is available and what is reserved.

    A transaction may name a row once, so the facts of one run are summed up.
    """
    moves: dict[tuple[str, str], tuple[int, int]] = {}
    for fact in facts:
        for unit in fact.units if isinstance(fact, events.StockFact) else ():
            key = (unit.sku, unit.location)
            available, reserved = moves.get(key, (0, 0))
            one, other = EFFECTS[type(fact)]
            moves[key] = (available + one * unit.quantity, reserved + other * unit.quantity)
    return moves


def change(available: int, reserved: int) -> tuple[list[Action], Condition]:
    """Return the change of a level, and what must be true of it before."""
    condition: Condition = StockRow.pk.exists()
    if available < 0:
        condition &= StockRow.available >= -available
    if reserved < 0:
        condition &= StockRow.reserved >= -reserved
    return [StockRow.available.add(available), StockRow.reserved.add(reserved)], condition


def _product(row: StockRow) -> Product:
    _, sku_and_location = row.sk.split("#", 1)
    sku, location = sku_and_location.rsplit("#", 1)
    return Product(
        sku=sku,
        name=row.name,
        ean=row.ean,
        weight_g=int(row.weight_g),
        location=location,
        available=int(row.available),
        reserved=int(row.reserved),
    )

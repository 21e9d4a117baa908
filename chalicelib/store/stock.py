"""Stock levels; units move in the same transaction as the fact that says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.domain import events
from chalicelib.store.orders import OrderRow, Orders, event_row
from chalicelib.store.tables import REGION, Row, connection, table_name, translated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action

    from chalicelib.domain.order import Order


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

    def put(self, merchant_id: str, product: Product, *, on_hand: int) -> Product:
        """Create or change a product and set what is on hand; what is reserved stays reserved."""
        row = StockRow(merchant_id, stock_key(product.sku, product.location))
        seen = self.products(merchant_id, [(product.sku, product.location)]).get(product.sku)
        reserved = seen.reserved if seen else 0
        unchanged = StockRow.reserved == reserved if seen else StockRow.pk.does_not_exist()
        with translated():
            row.update(
                [
                    StockRow.name.set(product.name),
                    StockRow.ean.set(product.ean),
                    StockRow.weight_g.set(product.weight_g),
                    StockRow.available.set(on_hand - reserved),
                    StockRow.reserved.set(reserved),
                ],
                condition=unchanged,
            )
        return _product(row)

    def adjust(self, merchant_id: str, sku: str, location: str, difference: int) -> Product:
        """Change what is available by a difference; Conflict for an unknown SKU."""
        row = StockRow(merchant_id, stock_key(sku, location))
        with translated():
            row.update([StockRow.available.add(difference)], condition=StockRow.pk.exists())
        return _product(row)


class StockOrders(Orders):
    """Appends stock facts together with the levels they change, or not at all."""

    def record(self, order: Order, facts: Iterable[events.Fact]) -> Order:
        """Append in one transaction; Conflict if a level or the order moved meanwhile."""
        after = order.plus(facts)
        if after is order:
            return order
        new = after.facts[len(order.facts) :]
        moves = [fact for fact in new if isinstance(fact, events.StockFact) and fact.units]
        if not moves:
            return self.append(order, new)
        with translated(), TransactWrite(connection=connection()) as transaction:
            transaction.save(event_row(after, new), condition=OrderRow.pk.does_not_exist())
            for fact in moves:
                for unit in fact.units:
                    row = StockRow(order.merchant_id, stock_key(unit.sku, unit.location))
                    actions, condition = _move(fact, unit.quantity)
                    transaction.update(row, actions, condition=condition)
        return after


def _move(fact: events.StockFact, quantity: int) -> tuple[list[Action], Condition]:
    """Return what a fact does to a level and what must be true of it before."""
    if isinstance(fact, events.StockReserved):
        actions: list[Action] = [StockRow.available.add(-quantity), StockRow.reserved.add(quantity)]
        return actions, StockRow.available >= quantity
    if isinstance(fact, events.StockReleased):
        actions = [StockRow.available.add(quantity), StockRow.reserved.add(-quantity)]
        return actions, StockRow.reserved >= quantity
    if isinstance(fact, events.StockIssued):
        return [StockRow.reserved.add(-quantity)], StockRow.reserved >= quantity
    return [StockRow.available.add(quantity)], StockRow.pk.exists()


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

"""Stock levels, and how facts move them; `allocation` writes both in one transaction (ADR 0002).

A product's master data is the row `SKU#{sku}#`, its units at a location `SKU#{sku}#{location}`:
one range holds all of a product.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from pynamodb.attributes import BinaryAttribute, ListAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.indexes import GlobalSecondaryIndex, KeysOnlyProjection

from chalicelib.domain import events
from chalicelib.domain.levels import Cause, Level
from chalicelib.domain.lots import Lot
from chalicelib.domain.product import Product
from chalicelib.store import happenings
from chalicelib.store.tables import REGION, Row, table_name, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action


K = TypeVar("K")


class ByName(GlobalSecondaryIndex["StockRow"]):
    """A merchant's products by name, case folded."""

    class Meta:
        """The index as the template makes it."""

        index_name = "by_name"
        projection = KeysOnlyProjection()

    merchant = UnicodeAttribute(hash_key=True)
    name_key = UnicodeAttribute(range_key=True)


class ByEan(GlobalSecondaryIndex["StockRow"]):
    """A merchant's products by EAN."""

    class Meta:
        """The index as the template makes it."""

        index_name = "by_ean"
        projection = KeysOnlyProjection()

    merchant_ean = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class ByLow(GlobalSecondaryIndex["StockRow"]):
    """A merchant's products of which less is there than there should be."""

    class Meta:
        """The index as the template makes it."""

        index_name = "by_low"
        projection = KeysOnlyProjection()

    merchant_low = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)


class StockRow(Row):
    """A product (`data` and what finds it) or a level: the rest."""

    class Meta:
        """The table as the template makes it."""

        table_name = table_name("stock")
        region = REGION

    data = UnicodeAttribute(null=True)
    merchant = UnicodeAttribute(null=True)
    name_key = UnicodeAttribute(null=True)
    merchant_ean = UnicodeAttribute(null=True)
    merchant_low = UnicodeAttribute(null=True)
    available = NumberAttribute(null=True)
    reserved = NumberAttribute(null=True)
    seq = NumberAttribute(null=True)
    cause = UnicodeAttribute(null=True)
    notes: Any = ListAttribute(null=True, of=UnicodeAttribute)
    moves = BinaryAttribute(null=True, legacy_encoding=False)
    by_name = ByName()
    by_ean = ByEan()
    by_low = ByLow()


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """By how much a level changes, and why."""

    available: int
    reserved: int
    cause: Cause

    def __add__(self, later: Move) -> Move:
        """Return both as one change; of several orders the cause says only how many they are."""
        one, other = self.cause, later.cause
        cause = other if one.kind == other.kind else replace(other, kind="several")
        if one.order_id != other.order_id or one.orders > 1:
            cause = replace(cause, order_id="", orders=one.orders + other.orders)
        return Move(
            available=self.available + later.available,
            reserved=self.reserved + later.reserved,
            cause=cause,
        )


def stock_key(sku: str, location: str = "") -> str:
    """Return the sort key of a SKU at a location, or of the product itself."""
    return f"SKU#{sku}#{location}"


def lot_key(sku: str, location: str, lot: str, best_before: date | None) -> str:
    """Return the sort key of a lot: those of a SKU at a location lie by best-before date."""
    return f"LOT#{sku}#{location}#{(best_before or date.max).isoformat()}#{lot}"


def place_of(key: str) -> tuple[str, str]:
    """Return SKU and location of a sort key; the location is empty for the product itself."""
    sku, location = key.removeprefix("SKU#").rsplit("#", 1)
    return sku, location


class Shelf:
    """The stock of all merchants."""

    def products(
        self, merchant_id: str, skus: Iterable[str], locations: Iterable[str]
    ) -> dict[str, Product]:
        """Read products with their levels at these locations; unknown ones are missing."""
        wanted = ("", *locations)
        keys = [(merchant_id, stock_key(sku, at)) for sku in sorted(set(skus)) for at in wanted]
        with translated():
            rows = StockRow.batch_get(keys, consistent_read=True) if keys else []
            return {product.sku: product for product in joined(rows)}

    def lots(self, merchant_id: str, sku: str, location: str = "") -> list[Lot]:
        """Read the lots of a SKU, at one location or at all; those used up are left out."""
        begin = f"LOT#{sku}#{location}#" if location else f"LOT#{sku}#"
        with translated():
            rows = StockRow.query(merchant_id, StockRow.sk.startswith(begin), consistent_read=True)
            return [lot for lot in map(_lot, rows) if lot.on_hand]

    def adjust(
        self, merchant_id: str, sku: str, location: str, difference: int, cause: Cause
    ) -> Level:
        """Change what is available; Conflict if there is not as much."""
        move = Move(available=difference, reserved=0, cause=cause)
        row = StockRow(merchant_id, stock_key(sku, location))
        actions, condition = noted_change(row, move)
        with translated():
            row.update(actions, condition=condition)
        return level_in(row)

    def count(self, merchant_id: str, sku: str, seen: Level, on_hand: int, cause: Cause) -> Level:
        """Set what lies at a location, units set aside included.

        Conflict if units moved since it was seen: what was counted is no longer true.
        """
        row = StockRow(merchant_id, stock_key(sku, seen.location))
        move = Move(available=on_hand - seen.on_hand, reserved=0, cause=cause)
        same = StockRow.seq == seen.seq if seen.seq else StockRow.pk.does_not_exist()
        with translated():
            row.update(noted_change(row, move)[0], condition=same)
        return level_in(row)


# What one unit of a fact does to what is available and to what is reserved, and what that is.
EFFECTS: dict[type[events.Fact], tuple[int, int, str]] = {
    events.StockReserved: (-1, 1, "reservation"),
    events.StockReleased: (1, -1, "release"),
    events.StockIssued: (0, -1, "sale"),
    events.StockReturned: (1, 0, "return"),
}


def moves_of(order_id: str, facts: Sequence[events.Fact]) -> dict[tuple[str, str], Move]:
    """Return by (sku, location) how the facts of one order change what is there.

    A transaction may name a row once, so the facts of one run are summed up; the cause is that
    of the last one.
    """
    return _summed(order_id, facts, lambda unit: (unit.sku, unit.location))


def lot_moves_of(order_id: str, facts: Sequence[events.Fact]) -> dict[str, Move]:
    """Return by sort key how the facts of one order change the lots that they name."""
    return _summed(
        order_id,
        facts,
        lambda x: lot_key(x.sku, x.location, x.lot, x.best_before) if x.lot else None,
    )


def _summed(
    order_id: str, facts: Sequence[events.Fact], key_of: Callable[[events.Units], K | None]
) -> dict[K, Move]:
    moves: dict[K, Move] = {}
    for fact in facts:
        for unit in fact.units if isinstance(fact, events.StockFact) else ():
            if (key := key_of(unit)) is None:
                continue
            available, reserved, kind = EFFECTS[type(fact)]
            move = Move(
                available=available * unit.quantity,
                reserved=reserved * unit.quantity,
                cause=Cause(kind=kind, at=fact.at, order_id=order_id),
            )
            moves[key] = moves[key] + move if key in moves else move
    return moves


def level_change(move: Move) -> tuple[list[Action], Condition | None]:
    """Return the change of a level with its number and cause, and what must be true before."""
    conditions = []
    if move.available < 0:
        conditions.append(StockRow.available >= -move.available)
    if move.reserved < 0:
        conditions.append(StockRow.reserved >= -move.reserved)
    actions: list[Action] = [
        StockRow.available.add(move.available),
        StockRow.reserved.add(move.reserved),
        StockRow.seq.add(1),
        StockRow.cause.set(msgspec.json.encode(move.cause).decode()),
    ]
    if not conditions:
        return actions, None
    return actions, conditions[0] if len(conditions) == 1 else conditions[0] & conditions[1]


def noted_change(row: StockRow, move: Move) -> tuple[list[Action], Condition | None]:
    """Return `level_change` of a level that notes in its row what happened."""
    actions, condition = level_change(move)
    note: Any = [happenings.written(move.available, move.reserved, move.cause)]
    is_full = happenings.begins_anew(row.pk, row.sk)
    notes = note if is_full else (StockRow.notes | []).append(note)
    return [*actions, StockRow.notes.set(notes)], condition


def joined(rows: Iterable[StockRow]) -> list[Product]:
    """Return the products that rows of products and of levels make up, by SKU."""
    data: dict[str, str] = {}
    levels: dict[str, list[Level]] = {}
    for row in rows:
        sku, location = place_of(row.sk)
        if location:
            levels.setdefault(sku, []).append(level_in(row))
        else:
            data[sku] = row.data
    return [product_of(sku, data[sku], levels.get(sku, ())) for sku in sorted(data)]


def product_of(sku: str, data: str, levels: Iterable[Level] = ()) -> Product:
    """Return a product from what its row holds and its levels."""
    described = msgspec.json.decode(data)
    product = msgspec.convert({**described, "sku": sku}, Product)
    return replace(product, levels=tuple(sorted(levels, key=lambda level: level.location)))


def cause_of(text: str | None) -> Cause | None:
    """Read the cause that a level's row holds."""
    return msgspec.json.decode(text, type=Cause) if text else None


def _lot(row: StockRow) -> Lot:
    _, _, location, best_before, name = row.sk.split("#")
    day = date.fromisoformat(best_before)
    return Lot(
        name=name,
        location=location,
        best_before=None if day == date.max else day,
        available=int(row.available or 0),
        reserved=int(row.reserved or 0),
        seq=int(row.seq or 0),
    )


def level_in(row: StockRow) -> Level:
    """Return the level that a row holds."""
    happenings.count(row.pk, row.sk, len(row.notes or ()))
    return Level(
        location=place_of(row.sk)[1],
        available=int(row.available or 0),
        reserved=int(row.reserved or 0),
        seq=int(row.seq or 0),
        cause=cause_of(row.cause),
    )

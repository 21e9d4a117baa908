"""Lots that people receive, correct and count: with their level, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pynamodb.transactions import TransactWrite

from chalicelib.store.stock import Move, StockRow, level_change, lot_key, noted_change, stock_key
from chalicelib.store.tables import connection, translated

if TYPE_CHECKING:
    from chalicelib.domain.levels import Cause
    from chalicelib.domain.lots import Lot


def adjust(merchant_id: str, sku: str, seen: Lot, difference: int, cause: Cause) -> None:
    """Change what is available of a lot; Conflict if there is not as much, or it has moved."""
    key = lot_key(sku, seen.location, seen.name, seen.best_before)
    move = Move(available=difference, reserved=0, cause=cause)
    actions, _ = level_change(move)
    same = StockRow.seq == seen.seq if seen.seq else StockRow.pk.does_not_exist()
    with translated(), TransactWrite(connection=connection()) as transaction:
        level = StockRow(merchant_id, stock_key(sku, seen.location))
        noted, enough = noted_change(level, move)
        transaction.update(level, noted, condition=enough)
        transaction.update(StockRow(merchant_id, key), actions, condition=same)

"""What each shop was told last of each SKU: `TOLD#{connection}#{sku}`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from chalicelib.store.stock import StockRow
from chalicelib.store.tables import translated

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The level a shop knows; None where it does not have the SKU. `turn` counts the tellings."""

    sku: str
    available: int | None
    turn: int
    at: datetime


class ToldLevels:
    """What the shops of all merchants know."""

    def load(self, merchant_id: str, connection_id: str, skus: Iterable[str]) -> dict[str, Told]:
        """Read what a shop was told of these SKUs, as it is now; what it never heard is missing."""
        keys = [(merchant_id, _key(connection_id, sku)) for sku in sorted(set(skus))]
        with translated():
            rows = StockRow.batch_get(keys, consistent_read=True) if keys else []
            return {told.sku: told for told in map(_told, rows)}

    def of(self, merchant_id: str, sku: str, connections: Iterable[str]) -> dict[str, Told]:
        """Read what these shops were told of a SKU, by connection, for people to see."""
        keys = {_key(connection_id, sku): connection_id for connection_id in connections}
        with translated():
            rows = StockRow.batch_get([(merchant_id, key) for key in keys]) if keys else []
            return {keys[row.sk]: _told(row) for row in rows}

    def keep(self, merchant_id: str, connection_id: str, told: Told) -> None:
        """Remember a telling; Conflict if somebody else told this shop of the SKU meanwhile."""
        row = StockRow(merchant_id, _key(connection_id, told.sku))
        row.data = msgspec.json.encode(told).decode()
        row.seq = told.turn
        before = told.turn - 1
        same = StockRow.seq == before if before else StockRow.pk.does_not_exist()
        with translated():
            row.save(condition=same)


def _key(connection_id: str, sku: str) -> str:
    return f"TOLD#{connection_id}#{sku}"


def _told(row: StockRow) -> Told:
    return msgspec.json.decode(row.data, type=Told)

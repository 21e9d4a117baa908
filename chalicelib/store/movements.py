"""The movements of each level, as the table's stream tells them: `MOVE#{sku}#{location}#{seq}`."""

from __future__ import annotations

from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.domain.errors import Conflict
from chalicelib.domain.levels import Level, Movement, movement
from chalicelib.store.stock import StockRow, cause_of, place_of
from chalicelib.store.tables import translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# Sorts behind every number.
LAST = "9" * 10


def level_of(image: Mapping[str, Any] | None) -> Level | None:
    """Read a level from its image in the stream; None for what is no level."""
    if not image or "seq" not in image:
        return None
    return Level(
        location=place_of(image["sk"]["S"])[1],
        available=int(image["available"]["N"]),
        reserved=int(image["reserved"]["N"]),
        seq=int(image["seq"]["N"]),
        cause=cause_of(image["cause"]["S"]),
    )


def movement_of(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> Movement | None:
    """Return what happened between two images of a row; None where no unit moved."""
    after = level_of(new)
    if after is None or new is None:
        return None
    return movement(place_of(new["sk"]["S"])[0], level_of(old), after)


class Movements:
    """The movements of all merchants' levels."""

    def write(self, merchant_id: str, moved: Movement) -> None:
        """Keep a movement; the same one again changes nothing."""
        row = StockRow(merchant_id, _key(moved.sku, moved.location, f"{moved.seq:010}"))
        row.data = msgspec.json.encode(moved).decode()
        try:
            with translated():
                row.save(condition=StockRow.pk.does_not_exist())
        except Conflict:
            return

    def write_all(self, merchant_id: str, moved: Iterable[Movement]) -> None:
        """Keep many movements; those that are kept already stay as they are."""
        rows = {_key(each.sku, each.location, f"{each.seq:010}"): each for each in moved}
        with translated(), StockRow.batch_write() as batch:
            for key, each in rows.items():
                row = StockRow(merchant_id, key)
                row.data = msgspec.json.encode(each).decode()
                batch.save(row)

    def page(
        self, merchant_id: str, sku: str, before: Mapping[str, int], *, limit: int
    ) -> list[Movement]:
        """Return a product's movements, newest first.

        `before` names the locations to read, each with the number to begin below (0: the newest).
        """
        newest_first = merge(
            *(self._down(merchant_id, sku, at, seq, limit) for at, seq in before.items()),
            key=lambda moved: moved.at,
            reverse=True,
        )
        with translated():
            return list(islice(newest_first, limit))

    def all(self, merchant_id: str, sku: str, location: str, *, most: int) -> list[Movement]:
        """Return all movements of one level, oldest first, at most so many."""
        between = StockRow.sk.between(_key(sku, location, "0" * 10), _key(sku, location, LAST))
        with translated():
            rows = StockRow.query(merchant_id, between, limit=most, consistent_read=True)
            return [msgspec.json.decode(row.data, type=Movement) for row in rows]

    def _down(
        self, merchant_id: str, sku: str, location: str, seq: int, limit: int
    ) -> Iterator[Movement]:
        last = f"{seq - 1:010}" if seq else LAST
        between = StockRow.sk.between(_key(sku, location, "0" * 10), _key(sku, location, last))
        rows = StockRow.query(
            merchant_id, between, scan_index_forward=False, limit=limit, page_size=limit
        )
        for row in rows:
            yield msgspec.json.decode(row.data, type=Movement)


def _key(sku: str, location: str, seq: str) -> str:
    return f"MOVE#{sku}#{location}#{seq}"

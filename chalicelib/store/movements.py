"""The movements of each level: the newest are noted in its row, the others in rows of several.

`MOVE#{sku}#{location}#{seq}` bears the number of its first movement; the table's stream brings it.
"""

from __future__ import annotations

import zlib
from heapq import merge
from itertools import islice
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.domain.levels import Level, Movement, movement
from chalicelib.store import happenings
from chalicelib.store.stock import StockRow, cause_of, level_in, place_of, stock_key
from chalicelib.store.tables import translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# Sorts behind every number.
LAST = "9" * 10
TOGETHER = 20  # movements in one row, which deflated stay below a kilobyte


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


def movements_of(old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> list[Movement]:
    """Return what no image of a level shows any more, after it became another.

    What a row was begun anew from, and what was not noted; what is noted stays in the row.
    """
    before, after = level_of(old), level_of(new)
    image = new or old
    if image is None or (before or after) is None:
        return []
    sku = place_of(image["sk"]["S"])[0]
    notes, newer = notes_of(old), notes_of(new)
    if before and newer[: len(notes)] != notes:
        return happenings.told(sku, before, notes)
    if after is None or len(newer) > len(notes):
        return []
    moved = movement(sku, before, after)
    return [moved] if moved else []


def notes_of(image: Mapping[str, Any] | None) -> list[str]:
    """Return the notes of a level's image in the stream."""
    return [note["S"] for note in ((image or {}).get("notes") or {"L": []})["L"]]


class Movements:
    """The movements of all merchants' levels."""

    def write_all(self, merchant_id: str, moved: Iterable[Movement]) -> None:
        """Keep movements, those that follow each other in one row; again changes nothing."""
        with translated(), StockRow.batch_write() as batch:
            for run in _runs(moved):
                first = run[0]
                row = StockRow(merchant_id, _key(first.sku, first.location, f"{first.seq:010}"))
                row.moves = zlib.compress(msgspec.json.encode(run), 9)
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
            # The level last: what it begins anew meanwhile is missing rather than told twice.
            rows = [*StockRow.query(merchant_id, between, limit=most, consistent_read=True)]
            moved = [each for row in rows for each in _kept(row)]
            moved += self._noted(merchant_id, sku, location)
        known = {each.seq: each for each in moved}
        return [known[seq] for seq in sorted(known)][:most]

    def _down(
        self, merchant_id: str, sku: str, location: str, seq: int, limit: int
    ) -> Iterator[Movement]:
        """Yield the movements of a level below a number, newest first, each once."""
        below = seq or int(LAST)
        for each in self._newest_first(merchant_id, sku, location, below, limit):
            if each.seq < below:
                below = each.seq
                yield each

    def _newest_first(
        self, merchant_id: str, sku: str, location: str, below: int, limit: int
    ) -> Iterator[Movement]:
        yield from reversed(self._noted(merchant_id, sku, location))
        last = _key(sku, location, f"{below - 1:010}")
        between = StockRow.sk.between(_key(sku, location, "0" * 10), last)
        rows = StockRow.query(
            merchant_id, between, scan_index_forward=False, limit=limit, page_size=limit
        )
        for row in rows:
            yield from reversed(_kept(row))

    def _noted(self, merchant_id: str, sku: str, location: str) -> list[Movement]:
        """Return what is still noted in the level's own row, oldest first."""
        try:
            row = StockRow.get(merchant_id, stock_key(sku, location), consistent_read=True)
        except StockRow.DoesNotExist:
            return []
        return happenings.told(sku, level_in(row), row.notes or [])


def _runs(moved: Iterable[Movement]) -> Iterator[list[Movement]]:
    """Yield what follows each other on one level, in its order."""
    known = {(each.sku, each.location, each.seq): each for each in moved}
    run: list[Movement] = []
    for (sku, location, seq), each in sorted(known.items()):
        follows = run and (run[-1].sku, run[-1].location, run[-1].seq + 1) == (sku, location, seq)
        if run and (not follows or len(run) == TOGETHER):
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _kept(row: StockRow) -> list[Movement]:
    """Return the movements that a row keeps; before there were notes it was one."""
    if row.moves is None:
        return [msgspec.json.decode(row.data, type=Movement)]
    return msgspec.json.decode(zlib.decompress(row.moves), type=list[Movement])


def _key(sku: str, location: str, seq: str) -> str:
    return f"MOVE#{sku}#{location}#{seq}"

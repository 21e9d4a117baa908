"""What happened to a level last, noted in its own row until a handful of it moves on (ADR 0022).

Each change adds its note in the very write that changes the level. Who finds the row full begins
it anew; the stream still shows the old row, and what that held becomes one row of movements.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.domain.levels import Cause, Level, movement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.domain.levels import Movement

FULL = 7  # notes; with one more a row stays below a kilobyte
MOST = 10_000  # rows whose notes are counted
_counts: dict[tuple[str, str], int] = {}


class _Note(msgspec.Struct, frozen=True, array_like=True):
    """By how much a level changed, and why; its number follows from its place."""

    available: int
    reserved: int
    kind: str
    at: datetime
    rest: dict[str, Any]


# What a cause holds besides, as long as nothing is said.
BLANK = {"reason": "", "by": "", "order_id": "", "orders": 1, "lot": ""}


def written(available: int, reserved: int, cause: Cause) -> str:
    """Write a note in few signs."""
    rest = {name: said for name, none in BLANK.items() if (said := getattr(cause, name)) != none}
    return msgspec.json.encode(_Note(available, reserved, cause.kind, cause.at, rest)).decode()


def count(merchant_id: str, key: str, notes: int) -> None:
    """Remember how many notes a row had when it was seen."""
    if len(_counts) >= MOST:
        _counts.clear()
    _counts[merchant_id, key] = notes


def begins_anew(merchant_id: str, key: str) -> bool:
    """Tell whether the next note should begin the row anew, and count it.

    Only a guess: others write too. Too early costs a row of movements, too late some bytes; a row
    that was never seen is begun anew, so that none grows without end.
    """
    known = _counts.get((merchant_id, key), FULL)
    count(merchant_id, key, 1 if known >= FULL else known + 1)
    return known >= FULL


def told(sku: str, level: Level, notes: Sequence[str]) -> list[Movement]:
    """Return what a level's notes tell, oldest first; the last of them made the level."""
    found: list[Movement] = []
    for text in reversed(notes):
        note = msgspec.json.decode(text, type=_Note)
        before = Level(
            location=level.location,
            available=level.available - note.available,
            reserved=level.reserved - note.reserved,
            seq=level.seq - 1,
        )
        after = Level(
            location=level.location,
            available=level.available,
            reserved=level.reserved,
            seq=level.seq,
            cause=Cause(kind=note.kind, at=note.at, **note.rest),
        )
        if moved := movement(sku, before, after):
            found.append(moved)
        level = before
    return found[::-1]

"""Levels recomputed from their movements: what adds up, and what is named where it does not."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.audit import audit
from chalicelib.domain.levels import KINDS, Cause, Level, Movement, movement
from tests.events import NOW


def history(changes: list[tuple[int, int]]) -> tuple[Level, list[Movement]]:
    """Return the level after changes of what is available and reserved, and its movements."""
    levels = [Level()]
    for number, (available, reserved) in enumerate(changes, 1):
        last = levels[-1]
        cause = Cause(kind=KINDS[number % len(KINDS)], at=NOW)
        levels.append(
            Level(
                available=last.available + available,
                reserved=last.reserved + reserved,
                seq=number,
                cause=cause,
            )
        )
    moved = [movement("A", before, after) for before, after in pairwise(levels)]
    return levels[-1], [one for one in moved if one]


@given(st.lists(st.tuples(st.integers(-9, 9), st.integers(-9, 9)), max_size=30))
def test_a_level_is_the_sum_of_its_movements(changes: list[tuple[int, int]]) -> None:
    """Whatever happened to it, in any order."""
    level, moved = history(changes)
    found = audit(level, moved)
    assert found.is_sound
    assert (found.counted_on_hand, found.counted_reserved) == (level.on_hand, level.reserved)
    assert found.movements == len(changes)


LEVEL, MOVED = history([(5, 0), (-2, 2), (0, -2), (3, 0), (-1, 1)])


def told(level: Level, moved: list[Movement]) -> list[tuple[str, int]]:
    """Return what does not fit, and at which movement."""
    return [(finding.kind, finding.seq) for finding in audit(level, moved).findings]


def test_movements_that_are_missing_are_named() -> None:
    """In the middle, at the beginning and at the end; what they moved is missing too."""
    assert told(LEVEL, [MOVED[0], *MOVED[3:]]) == [("gap", 2), ("difference", 5)]
    assert told(LEVEL, MOVED[1:]) == [("gap", 1), ("difference", 5)]
    assert told(LEVEL, MOVED[:-2]) == [("gap", 4), ("difference", 5)]
    text = audit(LEVEL, [MOVED[0], *MOVED[3:]]).findings[0].text
    assert text == "Movements 2 to 3 are missing."
    assert audit(LEVEL, []).findings[0].text == "Movements 1 to 5 are missing."


def test_a_level_that_somebody_wrote_by_hand_is_noticed() -> None:
    """The sum is told beside what the level says."""
    found = audit(replace(LEVEL, available=9), MOVED)
    assert [finding.kind for finding in found.findings] == ["difference"]
    assert (found.counted_on_hand, found.on_hand) == (6, 10)


def test_a_movement_that_was_changed_is_noticed() -> None:
    """The next one does not begin where it ends."""
    forged = [*MOVED[:3], replace(MOVED[3], on_hand=99), MOVED[4]]
    assert told(LEVEL, forged) == [("jump", 4), ("jump", 5)]

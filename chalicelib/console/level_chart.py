"""The level of a product over time as a drawing: what lay on the shelf, and what was set aside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.domain.levels import Movement

WIDTH, HEIGHT = 640, 160
LEFT, RIGHT, TOP, BOTTOM = 44, 8, 12, 26
STEPS = (1, 2, 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What was there from a moment on."""

    at: datetime
    on_hand: int
    reserved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Lines in a box of WIDTH by HEIGHT; `marks` are heights with their numbers."""

    on_hand: str
    reserved: str
    marks: tuple[tuple[float, int], ...]
    first: datetime
    last: datetime


def points(
    movements: Sequence[Movement], *, on_hand: int, reserved: int, now: datetime
) -> list[Point]:
    """Walk back from what is there now (over all locations) through movements, newest first."""
    found = [Point(at=now, on_hand=on_hand, reserved=reserved)]
    for one in movements:
        found.append(Point(at=one.at, on_hand=on_hand, reserved=reserved))
        on_hand, reserved = on_hand - one.quantity, reserved - one.held
    return found[::-1]


def chart(found: Sequence[Point]) -> Chart | None:
    """Draw points, oldest first; None where there is nothing to see."""
    if len(found) <= 1 or found[0].at >= found[-1].at:
        return None
    step = round_step(max(1, *(max(one.on_hand, one.reserved) for one in found)))
    top = step * -(-max(1, *(max(one.on_hand, one.reserved) for one in found)) // step)
    marks = tuple((round(_y(value, top), 1), value) for value in range(0, top + 1, step))
    return Chart(
        on_hand=_line(found, [one.on_hand for one in found], top),
        reserved=_line(found, [one.reserved for one in found], top),
        marks=marks,
        first=found[0].at,
        last=found[-1].at,
    )


def _line(found: Sequence[Point], values: Sequence[int], top: int) -> str:
    """Return a path that goes along until a moment, and there up or down."""
    span = (found[-1].at - found[0].at).total_seconds()
    path = ""
    for one, value in zip(found, values, strict=True):
        share = max((one.at - found[0].at).total_seconds(), 0.0) / span
        x, y = LEFT + share * (WIDTH - LEFT - RIGHT), _y(max(value, 0), top)
        path += f"H{x:.1f}V{y:.1f}" if path else f"M{x:.1f} {y:.1f}"
    return path


def _y(value: int, top: int) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)


def round_step(most: int) -> int:
    """Return a round number that goes at most four times into the highest value."""
    power = 1
    while True:
        for step in STEPS:
            if most <= 4 * step * power:
                return step * power
        power *= 10

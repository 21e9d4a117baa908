"""What came in on each of the last days as bars, one on the other by source."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.console.level_chart import BOTTOM, HEIGHT, RIGHT, TOP, WIDTH, round_step
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from chalicelib.domain.takings import Taking, Takings

LEFT = 64  # room for amounts
COLOURS = 6  # further sources share the last one
GAP = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What one source brought on one day; `colour` counts the sources."""

    x: float
    y: float
    width: float
    height: float
    colour: int
    on: date
    source: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Bars in a box; `marks` are heights with their amounts, `sources` those of the legend."""

    bars: tuple[Bar, ...]
    marks: tuple[tuple[float, Money], ...]
    sources: tuple[str, ...]
    first: date
    last: date


def bars(days: Mapping[date, Takings]) -> Bars | None:
    """Draw what came in, in the currency most of it is in; None if nothing did."""
    shown = {on: _counted(day) for on, day in days.items()}
    sums: Counter[tuple[str, str]] = Counter()
    for day in shown.values():
        sums.update({(one.currency, one.source): max(one.received, 0) for one in day})
    if not sums or not max(sums.values()):
        return None
    of: Counter[str] = Counter()
    for (currency, _), minor in sums.items():
        of[currency] += minor
    main = of.most_common(1)[0][0]
    sources = [source for (currency, source), _ in sums.most_common() if currency == main]
    top = max(sum(max(x.received, 0) for x in day if x.currency == main) for day in shown.values())
    step = round_step(top)
    height = step * -(-top // step)
    found = tuple(
        bar
        for place, (on, day) in enumerate(sorted(shown.items()))
        for bar in _stack(
            on,
            _in_order(day, main, sources),
            place=place,
            count=len(shown),
            sources=sources,
            top=height,
        )
    )
    marks = tuple(
        (round(_y(value, height), 1), Money(minor=value, currency=main))
        for value in range(0, height + 1, step)
    )
    return Bars(
        bars=found, marks=marks, sources=tuple(sources), first=min(shown), last=max(shown)
    )  # fmt: skip


def _counted(day: Takings) -> list[Taking]:
    """Leave out what only the shop says: it repeats what others show, if anybody does."""
    proven = [one for one in day.values() if not one.is_told]
    return proven or [*day.values()]


def _in_order(day: list[Taking], currency: str, sources: list[str]) -> list[Taking]:
    mine = [one for one in day if one.currency == currency and one.received > 0]
    return sorted(mine, key=lambda one: sources.index(one.source))


def _stack(
    on: date, day: list[Taking], *, place: int, count: int, sources: list[str], top: int
) -> list[Bar]:
    room = (WIDTH - LEFT - RIGHT) / count
    found, below = [], 0
    for one in day:
        low, high = _y(below, top), _y(below + one.received, top)
        found.append(
            Bar(
                x=round(LEFT + room * (place + GAP / 2), 1),
                y=round(high, 1),
                width=round(room * (1 - GAP), 1),
                height=round(low - high, 1),
                colour=min(sources.index(one.source), COLOURS - 1),
                on=on,
                source=one.source,
                amount=one.money("received"),
            )
        )
        below += one.received
    return found


def _y(value: int, top: int) -> float:
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM)

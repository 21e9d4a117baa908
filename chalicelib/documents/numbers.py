"""Formats of document numbers: which series a number is drawn from, and how it reads.

A format is text with fields: `{year}`, `{yy}`, `{month}` and, once, `{number}` or `{number:05}`.
Everything but the number names the series, so a series begins anew when its year does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.store.merchants import Settings

LONGEST = 24  # signs, so that DATEV's 36 hold every number
_FIELD = re.compile(r"\{([^{}]*)\}")
_NUMBER = re.compile(r"number(?::0?([1-9]))?")
_SIGNS = re.compile(r"[A-Za-z0-9_/-]*")  # what accounting programs take as a number
_EDGE = "-_/"
_PATTERNS = {"year": r"\d{4}", "yy": r"\d\d", "month": r"\d\d", "month:02": r"\d\d"}
_SAMPLE_DAYS = (date(2026, 11, 23), date(2027, 1, 2), date(2111, 12, 31))
_SAMPLE_NUMBERS = (1, 12, 345, 6_789, 26_001, 110_001, 20_260_001)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Numbers that follow each other: what stands before and behind the counter."""

    before: str
    after: str = ""
    width: int = 1

    @property
    def name(self) -> str:
        """The name of the counter; how it is written changes nothing in which it is."""
        before = self.before.rstrip(_EDGE)
        return f"{before}*{self.after}" if self.after else before

    def number(self, count: int) -> str:
        """Return the number that the counter makes."""
        return f"{self.before}{count:0{self.width}}{self.after}"


def series_of(settings: Settings, kind: str, connection_id: str, on: date) -> Series:
    """Return the series of a kind of document on a day, the shop's own one if it has one."""
    field = "invoice_series" if kind == "invoice" else "credit_note_series"
    own = [getattr(x, field) for x in settings.shop_series if x.connection_id == connection_id]
    return series(next(filter(None, own), getattr(settings, field)), on)


def series(template: str, on: date) -> Series:
    """Return the series of a format on a day; a word alone is followed by year and number."""
    before, digits, after = _parts(whole(template))
    return Series(before=_dated(before, on), after=_dated(after, on), width=int(digits or 1))


def whole(template: str) -> str:
    """Return a format as it is meant: `RE` stands for `RE-{year}-{number:05}`."""
    return template if "{" in template or "}" in template else f"{template}-{{year}}-{{number:05}}"


def fault(template: str) -> str:
    """Say what is wrong with a format; nothing if numbers can be made of it."""
    text = whole(template)
    fields = _FIELD.findall(text)
    numbers = [field for field in fields if _NUMBER.fullmatch(field)]
    strange = [field for field in fields if field not in _PATTERNS and field not in numbers]
    rest = _FIELD.sub("", text)
    if strange:
        return f"{{{strange[0]}}} is unknown: {{year}}, {{yy}}, {{month}} or {{number:05}}."
    if len(numbers) != 1 or not template:
        return "must hold {number} once, such as RE-{year}-{number:05}."
    if not _SIGNS.fullmatch(rest):
        return "may hold letters A to Z, digits, -, _ and / beside its fields."
    if any(field.startswith("month") for field in fields) and not {"year", "yy"} & {*fields}:
        return "{month} needs {year} or {yy}: numbers would begin anew and come twice."
    if len(series(template, _SAMPLE_DAYS[0]).number(1)) > LONGEST:
        return f"makes numbers of more than {LONGEST} signs."
    return ""


def collide(one: str, other: str) -> bool:
    """Tell whether two formats could make the same number."""
    return _makes(one, other) or _makes(other, one)


def _makes(one: str, other: str) -> bool:
    pattern = re.compile(_pattern(whole(one)))
    return any(pattern.fullmatch(sample) for sample in _samples(other))


def _samples(template: str) -> Iterator[str]:
    for on in _SAMPLE_DAYS:
        made = series(template, on)
        yield from (made.number(count) for count in _SAMPLE_NUMBERS)


def _pattern(template: str) -> str:
    before, digits, after = _parts(template)
    return f"{_dated_pattern(before)}\\d{{{digits or 1},}}{_dated_pattern(after)}"


def _parts(template: str) -> tuple[str, str, str]:
    """Return what stands before the number, its least digits, and what stands behind it."""
    for found in _FIELD.finditer(template):
        if number := _NUMBER.fullmatch(found[1]):
            return template[: found.start()], number[1] or "", template[found.end() :]
    msg = f"no number in {template!r}"
    raise ValueError(msg)


def _dated(text: str, on: date) -> str:
    said = {"year": f"{on:%Y}", "yy": f"{on:%y}", "month": f"{on:%m}", "month:02": f"{on:%m}"}
    return _FIELD.sub(lambda found: said[found[1]], text)


def _dated_pattern(text: str) -> str:
    pieces = _FIELD.split(text)
    return "".join(
        _PATTERNS[piece] if index % 2 else re.escape(piece) for index, piece in enumerate(pieces)
    )

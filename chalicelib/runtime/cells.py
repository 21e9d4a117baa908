"""What people write into a cell of a table: numbers, days, yes and no, countries."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import NoReturn

from chalicelib.domain.countries import COUNTRIES
from chalicelib.domain.formats import HOME
from chalicelib.runtime.sheets import normal


class BadCell(ValueError):  # noqa: N818 - it says what is wrong with a cell
    """A cell that does not hold what it should; the words say what it should."""


MONEY_SIGNS = re.compile(r"(?i)€|\$|£|%|\beur\b|\bchf\b|\busd\b|\bgbp\b|['’\s\u00a0\u202f]")
GROUPED = {
    ",": re.compile(r"-?(\d+|\d{1,3}(\.\d{3})+)(,\d*)?", re.ASCII),
    ".": re.compile(r"-?(\d+|\d{1,3}(,\d{3})+)(\.\d*)?", re.ASCII),
}
NO_NUMBER = {
    ",": "must be a number, with a comma before its decimals as in the rest of the file",
    ".": "must be a number, with a point before its decimals as in the rest of the file",
}
MOST_DIGITS = 15
YES = frozenset({"1", "yes", "true", "on", "x", "ja", "wahr", "y", "j"})
NO = frozenset({"0", "no", "false", "off", "nein", "falsch", "n", "-"})
GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})(?:,?[ T]+(\S.*))?")
SLASHED_DAY = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:,?[ T]+(\S.*))?")
TIME = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?Uhr)?")
MONTHS = 12
CENTURY = 2000


def number(text: str, decimal: str) -> Decimal:
    """Read a number written with this decimal sign; BadCell for any other."""
    found = MONEY_SIGNS.sub("", text)
    if found.endswith("-"):
        found = f"-{found[:-1]}"
    found = found.removeprefix("+")
    if not GROUPED[decimal].fullmatch(found) or len(found) > MOST_DIGITS:
        _bad(NO_NUMBER[decimal])
    other = "." if decimal == "," else ","
    return Decimal(found.replace(other, "").replace(decimal, ".").rstrip("."))


def whole(text: str, decimal: str) -> int:
    """Read a whole number that is not negative."""
    try:
        found = number(text, decimal)
    except BadCell:
        found = Decimal(-1)
    if found < 0 or found != found.to_integral_value():
        _bad("must be a whole number, 0 or more")
    return int(found)


def flag(text: str) -> bool:
    """Read yes or no, in German or English."""
    word = text.strip().lower()
    if word in YES:
        return True
    if word not in NO:
        _bad("must be yes or no")
    return False


def moment(text: str) -> datetime:
    """Read a moment; one without a zone is meant as our merchants' clocks show it."""
    day, time = _parted(text)
    if day is None:
        try:
            found = datetime.fromisoformat(_iso(text))
        except ValueError:
            _bad("must be a day such as 23.11.2026 or 2026-11-23, with or without a time")
        return (found if found.tzinfo else found.replace(tzinfo=HOME)).astimezone(UTC)
    hours, minutes, seconds = _time(time)
    at = datetime(day.year, day.month, day.day, hours, minutes, seconds, tzinfo=HOME)
    return at.astimezone(UTC)


def day(text: str) -> date:
    """Read a day."""
    return moment(text).astimezone(HOME).date()


def country(text: str) -> str:
    """Return the code of a country that is given by code or by its German or English name."""
    if len(text) == len("DE") and text.isalpha():
        return text.upper()
    code = _names().get(normal(text))
    if code is None:
        _bad("must be a country's name or its code with two letters")
    return code


@cache
def _names() -> dict[str, str]:
    more = {"usa": "US", "uk": "GB", "england": "GB", "holland": "NL", "oesterreich": "AT"}
    return {normal(name): code for code, names in COUNTRIES.items() for name in names} | more


def _bad(reason: str) -> NoReturn:
    raise BadCell(reason)


def _parted(text: str) -> tuple[date | None, str]:
    """Return day and time of what is no ISO 8601; no day where it may be."""
    if found := GERMAN_DAY.fullmatch(text):
        days, months, years = (int(part) for part in found.groups()[:3])
    elif found := SLASHED_DAY.fullmatch(text):
        days, months, years = (int(part) for part in found.groups()[:3])
        if days <= MONTHS and months <= MONTHS and days != months:
            _bad("can be two days: write it as 2026-11-23 or 23.11.2026")
        days, months = (months, days) if months > MONTHS else (days, months)
    else:
        return None, ""
    years += CENTURY if years < CENTURY // 20 else 0
    try:
        return date(years, months, days), found[4] or ""
    except ValueError:
        _bad("is no day of the calendar")


def _time(text: str) -> tuple[int, int, int]:
    if not text:
        return 0, 0, 0
    found = TIME.fullmatch(text.strip())
    parts = [int(part or 0) for part in found.groups()] if found else [99, 0, 0]
    if parts[0] > 23 or parts[1] > 59 or parts[2] > 59:  # noqa: PLR2004 - a clock
        _bad("must have a time such as 14:30 behind its day")
    return parts[0], parts[1], parts[2]


def _iso(text: str) -> str:
    """Return `2026-11-23 14:30:00 +0100`, as some shops write it, in the way Python reads it."""
    return re.sub(r" (UTC|Z)$", "Z", re.sub(r" ([+-]\d{2}):?(\d{2})$", r"\1:\2", text.strip()))

"""Cells of a table, as Germans and others write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from chalicelib.runtime import cells


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1.234,56 €", ",", "1234.56"),
        ("EUR 1.234", ",", "1234"),
        ("1'234.50", ".", "1234.50"),
        ("1,234.5", ".", "1234.5"),
        ("19 %", ",", "19"),
        ("-3,50", ",", "-3.50"),
        ("3,50-", ",", "-3.50"),
        ("+7", ".", "7"),
        ("12,", ",", "12"),
    ],
)
def test_numbers_are_read(text: str, decimal: str, value: str) -> None:
    """With currency signs, groups of thousands and a sign behind."""
    assert cells.number(text, decimal) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "decimal"),
    [("1.5", ","), ("1,5", "."), ("12.34.5", ","), ("", ","), ("ten", "."), ("1e5", "."),
     ("=1+1", "."), ("9" * 16, "."), ("١٢", ".")],
)  # fmt: skip
def test_a_number_in_another_style_is_never_guessed(text: str, decimal: str) -> None:
    """1.5 in a German file is not 15."""
    with pytest.raises(cells.BadCell, match="must be a number"):
        cells.number(text, decimal)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("23.11.2026", "2026-11-22T23:00"),
        ("23.11.26 14:30", "2026-11-23T13:30"),
        ("1.7.2026, 08:05:09 Uhr", "2026-07-01T06:05:09"),
        ("2026-11-23", "2026-11-22T23:00"),
        ("2026-11-23 14:30:00 +0100", "2026-11-23T13:30"),
        ("2026-11-23T14:30:00Z", "2026-11-23T14:30"),
        ("2026-11-23 14:30:00 UTC", "2026-11-23T14:30"),
        ("23/11/2026 14:30", "2026-11-23T13:30"),
        ("11/23/2026 14:30", "2026-11-23T13:30"),
        ("11/11/2026", "2026-11-10T23:00"),
    ],
)
def test_moments_are_read(text: str, moment: str) -> None:
    """One without a zone is what the merchant's clock showed, summer or winter."""
    assert cells.moment(text) == datetime.fromisoformat(moment).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("05/06/2026", "can be two days"),
        ("31.02.2026", "no day of the calendar"),
        ("13/13/2026", "no day of the calendar"),
        ("23.11.2026 25:00", "must have a time"),
        ("yesterday", "must be a day such as"),
        ("45123", "must be a day such as"),
    ],
)
def test_a_day_that_may_be_another_is_refused(text: str, said: str) -> None:
    """Nobody knows whether 05/06 is in May or June."""
    with pytest.raises(cells.BadCell, match=said):
        cells.moment(text)


def test_days_whole_numbers_and_flags() -> None:
    """The other things that cells hold."""
    assert cells.day("1.12.2026") == date(2026, 12, 1)
    assert cells.whole("1.000", ",") == 1000
    assert [cells.flag(word) for word in ("Ja", "x", "nein", "0")] == [True, True, False, False]
    for wrong in ("1,5", "-1", "many"):
        with pytest.raises(cells.BadCell, match="must be a whole number, 0 or more"):
            cells.whole(wrong, ",")
    with pytest.raises(cells.BadCell, match="must be yes or no"):
        cells.flag("maybe")


@pytest.mark.parametrize(
    ("text", "code"),
    [("de", "DE"), ("Deutschland", "DE"), ("ÖSTERREICH", "AT"), ("Switzerland", "CH")],
)  # fmt: skip
def test_countries_have_names(text: str, code: str) -> None:
    """In German and English, or by code."""
    assert cells.country(text) == code
    with pytest.raises(cells.BadCell, match="must be a country"):
        cells.country("Atlantis")

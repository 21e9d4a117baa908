"""How numbers may look, and which counter they come from."""

from __future__ import annotations

from datetime import date

import pytest

from chalicelib.documents import numbers
from chalicelib.store.merchants import Settings, ShopSeries

DAY = date(2026, 3, 9)


@pytest.mark.parametrize(
    ("template", "name", "number"),
    [
        ("RE", "RE-2026", "RE-2026-00042"),
        ("RE-{year}-{number:05}", "RE-2026", "RE-2026-00042"),
        ("{yy}{month:02}-{number}", "2603", "2603-42"),
        ("{yy}{month}-{number:4}", "2603", "2603-0042"),
        ("R{number:06}", "R", "R000042"),
        ("R/{number}/{yy}", "R*/26", "R/42/26"),
    ],
)
def test_a_format_names_its_series_and_writes_its_numbers(
    template: str, name: str, number: str
) -> None:
    """A word alone, as it was always set, goes on in its series; zeros are only how it looks."""
    made = numbers.series(template, DAY)
    assert (made.name, made.number(42)) == (name, number)
    assert numbers.fault(template) == ""


def test_a_format_without_a_year_never_begins_anew() -> None:
    """It has one counter for ever; with a year it has one for each."""
    assert numbers.series("R{number}", date(2030, 1, 1)).name == "R"
    assert numbers.series("RE", date(2030, 1, 1)).name == "RE-2030"


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("RE-{year}", "must hold {number} once"),
        ("{number}-{number}", "must hold {number} once"),
        ("RE-{jahr}-{number}", "{jahr} is unknown"),
        ("RE-{number:99}", "{number:99} is unknown"),
        ("RE {number}", "letters A to Z"),
        ("RÄ-{number}", "letters A to Z"),
        ("RE-{number}}", "letters A to Z"),
        ("{month}-{number}", "{month} needs {year}"),
        ("A-VERY-LONG-SERIES-{year}-{number:09}", "more than 24"),
    ],
)
def test_a_format_that_makes_no_good_numbers_is_refused(template: str, says: str) -> None:
    """In words that name what is wrong."""
    assert says in numbers.fault(template)


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("RE", "RK", False),
        ("RE", "RE-{year}-{number}", True),
        ("{year}-{number}", "20{yy}-{number}", True),
        ("R{number}", "R{year}{number:04}", True),
        ("RE-{number}", "RK-{number}", False),
        ("{number}-RE", "{number}-RK", False),
    ],
)
def test_two_formats_that_could_meet_are_known(one: str, other: str, *, is_same: bool) -> None:
    """Whichever is looked at first."""
    assert numbers.collide(one, other) is is_same
    assert numbers.collide(other, one) is is_same


def test_a_shop_may_have_series_of_its_own() -> None:
    """Where it has none, the merchant's count."""
    own = ShopSeries(connection_id="woo", invoice_series="W")
    settings = Settings(shop_series=(own,))
    assert numbers.series_of(settings, "invoice", "woo", DAY).number(1) == "W-2026-00001"
    assert numbers.series_of(settings, "invoice", "eby", DAY).number(1) == "RE-2026-00001"
    assert numbers.series_of(settings, "credit_note", "woo", DAY).number(1) == "RK-2026-00001"

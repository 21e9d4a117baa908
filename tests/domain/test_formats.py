"""Amounts, dates, countries and colours as people in Germany and abroad read them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from chalicelib.domain import colours, formats
from chalicelib.domain.countries import country_name
from chalicelib.domain.money import Money


@pytest.mark.parametrize(
    ("minor", "currency", "german", "english"),
    [
        (123456, "EUR", "1.234,56 €", "€1,234.56"),
        (-5, "EUR", "−0,05 €", "−€0.05"),
        (1200, "CHF", "12,00 CHF", "CHF 12.00"),
        (1234567, "JPY", "1.234.567 ¥", "¥1,234,567"),
        (1234, "KWD", "1,234 KWD", "KWD 1.234"),
        (0, "USD", "0,00 $", "$0.00"),
    ],
)
def test_money_reads_natively(minor: int, currency: str, german: str, english: str) -> None:
    """Signs, separators and decimals follow the language and the currency."""
    amount = Money(minor=minor, currency=currency)
    assert formats.money(amount, "de").replace("\u00a0", " ") == german
    assert formats.money(amount, "en").replace("\u00a0", " ") == english


def test_dates_rates_and_weights_read_natively() -> None:
    """23.11.2026 and 23 Nov 2026; 5,5 % and 5.5%; a weight is never rounded down."""
    assert formats.day(date(2026, 11, 23), "de") == "23.11.2026"
    assert formats.day(date(2026, 3, 1), "en").replace("\u00a0", " ") == "1 Mar 2026"
    assert formats.rate(Decimal("5.5"), "de").replace("\u00a0", " ") == "5,5 %"
    assert formats.rate(Decimal("19.00"), "en") == "19%"
    assert formats.rate(Decimal("1E+1"), "en") == "10%"
    assert formats.weight(10_001, "de").replace("\u00a0", " ") == "10,01 kg"
    assert formats.weight(0, "en") == ""


def test_a_moment_has_the_day_it_has_at_home() -> None:
    """Half past eleven at night in UTC is the next day on a wall in Berlin."""
    assert formats.day(datetime(2026, 11, 23, 23, 30, tzinfo=UTC), "de") == "24.11.2026"


def test_an_account_number_stands_in_fours() -> None:
    """However it was typed in."""
    assert formats.iban("de021203 00000000202051") == "DE02 1203 0000 0000 2020 51"


def test_countries_have_names_in_both_languages() -> None:
    """A code nobody knows is shown as it is."""
    assert [country_name("at", language) for language in ("de", "en")] == ["Österreich", "Austria"]
    assert country_name("QQ", "de") == "QQ"


def test_pale_colours_are_not_used_for_text() -> None:
    """Yellow on white cannot be read; black on white has the highest contrast there is."""
    assert colours.contrast_on_white("#000000") == pytest.approx(21)
    assert colours.contrast_on_white("#ffffff") == pytest.approx(1)
    assert not colours.is_readable_on_white("#facc15")


@pytest.mark.parametrize("given", ["", "red", "#fff", "#12345g", "#123456;}"])
def test_what_is_no_colour_changes_nothing(given: str) -> None:
    """It could be a way into the style sheet."""
    assert colours.or_else(given, "#1f4e5f") == "#1f4e5f"

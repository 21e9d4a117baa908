"""Money: whole minor units, exact sums, rounding where a person would round."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.money import EXPONENTS, Money, exponent, split, tax_within, total
from tests.events import eur

AMOUNTS = st.integers(-(10**11), 10**11)
RATES = st.sampled_from(["0", "2.5", "5.5", "7", "8.1", "19", "20", "25"]).map(Decimal)


@given(AMOUNTS, st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_a_divided_amount_adds_up_to_the_cent(minor: int, weights: list[int]) -> None:
    """Whatever the weights, nothing is lost or made by dividing an amount."""
    parts = split(Money(minor=minor, currency="EUR"), weights)
    assert sum(part.minor for part in parts) == minor
    assert len(parts) == len(weights)


@given(AMOUNTS, st.lists(st.integers(1, 10**6), min_size=1, max_size=30))
def test_no_part_is_a_cent_away_from_its_fair_share(minor: int, weights: list[int]) -> None:
    """Largest remainder: each part is its exact share, rounded up or down."""
    parts = split(Money(minor=minor, currency="EUR"), weights)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part.minor - Decimal(minor) * weight / sum(weights)) < 1


def test_an_odd_cent_goes_to_the_largest_remainder_and_then_to_the_first() -> None:
    """Ten cents among three equal parts are four, three and three."""
    assert [part.minor for part in split(eur("0.10"), [1, 1, 1])] == [4, 3, 3]
    assert [part.minor for part in split(eur("1.00"), [1, 2])] == [33, 67]


def test_without_any_weight_the_parts_are_equal() -> None:
    """Lines that cost nothing share an amount evenly instead of failing."""
    assert [part.minor for part in split(eur("0.05"), [0, 0])] == [3, 2]
    assert split(eur("0"), []) == []


@given(st.integers(-(10**9), 10**9), RATES)
def test_net_and_tax_add_up_to_the_gross_amount(minor: int, rate: Decimal) -> None:
    """The tax in a gross amount is right to half a cent, and has the amount's sign."""
    tax = tax_within(Money(minor=minor, currency="EUR"), rate)
    exact = Decimal(minor) * rate / (100 + rate)
    assert abs(tax.minor - exact) <= Decimal("0.5")
    assert tax.minor * minor >= 0


@pytest.mark.parametrize(
    ("gross", "rate", "tax"),
    [("119.00", "19", "19.00"), ("10.70", "7", "0.70"), ("0.03", "19", "0.00"), ("5", "0", "0")],
)
def test_tax_within_known_amounts(gross: str, rate: str, tax: str) -> None:
    """Reference values, worked out by hand."""
    assert tax_within(eur(gross), Decimal(rate)) == eur(tax)


@pytest.mark.parametrize(
    ("currency", "minor"), [("EUR", 1234), ("JPY", 12), ("KWD", 12340), ("CLP", 12)]
)
def test_a_currency_has_its_own_number_of_decimals(currency: str, minor: int) -> None:
    """12.34 is 1234 cents, 12 yen (half is rounded up, less is not) and 12340 fils."""
    assert Money.of("12.34", currency).minor == minor


@given(st.integers(-(10**12), 10**12), st.sampled_from(sorted(EXPONENTS)))
def test_an_amount_survives_being_written_and_read(minor: int, currency: str) -> None:
    """`amount` shows all its decimals, and reading it gives the same money."""
    money = Money(minor=minor, currency=currency)
    assert Money.of(str(money.amount), currency) == money


@pytest.mark.parametrize("bad", ["", "abc", "12,34", "NaN", "Infinity", "1e40", "--1"])
def test_what_is_no_amount_is_refused(bad: str) -> None:
    """Anything that is not a number is a ValueError, never a strange amount."""
    with pytest.raises(ValueError):  # noqa: PT011 - each has its own words
        Money.of(bad, "EUR")


@pytest.mark.parametrize("code", ["", "eur", "EURO", "XXX", "BTC"])
def test_an_unknown_currency_is_refused(code: str) -> None:
    """Only codes of ISO 4217, as it writes them."""
    with pytest.raises(ValueError, match="currency"):
        exponent(code)
    with pytest.raises(ValueError, match="currency"):
        Money.of("1", code)


def test_currencies_are_never_mixed() -> None:
    """Adding or subtracting another currency is a mistake, not a sum."""
    other = Money.of("1", "CHF")
    with pytest.raises(ValueError, match="mix"):
        eur("1") + other
    with pytest.raises(ValueError, match="mix"):
        eur("1") - other
    with pytest.raises(ValueError, match="mix"):
        total([eur("1"), other], "EUR")


def test_half_a_cent_is_rounded_up_and_nothing_sums_to_zero() -> None:
    """Commercial rounding, away from zero; an empty sum has a currency too."""
    assert Money.of("0.005", "EUR") == eur("0.01")
    assert Money.of("-0.005", "EUR") == eur("-0.01")
    assert total([], "CHF") == Money.zero("CHF")
    assert not Money.zero("EUR")
    assert str(eur("1234.5")) == "1234.50 EUR"

"""Cents are settled so that lines add up, and never invented."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.intake.amounts import Amounts, Draft, fit, gross, per_cent, rate_of, settle

parts = st.lists(st.decimals(min_value=0, max_value=100_000, places=4), min_size=1, max_size=30)


def _draft(net: str, tax: str) -> Draft:
    exact_net, exact_tax = Decimal(net), Decimal(tax)
    amounts = Amounts(
        net=round(exact_net), tax=round(exact_tax), exact_net=exact_net, exact_tax=exact_tax
    )
    return Draft(id="1", name="x", amounts=amounts, tax_rate=Decimal(19))


@given(exact=parts)
def test_rounded_parts_make_the_rounded_sum(exact: list[Decimal]) -> None:
    """Whatever a shop rounds only at the end can be shared out to its lines, a cent each."""
    target = round(sum(exact))
    found = fit(exact, target)
    if found is None:  # the only excuse: what counts as noise has been rounded away
        steady = [abs(value - round(value)) <= Decimal("0.05") for value in exact]
        assert any(steady)
        return
    assert sum(found) == target
    assert all(abs(part - value) < 1 for part, value in zip(found, exact, strict=True))


@given(exact=st.lists(st.integers(0, 10**7).map(Decimal), max_size=20), off=st.integers(1, 500))
def test_whole_cents_are_never_bent_to_a_total(exact: list[Decimal], off: int) -> None:
    """A payload of whole cents that does not add up stays as it is."""
    assert fit(exact, int(sum(exact)) + off) is None
    assert fit(exact, int(sum(exact)) - off) is None


def test_what_the_shop_shows_is_taken_if_it_adds_up() -> None:
    """No cent moves in a payload that is right."""
    drafts = [_draft("839.496", "159.504"), _draft("839.496", "159.504")]
    assert settle(drafts, 1998, 320, gross_prices=True) == drafts


def test_a_sum_rounded_once_moves_single_cents() -> None:
    """Three thirds of a cent are one cent, on the line that lost most."""
    drafts = [_draft("100.4", "19"), _draft("100.3", "19"), _draft("100.3", "19")]
    found = settle(drafts, 358, 57, gross_prices=False)
    assert found is not None
    assert gross(found) == 358
    assert [each.amounts.net for each in found] == [101, 100, 100]


def test_a_total_out_of_reach_is_not_settled() -> None:
    """More than rounding can explain is a difference for a person to see."""
    drafts = [_draft("100.4", "19"), _draft("100.3", "19")]
    assert settle(drafts, 245, 38, gross_prices=False) is None


@pytest.mark.parametrize(
    ("net", "tax", "rate"),
    [("1084", "206", "19"), ("2380", "167", "7"), ("5", "1", "19"), ("10000", "250", "2.5")],
)
def test_a_rate_is_recognized_from_rounded_amounts(net: str, tax: str, rate: str) -> None:
    """A known rate if one fits, else the exact one."""
    assert rate_of(Decimal(net), Decimal(tax)) == Decimal(rate)


def test_rates_are_written_without_idle_zeros() -> None:
    """`20`, not `2E+1`."""
    assert [str(per_cent(Decimal(text))) for text in ("19.00", "20", "5.50")] == ["19", "20", "5.5"]

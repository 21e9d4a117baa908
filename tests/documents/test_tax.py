"""The tax summary: what the customer paid stays what the customer paid."""

from __future__ import annotations

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.documents.facts import TaxGroup
from chalicelib.documents.tax import net_amounts, plain_rate, tax_summary, totals

RATES = st.sampled_from(["0", "5.5", "7", "19", "20", "8.1"])
PARTS = st.lists(st.tuples(RATES, st.integers(-100_000, 1_000_000)), max_size=40)


def test_three_times_nine_ninety_nine() -> None:
    """The cent trap: 29.97 gross at 19 % is 25.18 net and 4.79 tax, not three times 8.40."""
    assert tax_summary([("19", 999)] * 3, "EUR") == (
        TaxGroup(rate="19", net=2518, tax=479, gross=2997),
    )
    assert sorted(net_amounts([("19", 999)] * 3, "EUR")) == [839, 839, 840]


def test_rates_are_grouped_however_they_are_written() -> None:
    """19, 19.0 and 19.00 are one rate; the highest comes first."""
    summary = tax_summary([("7.00", 107), ("19.0", 119), (Decimal(19), 119)], "EUR")
    assert [(group.rate, group.net, group.tax) for group in summary] == [
        ("19", 200, 38),
        ("7", 100, 7),
    ]
    assert plain_rate("0.00") == "0"
    assert plain_rate("10") == "10"


def test_paid_and_due_make_the_sum() -> None:
    """What is not paid is due."""
    sums = totals(tax_summary([("19", 1190)], "EUR"), paid=1000)
    assert (sums.net, sums.tax, sums.gross, sums.paid, sums.due) == (1000, 190, 1190, 1000, 190)


@given(PARTS)
def test_the_gross_never_changes(parts: list[tuple[str, int]]) -> None:
    """Net and tax add up to the gross of each rate, and the rates to the whole."""
    summary = tax_summary(parts, "EUR")
    assert all(group.net + group.tax == group.gross for group in summary)
    assert totals(summary).gross == sum(amount for _, amount in parts)


@given(PARTS)
def test_the_tax_is_the_exact_tax_rounded(parts: list[tuple[str, int]]) -> None:
    """Per rate, not per line: tax = round(gross · rate / (100 + rate))."""
    for group in tax_summary(parts, "EUR"):
        exact = group.gross * Decimal(group.rate) / (100 + Decimal(group.rate))
        assert group.tax == int(exact.quantize(Decimal(1), rounding=ROUND_HALF_UP))


@given(PARTS)
def test_the_nets_of_the_lines_add_up_to_the_net_of_their_rate(
    parts: list[tuple[str, int]],
) -> None:
    """EN 16931 BR-CO-10: no line is off by more than a cent, no sum by any."""
    nets, sums = net_amounts(parts, "EUR"), defaultdict(int)
    for (rate, gross), net in zip(parts, nets, strict=True):
        sums[rate] += net
        assert abs(net - gross * 100 / (100 + Decimal(rate))) <= 1
    assert sums == {group.rate: group.net for group in tax_summary(parts, "EUR")}

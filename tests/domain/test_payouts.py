"""Payouts: the parts explain the amount, or what they leave open is named."""

from __future__ import annotations

from datetime import date

from chalicelib.domain.money import Money
from chalicelib.domain.payouts import Payout, PayoutPart, broken_down
from tests.events import eur


def part(gross: str, fee: str, kind: str = "received", currency: str = "EUR") -> PayoutPart:
    """Return a part of a payout."""
    return PayoutPart(
        payment="pi_1", kind=kind, gross=Money.of(gross, currency), fee=Money.of(fee, currency)
    )


def payout(amount: str, currency: str = "EUR") -> Payout:
    """Return a payout of today."""
    return Payout(
        source="stripe",
        reference="po_1",
        amount=Money.of(amount, currency),
        arrived_on=date(2026, 11, 23),
    )


def test_a_payout_is_what_came_in_less_what_went_out_and_fees() -> None:
    """To the cent, with a refund, a chargeback and its fee in it."""
    parts = (
        part("50.00", "1.00"),
        part("-10.00", "0.25", "refunded"),
        part("-20.00", "15.00", "charged_back"),
        part("0.00", "0.99", "fee"),
        part("7.00", "0.00", "other"),
    )
    found = broken_down(payout("9.76"), parts)
    assert found.unexplained == Money.zero("EUR")
    assert (found.received, found.back, found.other) == (eur("50.00"), eur("-30.00"), eur("7.00"))
    assert (found.fees, found.count) == (eur("17.24"), 5)


def test_what_the_parts_do_not_explain_is_named() -> None:
    """With its sign: less arrived than was told, or more."""
    assert broken_down(payout("48.00"), [part("50.00", "1.00")]).unexplained == eur("-1.00")
    assert broken_down(payout("5.00"), []).unexplained == eur("5.00")


def test_a_currency_without_decimals_and_a_part_in_another_one() -> None:
    """Yen are counted whole; a part in euros explains nothing of a payout in yen."""
    parts = [part("500", "18", currency="JPY"), part("1.00", "0.00")]
    found = broken_down(payout("482", "JPY"), parts)
    assert (found.unexplained, found.count) == (Money.zero("JPY"), 2)

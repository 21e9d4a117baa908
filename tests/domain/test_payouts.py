"""Payouts: the parts explain the amount, or what they leave open is named."""

from __future__ import annotations

from datetime import date

from chalicelib.domain.money import Money
from chalicelib.domain.payouts import Payout, PayoutPart
from tests.events import eur


def part(gross: str, fee: str, kind: str = "received") -> PayoutPart:
    """Return a part of a payout."""
    return PayoutPart(payment="pi_1", kind=kind, gross=eur(gross), fee=eur(fee))


def payout(amount: str, *parts: PayoutPart) -> Payout:
    """Return a payout of today."""
    return Payout(
        source="stripe",
        reference="po_1",
        amount=eur(amount),
        arrived_on=date(2026, 11, 23),
        parts=parts,
    )


def test_a_payout_is_what_came_in_less_what_went_out_and_fees() -> None:
    """To the cent."""
    parts = (part("50.00", "1.00"), part("-10.00", "0.25", "refunded"))
    assert payout("38.75", *parts).unexplained == Money.zero("EUR")


def test_what_the_parts_do_not_explain_is_named() -> None:
    """With its sign: less arrived than was told, or more."""
    assert payout("48.00", part("50.00", "1.00")).unexplained == eur("-1.00")
    assert payout("5.00").unexplained == eur("5.00")

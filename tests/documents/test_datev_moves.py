"""Payments in a booking batch: each amount leaves one account for another, and nothing is left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.documents.exports import datev_moves
from chalicelib.documents.exports.accounts import Accounts
from chalicelib.documents.exports.datev_moves import Move
from chalicelib.documents.facts import freeze
from chalicelib.domain import events
from chalicelib.domain.payouts import Payout, PayoutPart
from chalicelib.store.merchants import Settings
from chalicelib.store.payouts import Line
from tests.documents import samples
from tests.events import NOW, eur, paid

DEBTOR = "10000"
SETTINGS = Settings(datev_consultant=1001, datev_client=1)
ACCOUNTS = Accounts.of(SETTINGS)
HOME = {"taxes": [{"rate": "19", "gross": 11900}, {"rate": "7", "gross": 1070}]}


def moved(what: type[events.Movement], amount: str, source: str, **more: Any) -> events.Movement:
    """Return a movement of money."""
    return what(at=NOW, booked_at=NOW, source=source, reference="r", amount=eur(amount), **more)


def booked(fact: events.Movement, facts: Any = None, chart: str = "SKR03") -> list[tuple[str, ...]]:
    """Return debit, credit and amount of each booking of a movement."""
    accounts = Accounts.of(replace(SETTINGS, datev_chart=chart))
    found = datev_moves.of_fact(fact, DEBTOR, facts or HOME, accounts)
    return [(x.debit.account, x.credit.account, str(x.amount.amount)) for x in found]


@pytest.mark.parametrize(
    ("fact", "skr03", "skr04"),
    [
        (paid("10.00"), ("1361", DEBTOR), ("1461", DEBTOR)),
        (paid("10.00", source="bank"), ("1360", DEBTOR), ("1460", DEBTOR)),
        (moved(events.RefundRecorded, "10.00", "paypal"), (DEBTOR, "1362"), (DEBTOR, "1462")),
        (moved(events.RefundFailed, "10.00", "paypal"), ("1362", DEBTOR), ("1462", DEBTOR)),
        (moved(events.ChargebackRecorded, "10.00", "bank"), (DEBTOR, "1360"), (DEBTOR, "1460")),
        (moved(events.ChargebackReversed, "10.00", "bank"), ("1360", DEBTOR), ("1460", DEBTOR)),
        (moved(events.FeeCharged, "10.00", "mollie"), ("4970", "1363"), ("6855", "1463")),
        (moved(events.VoucherRedeemed, "10.00", "shop"), ("1796", DEBTOR), ("3786", DEBTOR)),
        (moved(events.DunningFeeCharged, "10.00", "kontor"), (DEBTOR, "2700"), (DEBTOR, "4830")),
    ],
)
def test_each_movement_has_its_accounts(
    fact: events.Movement, skr03: tuple[str, str], skr04: tuple[str, str]
) -> None:
    """In both charts; the bank's own entries are booked against money in transit."""
    assert booked(fact) == [(*skr03, "10.00")]
    assert booked(fact, chart="SKR04") == [(*skr04, "10.00")]


def test_the_shops_word_is_booked_by_who_has_the_money() -> None:
    """It would be in the books twice else."""
    assert booked(paid("10.00", source="shop")) == []


@pytest.mark.parametrize(
    ("kind", "skr03", "skr04"),
    [
        ("discount", ["8736", "8731"], ["4736", "4731"]),
        ("tolerance", ["8736", "8731"], ["4736", "4731"]),
        ("loss", ["2406", "2401"], ["6936", "6931"]),
    ],
)
def test_what_is_let_go_takes_back_its_tax_rate_by_rate(
    kind: str, skr03: list[str], skr04: list[str]
) -> None:
    """Accounts that know their tax; the parts add up to the cent."""
    fact = moved(events.WriteOffRecorded, "2.60", "kontor", kind=kind)
    assert booked(fact) == [(skr03[0], DEBTOR, "2.39"), (skr03[1], DEBTOR, "0.21")]
    assert [x[0] for x in booked(fact, chart="SKR04")] == skr04


def test_what_is_let_go_of_a_sale_abroad_is_taken_back_where_it_was_sold() -> None:
    """With country and rate, so that the One-Stop-Shop tells the right sum."""
    anna = {"name": "Anna", "country": "AT"}
    facts = {"taxes": [{"rate": "20", "gross": 1200}], "tax_treatment": "oss", "bill_to": anna}
    fact = moved(events.WriteOffRecorded, "1.00", "kontor", kind="discount")
    [one] = datev_moves.of_fact(fact, DEBTOR, facts, ACCOUNTS)
    assert (one.debit.account, one.debit.country, one.debit.rate) == ("8320", "AT", "20,00")
    small = {**facts, "tax_treatment": "small_business"}
    assert booked(fact, small) == [("8730", DEBTOR, "1.00")]


def test_fees_and_clearing_accounts_are_the_merchants_own() -> None:
    """An account that knows § 13b for a provider that bills so; a source that we do not know."""
    own = {"fees:stripe": "3123", "clearing:stripe": "1371", "clearing:amazon": "1372"}
    accounts = Accounts.of(replace(SETTINGS, datev_accounts=own))
    assert accounts.fees("stripe").account == "3123"
    assert accounts.fees("paypal").account == "4970"
    assert accounts.holder("amazon").account == "1372"
    assert accounts.holder("manual").account == "1360"
    assert {"1371", "1372", "1362"} <= accounts.holders()


def part(kind: str, gross: str, fee: str, **more: Any) -> PayoutPart:
    """Return a part of a payout."""
    return PayoutPart(kind=kind, gross=eur(gross), fee=eur(fee), **{"payment": "p", **more})


def balance(moves: Iterable[Move]) -> Counter[str]:
    """Add up the accounts."""
    found: Counter[str] = Counter()
    for one in moves:
        found[one.debit.account] += one.amount.minor
        found[one.credit.account] -= one.amount.minor
    return found


def test_a_complete_payout_leaves_nothing_on_the_providers_account() -> None:
    """Payments, a refund, fees on orders and of the provider, a part of nobody: all is paid out."""
    lines = [
        Line(part=part("received", "100.00", "2.00", reference="t1"), order_id="o1"),
        Line(part=part("refunded", "-30.00", "0.00", reference="t2"), order_id="o1"),
        Line(part=part("received", "50.00", "1.00", reference="t3"), trouble="unknown"),
        Line(part=part("fee", "-7.00", "0.00", payment="", reference="t4")),
        Line(part=part("other", "3.00", "0.00", payment="", reference="t5")),
    ]
    payout = Payout(
        source="stripe", reference="po", amount=eur("113.00"), arrived_on=date(2026, 11, 25)
    )
    facts = [
        paid("100.00"),
        moved(events.FeeCharged, "2.00", "stripe"),
        moved(events.RefundRecorded, "30.00", "stripe"),
    ]
    moves = [one for fact in facts for one in datev_moves.of_fact(fact, DEBTOR, {}, ACCOUNTS)]
    moves += datev_moves.of_payout(payout, ACCOUNTS)
    moves += [one for line in lines for one in datev_moves.of_line(line, payout, ACCOUNTS)]
    assert balance(moves) == Counter(
        {"1361": 0, "1360": 11300, "4970": 1000, "1590": -5300, DEBTOR: -7000}
    )
    assert all(one.amount.minor > 0 for one in moves)


def test_what_is_undone_is_booked_the_other_way_round() -> None:
    """Both bookings stay, and leave nothing."""
    there = [*datev_moves.of_fact(paid("10.00"), DEBTOR, HOME, ACCOUNTS)]
    back = [datev_moves.undone(one) for one in there]
    assert {*balance([*there, *back]).values()} == {0}


def test_a_real_invoices_facts_are_understood() -> None:
    """The groups of tax as they are frozen."""
    facts = freeze(samples.invoice(1, charges=()))
    fact = moved(events.WriteOffRecorded, "1.00", "kontor", kind="discount")
    assert [x[0] for x in booked(fact, facts)] == ["8731"]

"""Payouts and the bank's entries they came with: joined, whichever is first."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain.bank import BankTransaction
from chalicelib.domain.errors import Permanent
from chalicelib.domain.payouts import Payout, unexplained
from chalicelib.payment import booking
from chalicelib.payment.payout_entries import settle
from chalicelib.store.bank import Bank, Entry, New, State
from chalicelib.store.payouts import KeptPayout, Payouts
from tests.events import NOW, eur

pytestmark = pytest.mark.engine
DAY = date(2026, 11, 23)
NIGHT = NOW + timedelta(hours=18)


def payout(amount: str, name: str = "po_100001", **more: Any) -> Payout:
    """Return a payout of the day."""
    return Payout(source="stripe", reference=name, amount=eur(amount), arrived_on=DAY, **more)


def keep(merchant: str, one: Payout) -> None:
    """Keep a payout whose parts nobody knows."""
    Payouts().add(merchant, KeptPayout(payout=one, sums=unexplained(one), pages=0))


def entry(
    merchant: str,
    amount: str,
    *,
    name: str = "STRIPE PAYMENTS",
    text: str = "",
    on: date = DAY,
    state: State = State.PAYOUT,
) -> Entry:
    """Keep an entry of the bank that names a provider."""
    transaction = BankTransaction(
        account="DE1", booked_on=on, value_on=on, amount=eur(amount), name=name, pieces=(text,)
    )
    one = Entry(id=transaction.key, state=state, transaction=transaction)
    Bank().add(merchant, [New(entry=one)])
    return one


def known(merchant: str, name: str = "po_100001") -> Any:
    """Return a payout as it is kept."""
    found = Payouts().load(merchant, "stripe", name)
    assert found
    return found


@pytest.mark.parametrize("is_first", ["payout", "entry"])
def test_an_entry_of_the_bank_is_the_payout(merchant: str, is_first: str) -> None:
    """Whichever comes first; what they differ by is named to the cent."""
    if is_first == "payout":
        keep(merchant, payout("9.61"))
        assert settle(merchant, NIGHT) == 0
        one = entry(merchant, "9.60")
    else:
        one = entry(merchant, "9.60")
        assert settle(merchant, NIGHT) == 0
        keep(merchant, payout("9.61"))
    assert settle(merchant, NIGHT) == 1
    assert known(merchant).difference == eur("-0.01")
    joined = Bank().load(merchant, one.id)
    assert joined
    assert joined.paid_out
    assert (joined.state, joined.paid_out.amount) == (State.PAYOUT, eur("9.61"))
    assert settle(merchant, NIGHT) == 0


def test_an_entry_that_repeats_the_name_is_it_whatever_it_comes_to(merchant: str) -> None:
    """And is never another of the same amount; without name, day or provider nothing is joined."""
    keep(merchant, payout("50.00", "po_100001", traces=("1234567.2611.07",)))
    keep(merchant, payout("20.00", "po_100002"))
    named = entry(merchant, "20.00", text="REF 1234567.2611.07")
    entry(merchant, "20.00", name="SUMUP LTD")
    assert settle(merchant, NIGHT) == 1
    assert known(merchant).arrived.entry_id == named.id
    assert known(merchant, "po_100002").arrived is None


@pytest.mark.parametrize(
    ("source", "reference", "traces", "name", "text"),
    [
        ("paypal", "0WD02", ("1039277488231",), "PayPal Europe", "PP.80 PAYPAL 1039277488231"),
        ("adyen", "Blattwerk-7-EUR", ("TX4313726XT",), "ADYEN N.V.", "TX4313726 XT batch 7, Bl"),
        ("klarna", "XISA93DJ", (), "KLARNA BANK AB", "XISA93DJ"),
        ("sumup", "PID1283966-EUR", ("PID1283966",), "SumUp Limited", "PID1283966 PAYOUT 2311"),
        ("klarna", "XISA93DJ", (), "Sammelkonto 4711", "Abrechnung XISA93DJ"),
    ],
)
def test_each_providers_words_lead_to_its_payout(
    merchant: str, source: str, reference: str, traces: tuple[str, ...], name: str, text: str
) -> None:
    """Also where the bank's entry names no provider and waited as somebody's payment."""
    keep(merchant, replace(payout("9.61", reference, traces=traces), source=source))
    keep(merchant, replace(payout("9.61", "another01", traces=("another01",)), source=source))
    state = State.UNMATCHED if name.startswith("Sammel") else State.PAYOUT
    one = entry(merchant, "9.61", name=name, text=text, state=state)
    stranger = entry(merchant, "5.00", name="Anna", text=f"{text} again", state=State.UNMATCHED)
    assert settle(merchant, NIGHT) == 1
    joined = Bank().load(merchant, one.id)
    assert joined
    assert joined.paid_out
    assert (joined.state, joined.paid_out.reference) == (State.PAYOUT, reference)
    left = Bank().load(merchant, stranger.id)
    assert left
    assert (left.state, left.paid_out) == (State.UNMATCHED, None)


def test_a_payout_of_nothing_waits_for_no_entry(merchant: str) -> None:
    """And takes none from another payout of its day that differs by a cent."""
    keep(merchant, payout("0.00"))
    keep(merchant, payout("9.61", "po_100002"))
    entry(merchant, "9.60")
    assert settle(merchant, NIGHT) == 1
    assert known(merchant, "po_100002").difference == eur("-0.01")


def test_money_that_a_provider_takes_is_found_among_what_went_out(merchant: str) -> None:
    """More refunds than payments: the payout is negative."""
    keep(merchant, payout("-12.90"))
    one = entry(merchant, "-12.90", state=State.OUTGOING)
    assert settle(merchant, NIGHT) == 1
    joined = Bank().load(merchant, one.id)
    assert joined
    assert joined.state is State.OUTGOING
    after = booking.undo(merchant, one.id, by="Anna", reason="", now=NIGHT)
    assert after.state is State.OUTGOING
    assert settle(merchant, NIGHT) == 0


def test_payouts_alike_each_have_the_entry_next_to_them(merchant: str) -> None:
    """The same sum on two days; what is off by more than a hundredth is nobody's."""
    early = DAY - timedelta(days=2)
    keep(merchant, replace(payout("20.00"), arrived_on=early))
    keep(merchant, payout("20.00", "po_100002"))
    keep(merchant, replace(payout("80.00", "po_100003"), arrived_on=DAY + timedelta(days=4)))
    second, first = entry(merchant, "20.00"), entry(merchant, "20.00", on=early)
    entry(merchant, "79.00", on=DAY + timedelta(days=5))
    assert settle(merchant, NIGHT) == 2
    assert known(merchant).arrived.entry_id == first.id
    assert known(merchant, "po_100002").arrived.entry_id == second.id
    assert known(merchant, "po_100003").arrived is None


def test_a_person_takes_them_apart_again(merchant: str) -> None:
    """The entry waits, the payout has not arrived, and nobody joins them by himself again."""
    keep(merchant, payout("9.61"))
    one = entry(merchant, "9.61")
    settle(merchant, NIGHT)
    with pytest.raises(Permanent, match="undo that first"):
        booking.ignore(merchant, one.id, by="Anna", reason="")
    after = booking.undo(merchant, one.id, by="Anna", reason="not it", now=NIGHT)
    assert (after.state, after.paid_out) == (State.UNMATCHED, None)
    assert known(merchant).arrived is None
    assert settle(merchant, NIGHT) == 0
    assert Bank().load(merchant, one.id) == after


@pytest.mark.parametrize(("days", "is_it"), [(-4, 0), (-3, 1), (7, 1), (8, 0)])
def test_an_entry_of_other_days_is_another_payout(merchant: str, days: int, is_it: int) -> None:
    """Three days before to seven after the day announced."""
    keep(merchant, payout("9.61"))
    entry(merchant, "9.61", on=DAY + timedelta(days=days))
    assert settle(merchant, NIGHT) == is_it

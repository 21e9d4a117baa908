"""The pages of payouts: what arrived, what differs by a cent, and what each is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.api import payouts
from chalicelib.console import bank, staff
from chalicelib.domain.bank import BankTransaction
from chalicelib.domain.money import Money
from chalicelib.domain.payouts import Payout, PayoutPart, broken_down
from chalicelib.store.bank import Entry, State
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.payouts import Arrival, KeptPayout, Line
from tests.console.conftest import SHOP, House, outline
from tests.events import NOW, eur

DAY = date(2026, 11, 23)


class Shelf:
    """The payouts in memory."""

    def __init__(self, *kept: tuple[KeptPayout, list[Line]]) -> None:
        self.kept = kept

    def page(
        self, *_: Any, limit: int, fits: Callable[[KeptPayout], bool] | None = None, **__: Any
    ) -> tuple[list[KeptPayout], None]:
        return [one for one, _ in self.kept if fits is None or fits(one)][:limit], None

    def load(self, _: str, source: str, reference: str) -> KeptPayout | None:
        names = {one.payout.id: one for one, _ in self.kept}
        return names.get(f"{source}:{reference}")

    def lines(self, _: str, payout: Payout, number: int) -> list[Line]:
        [lines] = [lines for one, lines in self.kept if one.payout == payout]
        return lines[number * 200 : number * 200 + 200]


class Statement:
    """The bank's entry of every payout that arrived."""

    def load(self, _: str, entry_id: str) -> Entry:
        one = BankTransaction(
            account="DE1", booked_on=DAY, value_on=DAY, amount=eur("52.77"),
            name="STRIPE TECHNOLOGY EUROPE", pieces=("STRIPE P1QABC",),
        )  # fmt: skip
        return Entry(id=entry_id, state=State.PAYOUT, transaction=one)


def line(
    name: str, gross: str, fee: str, kind: str = "received", *, told: str = "", **more: Any
) -> Line:
    """Return a part of a payout."""
    money = {"gross": eur(gross), "fee": eur(fee)}
    part = PayoutPart(payment=name, kind=kind, booked_at=NOW, type=told, **money)
    return Line(part=part, **more)


def kept(amount: str, lines: list[Line], *, came: str = "", **more: Any) -> KeptPayout:
    """Return a payout that arrived with an amount, or has not."""
    name = more.pop("name", "po_1QabcDEF2345ghijk")
    one = Payout(source="stripe", reference=name, amount=eur(amount), arrived_on=DAY)
    arrival = Arrival(entry_id="e", booked_on=DAY, amount=eur(came)) if came else None
    sums = broken_down(one, [each.part for each in lines])
    return KeptPayout(payout=one, sums=sums, pages=1, arrived=arrival, **more)


LINES = [
    line("pi_3QabcDEF2345ghijk0001", "68.99", "1.29", order_id="o1", number="1042"),
    line("pi_3QabcDEF2345ghijk0002", "-12.90", "0.00", "refunded", order_id="o1", number="1042"),
    line(
        "pi_3QabcDEF2345ghijk0003", "30.00", "0.70", order_id="o2", number="1043",
        trouble="amount", expected=eur("30.01"),
    ),
    line("pi_3QabcDEF2345ghijk0004", "5.00", "0.33", trouble="unknown"),
    line("du_1", "-20.00", "15.00", "charged_back", order_id="o3", number="1044"),
    line("", "0.00", "0.99", "fee"),
]  # fmt: skip


@pytest.fixture
def shelf(house: House, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """Show payouts to somebody who is logged in."""
    plain = kept("9.61", [line("pi_9", "10.00", "0.39")], came="9.61", name="po_whole")
    found = Shelf((kept("52.78", LINES, came="52.77", unknown=1), LINES), (plain, []))
    monkeypatch.setattr(payouts, "Payouts", lambda: found)
    monkeypatch.setattr(payouts, "Bank", Statement)
    monkeypatch.setattr(payouts, "jobs", lambda _: [("stripe", asked())])
    house.log_in()
    return found


def asked() -> Job:
    """Return the job of the night, which has named a payment."""
    named = {"payment": "pi_lost", "order_id": "o9", "minor": 1990, "currency": "EUR",
             "booked_at": "2026-11-03T10:00:00.000Z"}  # fmt: skip
    job = new_job("demo", "payouts", NOW, subject="demo-s", is_standing=True)
    missing = {"count": 1, "sums": {"EUR": 1990}, "items": [named]}
    return replace(job, state="done", result={"missing": missing})


def test_each_payout_says_whether_it_arrived_whole(house: House, shelf: Shelf) -> None:
    """A cent less is named; so is a payment that nobody knows, and one that is in no payout."""
    text = outline(house.get("/console/payouts").body).text
    assert "Stripe po_1QabcDEF2345ghijk am 23.11.2026 eingegangen Abweichung −0,01 €" in text
    assert "Zahlungen ohne Bestellung: 1" in text
    assert "Stripe po_whole am 23.11.2026 eingegangen angekündigt" in text
    assert "Stripe: nach zehn Tagen in keiner Auszahlung: 1 19,90 € pi_lost" in text


def test_a_payout_opens_to_its_payments(
    house: House, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each with its order, gross, fee and net, and what is not right; in both languages."""
    page = house.get("/console/payouts/stripe%3Apo_1QabcDEF2345ghijk").body
    text = outline(page).text
    assert "pi_3QabcDEF2345ghijk0001 1042 68,99 € 1,29 € 67,70 €" in text
    assert "Erstattung pi_3QabcDEF2345ghijk0002 1042 −12,90 € 0,00 € −12,90 €" in text
    assert "auf der Bestellung 30,01 €" in text
    assert "Rückbuchung du_1 1044 −20,00 € 15,00 € −35,00 €" in text
    assert b'href="/console/orders/o1"' in page
    monkeypatch.setattr(staff, "settings_of", lambda _: replace(SHOP, language="en"))
    english = outline(house.get("/console/payouts/stripe%3Apo_1QabcDEF2345ghijk").body).text
    assert "no order known" in english
    assert house.get("/console/payouts/stripe%3Apo_none").status_code == 404


def test_a_payout_says_in_sums_what_explains_the_banks_entry(house: House, shelf: Shelf) -> None:
    """Payments less fees and refunds are the payout; what the bank has beside it is the rest."""
    page = outline(house.get("/console/payouts/stripe%3Apo_1QabcDEF2345ghijk").body)
    assert (
        "Zahlungen 103,99 € Gebühren −18,31 € Erstattungen und Rückbuchungen −32,90 € "
        "Auszahlung 52,78 € Auf dem Konto 52,77 € Abweichung −0,01 €"
    ) in page.text
    assert "STRIPE TECHNOLOGY EUROPE 23.11.2026 STRIPE P1QABC DE1" in page.text
    assert "/console/bank?state=payout&search=52%2C77" in page.links


def test_types_nobody_knows_and_balances_are_told_in_words(
    house: House, monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    """An unknown type by the provider's word, a balance before and after, what was taken off."""
    lines = [
        line("", "12.00", "0.00", "balance", told="before"),
        line("pi_1", "0.00", "5.00", "payment_fee", told="T0106"),
        line("", "-0.50", "0.00", "unread", told="T9701"),
        line("pi_2", "-2.00", "0.00", "deducted", told="REFUND_DEDUCTION"),
        line("", "-3.00", "0.00", "balance", told="after"),
    ]
    one = Shelf((kept("4.00", lines), lines))
    monkeypatch.setattr(payouts, "Payouts", lambda: one)
    text = outline(house.get("/console/payouts/stripe%3Apo_1QabcDEF2345ghijk").body).text
    assert "Guthaben davor, abzüglich danach 9,00 € Auszahlung 4,00 €" in text
    for told in (
        "Guthaben davor 12,00 €", "unbekannte Art: T9701 −0,50 €", "Guthaben danach −3,00 €",
        "Gebühr der Zahlung pi_1 0,00 €", "vor der Auszahlung abgezogen: REFUND_DEDUCTION pi_2",
    ):  # fmt: skip
        assert told in text


def test_payouts_are_chosen_by_provider_and_state(house: House, shelf: Shelf) -> None:
    """That there is none is another answer than that none fits."""
    doubtful = outline(house.get("/console/payouts?state=differs&source=stripe").body).text
    assert "po_1QabcDEF2345ghijk" in doubtful
    assert "po_whole" not in doubtful
    none = house.get("/console/payouts?state=waiting").body
    assert "Keine passt zur Auswahl. Alles zeigen" in outline(none).text
    assert b'<option value="waiting" selected>' in none
    shelf.kept = ()
    assert "Noch keine. Jede Nacht wird gefragt" in outline(house.get("/console/payouts").body).text


def test_a_payout_of_nothing_is_not_waited_for(
    house: House, monkeypatch: pytest.MonkeyPatch, shelf: Shelf
) -> None:
    """All of its payments went to the next one."""
    one = Shelf((kept("0.00", []), []))
    monkeypatch.setattr(payouts, "Payouts", lambda: one)
    text = outline(house.get("/console/payouts").body).text
    assert "nichts auszuzahlen" in text
    assert "noch nicht auf dem Konto" not in text.replace("Noch nicht auf dem Konto", "")


def test_the_bank_leads_to_the_payout(
    house: House, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its entry cannot be given to an order any more, only taken back."""
    amount = {"amount": "52.77", "currency": "EUR"}
    paid_out = {
        "id": "stripe:po_1", "source": "stripe", "reference": "po_1", "amount": amount,
        "difference": {"amount": "-0.01", "currency": "EUR"},
    }  # fmt: skip
    item = {
        "id": "e1", "kind": "bank", "source": "bank", "payer": "STRIPE", "remittance": "x",
        "iban": "", "note": "", "orders": [], "suggestions": [], "amount": amount,
        "booked_at": "2026-11-23T00:00:00.000Z", "paid_out": paid_out,
    }  # fmt: skip
    monkeypatch.setattr(bank.payments, "listed", lambda *_, **__: ([item], None))
    page = house.get("/console/bank?state=payout").body.decode()
    assert "/console/payouts/stripe%3Apo_1" in page
    assert "Abweichung −0,01" in page
    assert "/console/bank/e1/undo" in page
    assert "/console/bank/e1/match" not in page


def test_yen_have_no_cents() -> None:
    """A payout in a currency without decimals is shown as it is."""
    one = replace(kept("9.61", []).payout, amount=Money.of("982", "JPY"))
    view = payouts.payout_view(KeptPayout(payout=one, sums=broken_down(one, []), pages=0))
    assert view["amount"] == {"amount": "982", "currency": "JPY"}
    assert view["unexplained"] == view["amount"]

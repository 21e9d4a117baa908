"""What a bill says about payment: how it was paid, by when it shall be, how it went back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib.documents import drafts
from chalicelib.documents.facts import Payment
from chalicelib.domain.events import Policy
from tests.events import NOW, bought, order, paid
from tests.fakes import SETTINGS
from tests.histories import document, refund

ON_ACCOUNT = Policy(ship_on="acceptance", invoice_on="acceptance", payment_days=14)


def test_an_open_invoice_names_the_last_day_for_payment() -> None:
    """The merchant's days for payment count from the day the order came in."""
    later = NOW + timedelta(days=3)
    bill = drafts.invoice(order(policy=ON_ACCOUNT), SETTINGS, number="RE-1", now=later)
    assert bill.payment == Payment(state="due", due_on="2026-12-07", reference="1042")


def test_an_invoice_after_the_last_day_names_none() -> None:
    """Nobody can pay until yesterday."""
    late = NOW + timedelta(days=14)
    bill = drafts.invoice(order(policy=ON_ACCOUNT), SETTINGS, number="RE-1", now=late)
    assert bill.payment == Payment(state="due", reference="1042")


def test_a_paid_invoice_says_how_and_when() -> None:
    """As the shop calls the method of payment, else by the one who told of the money."""
    one = order(paid(source="bank"))
    bill = drafts.invoice(one, SETTINGS, number="RE-1", now=NOW)
    assert bill.payment == Payment(state="paid", method="bank", on="2026-11-23", reference="1042")
    named = order(paid(), what=bought(payment_method="PayPal"))
    assert drafts.invoice(named, SETTINGS, number="RE-1", now=NOW).payment.method == "PayPal"


def test_a_credit_note_says_how_and_when_the_money_went_back() -> None:
    """The way back may be another than the way here."""
    back = replace(refund("4.00"), source="stripe", booked_at=NOW + timedelta(days=1))
    one = order(paid(source="bank"), document("invoice", number="RE-1"), back)
    note = drafts.credit_note(one, SETTINGS, back, number="RK-1", now=NOW + timedelta(days=2))
    assert note.payment == Payment(state="refunded", method="stripe", on="2026-11-24")
    assert (note.original.number if note.original else "", note.supplied_on) == (
        "RE-1",
        "2026-11-23",
    )
    assert (note.totals.gross, note.totals.due) == (400, 0)

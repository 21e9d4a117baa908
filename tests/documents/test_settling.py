"""What an invoice says of its payment: nobody is asked to pay twice, and the rest is right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.documents import cancelling, drafts, soundness
from chalicelib.documents.einvoice import e_invoice
from chalicelib.documents.facts import InvoiceFacts, freeze
from chalicelib.documents.pdf import render
from chalicelib.domain import bills, events
from chalicelib.domain.events import Policy
from chalicelib.domain.order import LineKind
from tests.documents import reading
from tests.events import NOW, bought, eur, line, order, paid
from tests.fakes import SETTINGS
from tests.histories import cancelled, chargeback, document, refund

ACCOUNT = Policy(ship_on="acceptance", invoice_on="acceptance")


def bill(*facts: events.Fact, method: str = "", **more: Any) -> InvoiceFacts:
    """Return the invoice of an order on account over 10.00."""
    what = bought(payment_method=method, **more)
    made = drafts.invoice(
        order(*facts, what=what, policy=ACCOUNT), SETTINGS, number="RE-1", now=NOW
    )
    soundness.check(made)
    return made


def text_of(facts: InvoiceFacts) -> tuple[str, bool]:
    """Return what the page says, and whether there is something to scan."""
    pdf = render("invoice", freeze(facts))
    return " ".join(reading.text_of(pdf).split()), "QRCode" in reading.codes(pdf, dpi=150)


@pytest.mark.parametrize(
    ("locale", "says"),
    [
        ("de-DE", "Der Betrag von 10,00 € wird per Klarna bezahlt, wie bei der Bestellung"),
        ("en-GB", "The amount of €10.00 is paid by Klarna, as agreed with the order."),
    ],
)
def test_who_pays_a_provider_is_not_asked_for_a_transfer(locale: str, says: str) -> None:
    """Neither on the page nor in the XML: no account, no code, but by whom it is collected."""
    made = bill(method="klarna_payments", locale=locale)
    page, has_code = text_of(made)
    assert says in page
    assert "überweisen" not in page.lower()
    assert "transfer" not in page.lower()
    assert not has_code
    xml = e_invoice("invoice", made)
    assert (xml.means.code, xml.means.iban) == ("68", "")
    assert xml.terms.replace("\N{NO-BREAK SPACE}", " ").startswith(says)
    assert (xml.due_on, str(xml.sums.due)) == ("", "10.00")


@pytest.mark.parametrize("method", ["", "invoice", "Rechnung", "bacs"])
def test_who_transfers_the_money_is_told_how(method: str) -> None:
    """Purchase on account: account, day and code, on the page and in the XML."""
    made = bill(method=method)
    page, has_code = text_of(made)
    assert "Bitte überweisen Sie 10,00 € bis zum 30.11.2026." in page
    assert has_code
    xml = e_invoice("invoice", made)
    assert (xml.means.code, xml.means.iban) == ("58", "DE02120300000000202051")


def test_a_promise_of_a_provider_is_not_to_be_transferred() -> None:
    """Whatever the shop calls the payment."""
    promise = events.PaymentAuthorized(
        at=NOW, source="klarna", reference="k1", amount=eur("10.00"), booked_at=NOW
    )
    assert bill(promise, method="invoice").payment.state == "collected"


VOUCHER = events.VoucherRedeemed(
    at=NOW, source="shop", reference="v1", amount=eur("4.00"), booked_at=NOW
)
TOLERATED = events.WriteOffRecorded(
    at=NOW, source="kontor", reference="t1", amount=eur("0.02"), booked_at=NOW, kind="tolerance"
)
LOST = replace(TOLERATED, kind="loss", amount=eur("6.00"))
MISTAKEN = events.MovementUndone(at=NOW, of_source="stripe", of_reference="ref-4.00")


@pytest.mark.parametrize(
    ("facts", "sums"),
    [
        ([paid("4.00")], (4, 6, "due")),
        ([VOUCHER], (4, 6, "due")),
        ([VOUCHER, paid("6.00")], (10, 0, "paid")),
        ([paid("4.00"), MISTAKEN], (0, 10, "due")),
        ([paid("10.00"), chargeback("10.00")], (0, 10, "due")),
        ([paid("9.98"), TOLERATED], (10, 0, "paid")),
        ([paid("4.00"), LOST], (4, 6, "due")),
    ],
    ids=["part", "voucher", "voucher and rest", "undone", "charged back", "tolerance", "loss"],
)
def test_what_is_paid_and_what_is_due_are_the_ledgers(
    facts: list[events.Fact], sums: tuple[int, int, str]
) -> None:
    """BT-113 and BT-115: with vouchers, without what was undone or taken back."""
    made = bill(*facts)
    there = (made.totals.paid // 100, made.totals.due // 100, made.payment.state)
    assert there == sums
    xml = e_invoice("invoice", made).sums
    assert (int(xml.paid), int(xml.due)) == sums[:2]
    assert xml.paid + xml.due == xml.gross


def test_a_gift_card_and_a_part_payment_leave_the_rest() -> None:
    """10.00 bought, 3.00 by card, 4.00 paid: 7.00 stand in BT-113, 3.00 are asked for."""
    card = replace(
        line(None, price="3.00", kind=LineKind.GIFT_CARD, rate="0", line_id="card"),
        total=eur("-3.00"), unit_price=eur("-3.00"),
    )  # fmt: skip
    made = drafts.invoice(
        order(paid("4.00"), what=bought(line(), card), policy=ACCOUNT),
        SETTINGS, number="RE-1", now=NOW,
    )  # fmt: skip
    soundness.check(made)
    sums = e_invoice("invoice", made).sums
    assert (str(sums.gross), str(sums.paid), str(sums.due)) == ("10.00", "7.00", "3.00")
    assert "Bitte überweisen Sie 3,00 €" in text_of(made)[0]


def test_a_voucher_that_pays_all_is_named() -> None:
    """Not silence about how it was settled."""
    made = bill(replace(VOUCHER, amount=eur("10.00")))
    assert (made.payment.state, made.payment.method) == ("paid", "voucher")
    assert "per Gutschein erhalten" in text_of(made)[0]


def test_a_correction_without_money_asks_for_none() -> None:
    """What cancels the rest of an invoice is to be paid by nobody, in the XML either."""
    one = order(document("invoice"), paid("4.00"), cancelled(), refund("4.00"))
    bill = bills.last(one)
    assert bill
    invoice = freeze(drafts.invoice(order(), SETTINGS, number="RE-1", now=NOW))
    rest = cancelling.cancellation(one, SETTINGS, bill, invoice, number="RK-1", now=NOW)
    xml = e_invoice("credit_note", rest)
    assert (str(xml.sums.gross), str(xml.sums.due), xml.terms) == ("6.00", "0.00", "")

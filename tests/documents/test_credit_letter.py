"""The letter about money that is the customer's: once, true, and only while it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.documents import credit_letter
from chalicelib.documents.decide import decide
from chalicelib.documents.facts import freeze
from chalicelib.documents.pdf import check, render
from chalicelib.domain import credit, events
from chalicelib.domain.commands import SendMail
from chalicelib.domain.order import Order
from chalicelib.notification.decide import PATIENCE
from chalicelib.notification.decide import decide as decide_mails
from chalicelib.notification.mails import compose
from tests.documents import reading
from tests.events import NOW, bought, eur, order, paid
from tests.fakes import SETTINGS
from tests.histories import cancelled, chargeback, document, refund

INVOICE = document("invoice", number="RE-42")
TOLD = events.CreditBalanceTold(at=NOW, number=1, amount=eur("2.00"), by="staff")


def letters(one: Order) -> list[str]:
    """Return the letters that are wanted."""
    return [x.key for x in decide(one, NOW) if x.key.startswith("credit-letter")]


def said(one: Order) -> str:
    """Return what the letter says."""
    told = one.last(events.CreditBalanceTold)
    assert told
    frozen = freeze(credit_letter.draft(one, SETTINGS, told))
    check("credit_balance", frozen)
    text = reading.text_of(render("credit_balance", frozen))
    return " ".join(text.replace("\u00a0", " ").split())


@pytest.mark.parametrize(
    ("facts", "amount"),
    [
        ([paid("12.00")], "2.00"),
        ([paid("10.00")], "0.00"),
        ([paid("12.00"), refund("2.00")], "0.00"),
        ([paid("12.00"), chargeback("1.00")], "1.00"),
        ([paid("12.00"), cancelled()], "0.00"),
    ],
)
def test_what_is_held_is_what_came_in_beyond_what_is_owed(
    facts: list[events.Fact], amount: str
) -> None:
    """Less what went back; a cancelled order's money goes back anyway."""
    assert credit.held(order(*facts)) == eur(amount)


def test_the_letter_is_written_once_and_only_while_it_is_true() -> None:
    """A refund that came first makes it untrue."""
    one = order(INVOICE, paid("12.00"), TOLD)
    assert letters(one) == ["credit-letter:1"]
    assert letters(one.plus([document("credit_balance", "1")])) == []
    assert letters(one.plus([refund("2.00")])) == []
    assert letters(order(INVOICE, paid("12.00"))) == []


def test_the_letter_shows_how_it_comes_about() -> None:
    """What was paid, what for, and what is left; never to be paid."""
    text = said(order(INVOICE, paid("12.00"), TOLD, what=bought(payment_method="bacs")))
    for part in ("Ihr Guthaben", "Rechnung RE-42", "12,00 €", "−10,00 €", "2,00 €", "1042-G1"):
        assert part in text, part
    assert "Bitte nennen Sie uns das Konto" in text
    assert "Bitte überweisen" not in text


def test_who_paid_a_provider_gets_it_back_there() -> None:
    """In English, without an invoice, and after a correction of a part."""
    what = bought(payment_method="paypal", locale="en-GB")
    one = order(paid("12.00"), TOLD, what=what)
    text = said(one)
    assert "We return the amount the way you have paid." in text
    assert "1042" in text
    part = order(INVOICE, paid("10.00"), refund("4.00"), paid("2.00", source="bank"), TOLD)
    assert "mit allem, was sich seither geändert hat" in said(part)


def test_the_mail_waits_for_its_letter_and_carries_it() -> None:
    """After some minutes it goes without."""
    one = order(INVOICE, paid("12.00"), TOLD)
    mail = SendMail(kind="credit_balance", refers_to="1")
    assert mail not in [*decide_mails(one, NOW)]
    assert mail in [*decide_mails(one, NOW + PATIENCE)]
    written = one.plus([document("credit_balance", "1", number="1042-G1")])
    assert mail in [*decide_mails(written, NOW)]
    assert mail not in [*decide_mails(written.plus([refund("2.00")]), NOW)]
    sender = replace(SETTINGS, website="")
    for locale, title in (("de-DE", "Ihr Guthaben von 2,00 €"), ("en-GB", "Your credit balance")):
        spoken = replace(written, bought=bought(locale=locale))
        found = compose(spoken, mail, sender=sender, base_url="https://kontor.example")
        assert found.subject.replace("\u00a0", " ").startswith(title)


def test_what_was_told_is_news_again_after_another_payment() -> None:
    """The same sum a second time is another one."""
    one = order(paid("12.00"), TOLD)
    assert credit.is_told(one)
    again = one.plus([refund("2.00"), paid("2.00", source="bank")])
    assert not credit.is_told(again)

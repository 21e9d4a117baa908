"""The letters that ask for late money: their sums, their code for banking apps, their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.documents import dunning_letter
from chalicelib.documents.decide import decide
from chalicelib.documents.facts import freeze
from chalicelib.documents.pdf import render
from chalicelib.domain import events
from chalicelib.domain.commands import IssueDunningLetter
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.order import Order
from chalicelib.payment.dunning import raised
from tests.documents import reading
from tests.events import NOW, bought, line, order, paid
from tests.fakes import SETTINGS
from tests.histories import document

DAY = timedelta(days=1)


def dunned(level: int, *facts: events.Fact, locale: str = "de-DE", **policy: Any) -> Order:
    """Return an unpaid order of 149.90 to which all letters up to a level were decided on."""
    rules = events.Policy(**{"dunning_fee_1": 120, "dunning_fee_2": 250, **policy})
    what = bought(line(price="149.90"), payment_method="bacs", locale=locale)
    one = order(*facts, what=what, policy=rules)
    for number in range(level + 1):
        one = one.plus(raised(one, number, NOW + (11 + 11 * number) * DAY))
    return one


def letter(one: Order) -> tuple[str, bytes]:
    """Return the text of the newest letter, and its PDF."""
    newest = one.all(events.DunningRaised)[-1]
    pdf = render(
        dunning_letter.kind_of(newest), freeze(dunning_letter.draft(one, SETTINGS, newest))
    )
    return " ".join(reading.text_of(pdf).replace("\u00a0", " ").split()), pdf


def test_a_reminder_asks_for_what_is_open() -> None:
    """No fee, the first deadline and the new one."""
    text, pdf = letter(dunned(0))
    assert "Unser Zeichen 1042-M0" in text
    assert "war am 30.11.2026 fällig" in text
    assert "149,90 € bis zum 11.12.2026" in text
    assert "Mahngebühr" not in text
    assert reading.faults(pdf) == []


def test_the_last_letter_adds_up_payment_and_fees_and_its_code_says_the_same() -> None:
    """What is open is the order, less what came in, plus every fee that stands."""
    text, pdf = letter(dunned(2, paid("50.00", source="bank")))
    assert "−50,00 €" in text
    assert "Mahngebühr (1. Mahnung) 15.12.2026 1,20 €" in text
    assert "Offener Betrag 103,60 €" in text
    (code,) = reading.codes(pdf, dpi=150).values()
    assert "EUR103.60" in code.splitlines()
    assert code.splitlines()[-1] == "1042"
    assert reading.faults(pdf) == []


def test_a_fee_that_was_waived_is_not_asked_for() -> None:
    """The letter after it leaves it out."""
    waived = events.MovementUndone(at=NOW, of_source="dunning", of_reference="level-1")
    text, _ = letter(dunned(2, waived))
    assert "Mahngebühr (1. Mahnung)" not in text
    assert "Offener Betrag 152,40 €" in text


def test_the_last_letter_says_what_follows() -> None:
    """Who was to pay beforehand is cancelled, who bought on account is handed to collection."""
    assert "stornieren Ihre Bestellung" in letter(dunned(2))[0]
    assert "stornieren" not in letter(dunned(1))[0]
    invoice = document("invoice", number="RE-42")
    on_account, _ = letter(dunned(2, invoice, ship_on="acceptance"))
    assert "Forderung zum Einzug" in on_account
    assert "Rechnung RE-42 23.11.2026" in on_account


def test_an_english_customer_reads_english() -> None:
    """With dates and amounts as they are written there."""
    text, pdf = letter(dunned(1, locale="en-GB"))
    assert "Our reference 1042-M1" in text
    assert "€151.10" in text
    assert "Mahn" not in text
    assert reading.faults(pdf) == []


def test_no_letter_without_an_account_to_pay_to() -> None:
    """A person is told instead."""
    one = dunned(0)
    fact = one.all(events.DunningRaised)[0]
    with pytest.raises(NeedsHuman, match="bank account"):
        dunning_letter.draft(one, replace(SETTINGS, iban=""), fact)


def test_a_letter_is_written_once_and_only_while_it_is_true() -> None:
    """Not again when it is there, and not for who has paid meanwhile or is held."""
    one, now = dunned(1), NOW + 25 * DAY
    assert [*decide(one, now)] == [IssueDunningLetter(level=1)]
    assert [*decide(one.plus([document("dunning_1", "1")]), now)] == []
    assert IssueDunningLetter(level=1) not in [*decide(one.plus([paid("151.10")]), now)]
    held = events.HoldPlaced(at=now, code="manual", text="Calls back.")
    assert [*decide(one.plus([held]), now)] == []

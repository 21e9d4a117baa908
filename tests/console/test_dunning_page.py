"""Dunning on the order's page: how far it is, and what staff may do about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain import balance, dunning, events
from chalicelib.domain.order import Order
from chalicelib.payment.dunning import raised
from chalicelib.runtime import clock
from tests.console.conftest import House, outline
from tests.console.samples import dunned
from tests.events import NOW, bought, eur, order, paid

LATER = NOW + timedelta(days=40)
PREPAID = events.Policy(dunning_fee_1=100)


@pytest.fixture(autouse=True)
def today(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let forty days have passed."""
    del house  # which sets the clock too
    monkeypatch.setattr(clock, "now", lambda: LATER)


def overdue(*, letters: int = 0) -> Order:
    """Return a prepaid order that should have been paid, with so many letters."""
    one = order(what=bought(payment_method="bacs"), policy=PREPAID)
    for level in range(letters):
        one = one.plus(raised(one, level, NOW + timedelta(days=11 * (level + 1))))
    return one


def shown(house: House) -> str:
    """Return what the order's page says."""
    return outline(house.get("/console/orders/o1").body).text


def act(house: House, do: str, text: str = "") -> int:
    """Send one of the forms."""
    house.act("dunning", {"do": do, "text": text})
    return len(house.load().facts)


def test_the_page_says_which_letter_comes_next_and_when(house: House) -> None:
    """What went out with its deadline, and the next one with its day."""
    house.log_in()
    house.keep(overdue(letters=1))
    said = shown(house)
    assert "Zahlungserinnerung" in said
    assert "Als Nächstes" in said
    assert "1. Mahnung" in said


def test_nothing_is_said_of_dunning_where_nothing_is_late(house: House) -> None:
    """An order that is paid has no such card."""
    house.log_in()
    house.keep(order(paid()))
    assert "Mahnlauf" not in shown(house)


def test_a_person_may_remind_at_once(house: House) -> None:
    """The next letter, once, by name."""
    house.log_in()
    house.keep(overdue())
    act(house, "remind")
    (letter,) = house.load().all(events.DunningRaised)
    assert (letter.level, letter.by) == (0, "staff")


def test_a_person_may_stop_it_and_go_on(house: House) -> None:
    """With a reason, which stands on the page."""
    house.log_in()
    house.keep(overdue(letters=1))
    before = len(house.load().facts)
    assert act(house, "stop") == before
    act(house, "stop", "Zahlt am Ersten")
    assert dunning.stopped_by(house.load()) == "stopped"
    assert "Zahlt am Ersten" in shown(house)
    assert "Mahnlauf fortsetzen" in shown(house)
    act(house, "resume")
    assert dunning.stopped_by(house.load()) == ""


def test_a_person_may_waive_the_fees(house: House) -> None:
    """What is open is the order alone again."""
    house.log_in()
    house.keep(overdue(letters=2))
    assert balance.outstanding(house.load()) == eur("11.00")
    act(house, "waive", "Kulanz")
    assert balance.outstanding(house.load()) == eur("10.00")
    assert "Mahngebühren erlassen" not in shown(house)


def test_a_person_hands_over_what_was_sent_and_not_paid(house: House) -> None:
    """With the agency's file number, and once."""
    house.log_in()
    house.keep(dunned())
    assert "Ans Inkasso übergeben" in shown(house)
    act(house, "hand_over", "INK-7")
    act(house, "hand_over", "INK-8")
    (handed,) = house.load().all(events.CollectionHandedOver)
    assert handed.reference == "INK-7"


def test_what_was_never_sent_cannot_be_collected(house: House) -> None:
    """A prepaid order is cancelled instead."""
    house.log_in()
    house.keep(overdue(letters=1))
    assert "Ans Inkasso übergeben" not in shown(house)


@pytest.mark.parametrize("do", ["remind", "resume", "waive", "hand_over", "dance"])
def test_what_makes_no_sense_now_changes_nothing(house: House, do: str) -> None:
    """The page says why."""
    house.log_in()
    house.keep(order(paid()))
    before = len(house.load().facts)
    assert act(house, do, "x") == before


def test_the_customers_page_asks_for_the_fee_by_name(house: House) -> None:
    """What is open, what of it is a fee, until when, with the code for banking apps."""
    house.keep(overdue(letters=2))
    page = house.get("/s/demo-o1-secret").body.decode().replace("\u00a0", " ")
    for text in ("11,00 €", "davon Mahngebühren", "1,00 €", "22.12.2026", "<svg"):
        assert text in page

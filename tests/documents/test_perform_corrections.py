"""Cancellations and return slips as they are issued from an order."""

from __future__ import annotations

from chalicelib.documents.perform import Desk
from chalicelib.domain.commands import IssueCancellation, IssueReturnSlip
from chalicelib.domain.order import Order
from tests.documents import reading
from tests.events import NOW, order, paid
from tests.fakes import SETTINGS, FakeArchive, FakeNumbers, Fuse
from tests.histories import authorized_return, cancelled, document, refund

INVOICE = document("invoice", number="RE-2026-00042")


def issued(one: Order, command: IssueCancellation | IssueReturnSlip) -> tuple[str, str, str]:
    """Perform a command; return kind, number and text of its document."""
    archive = FakeArchive(Fuse())
    desk = Desk(archive=archive, numbers=FakeNumbers(Fuse()), settings_of=lambda _: SETTINGS)
    fact = next(iter(desk.perform(one, command, NOW)))
    return fact.kind, fact.number, " ".join(reading.text_of(archive.objects[fact.key]).split())


def test_a_cancellation_takes_the_whole_invoice_back() -> None:
    """It names the invoice and why, has every sum below zero, and is never called Gutschrift."""
    kind, number, text = issued(order(INVOICE, cancelled()), IssueCancellation())
    assert (kind, number) == ("cancellation", "RK-2026-00001")
    assert "Rechnungskorrektur RK-2026-00001" in text
    assert "Unsere Rechnung RE-2026-00042 vom 23.11.2026 heben wir ganz auf" in text
    assert "Die Bestellung wurde storniert." in text
    assert "−10,00 €" in text
    assert "Bitte überweisen" not in text
    assert "Gutschrift" not in text


def test_what_a_refund_left_of_an_invoice_is_corrected_too() -> None:
    """Four of ten euros went back; the correction takes back the other six."""
    one = order(INVOICE, paid("4.00"), cancelled(), refund("4.00"))
    kind, _, text = issued(one, IssueCancellation())
    assert kind == "credit_note"
    assert "Korrekturbetrag 6,00 €" in text


def test_a_cancellation_keeps_its_number_when_money_comes_in_before_it_is_recorded() -> None:
    """What was drawn first is finished as it was: no second number corrects the invoice."""
    numbers, archive = FakeNumbers(Fuse()), FakeArchive(Fuse())
    desk = Desk(archive=archive, numbers=numbers, settings_of=lambda _: SETTINGS)
    before = order(INVOICE, cancelled())
    first = [*desk.perform(before, IssueCancellation(), NOW)]
    later = order(INVOICE, cancelled(), paid("4.00"), refund("4.00"))
    assert [*desk.perform(later, IssueCancellation(), NOW)] == first
    assert [*numbers.last.values()] == [1]


def test_a_return_slip_names_what_comes_back() -> None:
    """With the return as a code for whoever opens the parcel."""
    one = order(INVOICE, authorized_return(lines={"l-TEE-1": 1}))
    kind, number, text = issued(one, IssueReturnSlip(return_id="R1"))
    assert (kind, number) == ("return_slip", "R1")
    assert "Article TEE-1" in text
    assert SETTINGS.street in text

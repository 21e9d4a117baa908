"""Cancellations, new invoices and return slips as they are issued from an order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.documents.decide import decide_at_work
from chalicelib.documents.perform import Desk
from chalicelib.domain import bills, events
from chalicelib.domain.commands import Command, IssueInvoice, IssueReturnSlip
from chalicelib.domain.order import Address, Bought, LineKind, Order
from tests.documents import reading
from tests.events import ANNA, NOW, bought, eur, line, order, paid
from tests.fakes import SETTINGS, FakeArchive, FakeNumbers, Fuse, Killed
from tests.histories import authorized_return, cancelled, document, refund

FIRM = replace(ANNA, company="Beispiel Bürobedarf GmbH")
BASKET = bought(
    line("A", quantity=3, price="9.99"),
    line("B", price="20.00", rate="7"),
    line(None, price="4.90", kind=LineKind.SHIPPING, line_id="s"),
)


class House:
    """A desk with its archive and its numbers."""

    def __init__(self, **settings: Any) -> None:
        """Open it empty."""
        self.archive, self.numbers = FakeArchive(Fuse()), FakeNumbers(Fuse())
        own = replace(SETTINGS, **settings)
        self.desk = Desk(archive=self.archive, numbers=self.numbers, settings_of=lambda _: own)

    def do(self, one: Order, command: Command) -> Order:
        """Perform a command and record what happened."""
        return one.plus(self.desk.perform(one, command, NOW))

    def work(self, one: Order) -> Order:
        """Do what the step asks for, until it asks for nothing new."""
        for _ in range(9):
            wishes = [*decide_at_work(one, NOW)]
            done = [fact for wish in wishes for fact in self.desk.perform(one, wish, NOW)]
            if (after := one.plus(done)) is one:
                return one
            one = after
        raise RecursionError

    def text(self, fact: events.DocumentIssued) -> str:
        """Return what a document says."""
        return " ".join(reading.text_of(self.archive.objects[fact.key]).split())

    def billed(self, what: Bought | None = None, *facts: events.Fact) -> Order:
        """Return an order with its invoice."""
        return self.do(order(*facts, what=what), IssueInvoice())


def papers(one: Order) -> list[tuple[str, str, str]]:
    """Return kind, number and amount of the documents of an order."""
    return [(x.kind, x.number, str(x.amount)) for x in one.all(events.DocumentIssued)]


def withdrawn(one: Order, what: Bought | None = None) -> Order:
    """Let a person withdraw the newest invoice, with what is bought from now on."""
    bill = bills.last(one)
    assert bill
    fact = events.InvoiceWithdrawn(at=NOW, number=bill.invoice.number, by="staff")
    return one.plus([fact], bought=what)


def test_a_cancellation_takes_the_whole_invoice_back() -> None:
    """It names the invoice and why, has every sum below zero, and is never called Gutschrift."""
    house = House()
    one = house.work(house.billed().plus([cancelled()]))
    assert papers(one) == [
        ("invoice", "RE-2026-00001", "10.00 EUR"),
        ("cancellation", "RK-2026-00001", "10.00 EUR"),
    ]
    text = house.text(one.all(events.DocumentIssued)[1])
    assert "Rechnungskorrektur RK-2026-00001" in text
    assert "Unsere Rechnung RE-2026-00001 vom 23.11.2026 heben wir ganz auf" in text
    assert "Die Bestellung wurde storniert." in text
    assert "−10,00 €" in text
    assert "Bitte überweisen" not in text
    assert "Gutschrift" not in text


def test_what_a_refund_left_of_an_invoice_is_corrected_too() -> None:
    """Four of ten euros went back; the correction takes back the other six."""
    house = House()
    one = house.billed(None, paid("4.00")).plus([cancelled(), refund("4.00")])
    one = house.work(one)
    assert [amount for _, _, amount in papers(one)] == ["10.00 EUR", "4.00 EUR", "6.00 EUR"]
    assert "Korrekturbetrag 6,00 €" in house.text(one.all(events.DocumentIssued)[2])


@pytest.mark.parametrize("prices", [True, False], ids=["gross", "net"])
def test_a_rest_is_spread_over_rates_and_lines_to_the_cent(*, prices: bool) -> None:
    """Two rates and carriage: parts of each, at gross and at net prices."""
    house, what = House(), replace(BASKET, prices_include_tax=prices)
    one = house.billed(what, paid("11.11")).plus([cancelled(), refund("11.11")])
    one = house.work(one)
    amounts = [x.amount for x in one.all(events.DocumentIssued) if x.amount]
    assert amounts[0] == amounts[1] + amounts[2] == BASKET.total
    rest = house.numbers.documents["demo", "DOC#o1#credit_note#cancelled"].frozen
    assert {x["name"] for x in rest["lines"]} == {"Article A", "Article B"}
    assert rest["charges"][0]["kind"] == "shipping"


def test_an_invoice_that_showed_an_older_order_is_taken_back_as_it_was() -> None:
    """Not by what the order says meanwhile."""
    house = House()
    one = house.billed(bought(line(price="12.00")))
    one = house.work(replace(one.plus([cancelled()]), bought=bought(line(price="10.00"))))
    assert papers(one)[1] == ("cancellation", "RK-2026-00001", "12.00 EUR")


def test_a_cancellation_keeps_its_number_when_money_comes_in_before_it_is_recorded() -> None:
    """Its writer dies, money comes and goes back: what was drawn is finished, no second number."""
    house = House()
    before = house.billed().plus([cancelled()])
    house.archive.fuse = Fuse(1)
    with pytest.raises(Killed):
        house.work(before)
    house.archive.fuse = Fuse()
    one = house.work(before.plus([paid("4.00"), refund("4.00")]))
    assert papers(one)[1:] == [("cancellation", "RK-2026-00001", "10.00 EUR")]
    assert house.numbers.last["demo", "SERIES#RK-2026"] == 1
    assert [*decide_at_work(one, NOW)] == []


def test_a_rest_that_was_drawn_is_not_corrected_by_a_later_refund_either() -> None:
    """Four are corrected, the rest of six is drawn, its writer dies, six more come and go back."""
    house = House()
    before = house.billed(None, paid("4.00")).plus([cancelled(), refund("4.00")])
    house.archive.fuse = Fuse(2)
    with pytest.raises(Killed):
        house.work(before)
    house.archive.fuse = Fuse()
    one = house.work(before.plus([paid("6.00"), refund("6.00")]))
    assert sorted(amount for *_, amount in papers(one)[1:]) == ["4.00 EUR", "6.00 EUR"]
    assert house.numbers.last["demo", "SERIES#RK-2026"] == 2


def test_a_withdrawn_invoice_is_taken_back_and_a_new_one_drawn() -> None:
    """Each names the other; the new one says what the order says now."""
    house = House()
    one = house.billed(None, paid())
    one = house.work(withdrawn(one, replace(one.bought, billing=FIRM)))
    assert papers(one)[1:] == [
        ("cancellation", "RK-2026-00001", "10.00 EUR"),
        ("invoice", "RE-2026-00002", "10.00 EUR"),
    ]
    old, new = map(house.text, one.all(events.DocumentIssued)[1:])
    assert "Unsere Rechnung RE-2026-00001 vom 23.11.2026 heben wir ganz auf; an ihre" in old
    assert "Anna Beispiel" in old
    assert "Bürobedarf" not in old
    assert "Beispiel Bürobedarf GmbH" in new
    assert "ersetzt unsere Rechnung RE-2026-00001 vom 23.11.2026" in new
    assert bills.standing(one) == one.all(events.DocumentIssued)[2]


def test_the_new_invoice_is_taxed_anew() -> None:
    """With a VAT ID of another country nothing is taxed any more."""
    house = House(vat_id="DE123456788")
    free = bought(replace(line(rate="0"), tax=eur("0.00")))
    abroad = replace(ANNA, country="AT", city="Wien", zip="1010")
    one = house.billed(bought(billing=abroad, shipping=abroad))
    one = house.work(
        withdrawn(one, replace(free, billing=abroad, shipping=abroad, vat_id="ATU12345675"))
    )
    treatments = [x.treatment for x in one.all(events.DocumentIssued)]
    assert treatments == ["standard", "standard", "intra_community"]


def test_neither_is_drawn_where_the_new_invoice_can_not_be() -> None:
    """The customer keeps the old one, and a person is told what is missing."""
    house = House()
    one = house.billed(bought(line(price="300.00")), paid("300.00"))
    nobody = replace(one.bought, billing=Address(street="Lindenallee 5", country="DE"))
    with pytest.raises(Exception, match=r"billing\.name"):
        house.work(withdrawn(one, nobody))
    assert house.numbers.last == {("demo", "SERIES#RE-2026"): 1}


def test_an_invoice_that_was_withdrawn_is_taken_back_though_the_order_is_cancelled() -> None:
    """No new one is to be drawn then, so none stands in the way."""
    house = House()
    one = house.billed(bought(line(price="300.00")), paid("300.00"))
    nobody = replace(one.bought, billing=Address(street="Lindenallee 5", country="DE"))
    one = house.work(withdrawn(one, nobody).plus([cancelled()]))
    assert [kind for kind, *_ in papers(one)] == ["invoice", "cancellation"]
    refunded = one.plus([refund("300.00")])
    assert papers(house.work(refunded)) == papers(one)


def test_a_second_correction_has_names_of_its_own() -> None:
    """Three invoices, two of them taken back."""
    house = House()
    one = house.billed(None, paid())
    for _ in range(2):
        one = house.work(withdrawn(one))
    assert [(x.kind, x.refers_to) for x in one.all(events.DocumentIssued)] == [
        ("invoice", ""), ("cancellation", "cancelled"),
        ("invoice", "2"), ("cancellation", "cancelled:2"), ("invoice", "3"),
    ]  # fmt: skip


def test_a_refund_after_the_new_invoice_corrects_that() -> None:
    """The old one is taken back as a whole."""
    house = House()
    one = house.work(withdrawn(house.billed(None, paid())))
    one = house.work(one.plus([refund("4.00")]))
    assert papers(one)[-1] == ("credit_note", "RK-2026-00002", "4.00 EUR")
    assert "RE-2026-00002" in house.text(one.all(events.DocumentIssued)[-1])


BACK = events.OrderReinstated(at=NOW, modified_at=NOW)


def test_an_order_that_comes_back_has_a_new_invoice() -> None:
    """Called off, taken back, and reopened: over all of it once more."""
    house = House()
    policy = events.Policy(ship_on="acceptance", invoice_on="acceptance")
    one = house.do(order(policy=policy), IssueInvoice())
    one = house.work(one.plus([cancelled()]))
    one = house.work(one.plus([BACK]))
    assert [kind for kind, *_ in papers(one)] == ["invoice", "cancellation", "invoice"]
    assert "ersetzt unsere Rechnung RE-2026-00001" in house.text(one.all(events.DocumentIssued)[-1])


def test_an_order_that_comes_back_untouched_keeps_its_invoice() -> None:
    """Nothing of it was taken back."""
    house = House()
    one = house.billed(None, paid()).plus([cancelled()])
    one = house.work(house.work(one).plus([BACK]))
    assert [kind for kind, *_ in papers(one)] == ["invoice"]


def test_the_rest_of_an_invoice_is_taken_back_when_a_refunded_order_comes_back() -> None:
    """Four of ten went back: six are taken back, and ten are billed when they are paid anew."""
    house = House()
    one = house.work(house.billed(None, paid()).plus([cancelled(), refund("4.00")]))
    one = house.work(one.plus([BACK]))
    assert [amount for *_, amount in papers(one)] == ["10.00 EUR", "4.00 EUR", "6.00 EUR"]
    one = house.work(one.plus([paid("4.00", source="bank")]))
    assert papers(one)[3:] == [("invoice", "RE-2026-00002", "10.00 EUR")]


def test_a_cancellation_whose_writer_died_is_finished_though_the_order_came_back() -> None:
    """And only then the new invoice is drawn."""
    house = House()
    policy = events.Policy(ship_on="acceptance", invoice_on="acceptance")
    before = house.do(order(policy=policy), IssueInvoice()).plus([cancelled()])
    house.archive.fuse = Fuse(1)
    with pytest.raises(Killed):
        house.work(before)
    house.archive.fuse = Fuse()
    one = house.work(before.plus([BACK]))
    assert [kind for kind, *_ in papers(one)] == ["invoice", "cancellation", "invoice"]


def test_a_return_slip_names_what_comes_back() -> None:
    """With the return as a code for whoever opens the parcel."""
    house = House()
    one = order(document("invoice"), authorized_return(lines={"l-TEE-1": 1}))
    [slip] = house.desk.perform(one, IssueReturnSlip(return_id="R1"), NOW)
    assert isinstance(slip, events.DocumentIssued)
    assert (slip.kind, slip.number) == ("return_slip", "R1")
    assert "Article TEE-1" in house.text(slip)
    assert SETTINGS.street in house.text(slip)

"""One invoice for each delivery, if the merchant wants that: when, over what, and named how."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.documents.decide import decide
from chalicelib.documents.einvoice import e_invoice
from chalicelib.domain import balance, billing, bills, dunning, events
from chalicelib.domain.commands import SendMail
from chalicelib.domain.order import LineKind, Order
from chalicelib.notification.mails import enclosed
from tests.documents.test_perform_corrections import House, papers
from tests.events import NOW, bought, line, order, paid, reserved
from tests.histories import received_return, refund, shipped

ACCOUNT = events.Policy(ship_on="acceptance", invoice_on="delivery", partial_shipments=True)
BASKET = bought(
    line("A", quantity=3, price="10.00"),
    line("B", price="20.00", rate="7"),
    line(None, price="4.90", kind=LineKind.SHIPPING, line_id="ship"),
    line(None, price="-5.00", kind=LineKind.DISCOUNT, line_id="off"),
)
FIRST, SECOND = shipped(1, {"l-A": 1}), shipped(2, {"l-A": 2, "l-B": 1})


def on_the_way(*facts: events.Fact, what: Any = BASKET) -> Order:
    """Return an order on account whose goods are set aside."""
    return order(reserved("A", 3), reserved("B"), *facts, what=what, policy=ACCOUNT)


def wishes(one: Order) -> list[str]:
    """Return which invoices are wanted now."""
    return [x.key for x in decide(one, NOW) if "nvoice" in x.key]


def test_each_of_two_parcels_has_an_invoice() -> None:
    """The first bears the carriage, both their part of the discount; the sum is the order."""
    house = House()
    one = house.work(on_the_way(*FIRST))
    assert [(n, a) for kind, n, a in papers(one) if kind == "invoice"] == [
        ("RE-2026-00001", "13.90 EUR")
    ]
    one = house.work(one.plus(SECOND))
    issued = [x for x in one.all(events.DocumentIssued) if x.kind == "invoice"]
    assert [(x.refers_to, str(x.amount)) for x in issued] == [
        ("parcel:1", "13.90 EUR"), ("parcel:2", "36.00 EUR"),
    ]  # fmt: skip
    assert BASKET.total.minor == 4990
    text = house.text(issued[0])
    for part in ("Teilrechnung RE-2026-00001", "Für Lieferung 1 Ihrer Bestellung", "4,90 €",
                 "Mit dieser Teilrechnung sind 13,90 € Ihrer Bestellung über 49,90 €"):  # fmt: skip
        assert part in text.replace("\u00a0", " "), part
    assert bills.is_all_billed(one)


def test_the_xml_calls_it_a_partial_invoice() -> None:
    """UNTDID 1001: 326."""
    house = House()
    house.work(on_the_way(*FIRST))
    frozen = house.numbers.documents["demo", "DOC#o1#invoice#parcel:1"].frozen
    from chalicelib.documents.pdf import read_facts

    facts = read_facts("invoice", frozen)
    assert e_invoice("invoice", facts).type_code == "326"  # type: ignore[arg-type]


def test_what_leaves_in_one_parcel_has_an_ordinary_invoice() -> None:
    """Nothing about it is partial."""
    one = on_the_way(*shipped(1, {"l-A": 3, "l-B": 1}))
    assert wishes(one) == ["IssueInvoice"]
    assert billing.is_due(one)


def test_nothing_is_billed_before_a_parcel_leaves() -> None:
    """Nor by another policy parcel by parcel."""
    assert wishes(on_the_way()) == []
    usual = replace(ACCOUNT, invoice_on="shipment")
    one = order(reserved("A", 3), reserved("B"), *FIRST, what=BASKET, policy=usual)
    assert wishes(one) == ["IssueInvoice"]


def test_money_that_came_before_pays_the_first_parcels() -> None:
    """Twenty of it: the first invoice is paid, the second for the rest."""
    house = House()
    one = house.work(house.work(on_the_way(paid("20.00"), *FIRST)).plus(SECOND))
    frozen = [
        house.numbers.documents["demo", f"DOC#o1#invoice#parcel:{n}"].frozen["totals"]
        for n in (1, 2)
    ]
    assert [(x["paid"], x["due"]) for x in frozen] == [(1390, 0), (610, 2990)]
    assert balance.outstanding(one).minor == 2990


def test_each_mail_of_a_parcel_has_its_invoice() -> None:
    """And no other one."""
    house = House()
    one = house.work(house.work(on_the_way(*FIRST)).plus(SECOND))
    for parcel in ("1", "2"):
        mail = SendMail(kind="shipping_confirmation", refers_to=parcel)
        document = enclosed(one, mail)
        assert document
        assert document.refers_to == f"parcel:{parcel}"


def test_nobody_is_dunned_before_all_is_billed() -> None:
    """Who buys on account owes what the invoices say."""
    house = House()
    one = house.work(on_the_way(*FIRST))
    assert dunning.due_on(one) is None
    assert dunning.due_on(house.work(one.plus(SECOND)))


@pytest.mark.parametrize("is_return", [True, False])
def test_a_refund_corrects_the_invoice_of_its_parcel(*, is_return: bool) -> None:
    """What came back at once; anything else when all is billed, for it may be of later goods."""
    house = House()
    back = [
        events.ReturnAuthorized(at=NOW, return_id="R1", lines=()),
        received_return({"l-A": 1}),
    ]
    one = house.work(on_the_way(paid("49.90"), *FIRST, *(back if is_return else [])))
    one = house.work(one.plus([refund("9.00", return_id="R1" if is_return else "")]))
    assert ("credit_note" in [kind for kind, *_ in papers(one)]) is is_return
    one = house.work(one.plus(SECOND))
    [note] = [x for x in one.all(events.DocumentIssued) if x.kind == "credit_note"]
    assert ("RE-2026-00001" if is_return else "RE-2026-00002") in house.text(note)


def test_a_writer_that_died_leaves_one_number() -> None:
    """The parcel's facts lie under its own name."""
    house = House()
    one = on_the_way(*FIRST)
    for _ in range(2):
        wish = next(x for x in decide(one, NOW) if x.key == "partial-invoice:1")
        list(house.desk.perform(one, wish, NOW))
    assert house.numbers.last == {("demo", "SERIES#RE-2026"): 1}

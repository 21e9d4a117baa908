"""Electronic invoices through the whole house: what is filed, shown, and held before a number."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain import events, states
from chalicelib.domain.commands import IssueInvoice
from chalicelib.domain.money import Money
from chalicelib.domain.order import Bought, Order
from tests.documents import official, reading
from tests.events import ANNA, bought, line
from tests.fakes import SETTINGS, World
from tests.histories import refund

LEITWEG = "04011000-1234512345-06"
KRONOR = Money(minor=1000, currency="SEK")
IN_SWEDEN = replace(line(), unit_price=KRONOR, total=KRONOR, tax=replace(KRONOR, minor=160))
WHOLE = replace(SETTINGS, phone="+49 341 1234", vat_id="DE313233343")


def sold(what: Bought, *facts: events.Fact) -> tuple[World, Order]:
    """Sell an order that is invoiced when it is accepted, and let the house run."""
    policy = events.Policy(invoice_on="acceptance")
    world = World(settings=replace(WHOLE, policy=policy))
    world.shelve("TEE-1", 10)
    now = world.clock()
    first = events.OrderReceived(at=now, delivery_id="d", policy=policy, access_token="t")
    empty = Order(merchant_id="demo", id="o1", bought=what)
    world.orders.create(empty, [first, events.OrderAccepted(at=now), *facts])
    world.settle()
    (one,) = world.all_orders()
    return world, one


def filed(world: World, one: Order, kind: str) -> bytes:
    """Return what lies in the archive."""
    found = next(x for x in one.all(events.DocumentIssued) if x.kind == kind)
    return world.archive.read(found.key)


def test_an_invoice_is_a_hybrid_that_the_rules_accept() -> None:
    """From the shop's order to the attachment of the PDF in the archive."""
    world, one = sold(bought(line(quantity=3, price="9.99")))
    pdf = filed(world, one, "invoice")
    assert reading.hybrid_faults(pdf) == []
    _, _, xml = reading.attached(pdf)["factur-x.xml"]
    assert official.found_by({"it": xml.decode()}) == {"it": []}
    assert [x.kind for x in one.all(events.DocumentIssued) if "_xml" in x.kind] == []


@pytest.mark.parametrize("form", ["xrechnung_cii", "xrechnung_ubl"])
def test_a_public_buyer_gets_a_file_under_the_same_number(form: str) -> None:
    """The XRechnung is the invoice, the PDF its picture; a correction comes in the same form."""
    what = bought(buyer_reference=LEITWEG, invoice_form=form)
    world, one = sold(what)
    picture, invoice = (states.document(one, kind) for kind in ("invoice", "invoice_xml"))
    assert picture
    assert invoice
    assert picture.number == invoice.number == "RE-2026-00001"
    assert invoice.key.endswith("invoice.xml")
    assert invoice.sha256 != picture.sha256
    assert reading.attached(filed(world, one, "invoice")) == {}
    came = events.PaymentReceived(
        at=world.clock(), source="bank", reference="b1", amount=what.total, booked_at=world.clock()
    )
    world.orders.record(one, [came, refund("10.00")])
    world.settle()
    (one,) = world.all_orders()
    files = {kind: filed(world, one, kind).decode() for kind in ("invoice_xml", "credit_note_xml")}
    assert official.found_by(files) == {"invoice_xml": [], "credit_note_xml": []}
    assert LEITWEG in files["credit_note_xml"]


@pytest.mark.parametrize(
    ("what", "code", "field"),
    [
        (bought(line(rate="20")), "tax_rate_wrong", "tax_rate: 20 %"),
        (bought(line(rate="0"), shipping=replace(ANNA, country="AT")), "vat_id_missing", "vat_id:"),
        (
            replace(bought(), lines=(IN_SWEDEN,), currency="SEK", total=KRONOR),
            "exchange_rate_missing",
            "settings.exchange_rates: SEK",
        ),
    ],
)
def test_what_cannot_be_right_uses_no_number(what: Bought, code: str, field: str) -> None:
    """A hold names the field; once a person has released it or put it right, it goes on."""
    world, one = sold(what)
    assert world.numbers.last == {}
    [hold] = one.holds()
    assert (hold.code, hold.effect) == (code, "IssueInvoice")
    assert hold.text.startswith(field)
    world.settings = replace(world.settings, exchange_rates="SEK 11.02")
    released = events.HoldReleased(at=world.clock(), code=code, by="staff", effect="IssueInvoice")
    world.orders.record(one, [released])
    world.settle()
    (one,) = world.all_orders()
    assert states.document(one, "invoice")


def test_what_a_person_says_of_the_buyer_counts() -> None:
    """The Leitweg-ID is often only known after the shop's order."""
    said = events.InvoicingChosen(at=bought().placed_at, buyer_reference=LEITWEG, by="staff")
    _, one = sold(bought(), said)
    assert states.document(one, "invoice_xml")


@pytest.mark.parametrize("form", ["xrechnung_cii", "xrechnung_ubl"])
def test_the_register_holds_the_hash_of_the_file_and_a_repeat_writes_nothing(form: str) -> None:
    """Killed before it was recorded, what lies in the archive is what is told."""
    world, one = sold(bought(buyer_reference=LEITWEG, invoice_form=form))
    [numbered] = world.numbers.documents.values()
    told = {x.kind: (x.key, x.sha256) for x in one.all(events.DocumentIssued)}
    assert numbered.filed
    assert numbered.filed.xml_sha256 == told["invoice_xml"][1]
    before = one.facts[: one.facts.index(states.document(one, "invoice"))]
    lost = replace(one, facts=before, version=len(before))
    world.archive.objects.clear()
    again = [*world.steps["documents"].perform(lost, IssueInvoice(), world.clock())]
    issued = [x for x in again if isinstance(x, events.DocumentIssued)]
    assert {x.kind: (x.key, x.sha256) for x in issued} == told
    assert not [key for key in world.archive.objects if key.endswith((".xml", ".pdf"))]

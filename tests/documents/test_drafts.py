"""What a document says: the right names, days, sums and taxes, or nothing at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.documents import drafts, parcel_papers, settling
from chalicelib.documents.facts import InvoiceFacts, TaxGroup
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.order import Address, LineKind, Order
from tests.events import ANNA, NOW, bought, eur, line, order, paid
from tests.fakes import SETTINGS
from tests.histories import document, note, pieces, received_return, refund, registered, shipped

POST = line(None, price="4.90", kind=LineKind.SHIPPING, line_id="post")
BASKET = bought(line("A", quantity=2, price="10.00", rate="7"), line("B", price="30.00"), POST)


def bill(one: Order, **settings: Any) -> InvoiceFacts:
    """Return the invoice of an order."""
    return drafts.invoice(one, replace(SETTINGS, **settings), number="RE-2026-00001", now=NOW)


def test_an_invoice_names_lines_charges_taxes_and_sums() -> None:
    """Reference values, worked out by hand: 20.00 at 7 %, 34.90 at 19 %."""
    facts = bill(order(paid("54.90"), what=BASKET))
    assert [(x.position, x.name, x.quantity, x.unit_price, x.total) for x in facts.lines] == [
        (1, "Article A", 2, 1000, 2000),
        (2, "Article B", 1, 3000, 3000),
    ]
    assert [(x.kind, x.amount, x.tax_rate) for x in facts.charges] == [("shipping", 490, "19")]
    assert facts.taxes == (
        TaxGroup(rate="19", net=2933, tax=557, gross=3490),
        TaxGroup(rate="7", net=1869, tax=131, gross=2000),
    )
    assert (facts.totals.net, facts.totals.tax, facts.totals.gross) == (4802, 688, 5490)
    assert (facts.number, facts.order_number, facts.currency) == ("RE-2026-00001", "1042", "EUR")


def test_a_net_order_shows_net_lines_that_add_up() -> None:
    """What business customers see; the gross sum is still the shop's to the cent."""
    facts = bill(order(what=replace(BASKET, prices_include_tax=False)))
    shown = [line.total for line in facts.lines] + [charge.amount for charge in facts.charges]
    assert not facts.prices_include_tax
    assert sum(shown) == facts.totals.net == 4802
    assert facts.totals.gross == 5490


def test_a_discount_of_a_line_is_shown_beside_its_price() -> None:
    """Two pieces of 10.00 with 2.00 off."""
    item = replace(line("A", quantity=2), total=eur("18.00"), discount=eur("2.00"))
    [shown] = bill(order(what=bought(item))).lines
    assert (shown.unit_price, shown.discount, shown.total) == (1000, 200, 1800)


@pytest.mark.parametrize(
    ("facts", "state", "paid_minor", "due"),
    [
        ([], "due", 0, 1000),
        ([paid("4.00")], "due", 400, 600),
        ([paid()], "paid", 1000, 0),
        ([paid("12.00")], "paid", 1000, 0),
    ],
)
def test_an_invoice_says_what_is_paid_and_what_is_due(
    facts: list[Any], state: str, paid_minor: int, due: int
) -> None:
    """Too much is never shown as a debt of ours."""
    made = bill(order(*facts))
    assert (made.payment.state, made.totals.paid, made.totals.due) == (state, paid_minor, due)
    assert made.payment.reference == "1042"


def test_the_method_of_payment_is_the_shops_word_else_the_source() -> None:
    """As the customer knows it."""
    named = order(paid(), what=bought(payment_method="Kreditkarte"))
    assert bill(named).payment.method == "Kreditkarte"
    assert bill(order(paid(source="bank"))).payment.method == "bank"
    assert bill(order(paid(source="cash"))).payment.method == "cash"


def test_days_are_those_of_the_merchants_country() -> None:
    """Half past eleven at night in London is tomorrow in Leipzig."""
    late = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    assert settling.day_of(late) == "2027-01-01"
    assert settling.day_of(late - timedelta(hours=1)) == "2026-12-31"
    assert drafts.invoice(order(), SETTINGS, number="x", now=late).issued_on == "2027-01-01"


def test_the_day_of_supply_is_that_of_the_first_parcel() -> None:
    """Else the day of the invoice."""
    gone = replace(registered(1), at=NOW - timedelta(days=2))
    assert bill(order(note(1, {"l-TEE-1": 1}), gone)).supplied_on == "2026-11-21"
    assert bill(order()).supplied_on == "2026-11-23"


def test_the_bill_goes_to_the_billing_address() -> None:
    """Or to the delivery address where there is no other; the parcel's is named beside it."""
    office = Address(company="Beispiel GmbH", street="Werkstr. 1", city="Bonn", country="DE")
    facts = bill(order(what=bought(billing=office)))
    assert facts.bill_to.company == "Beispiel GmbH"
    assert facts.ship_to
    assert facts.ship_to.name == "Anna Beispiel"
    assert bill(order(what=bought(billing=Address()))).bill_to.name == "Anna Beispiel"
    assert bill(order(what=bought(shipping=Address()))).ship_to is None


def test_the_sender_is_the_merchant_with_tax_number_and_bank() -> None:
    """All that § 14 UStG and a customer with a transfer form need."""
    sender = bill(order()).sender
    assert (sender.name, sender.tax_number, sender.iban) == (
        "Blattwerk", "231/123/45678", "DE02120300000000202051",
    )  # fmt: skip
    untaxed = order(what=bought(line(rate="0")))
    assert bill(untaxed, small_business=True).tax_treatment == "small_business"
    assert bill(order()).tax_treatment == "standard"


@pytest.mark.parametrize(
    ("one", "settings", "code"),
    [
        (order(what=bought(line(), total="9.99")), {}, "invoice_mismatch"),
        (order(), {"name": ""}, "sender_missing"),
        (order(), {"street": ""}, "sender_missing"),
        (order(), {"city": ""}, "sender_missing"),
        (order(), {"tax_number": "", "vat_id": ""}, "tax_number_missing"),
    ],
)
def test_what_would_be_no_proper_invoice_is_not_drafted(
    one: Order, settings: dict[str, str], code: str
) -> None:
    """A person is asked, and no number is used up."""
    with pytest.raises(NeedsHuman) as caught:
        bill(one, **settings)
    assert caught.value.code == code


def test_a_vat_id_is_as_good_as_a_tax_number() -> None:
    """One of the two is enough."""
    assert bill(order(), tax_number="", vat_id="DE123456789").sender.vat_id == "DE123456789"


def credit(*facts: Any, what: Any = BASKET) -> InvoiceFacts:
    """Return the credit note of the last refund of a billed order."""
    one = order(document("invoice", number="RE-7"), *facts, what=what)
    back = facts[-1]
    return drafts.credit_note(one, SETTINGS, back, number="RK-2026-00001", now=NOW)


def test_a_credit_note_names_the_invoice_it_corrects() -> None:
    """Number and day (§ 31 (5) UStDV)."""
    facts = credit(refund("54.90"))
    assert facts.original
    assert (facts.original.number, facts.original.issued_on) == ("RE-7", "2026-11-23")
    assert (facts.payment.state, facts.payment.on) == ("refunded", "2026-11-23")
    assert facts.totals.due == 0


def test_a_refund_of_everything_mirrors_the_invoice() -> None:
    """Lines, shipping and taxes, to the cent."""
    facts, original = credit(refund("54.90")), bill(order(what=BASKET))
    assert facts.taxes == original.taxes
    assert [(x.name, x.quantity, x.total) for x in facts.lines] == [
        (x.name, x.quantity, x.total) for x in original.lines
    ]
    assert [x.amount for x in facts.charges] == [490]


def test_the_pieces_of_a_return_are_credited_at_their_own_rate() -> None:
    """One of two A at 7 %: no 19 % on the credit note."""
    facts = credit(received_return({"l-A": 1}), refund("10.00", return_id="R1"))
    assert [(x.name, x.quantity, x.total) for x in facts.lines] == [("Article A", 1, 1000)]
    assert [(x.rate, x.gross) for x in facts.taxes] == [("7", 1000)]
    assert facts.charges == ()


def test_shipping_that_is_given_back_is_credited_as_shipping() -> None:
    """At the shipping's rate, not at that of the goods."""
    what = bought(line("A", quantity=2, price="10.00", rate="7"), POST, line("B", price="30.00"))
    facts = credit(received_return({"l-A": 2}), refund("24.90", return_id="R1"), what=what)
    assert [(x.rate, x.gross) for x in facts.taxes] == [("19", 490), ("7", 2000)]
    assert [(x.kind, x.amount) for x in facts.charges] == [("shipping", 490)]


def test_a_goodwill_refund_is_spread_over_everything() -> None:
    """Without a return nobody can say which line it is for."""
    facts = credit(refund("5.49"))
    assert facts.totals.gross == 549
    assert [(x.rate, x.gross) for x in facts.taxes] == [("19", 349), ("7", 200)]


def test_without_an_invoice_there_is_nothing_to_correct() -> None:
    """A person is asked."""
    back = refund("1.00")
    with pytest.raises(NeedsHuman) as caught:
        drafts.credit_note(order(back), SETTINGS, back, number="x", now=NOW)
    assert caught.value.code == "no_invoice"


def test_a_delivery_note_says_what_is_in_the_parcel_and_what_follows() -> None:
    """Without prices; pieces of earlier parcels are in neither list."""
    what = bought(line("A", quantity=3), line("B"), POST, note="Bitte klingeln")
    one = order(*shipped(1, {"l-A": 1}), what=what)
    facts = parcel_papers.delivery_note(one, SETTINGS, pieces({"l-A": 1}), number="1042-2", now=NOW)
    assert [(x.name, x.quantity, x.total) for x in facts.lines] == [("Article A", 1, 0)]
    assert [(x.name, x.quantity) for x in facts.open_lines] == [("Article A", 1), ("Article B", 1)]
    assert facts.notes == ("Bitte klingeln",)
    assert facts.ship_to.name == ANNA.name


def test_a_label_carries_what_the_carrier_said() -> None:
    """Number, link, weight and the recipient."""
    shipment = registered(1)
    facts = parcel_papers.label(order(), SETTINGS, shipment)
    assert (facts.tracking_number, facts.tracking_url) == (
        shipment.tracking_number, shipment.tracking_url,
    )  # fmt: skip
    assert (facts.weight_g, facts.ship_to.city, facts.sender.city) == (250, "Köln", "Leipzig")


@pytest.mark.parametrize(("locale", "language"), [("de-DE", "de"), ("en-GB", "en")])
def test_documents_speak_the_customers_language(locale: str, language: str) -> None:
    """As the order's locale says."""
    assert bill(order(what=bought(locale=locale))).language == language

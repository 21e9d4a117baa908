"""Which form an invoice has, by buyer and day, and what it says of its tax."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.documents import drafts, exchange, invoicing
from chalicelib.documents.einvoice import e_invoice
from chalicelib.domain import buyer
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.events import BillingCorrected, HoldReleased, InvoicingChosen
from chalicelib.domain.forms import is_leitweg_id
from chalicelib.domain.order import Address, LineKind, Order
from chalicelib.domain.taxation import Treatment
from tests.events import ANNA, NOW, bought, eur, line, order
from tests.fakes import SETTINGS
from tests.histories import document

LEITWEG = "04011000-1234512345-06"
FIRM = replace(ANNA, company="Beispiel GmbH")
BEFORE, AFTER_2027, AFTER_2028 = "2026-12-31", "2027-01-01", "2028-01-01"
PDF_ONLY = {"business_form": "pdf", "consumer_form": "pdf"}


def form(one: Order, *, on: str = BEFORE, gross: int = 30_000, **settings: Any) -> str:
    """Return the form of the order's invoice."""
    return invoicing.form(one, replace(SETTINGS, **settings), gross, on)


def chosen(**said: str) -> InvoicingChosen:
    """Return a person's word on how the buyer is invoiced."""
    return InvoicingChosen(at=NOW, by="staff", **said)


def test_what_the_buyer_wants_on_the_invoice_stands_on_it() -> None:
    """A person's word counts before the shop's, and the order's number stays beside the buyer's."""
    said = chosen(vat_id="DE313233343", order_reference="B-2026/4711", buyer_reference="K-7")
    one = order(said, what=bought(vat_id="DE999999999", billing=FIRM))
    facts = drafts.invoice(one, SETTINGS, number="RE-1", now=NOW)
    assert (facts.vat_id, facts.buyer_reference) == ("DE313233343", "K-7")
    written = e_invoice("invoice", facts)
    assert (written.order_number, written.sales_order) == ("B-2026/4711", one.bought.number)
    assert written.buyer.vat_id == "DE313233343"
    plain = drafts.invoice(order(), SETTINGS, number="RE-1", now=NOW)
    assert e_invoice("invoice", plain).sales_order == ""


@pytest.mark.parametrize(
    ("one", "on", "settings", "expected"),
    [
        (order(), BEFORE, {}, "zugferd"),
        (order(), AFTER_2028, PDF_ONLY, "pdf"),
        (order(what=bought(billing=FIRM)), BEFORE, PDF_ONLY, "pdf"),
        (order(what=bought(billing=FIRM)), AFTER_2027, PDF_ONLY, "pdf"),
        (order(what=bought(billing=FIRM)), AFTER_2027, {**PDF_ONLY, "large_turnover": True},
         "zugferd"),
        (order(what=bought(billing=FIRM)), AFTER_2028, PDF_ONLY, "zugferd"),
        (order(what=bought(vat_id="DE313233343")), AFTER_2028, PDF_ONLY, "zugferd"),
        (order(what=bought(billing=FIRM)), AFTER_2028, {**PDF_ONLY, "small_business": True}, "pdf"),
        (order(what=bought(billing=replace(FIRM, country="AT"))), AFTER_2028, PDF_ONLY, "pdf"),
        (order(chosen(form="pdf")), BEFORE, {}, "pdf"),
        (order(chosen(form="xrechnung_ubl")), BEFORE, {}, "xrechnung_ubl"),
        (order(what=bought(invoice_form="xrechnung_cii")), BEFORE, {}, "xrechnung_cii"),
        (order(what=bought(invoice_form="nonsense")), BEFORE, {}, "zugferd"),
        (order(what=bought(buyer_reference=LEITWEG)), BEFORE, {}, "xrechnung_cii"),
        (order(what=bought(buyer_reference=LEITWEG)), BEFORE, {"public_form": "xrechnung_ubl"},
         "xrechnung_ubl"),
        (order(chosen(buyer_reference=LEITWEG, form="pdf")), BEFORE, {}, "xrechnung_cii"),
        (order(what=bought(billing=Address(), shipping=Address())), BEFORE, {}, "pdf"),
        (order(what=bought(currency="KWD")), BEFORE, {}, "pdf"),
    ],
)  # fmt: skip
def test_the_buyer_decides_the_form_by_kind_and_day(
    one: Order, on: str, settings: dict[str, Any], expected: str
) -> None:
    """Consumers as they like, businesses from 2027 or 2028 on, public buyers by Leitweg-ID."""
    assert form(one, on=on, **settings) == expected


def test_small_amounts_are_exempt_from_the_duty() -> None:
    """§ 33 UStDV: up to 250 € a PDF will do for ever."""
    one = order(what=bought(billing=FIRM))
    assert form(one, on=AFTER_2028, gross=25_000, **PDF_ONLY) == "pdf"
    assert form(one, on=AFTER_2028, gross=25_001, **PDF_ONLY) == "zugferd"


def test_a_correction_has_form_and_treatment_of_its_invoice() -> None:
    """Whatever the settings say by then."""
    issued = replace(document("invoice"), treatment="export", form="xrechnung_ubl")
    one, own = order(issued), replace(SETTINGS, **PDF_ONLY)
    assert invoicing.form(one, own, 100_000, "2026-11-23", issued) == "xrechnung_ubl"
    assert invoicing.treatment(one, SETTINGS, issued) is Treatment.EXPORT
    assert invoicing.treatment(one, SETTINGS) is Treatment.STANDARD


@pytest.mark.parametrize(
    ("reference", "is_one"),
    [(LEITWEG, True), ("991-33333TEST-33", True), ("04011000-1234512345-07", False),
     ("4711", False), ("", False), ("04011000", False)],
)  # fmt: skip
def test_a_leitweg_id_is_known_by_its_check_digits(reference: str, is_one: bool) -> None:  # noqa: FBT001
    """Examples of the specification of KoSIT; anything else is the buyer's own reference."""
    assert is_leitweg_id(reference) is is_one


def test_an_xrechnung_without_a_reference_bears_the_orders_number() -> None:
    """The norm wants one, and a business that asked for the form rarely has it."""
    assert invoicing.reference(order(chosen(form="xrechnung_cii"))) == "1042"
    assert invoicing.reference(order(chosen(form="xrechnung_cii", buyer_reference="K-7"))) == "K-7"
    assert invoicing.reference(order()) == ""


def test_where_it_goes_decides_the_tax_and_where_it_is_billed_if_nothing_goes() -> None:
    """A gift to Austria is taxed there; a download where the buyer is."""
    vienna = replace(ANNA, country="AT")
    sent = order(what=bought(line(rate="20"), shipping=vienna))
    oss = replace(SETTINGS, oss=True)
    assert invoicing.treatment(sent, oss) is Treatment.OSS
    digital = replace(line(rate="20"), ships=False)
    used = order(what=bought(digital, billing=vienna))
    assert invoicing.treatment(used, oss) is Treatment.OSS


def test_gift_cards_do_not_make_a_sale_untaxed() -> None:
    """Their rate of nothing is not one of the sale."""
    card = line(None, price="-5.00", rate="0", kind=LineKind.GIFT_CARD)
    one = order(what=bought(line(rate="20"), card))
    with pytest.raises(NeedsHuman, match="20 % is no rate of Germany"):
        invoicing.treatment(one, SETTINGS)


def test_a_person_may_release_a_doubt() -> None:
    """The sale is then taxed as the shop has it."""
    wrong = bought(line(rate="20"))
    released = HoldReleased(at=NOW, code="tax_rate_wrong", by="staff", effect="IssueInvoice")
    assert invoicing.treatment(order(released, what=wrong), SETTINGS) is Treatment.STANDARD


def test_tax_in_another_currency_is_shown_in_euro() -> None:
    """By the merchant's rate, half cents rounded up; without one a person is asked."""
    assert invoicing.home_tax(1915, "CHF", SETTINGS) == (2035, "0.9412")
    assert invoicing.home_tax(1783, "JPY", SETTINGS) == (1000, "178.31")
    assert invoicing.home_tax(1915, "EUR", SETTINGS) == (None, "")
    assert invoicing.home_tax(0, "SEK", SETTINGS) == (None, "")
    with pytest.raises(NeedsHuman, match=r"settings.exchange_rates: SEK is missing"):
        invoicing.home_tax(1, "SEK", SETTINGS)


def test_exchange_rates_are_read_as_people_write_them() -> None:
    """A comma as decimal sign, semicolons or lines between them."""
    assert exchange.rates("CHF 0,9412; usd 1.0842\nSEK 11") == {
        "CHF": Decimal("0.9412"), "USD": Decimal("1.0842"), "SEK": Decimal(11),
    }  # fmt: skip
    assert exchange.rates("") == {}
    assert exchange.in_euro(eur("1.00"), Decimal(3)) == 33


@pytest.mark.parametrize("text", ["CHF", "CHF 0", "XXX 1.2", "CHF -1", "CHF 1.2 USD 3"])
def test_an_exchange_rate_that_is_none_is_refused(text: str) -> None:
    """With what was written."""
    with pytest.raises(ValueError, match="no rate like"):
        exchange.rates(text)


def test_what_was_put_right_later_counts_before_an_older_word() -> None:
    """A corrected VAT id is the one on the new invoice; what was not touched stays."""
    later = NOW + timedelta(hours=1)
    put_right = BillingCorrected(at=later, instead_of="a", became="b", changes=("VAT id",))
    one = order(chosen(vat_id="DE999999999", buyer_reference="K-7"), put_right,
                what=bought(vat_id="DE313233343"))  # fmt: skip
    assert (buyer.vat_id(one), buyer.reference(one)) == ("DE313233343", "K-7")

"""What is printed: everything § 14 UStG asks for, in German and in English."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.documents.facts import (
    Charge,
    DocumentFacts,
    Party,
    Payment,
    TaxGroup,
    Totals,
    freeze,
)
from chalicelib.documents.pdf import render
from tests.documents import reading, samples


def printed(kind: str, facts: DocumentFacts) -> str:
    """Return the text of a document with every run of white space as one space."""
    return " ".join(reading.text_of(render(kind, freeze(facts))).split())


@pytest.mark.parametrize(
    "statement",
    [
        "Teehaus Nordlicht GmbH",
        "Große Bleichen 21",
        "20354 Hamburg",
        "Jürgen Größmann",
        "Lindenstraße 12a",
        "04109 Leipzig",
        "Steuernummer 48/123/45678",
        "USt-IdNr. DE313233343",
        "Rechnungsdatum 23.11.2026",
        "Rechnungsnummer RE-2026-1042",
        "Leistungsdatum 24.11.2026",
        "Gusseiserne Teekanne „Arare“, 0,9 l",
        "2 54,90 € 19 % 109,80 €",
        "darin 19 % USt. auf 96,39 € 18,31 €",
        "darin 7 % USt. auf 12,06 € 0,84 €",
        "darin Nettobetrag 108,45 €",
        "Gesamtbetrag 127,60 €",
    ],
)
def test_an_invoice_says_what_the_law_asks_for(statement: str) -> None:
    """§ 14 Abs. 4 UStG: parties, tax number, date, number, supply, goods, net, rate and tax."""
    assert statement in printed("invoice", samples.invoice())


def test_an_english_invoice_reads_like_one() -> None:
    """Amounts, dates and words follow the customer's language."""
    text = printed("invoice", samples.invoice(language="en"))
    for statement in (
        "Invoice RE-2026-1042",
        "Invoice date 23 Nov 2026",
        "Date of supply 24 Nov 2026",
        "Total amount €127.60",
        "of which 19% VAT on €96.39 €18.31",
        "Tax number 48/123/45678",
        "Page 1 of 1",
    ):
        assert statement in text


def test_a_paid_invoice_asks_for_nothing() -> None:
    """Nobody pays twice: no bank transfer, no QR code, but when and how it was paid."""
    pdf = render("invoice", freeze(samples.invoice()))
    assert "Den Betrag von 127,60 € haben wir am 22.11.2026 per PayPal erhalten." in " ".join(
        reading.text_of(pdf).split()
    )
    assert reading.codes(pdf, dpi=150) == {}


def test_an_unpaid_invoice_carries_a_transfer_to_scan() -> None:
    """The Girocode (EPC069-12) holds account, amount and purpose as printed beside it."""
    pdf = render("invoice", freeze(samples.unpaid()))
    text = " ".join(reading.text_of(pdf).split())
    assert "Bitte überweisen Sie 127,60 € bis zum 07.12.2026." in text
    assert "IBAN DE02 1203 0000 0000 2020 51" in text
    assert reading.codes(pdf, dpi=150)["QRCode"].split("\n") == [
        "BCD", "002", "1", "SCT", "BYLADEM1001", "Teehaus Nordlicht GmbH",
        "DE02120300000000202051", "EUR127.60", "", "", "RE-2026-1042",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "facts",
    [
        samples.unpaid(currency="CHF"),
        samples.unpaid(sender=replace(samples.SENDER, iban="DE03120300000000202051")),
        samples.unpaid(sender=replace(samples.SENDER, iban="")),
    ],
    ids=["not in euro", "mistyped account", "no account"],
)
def test_a_transfer_that_would_fail_has_no_code(facts: DocumentFacts) -> None:
    """A QR code that leads to the wrong place is worse than none."""
    assert reading.codes(render("invoice", freeze(facts)), dpi=150) == {}


def test_a_part_payment_leaves_the_rest_to_pay() -> None:
    """What came in is taken off, and only the rest is asked for."""
    whole = samples.unpaid()
    facts = replace(whole, totals=replace(whole.totals, paid=5000, due=whole.totals.gross - 5000))
    text = printed("invoice", facts)
    assert "bereits bezahlt −50,00 €" in text
    assert "Noch zu zahlen 77,60 €" in text
    assert "Bitte überweisen Sie 77,60 €" in text


def test_net_prices_add_the_tax() -> None:
    """Business customers see net lines, the tax on top, and the sum."""
    facts = samples.unpaid(
        1,
        prices_include_tax=False,
        charges=(),
        taxes=(TaxGroup(rate="7", net=1290, tax=90, gross=1380),),
        totals=Totals(net=1290, tax=90, gross=1380, due=1380),
    )
    text = printed("invoice", facts)
    assert "Einzelpreis netto" in text
    assert "Nettobetrag 12,90 €" in text
    assert "zzgl. 7 % USt. auf 12,90 € 0,90 €" in text
    assert "Gesamtbetrag 13,80 €" in text


def test_discounts_stand_on_the_line_and_on_the_sum() -> None:
    """Agreed reductions are named (§ 14 Abs. 4 Nr. 7 UStG)."""
    line = replace(samples.lines(1)[0], quantity=2, total=2080, discount=500)
    charges = (Charge(kind="discount", amount=-1000, tax_rate="7", name="HERBST10"),)
    text = printed("invoice", samples.invoice(lines=(line,), charges=charges))
    assert "Rabatt −5,00 €" in text
    assert "Rabatt (HERBST10) −10,00 €" in text
    assert "Gesamtbetrag 10,80 €" in text


def test_a_small_business_shows_no_tax() -> None:
    """§ 19 UStG and § 34a UStDV: no rate, no tax, but the reason."""
    lines = tuple(replace(line, tax_rate="0") for line in samples.lines(2))
    facts = samples.invoice(lines=lines, charges=(), tax_treatment="small_business")
    text = printed("invoice", facts)
    assert "Steuerbefreiung für Kleinunternehmer" in text
    assert "USt." not in text
    assert " % " not in text


@pytest.mark.parametrize(
    ("treatment", "words"),
    [
        ("intra_community", "innergemeinschaftliche Lieferung"),
        ("reverse_charge", "Steuerschuldnerschaft des Leistungsempfängers"),
        ("export", "Ausfuhrlieferung"),
    ],
)
def test_a_supply_without_tax_says_why(treatment: str, words: str) -> None:
    """§ 14 Abs. 4 Nr. 8 and § 14a UStG: the exemption is named, with the customer's VAT id."""
    lines = tuple(replace(line, tax_rate="0") for line in samples.lines(2))
    facts = samples.invoice(lines=lines, charges=(), tax_treatment=treatment, vat_id="ATU12345678")
    text = printed("invoice", facts)
    assert words in text
    assert "Ihre USt-IdNr. ATU12345678" in text


def test_a_credit_note_names_the_invoice_it_corrects() -> None:
    """§ 31 Abs. 5 UStDV; and it is never called Gutschrift, which means something else."""
    text = printed("credit_note", samples.credit_note())
    assert "Rechnungskorrektur RK-2026-0007" in text
    assert "Unsere Rechnung RE-2026-1042 vom 23.11.2026 korrigieren wir" in text
    assert "Korrekturbetrag 12,90 €" in text
    assert "am 02.12.2026 per PayPal erstattet" in text
    assert "Gutschrift" not in text


def test_a_refund_still_to_come_is_promised() -> None:
    """The customer learns that money is on its way."""
    facts = samples.credit_note(payment=Payment(state="refund_due", method="bank_transfer"))
    assert "12,90 € erstatten wir Ihnen in den nächsten Tagen per Überweisung." in printed(
        "credit_note", facts
    )


def test_a_delivery_note_shows_no_prices() -> None:
    """A present does not tell what it cost, and what is missing is named."""
    text = printed("delivery_note", samples.delivery_note())
    assert "€" not in text
    assert "Lieferschein LS-2026-0815" in text
    assert "Folgt mit einer weiteren Lieferung Matcha-Schale „Kuro“ · Art.-Nr. SCH-KURO 1" in text
    assert "Gewicht 2,48 kg" in text


def test_another_delivery_address_is_named() -> None:
    """Whoever pays sees where it went."""
    elsewhere = replace(samples.CUSTOMER, name="Petra Größmann", street="Waldweg 3")
    assert "Lieferadresse: Petra Größmann, Waldweg 3, 04109 Leipzig" in printed(
        "invoice", samples.invoice(ship_to=elsewhere)
    )
    assert "Lieferadresse" not in printed("invoice", samples.invoice(ship_to=samples.CUSTOMER))


def test_words_wider_than_their_column_break() -> None:
    """Nothing runs into the next column or off the page: all of it can be read back."""
    word = "Donaudampfschifffahrtsgesellschaft" * 4
    line = replace(samples.lines(1)[0], name=word, sku="0123456789" * 6)
    pdf = render("invoice", freeze(samples.invoice(lines=(line,))))
    text = reading.text_of(pdf).replace("\n", "")
    assert word in text
    assert "0123456789" * 6 in text


def test_a_long_address_stays_in_the_window() -> None:
    """DIN 5008 form B: the address ends above 90 mm, however long it is."""
    party = Party(
        company="Gesellschaft für angewandte Elektrizitätenhauptbetriebswerkbaukunde mbH & Co. KG",
        name="Prof. Dr. Maximiliane-Alexandra Freifrau von und zu Großheppach-Oberndorfer",
        street="Straße des Siebzehnten Juni 1234, Hinterhof, Aufgang C",
        street2="4. Obergeschoss links, bei Schmidt-Rottluff",
        zip="1010",
        city="Wien",
        country="AT",
    )
    pdf = render("invoice", freeze(samples.invoice(bill_to=party)))
    lowest = reading.height_of(pdf, "ÖSTERREICH")
    assert 62.7 < lowest < 90


def test_the_address_begins_where_the_window_is() -> None:
    """DIN 5008 form B: the address zone begins 62.7 mm from the top, 25 mm from the left."""
    pdf = render("invoice", freeze(samples.invoice()))
    assert 62 < reading.height_of(pdf, "Jürgen Größmann") < 68

"""Booking batches for DATEV: laid out as published, booked where they belong, adding up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.documents.exports import datev, datev_layout
from chalicelib.documents.exports.accounts import CHARTS, Accounts
from chalicelib.documents.exports.writing import Page, Reel, Written
from chalicelib.documents.facts import Party, freeze
from chalicelib.store.merchants import Settings
from chalicelib.store.register import Entry, Frozen, Span
from tests.documents import samples

AT = datetime(2026, 12, 1, 8, 30, 5, tzinfo=UTC)
NOVEMBER = Span(since="2026-11-01", until="2026-11-30")
SETTINGS = Settings(datev_consultant=29098, datev_client=55003)
ANNA = Party(name="Ánna Öztürk", street="Weg 1", zip="1010", city="Wien", country="AT")


def entry(number: str, kind: str, facts: dict[str, Any]) -> tuple[Entry, Frozen]:
    """Return a register's entry for facts."""
    summary = {
        "customer": facts["bill_to"]["company"] or facts["bill_to"]["name"],
        "currency": facts["currency"],
        "original": (facts.get("original") or {}).get("number", ""),
        **{name: facts["totals"][name] for name in ("net", "tax", "gross")},
    }
    one = Entry(
        number=number,
        kind=kind,
        order_id="o1",
        about="",
        series="RE-2026",
        seq=1,
        issued_at="2026-11-23T08:00:00.000Z",
        listed=f"{facts['issued_on']}#{kind}#RE-2026#000000001",
        facts_sha256="f",
        before="",
        link="l",
        summary=summary,
    )
    return one, Frozen(facts=facts, sha256="f")


def batch(
    *found: tuple[Entry, Frozen], settings: Settings = SETTINGS, more: Sequence[Reel] = ()
) -> tuple[list[dict[str, str]], dict[str, Any], list[str]]:
    """Write a batch and read it back: rows by column, its result, and what was remarked."""
    output = datev.bookings(settings, "demo", NOVEMBER, AT, more)
    state: dict[str, Any] = {}
    page = Page(
        entries=[one for one, _ in found], facts={one.number: frozen for one, frozen in found}
    )
    written = output.page(page, state)
    text = (output.head(state) + written.data).decode("cp1252")
    lines = text.split("\r\n")
    assert lines.pop() == ""
    names = lines[1].split(";")
    rows = [dict(zip(names, line.split(";"), strict=True)) for line in lines[2:]]
    return rows, dict(output.result(state)), [text for _, text in written.problems]


def one_row(**changes: Any) -> dict[str, str]:
    """Return the only booking of an invoice over one article at 7 per cent."""
    facts = freeze(samples.invoice(1, charges=(), **changes))
    rows, _, problems = batch(entry("RE-2026-00042", "invoice", facts))
    assert problems == []
    [row] = rows
    return row


def test_the_head_is_that_of_the_published_format() -> None:
    """31 fields in the first line, 125 columns in the second, each once."""
    head = datev.bookings(SETTINGS, "demo", NOVEMBER, AT).head({}).decode("cp1252")
    first, second, rest = head.split("\r\n")
    assert rest == ""
    assert first == (
        '"EXTF";700;21;"Buchungsstapel";13;20261201083005000;;"RE";"";"";29098;55003;20260101;4;'
        '20261101;20261130;"Belege 2026-11";"";1;0;0;"EUR";;"";;;"03";;;"";""'
    )
    assert len(first.split(";")) == 31
    columns = second.split(";")
    assert len(columns) == len(set(columns)) == 125
    places = {1: "Umsatz (ohne Soll/Haben-Kz)", 7: "Konto", 10: "Belegdatum", 14: "Buchungstext"}
    places |= {20: "Beleglink", 40: "EU-Land u. UStID (Bestimmung)", 95: "Auftragsnummer"}
    places |= {115: "Leistungsdatum", 117: "Fälligkeit", 125: "Abw. Skontokonto"}
    assert {place: columns[place - 1] for place in places} == places


def test_an_invoice_is_a_booking_for_each_rate() -> None:
    """Customer in debit, revenue in credit; sums are those of the document."""
    facts = freeze(samples.invoice(2))
    rows, result, problems = batch(entry("RE-2026-00042", "invoice", facts))
    assert problems == []
    assert [(row["Gegenkonto (ohne BU-Schlüssel)"], row["BU-Schlüssel"]) for row in rows] == [
        ("8400", '""'),
        ("8300", '""'),
    ]
    total = sum(int(row["Umsatz (ohne Soll/Haben-Kz)"].replace(",", "")) for row in rows)
    assert total == facts["totals"]["gross"]
    assert {row["Soll/Haben-Kennzeichen"] for row in rows} == {'"S"'}
    assert result["sum_bookings"] == result["sum_documents"] != ""
    assert result["bookings"] == 2


def test_a_booking_names_its_document_in_every_field() -> None:
    """Number, days, customer, order, and the link to the document."""
    row = one_row()
    said = {name: cell for name, cell in row.items() if cell not in {"", '""'}}
    link = said.pop("Beleglink")
    assert link.startswith('"BEDI ""')
    assert len(link) == len('"BEDI """"""') - 1 + 36
    assert said == {
        "Umsatz (ohne Soll/Haben-Kz)": "12,90",
        "Soll/Haben-Kennzeichen": '"S"',
        "WKZ Umsatz": '"EUR"',
        "Konto": "10000",
        "Gegenkonto (ohne BU-Schlüssel)": "8300",
        "Belegdatum": "2311",
        "Belegfeld 1": '"RE-2026-00042"',
        "Buchungstext": '"Jürgen Größmann"',
        "Auftragsnummer": '"10042"',
        "Festschreibung": "0",
        "Leistungsdatum": "24112026",
        "Datum Zuord. Steuerperiode": "24112026",
    }


def test_a_correction_flows_back_and_names_its_invoice() -> None:
    """The same accounts, in credit; the batch adds up to what is left."""
    sold = entry("RE-2026-00042", "invoice", freeze(samples.invoice(1, charges=())))
    back = entry("RK-2026-00001", "credit_note", freeze(samples.credit_note()))
    rows, result, _ = batch(sold, back)
    assert [row["Soll/Haben-Kennzeichen"] for row in rows] == ['"S"', '"H"']
    assert rows[1]["Buchungstext"] == '"Jürgen Größmann zu RE-2026-1042"'
    assert result["sum_bookings"] == result["sum_documents"] == "0,00 EUR"


@pytest.mark.parametrize("chart", ["03", "04"])
@pytest.mark.parametrize(
    ("changes", "name", "country", "rate"),
    [
        ({"tax_treatment": "small_business"}, "small_business", '""', ""),
        ({"tax_treatment": "export"}, "export", '""', ""),
        ({"tax_treatment": "reverse_charge"}, "reverse_charge", '""', ""),
        (
            {"tax_treatment": "intra_community", "vat_id": "ATU12345678", "bill_to": ANNA},
            "intra_community",
            '"ATU12345678"',
            "",
        ),
        ({"tax_treatment": "oss", "bill_to": ANNA}, "oss", '"AT"', "20,00"),
        ({"bill_to": ANNA}, "oss", '"AT"', "20,00"),
    ],
)
def test_each_treatment_has_its_account(
    chart: str, changes: dict[str, Any], name: str, country: str, rate: str
) -> None:
    """In both charts; tax paid in another country names country and rate."""
    lines = tuple(replace(line, tax_rate="20" if rate else "0") for line in samples.lines(1))
    facts = freeze(samples.invoice(1, charges=(), lines=lines, **changes))
    settings = replace(SETTINGS, datev_chart=f"SKR{chart}")
    [row], _, _ = batch(entry("RE-1", "invoice", facts), settings=settings)
    assert row["Gegenkonto (ohne BU-Schlüssel)"] == CHARTS[chart][name]
    assert row["EU-Land u. UStID (Bestimmung)"] == country
    assert row["EU-Steuersatz (Bestimmung)"] == rate


def test_sales_abroad_at_home_rates_have_accounts_of_their_own() -> None:
    """Below the threshold of the One-Stop-Shop the home rate is right."""
    assert one_row(bill_to=ANNA)["Gegenkonto (ohne BU-Schlüssel)"] == "8310"


def test_the_merchants_own_accounts_come_first() -> None:
    """With a tax key where they need one, as long as he keeps his accounts, one per country."""
    own = {"7": "8301/2", "oss:AT": "8321"}
    settings = replace(SETTINGS, datev_accounts=own, datev_account_length=6, datev_debtor="1000000")
    accounts = Accounts.of(settings)
    home = freeze(samples.invoice(1))
    abroad = {**home, "bill_to": {"country": "AT"}, "tax_treatment": "oss"}
    assert (accounts.target(home, "7").account, accounts.target(home, "7").key) == ("830100", "2")
    assert accounts.target(abroad, "20").account == "832100"
    assert accounts.target(home, "5").account == "820000"


def test_customers_may_have_an_account_for_each_letter() -> None:
    """Whatever writes the name; what has no letter goes to the first one."""
    accounts = Accounts.of(replace(SETTINGS, datev_debtors="letter"))
    names = ("Anna", "ökohaus", "Zorn", "王小明", "")
    assert [accounts.debtor_of(x) for x in names] == ["10100", "11500", "12600", "10000", "10000"]


def test_what_would_not_add_up_is_named() -> None:
    """A document whose tax groups are not its total, and one in another currency."""
    facts = freeze(samples.invoice(1))
    wrong = {**facts, "totals": {**facts["totals"], "gross": 1}, "currency": "CHF"}
    _, result, problems = batch(entry("RE-7", "invoice", wrong))
    assert "RE-7: bookings of" in problems[0]
    assert "CHF" in problems[1]
    assert result["sum_bookings"] != result["sum_documents"]


def test_names_that_the_character_set_does_not_know_stay_readable() -> None:
    """Windows' Latin alphabet; a line break or quotation mark breaks no line."""
    row = one_row(bill_to=replace(ANNA, name='Ő "王"\nx', country="DE"))
    assert row["Buchungstext"] == '"? ""?"" x"'
    assert datev_layout.reference("RE 2026/7#8") == "RE-2026/7-8"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"datev_consultant": 0}, "datev_consultant"),
        ({"datev_client": 100_000}, "datev_client"),
        ({"datev_chart": "49"}, "datev_chart"),
        ({"datev_account_length": 9}, "datev_account_length"),
        ({"datev_debtor": "1000"}, "datev_debtor"),
        ({"datev_debtor": "70000"}, "datev_debtor"),
        ({"datev_debtors": "all"}, "datev_debtors"),
        ({"datev_year_start": "31-12"}, "datev_year_start"),
        ({"datev_accounts": {"19": "84"}}, "datev_accounts"),
        ({"datev_accounts": {"twenty": "8400"}}, "datev_accounts"),
    ],
)
def test_settings_that_make_no_batch_are_named(changes: dict[str, Any], field: str) -> None:
    """The field, before anything is written."""
    assert datev.fault(SETTINGS) is None
    found = datev.fault(replace(SETTINGS, **changes))
    assert found
    assert found[0] == field


def test_a_year_may_begin_in_july() -> None:
    """The batch says which year its days are in."""
    settings = replace(SETTINGS, datev_year_start="07-01")
    assert datev.year_start(settings, "2026-06-30") == date(2025, 7, 1)
    assert datev.year_start(settings, "2026-07-01") == date(2026, 7, 1)


def test_another_currency_is_booked_at_the_documents_own_rate() -> None:
    """Amount, rate and euro; only a document without a rate is remarked."""
    facts = freeze(samples.invoice(1, charges=(), currency="CHF", exchange_rate="0.9412"))
    [row], _, problems = batch(entry("RE-2026-00042", "invoice", facts))
    assert problems == []
    gross = facts["taxes"][0]["gross"]
    assert row["WKZ Umsatz"] == '"CHF"'
    assert (row["Kurs"], row["WKZ Basis-Umsatz"]) == ("0,941200", '"EUR"')
    euro = round(gross / 0.9412)
    assert row["Basis-Umsatz"] == f"{euro // 100},{euro % 100:02}"
    assert one_row()["Kurs"] == ""


def test_a_gift_card_pays_its_part_of_the_invoice_where_payments_are_booked() -> None:
    """It is no movement, so nothing else would bring the customer's account to zero."""
    facts = freeze(samples.invoice(1, charges=()))
    facts["totals"] |= {"redeemed": 250, "due": facts["totals"]["due"] - 250}
    found = [entry("RE-1", "invoice", facts), entry("RK-1", "credit_note", facts)]
    pays = [Reel(read=lambda _: (None, ""), write=lambda _, __: Written())]
    rows, _, _ = batch(*found, more=pays)
    cards = [
        (x["Soll/Haben-Kennzeichen"], x["Konto"], x["Gegenkonto (ohne BU-Schlüssel)"],
         x["Umsatz (ohne Soll/Haben-Kz)"], x["Belegfeld 1"].strip('"'), x["Belegdatum"])
        for x in rows[2:]
    ]  # fmt: skip
    debtor, day = rows[0]["Konto"], rows[0]["Belegdatum"]
    assert [(x[0].strip('"'), *x[1:]) for x in cards] == [
        ("S", "1796", debtor, "2,50", "RE-1", day),
        ("S", debtor, "1796", "2,50", "RK-1", day),
    ]
    without, _, _ = batch(*found)
    assert len(without) == 2

"""Bank statements: every form says the same, and what cannot be read is named."""

from __future__ import annotations

import io
import zipfile
from datetime import date
from pathlib import Path

import pytest

from chalicelib.domain.bank import BankTransaction, Source
from chalicelib.domain.errors import Permanent
from chalicelib.domain.money import Money
from chalicelib.payment.bank import reading
from chalicelib.payment.bank.parts import decimal_comma

RECORDED = Path(__file__).parents[2] / "recorded/bank"
SAMPLES = Path(__file__).parents[4] / "shared/samples/bank"
CAMT = (RECORDED / "camt053.v8.xml").read_bytes()


def eur(text: str) -> Money:
    """Return euros."""
    return Money.of(text, "EUR")


def only(name: str) -> list[BankTransaction]:
    """Read the one statement of a recorded file."""
    (statement,) = reading.read((RECORDED / name).read_bytes(), name)
    return list(statement.transactions)


def test_camt_tells_who_paid_what_and_why() -> None:
    """A credit has payer, IBAN, text and days, whatever the version calls them."""
    first = only("camt053.v8.xml")[0]
    assert first.account == "DE02120300000000202051"
    assert (first.amount, first.booked_on) == (eur("38.67"), date(2026, 11, 20))
    assert (first.name, first.ultimate_name) == ("Jürgen Weiß", "Erika Weiß")
    assert first.iban == "DE89370400440532013000"
    assert first.pieces == ("Bestellung 10", "42 vielen Dank")
    assert first.code == "PMNT/RCDT/ESCT"


def test_a_batch_whose_details_add_up_is_split() -> None:
    """Two payments in one entry are two transactions with their own references."""
    split = only("camt053.v8.xml")[1:3]
    assert [one.amount for one in split] == [eur("49.50"), eur("40.00")]
    assert split[0].creditor_reference == "RF18539007547034"
    assert [one.end_to_end_id for one in split] == ["E1", "E2"]


def test_a_batch_whose_details_do_not_add_up_stays_one() -> None:
    """Money is never invented: the entry's amount counts, and how many it hides is told."""
    broken = CAMT.replace(b">40.00<", b">41.00<")
    (statement,) = reading.read(broken)
    whole = statement.transactions[1]
    assert (whole.amount, whole.batch_of) == (eur("89.50"), 2)


def test_a_returned_debit_carries_its_fee_in_every_form() -> None:
    """53 booked are 50 that came back and 3 that the bank kept."""
    found = [only("camt053.v8.xml")[3], only("mt940.sta")[1], only("sparkasse.csv")[1]]
    for one in found:
        assert (one.amount, one.original, one.fee) == (eur("-53"), eur("50"), eur("3"))
        assert one.end_to_end_id == "SDD-9"
        assert one.name == "Otto Leer"
    assert [one.return_reason for one in found] == ["AM04", "905", ""]


def test_only_booked_entries_count() -> None:
    """What the bank announces is counted, not booked."""
    (statement,) = reading.read(CAMT)
    assert statement.pending == 1
    assert eur("999") not in [one.amount for one in statement.transactions]


def test_entries_that_cannot_be_are_named_and_the_rest_is_read() -> None:
    """Five decimals and a 30 February stop nothing but themselves."""
    (statement,) = reading.read(CAMT)
    assert [(p.where, p.field) for p in statement.problems] == [
        ("entry 5", "Ntry/Amt"),
        ("entry 6", "Ntry/BookgDt"),
    ]
    assert "more decimals" in statement.problems[0].reason
    assert "2026-02-30" in statement.problems[1].reason
    assert "odd cents" in statement.problems[0].raw
    assert len(statement.transactions) == 4


def test_the_balances_tell_what_is_missing() -> None:
    """Closing minus opening minus bookings is what could not be read."""
    (statement,) = reading.read(CAMT)
    assert statement.difference() == eur("0.00")
    (cut,) = reading.read(CAMT.replace(b">1075.17<", b">1076.40<"))
    assert cut.difference() == eur("1.23")


def test_mt940_reads_through_lines_broken_anywhere() -> None:
    """The bank cuts after 65 characters, even within an IBAN or a number."""
    first = only("mt940.sta")[0]
    assert first.iban == "DE89370400440532013000"
    assert first.pieces == ("Bestellung 1042 vielen Dank",)
    assert (first.name, first.ultimate_name) == ("Jürgen Weiß", "Erika Weiß")
    assert first.bank_reference == "B-1"
    assert first.code == "166"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "cp437", "utf-16"])
@pytest.mark.parametrize("name", ["mt940.sta", "sparkasse.csv"])
def test_umlauts_survive_every_encoding_banks_use(name: str, encoding: str) -> None:
    """Nobody is called J?rgen."""
    text = (RECORDED / name).read_text().replace("ß", "ss")
    (statement,) = reading.read(text.encode(encoding))
    assert "Jürgen Weiss" in [one.name for one in statement.transactions]


def test_csv_finds_its_head_below_the_banks_own_lines() -> None:
    """The account stands above the table, amounts have points for thousands."""
    paid = only("dkb.csv")[1]
    assert (paid.account, paid.amount) == ("DE02120300000000202051", eur("1038.67"))
    assert (paid.name, paid.iban) == ("Jürgen Weiß", "DE89370400440532013000")
    assert only("dkb.csv")[0].amount == eur("-2000")


def test_csv_counts_what_is_booked_and_names_what_cannot_be() -> None:
    """An announced line is not money, and a 30 February names its line."""
    (statement,) = reading.read((RECORDED / "sparkasse.csv").read_bytes())
    assert statement.pending == 1
    assert [(p.where, p.field) for p in statement.problems] == [("line 5", "booked_on")]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("1.234,56", "1234.56"),
        ("-1.234,56 €", "-1234.56"),
        ("1,234.56", "1234.56"),
        ("15000,", "15000."),
        ("-2.000", "-2000"),
        ("1.234.567", "1234567"),
        ("12,50-", "-12.50"),
        ("1 234,5 EUR", "1234.5"),
        ("1'234.50", "1234.50"),
    ],
)
def test_amounts_as_people_write_them(text: str, plain: str) -> None:
    """Comma and point change places from bank to bank."""
    assert decimal_comma(text) == plain


def test_a_transaction_has_one_name_in_every_file_it_comes_in() -> None:
    """The overlap of two statements must not book twice; the bank may cut the text elsewhere."""
    again = CAMT.replace(b"<Ustrd>Bestellung 10</Ustrd><Ustrd>42 ", b"<Ustrd>Bestellung 1042 ")
    (first,), (second,) = reading.read(CAMT), reading.read(again)
    assert [one.key for one in first.transactions] == [one.key for one in second.transactions]


def test_two_equal_payments_of_a_day_are_two() -> None:
    """A customer who pays 10 euros twice with the same words has paid 20."""
    entry = CAMT[CAMT.index(b"<Ntry>") : CAMT.index(b"</Ntry>") + len(b"</Ntry>")]
    (statement,) = reading.read(CAMT.replace(entry, entry + entry))
    keys = [one.key for one in statement.transactions]
    assert len(keys) == len(set(keys)) == 5


def test_reports_and_notices_say_what_they_are() -> None:
    """Who books must know that a camt.054 repeats money of a camt.053."""
    notice = CAMT.replace(b"Stmt>", b"Ntfctn>").replace(b"camt.053", b"camt.054")
    report = CAMT.replace(b"Stmt>", b"Rpt>").replace(b"camt.053", b"camt.052")
    assert reading.read(notice)[0].source is Source.NOTICE
    assert reading.read(report)[0].source is Source.REPORT


def zipped(files: dict[str, bytes]) -> bytes:
    """Pack files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def test_a_zip_holds_several_statements() -> None:
    """German banks hand out one XML for each account and day in a ZIP."""
    found = reading.read(zipped({"a.xml": CAMT, "b.sta": (RECORDED / "mt940.sta").read_bytes()}))
    assert [len(statement.transactions) for statement in found] == [4, 2]


BOMB = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa">]><x>&a;</x>'


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (BOMB, "document types"),
        (CAMT[:-40], "XML"),
        (b"<x/>", "no camt"),
        (b"hello;world\n1;2\n", "Buchungstag"),
        (b"PK\x03\x04nothing", "ZIP"),
        (zipped({}) + b"", "holds no|ZIP|Buchungstag"),
        (zipped({"bomb.xml": b"<a>" + b"0" * (41 * 1024 * 1024)}), "unpacks to more than 40 MB"),
        (b"<" + b"0" * (40 * 1024 * 1024), "larger than 40 MB"),
        (CAMT.replace(b"UTF-8", b"klingon"), "XML"),
        (CAMT.replace("Weiß".encode(), "Weiß".encode("latin-1")), "XML"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_statement_is_refused_with_a_reason(data: bytes, words: str) -> None:
    """Nothing is guessed, expanded or unpacked without bounds."""
    with pytest.raises(Permanent, match=words) as error:
        reading.read(data, "file")
    assert error.value.code == "bad_statement"


@pytest.mark.skipif(not SAMPLES.exists(), reason="the samples are not beside the project")
def test_every_sample_of_a_bank_is_read() -> None:
    """Each entry of the real files is a transaction, announced, or named with its reason."""
    read = 0
    for path in sorted(SAMPLES.iterdir()):
        for statement in reading.read(path.read_bytes(), path.name):
            read += len(statement.transactions)
            reasons = [problem.reason for problem in statement.problems]
            assert all("DEM" in reason for reason in reasons), (path.name, reasons)
    assert read >= 35

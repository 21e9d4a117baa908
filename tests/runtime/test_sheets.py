"""Tables as people send them: encodings, delimiters, quotes, limits; and safe ones to take away."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.errors import Permanent
from chalicelib.runtime import sheets

NAMES = {"bestellnr": "number", "ordernumber": "number", "strasse": "street"}


def refused(data: bytes) -> str:
    """Return why a file is refused as a whole."""
    with pytest.raises(Permanent) as caught:
        sheets.read(data)
    assert caught.value.code == "bad_file"
    return caught.value.text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_every_usual_file_is_read(encoding: str, delimiter: str) -> None:
    """Whatever program wrote it; a delimiter within quotes parts nothing."""
    lines = [
        ["Straße", "Größe; Farbe", "a,b"],
        ["Öl", 'sagt "Hallo"', "1"],
        ["zwei\nZeilen", "", "x"],
    ]
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(lines)
    sheet = sheets.read(out.getvalue().encode(encoding))
    assert sheet.header == tuple(lines[0])
    assert [row.cells for row in sheet.rows] == [tuple(line) for line in lines[1:]]
    assert sheet.delimiter == delimiter
    names = {"utf-8-sig": "utf-8", "cp1252": "windows-1252"}
    assert sheet.encoding == names.get(encoding, encoding)


def test_rows_are_numbered_as_a_spreadsheet_does() -> None:
    """The header is row 1; empty rows are left out, but counted."""
    sheet = sheets.read(b"a;b\r\n1;2\r\n;\r\n\r\n3;4\r\n")
    assert [(row.number, row.cells) for row in sheet.rows] == [(2, ("1", "2")), (5, ("3", "4"))]


def test_excels_own_hint_names_the_delimiter() -> None:
    """`sep=` is no header."""
    sheet = sheets.read(b"sep=|\na|b,c\n1|2\n")
    assert (sheet.delimiter, sheet.header) == ("|", ("a", "b,c"))


def test_columns_have_names_of_their_own() -> None:
    """Also those without one, or with another's."""
    assert sheets.read(b"Name,,Name\n1,2,3\n").header == ("Name", "column 2", "Name (2)")


@pytest.mark.parametrize(
    ("data", "decimal"),
    [
        (b"p;q\n1,50;1\n", ","),
        (b"p;q\n1.50;1\n", "."),
        (b"p;q\n1.234;1\n", ","),
        (b"p,q\n1.234,1\n", "."),
        (b"p;q\n1.234,56;23.11.2026\n", ","),
        (b'p,q\n"1,234.56",1\n', "."),
        (b'p,q\n"1,5",1\n', ","),
    ],
)
def test_the_decimal_sign_is_seen_in_the_numbers(data: bytes, decimal: str) -> None:
    """Thousands and days are no evidence; without any, the delimiter tells."""
    assert sheets.read(data).decimal == decimal


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "file: is empty"),
        (b"\xef\xbb\xbf \n", "file: is empty"),
        (b"a;b\n", "file: has a header, but no rows"),
        (b";;\n1;2;3\n", "file: has no header in its first row"),
        (b"PK\x03\x04...", "file: is an Excel workbook or an archive: save the sheet as CSV"),
        (b"a\n\x00\n", "file: is not text"),
        (b"x" * (50 * sheets.MB), "file: has 50.0 MB, at most 25 MB are taken: split it"),
        (b";".join([b"a"] * 201) + b"\n1", "file: has 201 columns, at most 200 are taken"),
        (b"a\n" + b"1\n" * 100_001, "file: has more than 100000 rows: split it"),
        (b"a\n1\n" + b"x" * 20_001, "file: row 3 has a cell of more than 20000 characters"),
        (
            b"a\n1\n" + b"x" * 200_000,
            "file: row 3 cannot be read (field larger than field limit (131072))",
        ),
    ],
)
def test_what_is_no_table_is_refused_in_words(data: bytes, said: str) -> None:
    """With the limit that it breaks."""
    assert refused(data) == said


def test_columns_are_guessed_by_their_names() -> None:
    """Case, blanks, signs and umlauts do not matter; the first of two is taken."""
    header = ("Bestell-Nr.", "STRASSE", "Order Number", "Straße", "Farbe")
    assert sheets.guess(header, NAMES) == {
        "Bestell-Nr.": "number", "STRASSE": "street", "Order Number": "", "Straße": "", "Farbe": "",
    }  # fmt: skip


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1"])
def test_no_cell_can_start_a_formula(cell: str) -> None:
    """What leaves us is text to a spreadsheet, and the same text again when it comes back."""
    written = sheets.write([["name"], [cell]], delimiter=";")
    [_, [shown]] = list(csv.reader(io.StringIO(written, newline=""), delimiter=";"))
    assert shown == f"'{cell}"
    assert sheets.read(written.encode()).rows[0].cells == (cell.strip(),)


def test_numbers_stay_numbers() -> None:
    """A credit of -5,00 is no formula; ="007" is the text 007."""
    assert sheets.write([["-5,00", "-5.00", -3]]) == "-5,00;-5.00;-3\r\n"
    assert sheets.read(b'a;b\n="007";\'=1\n').rows[0].cells == ("007", "=1")


signs = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)


@given(st.lists(st.tuples(signs, signs), min_size=1, max_size=5), st.sampled_from(";,"))
def test_what_we_write_we_read(rows: list[tuple[str, str]], delimiter: str) -> None:
    """Whatever the cells hold, but for blanks at their ends and marks of text."""
    cells = [("x" + a.strip(), "y" + b.strip()) for a, b in rows]
    kept = [tuple(part.strip() for part in row) for row in cells]
    data = sheets.write([("eins", "zwei"), *cells], delimiter=delimiter).encode()
    assert [row.cells for row in sheets.read(data).rows] == kept

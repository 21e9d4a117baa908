"""Products out of tables: what a row says, and what is wrong with it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chalicelib.domain.product import Part
from chalicelib.runtime import sheets
from chalicelib.runtime.importing import Choice
from chalicelib.stock.product_table import FIELDS, TableProduct, guess, products

GERMAN = """Artikelnummer;Bezeichnung;EAN;Gewicht;Länge (cm);Zolltarifnummer;Ursprungsland;Bestand;\
Lager;Mindestbestand;Stückliste;Überverkauf;Erwartet am;Chargen
K-1;Kanne, blau;4006381333931;0,85;12,5;6912 00 23;Deutschland;1.200;Halle-2;10;;ja;1.12.2026;nein
SET;Teeset;;;;;;;;;2 x K-1, BUCH;;;
"""


def table(text: str, location: str = "") -> list[TableProduct]:
    """Read a table with the columns as guessed."""
    sheet = sheets.read(text.encode())
    return list(products(sheet, Choice(columns=guess(sheet.header), location=location)))


def test_a_row_says_all_of_a_product() -> None:
    """In the units that we keep: grams, millimetres, codes."""
    kanne, teeset = table(GERMAN)
    assert (kanne.sku, kanne.on_hand, kanne.location, kanne.problems) == (
        "K-1",
        1200,
        "halle-2",
        [],
    )
    assert kanne.given == {
        "name": "Kanne, blau",
        "ean": "4006381333931",
        "weight_g": 850,
        "length_mm": 125,
        "hs_code": "69120023",
        "origin": "DE",
        "min_stock": 10,
        "backorder": True,
        "expected_on": date(2026, 12, 1),
        "lots": False,
    }
    assert (teeset.on_hand, teeset.location) == (None, "")
    assert teeset.given == {
        "name": "Teeset",
        "parts": (Part(sku="K-1", quantity=2), Part(sku="BUCH")),
    }


def test_our_own_names_mean_themselves() -> None:
    """So that what we export comes in again."""
    assert list(guess(FIELDS).values()) == list(FIELDS)


@pytest.mark.parametrize(
    ("name", "cell", "said"),
    [
        ("sku", "", "must be 1 to 80 characters, none of them #, is missing"),
        ("sku", "A#B", "must be 1 to 80 characters, none of them #, is 'A#B'"),
        ("ean", "123", "must be 8, 12, 13 or 14 digits, is '123'"),
        ("on_hand", "-1", "must be a whole number, 0 or more, is '-1'"),
        ("on_hand", "1,5", "must be a whole number, 0 or more, is '1,5'"),
        ("on_hand", "2000000000", "must be below 1000000000, is '2000000000'"),
        ("weight_kg", "-0,1", "must be between 0 and 1000000, is '-0,1'"),
        ("hs_code", "12", "must be 6 to 11 digits, is '12'"),
        ("origin", "Narnia", "must be a country's name or its code with two letters, is 'Narnia'"),
        ("location", "Halle 2", "must be letters, digits and hyphens, is 'Halle 2'"),
        ("parts", "0 x A", "must be such as `2 x A, B`: SKUs with their quantities, is '0 x A'"),
        ("backorder", "perhaps", "must be yes or no, is 'perhaps'"),
        ("expected_on", "soon", "must be a day such as 23.11.2026 or 2026-11-23"),
    ],
)  # fmt: skip
def test_every_problem_names_row_and_column(name: str, cell: str, said: str) -> None:
    """As the person sees them in the spreadsheet."""
    row: dict[str, Any] = {"sku": "A", "name": "x"} | {name: cell}
    [found] = table(";".join(row) + "\n" + ";".join(row.values()) + "\n")
    [problem] = found.problems
    assert (problem.row, problem.column) == (2, name)
    assert problem.text.startswith(said)


def test_a_sku_comes_once_per_location() -> None:
    """Twice with the same one is a slip; nobody can know which count is true."""
    found = table("sku;on_hand;location\nA;1;main\nA;2;halle\nA;3;\n", location="main")
    assert [one.problems for one in found[:2]] == [[], []]
    assert [one.text for one in found[2].problems] == [
        "is in row 2 already, with the same location"
    ]

"""Orders out of tables: exports of common tools, lines of one order, and every row's problem."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.intake import importing
from chalicelib.intake.order_columns import FIELDS, guess
from chalicelib.intake.order_table import TableOrder, orders
from chalicelib.runtime import sheets
from chalicelib.runtime.importing import Choice, RowProblem

GERMAN = """Bestellnummer;Datum;Vorname;Nachname;Straße;Hausnummer;PLZ;Ort;Land;E-Mail;\
Artikelnummer;Artikel;Menge;Einzelpreis;MwSt-Satz;Versandkosten;Gesamtbetrag;Bezahlt am;Zahlungsart
B1;23.11.2026 14:30;Erika;Muster;Gartenweg;3;04109;Leipzig;Deutschland;e@example.com;K-1;Kanne;2;\
1.017,50 €;19 %;4,90;2.049,80;;Vorkasse
B1;;;;;;;;;;B-7;Buch;1;9,90;7 %;;;;
B2;24.11.2026;Jörg;Weiß;Ring 1;;80331;München;;;K-1;Kanne;1;17,50;19;;17,50;24.11.2026;PayPal
"""
SHOPIFY = """Name,Email,Financial Status,Paid at,Fulfillment Status,Currency,Shipping,Total,\
Discount Code,Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,\
Lineitem price,Lineitem sku,Billing Name,Billing Street,Billing Zip,Billing City,\
Billing Country,Shipping Name,Shipping Country,Id
#1001,a@example.com,paid,2026-11-23 14:31:00 +0100,unfulfilled,EUR,5.00,20.00,HERBST,5.00,DHL,\
2026-11-23 14:30:00 +0100,2,"Kanne, blau",10.00,K-1,A B,Weg 1,04109,Leipzig,DE,C D,DE,5550001
#1001,a@example.com,,,,,,,,,,,1,Gratis,0.00,,,,,,,,,
"""


def table(text: str, **more: Any) -> list[TableOrder]:
    """Read a table with the columns as guessed."""
    sheet = sheets.read(text.encode())
    columns = guess(sheet.header) | more.pop("columns", {})
    chosen = {"currency": "EUR", "tax_rate": "19"} | more
    return list(orders(sheet, Choice(columns=columns, **chosen)))


def wrong(text: str, **more: Any) -> list[tuple[int, str, str]]:
    """Return every problem of a table."""
    sheet = sheets.read(text.encode())
    chosen = {"currency": "EUR", "tax_rate": "19", "connection_id": "m-api"} | more
    choice = Choice(columns=guess(sheet.header), **chosen)
    importer = importing.OrderImport()
    items = importer.items(sheet, choice)
    found = importer.problems("m", items, items, choice)
    return [(one.row, one.column, one.text) for one in found]


def test_several_rows_with_one_number_are_one_order() -> None:
    """What holds for the whole order stands in its first row, or in each of them."""
    first, second = table(GERMAN)
    assert (first.number, first.rows, second.rows) == ("B1", (2, 3), (4,))
    assert first.document == {
        "external_id": "B1",
        "number": "B1",
        "placed_at": "2026-11-23T13:30:00+00:00",
        "currency": "EUR",
        "prices_include_tax": True,
        "tax_rate": "19",
        "email": "e@example.com",
        "billing_address": {
            "name": "Erika Muster", "street": "Gartenweg 3", "zip": "04109", "city": "Leipzig",
            "country": "DE",
        },
        "lines": [
            {"sku": "K-1", "name": "Kanne", "quantity": "2", "unit_price": "1017.50",
             "tax_rate": "19"},
            {"sku": "B-7", "name": "Buch", "quantity": "1", "unit_price": "9.90", "tax_rate": "7"},
        ],
        "shipping": {"name": "", "amount": "4.90"},
        "total": "2049.80",
        "payment": {"method": "Vorkasse"},
    }  # fmt: skip
    assert second.document["payment"] == {
        "method": "PayPal", "state": "paid", "paid_at": "2026-11-23T23:00:00+00:00",
    }  # fmt: skip
    assert (first.problems, second.problems) == ([], [])


def test_an_export_of_another_tool_is_understood() -> None:
    """Points, offsets, `Name` as the order's number, an id for ever beside it."""
    [order] = table(SHOPIFY)
    document = order.document
    assert (document["external_id"], document["number"]) == ("5550001", "#1001")
    assert document["placed_at"] == "2026-11-23T13:30:00+00:00"
    assert document["payment"]["state"] == "paid"
    assert document["state"] == "open"
    assert document["discounts"] == [{"name": "HERBST", "amount": "5"}]
    assert document["shipping_address"] == {"name": "C D", "country": "DE"}
    assert [line["name"] for line in document["lines"]] == ["Kanne, blau", "Gratis"]
    assert importing.understood("m", order, Choice(connection_id="m-api"))[1] == []


@pytest.mark.parametrize(
    ("header", "means"),
    [
        ("order-id,purchase-date,product-name,quantity-purchased,item-price,recipient-name",
         ["external_id", "placed_at", "name", "quantity", "line_total", "shipping_name"]),
        ("Order Number,First Name (Billing),Country Code (Shipping),Item Name,Item Cost,Qty",
         ["number", "billing_first_name", "shipping_country", "name", "unit_price", "quantity"]),
        ("Verkaufsprotokollnummer,Artikelbezeichnung,Anzahl,Verkauft für,Name des Käufers",
         ["number", "name", "quantity", "unit_price", "billing_name"]),
        ("number,name,quantity,line_total,shipping_name,shipping_cost",
         ["number", "name", "quantity", "line_total", "shipping_name", "shipping_cost"]),
        ("Artikel,Name,Lieferadresse PLZ,Farbe", ["name", "billing_name", "shipping_zip", ""]),
    ],
)  # fmt: skip
def test_columns_of_common_tools_are_guessed(header: str, means: list[str]) -> None:
    """German and English; our own names always mean themselves."""
    assert list(guess(header.split(",")).values()) == means


def test_our_own_names_mean_themselves() -> None:
    """So that what we export comes in again."""
    assert list(guess(FIELDS).values()) == list(FIELDS)


HEAD = "number;name;quantity;unit_price;total;placed_at;state;billing_country;payment_state\n"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ("1;A;1,5;2,00", (2, "quantity", 'must be a whole number above 0, is "1.5"')),
        ("1;A;0;2,00", (2, "quantity", 'must be a whole number above 0, is "0"')),
        ("1;A;;2,00", (2, "quantity", "must be a whole number above 0, is missing")),
        ("1;A;1;-2,00", (2, "unit_price", 'must not be negative, is "-2"')),
        ("1;;1;2,00", (2, "name", "must be given, is missing")),
        (";A;1;2,00", (2, "number", "must say to which order the row belongs")),
        ("1;A;1;two", (2, "unit_price", "must be a number, with a comma before its decimals")),
        ("1;A;=1+1;2,00", (2, "quantity", "must be a number, with a comma before its decimals")),
        ("1;A;1;2,00;;05/06/2026", (2, "placed_at", "can be two days: write it as 2026-11-23")),
        ("1;A;1;2,00;;;lost", (2, "state", "must be one of cancelled, fulfilled, open, is 'lost'")),
        ("1;A;1;2,00;;;;Atlantis", (2, "billing_country", "must be a country's name or its code")),
        ("1;A;1;2,00;;;;;maybe", (2, "payment_state", "must be one of paid, unpaid, authorized,")),
        ("1;A;1;2,00;2,00\n1;B;1;2,00;3,00",
         (3, "total", "must be as in row 2 of the same order, is '3,00'")),
        ("1;A;1;2,00\n\n2;B;1;2,00\n1;C;9,5;1,00",
         (5, "quantity", 'must be a whole number above 0, is "9.5"')),
        ("1;A;1;2,00;;;;;;more", (2, "", "has 10 cells, the header has 9")),
    ],
)  # fmt: skip
def test_every_problem_names_row_and_column(rows: str, found: tuple[int, str, str]) -> None:
    """As the person sees them in the spreadsheet."""
    [(row, column, text)] = wrong(HEAD + rows + "\n")
    assert (row, column) == found[:2]
    assert text.startswith(found[2])


def test_all_rows_are_looked_at() -> None:
    """A file with three faults says so three times."""
    found = wrong(HEAD + "1;A;0;2,00\n2;B;1;2,00\n3;C;x;2,00\n4;D;1;2,00;;yesterday\n")
    assert [(row, column) for row, column, _ in found] == [
        (2, "quantity"), (4, "quantity"), (5, "placed_at"),
    ]  # fmt: skip
    assert wrong(HEAD + "1;A;1;2,00\n", tax_rate="", currency="") == [
        (2, "currency", "must be given, is missing"),
    ]  # fmt: skip


def test_a_chosen_column_outdoes_the_guess() -> None:
    """And a column that nobody chose is left out."""
    text = "Nr;Farbe;Menge;Preis\n1;blau;1;2,00\n"
    chosen = {"Nr": "number", "Farbe": "name"}
    [order] = table(text, columns=chosen)
    assert order.document["lines"][0]["name"] == "blau"
    assert RowProblem(row=2, column="Nr", text="x") not in order.problems

"""The pages of an import: upload, choose columns, see every problem, start."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.api import imports
from chalicelib.api.problems import Problem
from chalicelib.console import imports as pages
from chalicelib.console.row_words import reason
from chalicelib.console.words import WORDS
from chalicelib.intake import importing, order_columns
from chalicelib.stock import product_table
from tests.console.conftest import House, outline

ROOT = Path(pages.__file__).parent.parent
GOOD = """Bestellnummer;Artikelnummer;Artikel;Menge;Einzelpreis
B1;K;Kanne;2;10,00
B1;L;Löffel;1;2,50
"""


class Desk:
    """Uploads and jobs in memory, and a browser that sends files."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.files: dict[str, bytes] = {}
        self.started: list[Any] = []

    def keep(self, merchant_id: str, data: bytes) -> str:
        self.files[f"u{len(self.files)}"] = data
        return f"u{len(self.files) - 1}"

    def fetch(self, merchant_id: str, upload_id: str) -> bytes:
        if upload_id not in self.files:
            raise Problem(404, "not_found", "There is no such upload.")
        return self.files[upload_id]

    def start(self, kind: str, merchant_id: str, upload_id: str, data: bytes, choice: Any) -> Any:
        self.started.append((kind, merchant_id, upload_id, choice))
        return SimpleNamespace(id="job-1")

    def form_key(self) -> str:
        """Return what stands in every form of the session."""
        found = re.search(
            r'name="form_key" value="(\w+)"', self.house.get("/console/import").body.decode()
        )
        assert found
        return found[1]

    def upload(self, data: bytes, kind: str = "orders", **fields: str) -> Any:
        """Send a file as a browser does."""
        fields = {"form_key": self.form_key(), "currency": "EUR", "tax_rate": "19"} | fields
        parts = [(f'name="{name}"', value.encode()) for name, value in fields.items()]
        parts.append(('name="file"; filename="a.csv"', data))
        body = b"".join(
            b"--B\r\nContent-Disposition: form-data; "
            + head.encode()
            + b"\r\n\r\n"
            + value
            + b"\r\n"
            for head, value in parts
        )
        return self.house.client.http.post(
            f"/console/import/{kind}",
            headers={
                "Content-Type": "multipart/form-data; boundary=B",
                "Cookie": self.house.cookie,
            },
            body=body + b"--B--\r\n",
        )

    def seen(self, data: str, kind: str = "orders", **fields: str) -> str:
        """Upload a file and return the page that shows it."""
        answer = self.upload(data.encode(), kind, **fields)
        assert answer.status_code == 303, answer.body
        page: bytes = self.house.get(answer.headers["Location"]).body
        return page.decode()


@pytest.fixture
def desk(house: House, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Put uploads and jobs in memory behind the pages, and log in."""
    made = Desk(house)
    shops = [
        SimpleNamespace(id="demo-api", kind="generic", name="API"),
        SimpleNamespace(id="demo-fair", kind="generic", name="Messe"),
        SimpleNamespace(id="demo-woo", kind="woocommerce", name="Laden"),
    ]
    monkeypatch.setattr(pages, "connections_of", lambda _: shops)
    monkeypatch.setattr(pages, "kept", made.keep)
    monkeypatch.setattr(pages, "fetched", made.fetch)
    monkeypatch.setattr(imports, "start", made.start)
    monkeypatch.setattr(imports, "source", lambda merchant_id, _: shops[0])
    monkeypatch.setattr(importing, "known", lambda *_: set())
    monkeypatch.setattr("chalicelib.stock.product_faults.known", lambda *_: {})
    monkeypatch.setattr("chalicelib.stock.product_faults.places", lambda _: ["main", "halle"])
    house.log_in()
    return made


def test_a_file_is_asked_for(desk: Desk) -> None:
    """With the merchant's own connections, and no others."""
    page = desk.house.get("/console/import").body.decode()
    assert "Messe" in outline(page).text
    assert "Laden" not in page
    assert 'enctype="multipart/form-data"' in page


def test_a_good_file_can_be_imported_at_once(desk: Desk) -> None:
    """Its orders are listed, its columns are suggested, one button starts."""
    page = desk.seen(GOOD)
    text = outline(page).text
    assert "1 Bestellungen importieren" in text
    assert "2 Zeilen · utf-8 · getrennt durch Semikolon · Dezimalzeichen „,“" in text
    assert "22,50 €" in text
    assert re.search(r'<option value="quantity" selected>Menge</option>', page)
    answer = desk.house.post(
        "/console/import/orders/u0",
        {"form_key": desk.form_key(), "do": "import", "currency": "EUR", "tax_rate": "19"},
    )
    assert answer.headers["Location"] == "/console/jobs/job-1"
    [(kind, merchant, upload, choice)] = desk.started
    assert (kind, merchant, upload) == ("orders", "demo", "u0")
    assert (choice.columns["Menge"], choice.tax_rate) == ("quantity", "19")


def test_a_long_file_says_how_far_it_was_looked_at(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody takes the first rows for all of them."""
    monkeypatch.setattr(imports, "LOOKED_AT", 1)
    text = outline(desk.seen(GOOD)).text
    assert "Angesehen sind die ersten 1 Zeilen" in text
    assert "2 Zeilen importieren" in text


def test_every_problem_is_shown_in_the_readers_language(desk: Desk) -> None:
    """With row and column; there is no button to import, and nothing starts."""
    page = desk.seen(GOOD.replace("2;10,00", "1,5;zehn"))
    text = outline(page).text
    assert "muss eine Zahl mit Komma sein, wie in der übrigen Datei; da steht 'zehn'" in text
    assert 'value="import"' not in page


def test_columns_can_be_chosen_differently(desk: Desk) -> None:
    """The page looks again; two columns for one thing are refused with a reason."""
    desk.seen(GOOD)
    form = {
        f"column:{n}": field for n, field in enumerate(["number", "", "name", "", "unit_price"])
    }
    common = {"form_key": desk.form_key(), "currency": "EUR", "tax_rate": "19"}
    page = desk.house.post("/console/import/orders/u0", common | form).body.decode()
    assert "muss eine ganze Zahl über 0 sein" in outline(page).text
    twice = form | {"column:1": "name"}
    page = desk.house.post("/console/import/orders/u0", common | twice).body.decode()
    assert "two columns hold name" in outline(page).text
    assert desk.started == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "ist leer"),
        (b"PK\x03\x04", "ist eine Excel-Mappe oder ein Archiv: bitte als CSV speichern"),
        (b"x" * 26 * 1024 * 1024, "hat 26.0 MB, höchstens 25 MB sind möglich: bitte teilen"),
    ],
)
def test_what_is_no_table_is_said_where_it_was_chosen(desk: Desk, data: bytes, said: str) -> None:
    """In words; nothing is kept."""
    answer = desk.upload(data)
    assert answer.status_code == 422
    assert said in outline(answer.body).text
    assert desk.files == {}


def test_products_have_their_own_preview(desk: Desk) -> None:
    """SKU, location and stock."""
    text = outline(
        desk.seen("sku;name;on_hand\nK-1;<b>Kanne</b>;5\n", "products", location="halle")
    ).text
    assert "1 Artikel importieren" in text
    assert "K-1 <b>Kanne</b> halle 5 neu" in text


def test_strangers_and_other_sites_get_nothing(desk: Desk) -> None:
    """A form of another site is refused; a file that is gone says so; a kind must be one."""
    assert desk.upload(GOOD.encode(), form_key="other").status_code == 403
    assert desk.upload(GOOD.encode(), "parcels").status_code == 404
    gone = desk.house.get("/console/import/orders/u9")
    assert (gone.status_code, "Diese Datei ist nicht mehr da" in outline(gone.body).text) == (
        404,
        True,
    )
    desk.house.cookie = ""
    assert desk.house.get("/console/import").headers["Location"] == "/console/login"


def test_every_field_has_a_name() -> None:
    """In both languages, for the lists of columns."""
    for field in (*order_columns.FIELDS, *product_table.FIELDS):
        for language in ("de", "en"):
            assert f"import_field.{field}" in WORDS[language], field


def complaints() -> set[str]:
    """Return what readers of tables and documents complain of, from the source; values as 1."""
    files = ["intake/reading.py", "intake/generic.py", "intake/charges.py", "intake/order_table.py",
             "runtime/cells.py", "runtime/sheets.py", "stock/product_table.py",
             "stock/importing.py"]  # fmt: skip
    found = set()
    for name in files:
        nodes = list(ast.walk(ast.parse((ROOT / name).read_text())))
        parts_of = {id(part) for node in nodes if isinstance(node, ast.JoinedStr)
                    for part in node.values}  # fmt: skip
        for node in (node for node in nodes if id(node) not in parts_of):
            text = ""
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                text = node.value
            elif isinstance(node, ast.JoinedStr):
                parts = [x.value if isinstance(x, ast.Constant) else "1" for x in node.values]
                text = "".join(map(str, parts))
            if re.match(r"(must|can be two|is no day|is in row|has \d|was not) ", text):
                found.add(text)
    return found


def test_every_complaint_is_said_in_german() -> None:
    """Whatever is wrong with a row, its reader is told in their own language."""
    assert len(complaints()) > 30
    left = {text for text in complaints() if reason("de", text) == text}
    assert left == set()
    assert reason("de", 'must be a number, is "x"') == 'muss eine Zahl sein; da steht "x"'
    assert reason("de", "must be given, is missing") == "fehlt"
    assert reason("en", "must be given, is missing") == "must be given, is missing"

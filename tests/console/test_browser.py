"""The pages and the mails in a real browser: nothing sticks out, at any width."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from chalicelib.console.words import LANGUAGES
from chalicelib.domain.commands import SendMail
from chalicelib.domain.events import Part
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from chalicelib.notification.mails import compose
from chalicelib.store.bank import State
from chalicelib.store.jobs import JobProblem, new_job
from tests.console.conftest import SHOP, House
from tests.console.samples import everything, large, many_reasons
from tests.console.test_bank import MAYBE, ONE, Bank, bank
from tests.console.test_imports import Desk, desk
from tests.console.test_jobs import Kept, kept
from tests.console.test_new_order import TYPED, Typing, typing
from tests.events import NOW, order
from tests.histories import number_of

NAMES = ("chromium", "chromium-browser", "google-chrome")
BROWSER = next(filter(None, map(shutil.which, NAMES)), "")
WIDTHS = (320, 390, 768, 1280)
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--no-first-run",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--virtual-time-budget=20000",
)

__all__ = ["bank", "desk", "kept", "typing"]  # fixtures of the pages they belong to

# Each page in frames of all widths; then the page tells what sticks out of its frame.
MEASURE = """
<script>
onload = () => {
  const found = [];
  for (const frame of document.querySelectorAll("iframe")) {
    const page = frame.contentDocument, width = frame.clientWidth;
    const out = [...page.querySelectorAll("body *")].filter(part => {
      const box = part.getBoundingClientRect();
      const scrolls = part.closest(".tabs, .scrolls, .hidden, .skip, thead");
      return box.width && !scrolls && (box.right > width + 1 || box.left < -1);
    });
    const names = out.map(part => part.tagName + "." + part.className);
    const scroll = page.documentElement.scrollWidth;
    if (scroll > width || names.length) found.push([frame.title, width, scroll, names.slice(0, 5)]);
  }
  document.body.textContent = "RESULT" + JSON.stringify(found) + "END";
};
</script>
"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not BROWSER, reason="no Chromium on this machine"),
]


def sticking_out(pages: dict[str, str], folder: Path) -> list[list[object]]:
    """Show pages in frames of all widths; return what is wider than its frame."""
    frames = [
        f'<iframe title="{name}" width="{width}" height="900" style="border:0"'
        f' srcdoc="{html.escape(page)}"></iframe>'
        for name, page in pages.items()
        for width in WIDTHS
    ]
    sheet = folder / "all.html"
    sheet.write_text(f"<!DOCTYPE html><body>{''.join(frames)}{MEASURE}", encoding="utf-8")
    command = [BROWSER, *FLAGS, f"--user-data-dir={folder / 'profile'}", "--dump-dom", str(sheet)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    found = re.search(r"RESULT(.*)END", html.unescape(done.stdout), re.DOTALL)
    assert found, done.stdout[-500:]
    result: list[list[object]] = json.loads(found[1])
    return result


def orders(locale: str) -> list[Order]:
    """Return the orders that are hardest to show."""
    return [everything(locale), many_reasons(locale), large(12, locale), large(200, locale)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_the_console_sticks_out(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    """Long names, many reasons, two hundred lines, empty lists: phone to desktop."""
    shop = replace(SHOP, language=language)
    monkeypatch.setattr("chalicelib.console.staff.settings_of", lambda _: shop)
    house.log_in()
    pages = {"empty": house.get("/console").body.decode()}
    house.keep(*orders(language))
    paths = ["/console", "/console?list=all", "/console?number=1042", "/console/orders/none"]
    paths += [f"/console/orders/{one.id}" for one in orders(language)]
    pages |= {path: house.get(path).body.decode() for path in paths}
    house.cookie = ""
    pages["login"] = house.get("/console/login", **{"Accept-Language": language}).body.decode()
    assert sticking_out(pages, tmp_path) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_the_customer_sticks_out(house: House, tmp_path: Path, language: str) -> None:
    """From a first look on an old phone to the office screen."""
    shown = [*orders(language), order()]
    house.keep(*shown)
    pages = {one.id: house.get(f"/s/{one.customer_token}").body.decode() for one in shown}
    pages["nothing"] = house.get("/s/demo-x-y").body.decode()
    pages["parcel"] = house.get(f"/t/demo-oeverything-1/{number_of(1)}").body.decode()
    assert sticking_out(pages, tmp_path) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_mail_sticks_out(tmp_path: Path, language: str) -> None:
    """Mails are read on phones first."""
    wanted = {
        "order_confirmation": "",
        "payment_received": "",
        "shipping_confirmation": "1",
        "order_cancelled": "",
        "return_authorized": "R1",
        "refund_confirmation": "back-9.00",
    }
    pages = {}
    for kind, about in wanted.items():
        for one in (everything(language), replace(large(12, language), facts=everything().facts)):
            command = SendMail(kind=kind, refers_to=about)
            mail = compose(one, command, sender=SHOP, base_url="https://kontor.example")
            pages[f"{kind} {one.id}"] = mail.html
    assert sticking_out(pages, tmp_path) == []


LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmütze mit handgesticktem Anker, extra groß"
TABLE = "Bestellnummer;Artikelnummer;Artikel;Menge;Einzelpreis;Vorname;Nachname;Land\n" + "".join(
    f"B-2026-{n:06};{'SKU' * 12}{n};{LONG};{n % 3};10,00;Maria-Magdalena;{LONG};"
    f"{'Atlantis' if n % 5 == 0 else 'DE'}\n"
    for n in range(200)
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_an_import_sticks_out(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    """Two hundred rows with long names, with and without problems; only tables scroll inside."""
    shop = replace(SHOP, language=language)
    monkeypatch.setattr("chalicelib.console.staff.settings_of", lambda _: shop)
    products = TABLE.replace("Bestellnummer", "Lagerort").replace("B-2026", "b-2026")
    pages = {
        "choose": desk.house.get("/console/import").body.decode(),
        "wrong": desk.seen(TABLE),
        "good": desk.seen(TABLE.replace("Atlantis", "AT").replace(";0;", ";4;")),
        "products": desk.seen(products, "products"),
    }
    assert sticking_out(pages, tmp_path) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_form_for_a_new_order_sticks_out(
    typing: Typing, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    """Empty, with trouble, and with many rows."""
    shop = replace(SHOP, language=language)
    monkeypatch.setattr("chalicelib.console.staff.settings_of", lambda _: shop)
    long = {"item:0": LONG, "sku:0": "SKU" * 26, "name": LONG, "note": LONG * 9, "rows": "40"}
    pages = {
        "blank": typing.house.get("/console/new-order").body.decode(),
        "wrong": typing.send(**TYPED | long | {"price:0": "zehn"}).body.decode(),
        "looked": typing.send(**TYPED | long | {"do": "look"}).body.decode(),
    }
    assert sticking_out(pages, tmp_path) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_long_work_sticks_out(
    house: House, kept: Kept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    """Running, failed with a long reason, and with rows that nobody can break."""
    shop = replace(SHOP, language=language)
    monkeypatch.setattr("chalicelib.console.staff.settings_of", lambda _: shop)
    running = replace(new_job("demo", "import_orders", NOW), state="running", done=3, total=20000)
    wrong = JobProblem(row=20000, field="recommended_retail_price", text="SKU" * 90)
    failed = replace(running, id="failed", state="failed", code="outside_refused", reason=LONG * 3)
    kept.jobs = [running.with_problems(*[wrong] * 120), failed]
    paths = ["/console/jobs", *(f"/console/jobs/{job.id}" for job in kept.jobs)]
    pages = {
        path: house.get(path).body.decode().replace("http-equiv", "data-was") for path in paths
    }
    assert sticking_out(pages, tmp_path) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_of_the_bank_sticks_out(
    house: House, bank: Bank, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    """What payers write has no blanks, and a suggestion has many reasons."""
    shop = replace(SHOP, language=language)
    monkeypatch.setattr("chalicelib.console.staff.settings_of", lambda _: shop)
    long = replace(ONE.transaction, name=LONG, pieces=("SVWZ" * 40,))
    one = replace(ONE, transaction=long, note=LONG)
    bank.entries = [one, replace(one, id="e2", state=State.BOOKED, booked=MAYBE)]
    pages = {
        state: house.get(f"/console/bank?state={state}").body.decode()
        for state in ("suggested", "booked", "ignored")
    }
    assert sticking_out(pages, tmp_path) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_form_of_a_product_sticks_out(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, language: str
) -> None:
    """New, with trouble at a field, with twelve parts, and changed by somebody else meanwhile."""
    parts = tuple(Part(sku=f"{'X' * 78}{n:02}", quantity=9999) for n in range(12))
    long = Product(sku="X" * 80, name=LONG * 5, parts=parts, expected_on=NOW.date())
    rows = SimpleNamespace(stored=lambda *_: "{}", page=lambda *_, **__: [long])
    monkeypatch.setattr("chalicelib.console.product_form.Products", lambda: rows)
    monkeypatch.setattr("chalicelib.api.catalogue.existing", lambda *_: long)
    monkeypatch.setattr(
        "chalicelib.console.product_form.names_of_places", lambda _: {"main": LONG, "two": "B"}
    )
    shop = replace(SHOP, language=language)
    monkeypatch.setattr("chalicelib.console.staff.settings_of", lambda _: shop)
    house.log_in()
    new, edit = "/console/products/new", f"/console/products/{long.sku}/edit"
    pages = {path: house.get(path).body.decode() for path in (new, edit)}
    key = re.search(r'name="form_key" value="(\w+)"', pages[new])
    assert key
    wrong = {"form_key": key[1], "name": LONG * 5, "weight_g": "X" * 80, "part:0": "X" * 80}
    pages["wrong"] = house.post(new, wrong).body.decode()
    pages["overtaken"] = house.post(edit, {"form_key": key[1], "name": "A"}).body.decode()
    assert all(f' name="part:{n}"' in pages[edit] for n in range(12))
    assert "aria-invalid" in pages["wrong"]
    assert sticking_out(pages, tmp_path) == []

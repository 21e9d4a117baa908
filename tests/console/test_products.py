"""The pages of products: found, looked at, counted; over the real stores."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib.console.level_chart import chart, points
from chalicelib.domain.events import Location, Part
from chalicelib.domain.levels import Cause, Level, Movement, movement
from chalicelib.domain.product import Product
from chalicelib.runtime.settings import settings_of
from chalicelib.store.connections import Connection, Connections, LevelTrouble
from chalicelib.store.merchants import Merchants, Settings
from chalicelib.store.movements import Movements
from chalicelib.store.products import Products
from chalicelib.store.stock import Shelf
from chalicelib.store.told import Told, ToldLevels
from tests.console.conftest import House, outline
from tests.console.test_browser import BROWSER, sticking_out
from tests.events import NOW

PLACES = (
    Location(id="main", name="Hauptlager"),
    Location(id="berlin", name="Zentrallager Berlin-Charlottenburg-Nord", priority=2),
)


def moved(seq: int, quantity: int, on_hand: int, *, held: int = 0, reserved: int = 0) -> Movement:
    """Return a movement of an hour."""
    return Movement(
        sku="A", location="main", kind="receipt", quantity=quantity, held=held, on_hand=on_hand,
        reserved=reserved, at=NOW + timedelta(hours=seq), seq=seq,
    )  # fmt: skip


def test_a_level_is_drawn_from_what_is_there_back_to_nothing() -> None:
    """Each movement is a step; the last stretch goes on until now."""
    newest_first = [moved(3, 0, 10, held=4, reserved=4), moved(2, -5, 10), moved(1, 15, 15)]
    now = NOW + timedelta(hours=5)
    found = points(newest_first, on_hand=10, reserved=4, now=now)
    assert [(x.on_hand, x.reserved) for x in found] == [(15, 0), (10, 0), (10, 4), (10, 4)]
    drawn = chart(found)
    assert drawn
    assert [value for _, value in drawn.marks] == [0, 5, 10, 15]
    assert drawn.on_hand == "M44.0 12.0H191.0V52.7H338.0V52.7H632.0V52.7"
    assert drawn.reserved.endswith("V101.5")
    assert (drawn.first, drawn.last) == (NOW + timedelta(hours=1), now)


@pytest.mark.parametrize("most", [0, 1, 7, 99, 12345])
def test_the_scale_has_few_round_numbers(most: int) -> None:
    """Between two and five, the highest at or above the highest level."""
    drawn = chart(points([moved(1, most, most)], on_hand=most, reserved=0, now=NOW.replace(day=30)))
    assert drawn
    values = [value for _, value in drawn.marks]
    assert 2 <= len(values) <= 5
    assert values[-1] >= most


def test_nothing_is_drawn_of_nothing() -> None:
    """A product that never moved has no picture."""
    assert chart(points([], on_hand=0, reserved=0, now=NOW)) is None


@pytest.fixture
def shop(merchant: str) -> House:
    """Return the pages of a merchant with two locations, logged in."""
    secret = f"{merchant}.{secrets.token_urlsafe(16)}"
    Merchants().create(merchant, secret)
    settings = Settings(name="Blattwerk", locations=PLACES)
    Merchants().save_settings(merchant, settings)
    settings_of.forget()
    nothing: Any = None
    made = House(client=Client(app), orders=nothing, merchants=nothing)
    answer = made.post("/console/login", {"token": secret})
    made.cookie = answer.headers["Set-Cookie"].partition(";")[0]
    return made


def put(merchant: str, product: Product, on_hand: int = 0, location: str = "main") -> None:
    """Put a product and its units there, and tell the movement."""
    Products().put(merchant, product)
    cause = Cause(kind="receipt", at=NOW, reason="Lieferung 4711", by="anna")
    seen = Level(location=location)
    if on_hand:
        after = Shelf().count(merchant, product.sku, seen, on_hand, cause)
        told = movement(product.sku, None, after)
        assert told
        Movements().write_all(merchant, [told])


def page(shop: House, path: str) -> Any:
    """Return a page, sound in every tag."""
    answer = shop.get(path)
    assert answer.status_code == 200, answer.body
    return outline(answer.body)


def send(shop: House, form: dict[str, str], sku: str = "A") -> Any:
    """Send the form of a product's page."""
    shown = shop.get(f"/console/products/{sku}").body.decode()
    key = re.search(r'name="form_key" value="(\w+)"', shown)
    assert key
    return shop.post(f"/console/products/{sku}/move", {"form_key": key[1], **form})


@pytest.mark.engine
def test_an_empty_list_says_what_to_do(shop: House) -> None:
    """And a search that finds nothing says that, and what is low that nothing is."""
    assert "Noch keine Artikel" in page(shop, "/console/products").text
    assert "Nichts gefunden für „x“" in page(shop, "/console/products?search=x").text
    assert "Von allem ist genug da" in page(shop, "/console/products?below_minimum=1").text


@pytest.mark.engine
def test_products_are_listed_found_and_filtered(shop: House, merchant: str) -> None:
    """With what may be sold; the low ones and the bundles are marked."""
    put(merchant, Product(sku="TEA/1", name="Grüner <b>Tee</b>", min_stock=9), 4)
    put(merchant, Product(sku="SET", name="Set", parts=(Part(sku="TEA/1", quantity=2),)))
    Products().note_low(merchant, "TEA/1")
    listed = page(shop, "/console/products")
    assert "TEA/1 Grüner <b>Tee</b> Unter Mindestbestand 4 0 Verfügbar 4" in listed.text
    assert "SET Set Set – – Verfügbar 2" in listed.text
    assert "/console/products/TEA%2F1" in "".join(listed.links)
    found = page(shop, "/console/products?search=gr%C3%BCner").text
    assert "TEA/1" in found
    assert "SET" not in found
    assert "TEA/1" in page(shop, "/console/products?below_minimum=1").text


@pytest.mark.engine
def test_long_lists_have_pages(shop: House, merchant: str) -> None:
    """Fifty at a time, and a way back."""
    for number in range(51):
        Products().put(merchant, Product(sku=f"P{number:02}"))
    first = shop.get("/console/products").body.decode()
    more = re.search(r'href="[^"]*(/console/products\?search=&amp;cursor=[^"]+)"', first)
    assert more
    second = page(shop, more[1].replace("&amp;", "&"))
    assert "P50" in second.text
    assert "P49" not in second.text
    assert "Zum Anfang" in second.text


@pytest.mark.engine
def test_a_product_shows_its_levels_movements_and_picture(shop: House, merchant: str) -> None:
    """By location, newest first, with reason and person."""
    put(merchant, Product(sku="A", name="Kanne", weight_g=800, ean="4006381333931"), 5)
    put(merchant, Product(sku="A", name="Kanne", weight_g=800, ean="4006381333931"), 2, "berlin")
    shown = page(shop, "/console/products/A")
    assert "Auf Lager 7" in shown.text
    assert "Hauptlager 5 0 5" in shown.text
    assert "Zentrallager Berlin-Charlottenburg-Nord 2 0 2" in shown.text
    assert "Lieferung 4711 · anna" in shown.text
    assert "Bestand im Lauf der Zeit" in shown.text
    assert "4006381333931" in shown.text
    assert shop.get("/console/products/nobody").status_code == 404


@pytest.mark.engine
def test_goods_are_booked_by_the_form(shop: House, merchant: str) -> None:
    """Received, corrected with a minus, counted; then the page says so."""
    put(merchant, Product(sku="A"), 5)
    for form, level in (
        ({"kind": "receipt", "quantity": "7", "reason": "Lieferung"}, 12),
        ({"kind": "correction", "quantity": "−2"}, 10),
        ({"kind": "count", "quantity": "9", "location": "main"}, 9),
    ):
        answer = send(shop, form)
        assert answer.status_code == 303, answer.body
        assert answer.headers["Location"].endswith("/console/products/A?done=moved")
        product = Shelf().products(merchant, ["A"], ["main"])["A"]
        assert product.on_hand == level
        cause = product.at("main").cause
        assert cause
        assert (cause.kind, cause.by) == (form["kind"], "staff")
    assert "Gebucht." in page(shop, "/console/products/A?done=moved").text


@pytest.mark.engine
@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"kind": "receipt", "quantity": "many"}, "ganze Zahl"),
        ({"kind": "receipt", "quantity": ""}, "ganze Zahl"),
        ({"kind": "receipt", "quantity": "-1"}, "größer als null"),
        ({"kind": "correction", "quantity": "-9"}, "nicht verfügbar"),
        ({"kind": "count", "quantity": "1", "location": "paris"}, "Lagerort gibt es nicht"),
    ],
)
def test_what_cannot_be_booked_says_why_and_keeps_what_was_typed(
    shop: House, merchant: str, form: dict[str, str], words: str
) -> None:
    """And nothing moves."""
    put(merchant, Product(sku="A"), 5)
    answer = send(shop, form | {"reason": "mein Grund"})
    assert answer.status_code in {400, 422}
    shown = outline(answer.body)
    assert words in shown.text
    assert "mein Grund" in {field.get("value") for field in shown.fields}
    assert Shelf().products(merchant, ["A"], ["main"])["A"].on_hand == 5


@pytest.mark.engine
def test_lots_are_booked_and_shown_with_their_date(shop: House, merchant: str) -> None:
    """The form asks for them only where they are kept."""
    put(merchant, Product(sku="A", lots=True))
    form = {"kind": "receipt", "quantity": "7", "lot": "L1", "best_before": "2027-03-01"}
    assert send(shop, form).status_code == 303
    assert "L1 Hauptlager 01.03.2027 7 0" in page(shop, "/console/products/A").text
    assert "keinen" not in page(shop, "/console/products/A").text
    assert send(shop, form | {"best_before": "bald"}).status_code == 400
    put(merchant, Product(sku="B"), 1)
    names = {field.get("name") for field in page(shop, "/console/products/B").fields}
    assert "lot" not in names


@pytest.mark.engine
def test_a_form_of_another_site_books_nothing(shop: House, merchant: str) -> None:
    """It does not know the key."""
    put(merchant, Product(sku="A"), 5)
    answer = shop.post("/console/products/A/move", {"kind": "receipt", "quantity": "1"})
    assert answer.status_code == 403
    assert Shelf().products(merchant, ["A"], ["main"])["A"].on_hand == 5


@pytest.mark.engine
@pytest.mark.browser
@pytest.mark.skipif(not BROWSER, reason="no Chromium on this machine")
@pytest.mark.parametrize("language", ["de", "en"])
def test_no_page_of_a_product_sticks_out(
    shop: House, merchant: str, tmp_path: Any, language: str
) -> None:
    """Long names and numbers, empty and full, from an old phone to the office screen."""
    settings = replace(Merchants().settings(merchant), language=language)
    Merchants().save_settings(merchant, settings)
    settings_of.forget()
    empty = shop.get("/console/products").body.decode()
    long = Product(
        sku="X" * 80, name="Donaudampfschifffahrtsgesellschaftskapitän " * 8, ean="4006381333931",
        weight_g=123456, length_mm=12345, width_mm=12345, height_mm=12345, hs_code="12345678901",
        origin="DE", min_stock=999_999, backorder=True,
    )  # fmt: skip
    put(merchant, long, 123_456)
    put(merchant, long, 123_456, "berlin")
    put(merchant, Product(sku="SET", parts=(Part(sku="X" * 80, quantity=9999),)))
    paths = ["/console/products", f"/console/products/{'X' * 80}", "/console/products/SET"]
    pages = {path: shop.get(path).body.decode() for path in paths}
    assert sticking_out(pages | {"empty": empty}, tmp_path) == []


@pytest.mark.engine
def test_a_product_shows_what_the_shops_know_of_it(shop: House, merchant: str) -> None:
    """How many each may sell, since when, and what it says where it takes none."""
    put(merchant, Product(sku="A"), 5)
    assert "Den Shops gemeldet" not in page(shop, "/console/products/A").text
    for name in ("Laden", "Markt", "Neu"):
        Connections().create(
            Connection(
                merchant_id=merchant,
                id=f"{merchant}-{name.lower()}",
                kind="woocommerce",
                name=name,
                created_at=NOW,
                settings={"push_stock": "on"},
            )
        )
    told = Told(sku="A", available=4, turn=1, at=NOW)
    ToldLevels().keep(merchant, f"{merchant}-laden", told)
    market = Connections().load(f"{merchant}-markt")
    assert market
    Connections().note_levels(market, LevelTrouble(at=NOW, refused={"A": "Kein <b>Bestand</b>"}))
    text = page(shop, "/console/products/A").text
    assert "Den Shops gemeldet" in text
    assert re.search(r"Laden\s+23\.11\.2026, 09:00\s+4", text)
    assert re.search(r"Markt\s+Kein <b>Bestand</b>\s+abgelehnt", text)
    assert re.search(r"Neu\s+noch nicht gemeldet", text)

"""The form for a product: made, changed, refused beside its field, put away; over real stores."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.console import reasons
from chalicelib.console.drafts import draft, saved_otherwise, typed
from chalicelib.domain.blocker import Blocker
from chalicelib.domain.events import Part
from chalicelib.domain.product import Product
from chalicelib.store.products import Products
from tests.console.conftest import House, outline
from tests.console.test_products import put, shop
from tests.events import NOW, order

__all__ = ["shop"]  # a fixture of the neighbouring pages

NEW = "/console/products/new"
KETTLE = {
    "sku": "TEA/1", "name": "Kanne", "ean": "4006381 333931", "weight_g": "800",
    "length_mm": "200", "width_mm": "150", "height_mm": "180", "hs_code": "6912.00",
    "origin": "de", "min_stock": "3", "expected_on": "2027-03-01", "backorder": "1",
}  # fmt: skip


def send(shop: House, path: str, form: dict[str, str], page: str = "") -> Any:
    """Fill in the form of a page as it is shown, and press the button."""
    shown = shop.get(page or path).body.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w*)"', shown))
    return shop.post(path, hidden | {"do": "save"} | form)


def test_a_form_shows_a_product_as_it_reads_it() -> None:
    """There and back nothing is lost, and nothing differs."""
    whole = Product(
        sku="A", name="Kanne", ean="4006381333931", weight_g=1, length_mm=2, width_mm=3,
        height_mm=4, hs_code="691200", origin="DE", min_stock=5, preorder=True, lots=True,
        expected_on=NOW.date(), parts=(Part(sku="B", quantity=2), Part(sku="C")),
    )  # fmt: skip
    back = draft("A", typed(whole))
    for name in ("name", "ean", "weight_g", "height_mm", "hs_code", "origin", "min_stock", "parts"):
        assert getattr(back, name) == getattr(whole, name)
    assert (back.preorder, back.backorder, back.lots) == (True, False, True)
    assert back.expected_on == whole.expected_on
    assert saved_otherwise(typed(whole), whole) == {}
    other = replace(whole, name="Topf", parts=())
    assert saved_otherwise(typed(whole), other) == {"name": "Topf", "parts": ""}


@pytest.mark.parametrize("more", ["", "; did you mean B-1?"])
def test_an_unknown_sku_leads_to_the_form(more: str) -> None:
    """An order's obstacle knows which SKU is to be created; other obstacles know none."""
    text = f"SKU A/1 is not known in stock{more or '.'}"
    blocker = Blocker(code="unknown_sku", text=text, owner="staff", since=NOW, next="")
    assert reasons.reason(blocker, order(), "de").sku == "A/1"
    assert reasons.reason(replace(blocker, code="manual"), order(), "de").sku == ""


@pytest.mark.engine
def test_a_product_is_created_with_its_first_counts(shop: House, merchant: str) -> None:
    """At each location, as staff counted it."""
    answer = send(shop, NEW, KETTLE | {"count:main": "7", "count:berlin": "2"})
    assert answer.status_code == 303, answer.body
    assert answer.headers["Location"].endswith("/console/products/TEA%2F1?done=created")
    found = Products().read(merchant, "TEA/1")
    assert found
    assert (found.ean, found.hs_code, found.origin) == ("4006381333931", "691200", "DE")
    assert (found.weight_g, found.height_mm, found.min_stock, found.backorder) == (800, 180, 3, 1)
    assert [(x.location, x.on_hand) for x in found.levels] == [("berlin", 2), ("main", 7)]
    assert {x.cause.by for x in found.levels if x.cause} == {"staff"}
    assert "Angelegt." in outline(shop.get("/console/products/TEA%2F1?done=created").body).text


@pytest.mark.engine
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"sku": "A#1"}, "muss 1 bis 80 Zeichen haben"),
        ({"ean": "123"}, "muss 8, 12, 13 oder 14 Ziffern haben"),
        ({"weight_g": "schwer"}, "muss eine ganze Zahl ab 0 sein"),
        ({"origin": "XX"}, "muss ein Land wie DE sein"),
        ({"expected_on": "bald"}, "ist kein Tag des Kalenders"),
        ({"part:4": "NOBODY"}, "„NOBODY“ gibt es nicht"),
        ({"part:0": "TEA/1"}, "TEA/1 → TEA/1 dreht sich im Kreis"),
        ({"part:0": "OLD", "pieces:0": "0"}, "muss zwischen 1 und 10000 liegen"),
        ({"count:berlin": "-1"}, "muss eine ganze Zahl ab 0 sein"),
        ({"count:main": "1", "part:0": "OLD"}, "Ein Set hat keinen eigenen Bestand"),
        ({"count:main": "1", "lots": "1"}, "Chargen werden einzeln gezählt"),
        ({"sku": "OLD"}, "gibt es schon"),
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_typed_is_lost(
    shop: House, merchant: str, wrong: dict[str, str], words: str
) -> None:
    """The same checks as those of the API, in the reader's language; and nothing is created."""
    put(merchant, Product(sku="OLD", name="Alt"), 1)
    form = KETTLE | wrong
    answer = send(shop, NEW, form)
    assert answer.status_code in {400, 409, 422}, answer.body
    page = answer.body.decode()
    assert 'class="small wrong">' in page
    shown = outline(page)
    assert words in shown.text
    values = {field.get("value") for field in shown.fields}
    assert {text for name, text in form.items() if name not in {"backorder", "lots"}} <= values
    assert Products().read(merchant, "TEA/1") is None
    old = Products().read(merchant, "OLD")
    assert old
    assert (old.name, old.on_hand) == ("Alt", 1)


@pytest.mark.engine
def test_a_form_with_a_sku_is_filled_in_and_a_known_one_is_shown(
    shop: House, merchant: str
) -> None:
    """An order's link may be older than the product."""
    shown = outline(shop.get(f"{NEW}?sku=B%2F%3C1").body)
    assert "B/<1" in {field.get("value") for field in shown.fields}
    put(merchant, Product(sku="B/1"))
    answer = shop.get(f"{NEW}?sku=B%2F1")
    assert answer.headers["Location"].endswith("/console/products/B%2F1")


@pytest.mark.engine
def test_a_bundle_grows_by_rows(shop: House, merchant: str) -> None:
    """More rows keep those filled in, and nothing is saved by them."""
    put(merchant, Product(sku="B"))
    put(merchant, Product(sku="A", name="Set"))
    edit = "/console/products/A/edit"
    answer = send(shop, edit, {"part:0": "B", "pieces:0": "2", "do": "more"})
    assert 'name="part:5"' in answer.body.decode()
    assert 'value="B"' in answer.body.decode()
    found = Products().read(merchant, "A")
    assert found
    assert found.parts == ()
    assert send(shop, edit, {"name": "Set", "part:3": "B", "pieces:3": "2"}).status_code == 303
    found = Products().read(merchant, "A")
    assert found
    assert [(x.sku, x.quantity) for x in found.parts] == [("B", 2)]


@pytest.mark.engine
def test_the_second_of_two_people_sees_what_the_first_has_saved(shop: House, merchant: str) -> None:
    """Beside what was typed; saved again, it is a decision and no accident."""
    put(merchant, Product(sku="A", name="Kanne", archived=True), 5)
    edit = "/console/products/A/edit"
    shown = shop.get(edit).body.decode()
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w*)"', shown))
    Products().put(merchant, Product(sku="A", name="Topf", archived=True))
    answer = shop.post(edit, hidden | {"do": "save", "name": "Krug"})
    assert answer.status_code == 409
    page = outline(answer.body)
    assert "Jetzt gespeichert: Topf" in page.text
    assert "Krug" in {field.get("value") for field in page.fields}
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="(\w*)"', answer.body.decode()))
    assert shop.post(edit, hidden | {"do": "save", "name": "Krug"}).status_code == 303
    found = Products().read(merchant, "A")
    assert found
    assert (found.name, found.archived, found.on_hand) == ("Krug", True, 5)


@pytest.mark.engine
def test_a_product_is_put_away_and_taken_back(shop: House, merchant: str) -> None:
    """Its page asks first and stays; a form of another site does neither."""
    put(merchant, Product(sku="A"), 5)
    path, page = "/console/products/A/archive", "/console/products/A"
    assert shop.post(path, {"do": "archive"}).status_code == 403
    for act, away in (("archive", True), ("restore", False)):
        answer = send(shop, path, {"do": act}, page)
        assert answer.headers["Location"].endswith(f"?done={act}d")
        found = Products().read(merchant, "A")
        assert found
        assert found.archived is away

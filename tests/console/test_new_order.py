"""The form for orders by phone: typed in as people write, made by the same way as the API's."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.api.new_orders import understood
from chalicelib.api.problems import Problem
from chalicelib.console import new_order as pages
from chalicelib.domain.deliveries import Delivery
from chalicelib.domain.levels import Level
from chalicelib.domain.product import Product
from tests.console.conftest import House, outline
from tests.events import NOW

KANNE = Product(sku="K-1", name="Kanne, blau", levels=(Level(available=3),))
TYPED = {
    "name": "Erika Muster",
    "street": "Gartenweg 3",
    "zip": "04109",
    "city": "Leipzig",
    "country": "de",
    "email": "erika@example.com",
    "currency": "EUR",
    "number": "T-1",
    "once": "abc",
    "payment": "prepayment",
    "shipping": "4,90",
    "rows": "5",
    "sku:0": "K-1",
    "item:0": "Kanne",
    "quantity:0": "2",
    "price:0": "1.017,50",
    "rate:0": "19",
}


class Typing:
    """The form in a browser, and what it has handed in."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.placed: list[dict[str, Any]] = []
        self.keys: list[str] = []

    def place(self, connection: Any, raw: bytes, key: str) -> Any:
        """Read the document as the API does."""
        delivery = Delivery(
            merchant_id="demo", connection_id="demo-api", kind="generic", id="x", received_at=NOW,
            headers={}, body=raw,
        )  # fmt: skip
        understood(delivery)
        self.placed.append(json.loads(raw))
        self.keys.append(key)
        return SimpleNamespace(id="o1"), True

    def send(self, **typed: str) -> Any:
        """Fill in the form and press a button."""
        page = self.house.get("/console/new-order").body.decode()
        key = re.search(r'name="form_key" value="(\w+)"', page)
        assert key
        return self.house.post("/console/new-order", {"form_key": key[1], "do": "make"} | typed)


@pytest.fixture
def typing(house: House, monkeypatch: pytest.MonkeyPatch) -> Typing:
    """Put products in memory, and catch what is handed in."""
    made = Typing(house)
    locations = SimpleNamespace(locations=[SimpleNamespace(id="main")])
    monkeypatch.setattr(pages, "settings_of", lambda _: locations)
    monkeypatch.setattr(pages, "Products", lambda: SimpleNamespace(page=lambda *_, **__: [KANNE]))
    shelf = SimpleNamespace(products=lambda *_: {"K-1": KANNE})
    monkeypatch.setattr(pages, "Shelf", lambda: shelf)
    monkeypatch.setattr(pages, "source", lambda _: None)
    monkeypatch.setattr(pages, "place", made.place)
    house.log_in()
    return made


def test_what_was_typed_in_is_handed_in_as_a_document(typing: Typing) -> None:
    """German amounts, empty rows left out; then the order's page opens."""
    answer = typing.send(**TYPED)
    assert answer.headers["Location"] == "/console/orders/o1?done=new"
    assert typing.placed == [
        {
            "external_id": "form-abc",
            "number": "T-1",
            "currency": "EUR",
            "prices_include_tax": True,
            "lines": [
                {"id": "1", "sku": "K-1", "name": "Kanne", "quantity": "2",
                 "unit_price": "1017.50", "tax_rate": "19"},
            ],
            "billing_address": {
                "name": "Erika Muster", "company": "", "street": "Gartenweg 3", "street2": "",
                "zip": "04109", "city": "Leipzig", "country": "de",
            },
            "email": "erika@example.com",
            "payment": {"method": "prepayment", "state": "unpaid"},
            "shipping": {"amount": "4.90"},
        }
    ]  # fmt: skip
    assert typing.keys == ["form abc"]


@pytest.mark.parametrize(
    ("method", "state"), [("prepayment", "unpaid"), ("invoice", "unpaid"), ("cash", "paid")]
)
def test_cash_is_paid_and_the_rest_is_not(typing: Typing, method: str, state: str) -> None:
    """An order on invoice leaves as the merchant's rules say."""
    typing.send(
        **TYPED | {"payment": method, "discount": "5", "to_name": "Oma", "to_street": "Weg 1"}
    )
    [order] = typing.placed
    assert order["payment"] == {"method": method, "state": state}
    assert order["discounts"] == [{"amount": "5"}]
    assert (order["shipping_address"]["name"], order["shipping_address"]["country"]) == (
        "Oma",
        "de",
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"quantity:0": "1,5"}, "Artikel 1, Menge: muss eine ganze Zahl über 0 sein"),
        ({"price:0": "zehn"}, 'Artikel 1, Einzelpreis: muss eine Zahl sein; da steht "zehn"'),
        ({"price:0": ""}, "Artikel 1, Einzelpreis: fehlt"),
        ({"rate:0": "119"}, "Artikel 1, Steuersatz: muss ein Steuersatz in Prozent sein"),
        ({"currency": "EURO"}, "Währung: muss eine Währung sein, etwa EUR"),
        ({"country": "X1"}, "Rechnung: Land: muss ein Ländercode wie DE sein"),
        ({"sku:0": "", "item:0": "", "price:0": ""}, "Bitte nennen Sie mindestens einen Artikel."),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    typing: Typing, typed: dict[str, str], said: str
) -> None:
    """With line and field, in the reader's language; the form comes back as it was."""
    answer = typing.send(**TYPED | typed)
    assert answer.status_code == 422
    page = outline(answer.body)
    assert said in page.text
    assert "Erika Muster" in [one.get("value") for one in page.fields]
    assert typing.placed == []


def test_items_are_looked_up_and_rows_are_added(typing: Typing) -> None:
    """The name is filled in, and what is there is told; unknown SKUs too."""
    typed = TYPED | {"item:0": "", "sku:1": "X", "do": "look"}
    page = outline(typing.send(**typed).body)
    assert "Kanne, blau" in [one.get("value") for one in page.fields]
    assert "3 verfügbar" in page.text
    assert "unbekannte Artikelnummer" in page.text
    more = outline(typing.send(**TYPED | {"do": "more"}).body)
    assert sum(str(one.get("name", "")).startswith("sku:") for one in more.fields) == 10
    assert typing.placed == []


def test_a_refusal_of_the_store_is_shown(typing: Typing, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same form sent twice with other contents makes no second order."""

    def refuse(*_: Any) -> None:
        raise Problem(422, "idempotency_mismatch", "This key came with another body.")

    monkeypatch.setattr(pages, "place", refuse)
    answer = typing.send(**TYPED)
    assert answer.status_code == 422
    assert "Dieses Formular hat schon eine Bestellung angelegt" in outline(answer.body).text


def test_a_form_of_another_site_is_refused(typing: Typing) -> None:
    """And nothing is made."""
    assert typing.house.post("/console/new-order", TYPED | {"form_key": "x"}).status_code == 403
    assert typing.placed == []

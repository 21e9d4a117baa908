"""What the pages say of an order that its shop has changed, and what staff may do about it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.console.changes import GERMAN, told_changes
from chalicelib.console.remarks import told_remarks
from chalicelib.domain import events, revision
from chalicelib.domain.order import Bought, LineKind, Order
from tests.console.conftest import House, outline
from tests.events import ANNA, NOW, bought, eur, line, order
from tests.histories import document

LATER = NOW + timedelta(hours=1)
REPORT = events.ShopChangeReported(
    at=NOW, modified_at=LATER, changes=("total 10.00 EUR → 20.00 EUR", "delivery address")
)
NEW = bought(line(quantity=2), modified_at=LATER)


def keep(house: House, *facts: events.Fact, reported: Bought = NEW) -> Order:
    """Put an order with an open change into the store."""
    one = order(*facts)
    house.keep(one)
    return house.orders.append(house.load(), [REPORT], reported=reported)


def test_staff_take_over_what_the_shop_has_changed(house: House) -> None:
    """They read what it is, press one button, and the order is as in the shop."""
    keep(house)
    house.log_in()
    page = outline(house.get("/console/orders/o1").body).text
    assert "Summe 10,00 € → 20,00 €; Lieferadresse" in page
    assert "Übernehmen" in page
    assert house.act("take-over").status_code == 303
    assert house.load().bought == NEW
    done = outline(house.get("/console/orders/o1?done=take-over").body).text
    assert "Die Bestellung ist jetzt wie im Shop." in done
    assert "Bestellung geändert" in done
    assert "Übernehmen" not in done


def test_what_an_invoice_stands_against_has_no_button(house: House) -> None:
    """And who sends the form all the same reads why not."""
    keep(house, document("invoice"))
    house.log_in()
    assert "Übernehmen" not in outline(house.get("/console/orders/o1").body).text
    answer = house.act("take-over")
    assert answer.status_code == 422
    assert "Die Rechnung sagt etwas anderes." in outline(answer.body).text


def test_remarks_of_the_shop_are_read_and_released(house: House) -> None:
    """As the connector words them, and harmless."""
    house.keep(order(events.ShopRemarked(at=NOW, text="A <b>test</b> order.")))
    house.log_in()
    answer = house.get("/console/orders/o1")
    assert "Hinweis aus dem Shop" in outline(answer.body).text
    assert b"A &lt;b&gt;test&lt;/b&gt; order." in answer.body
    assert house.act("release", {"code": "shop_remark"}).status_code == 303
    assert house.load().is_released("shop_remark")


def test_one_number_of_two_shops_finds_both_and_names_the_shops(house: House) -> None:
    """Each leads to its own order."""
    for name in ("woo", "two"):
        what = bought(connection_id=f"demo-{name}")
        house.keep(replace(order(what=what), id=f"o{name}"))
    house.log_in()
    answer = house.get("/console?number=1042")
    page = outline(answer.body)
    assert "Laden Leipzig" in page.text
    assert "Laden Berlin" in page.text
    assert {"/console/orders/owoo", "/console/orders/otwo"} <= set(page.links)


def test_the_customer_reads_that_the_order_was_changed(house: House) -> None:
    """With the day, and a deposit by its name."""
    deposit = line(None, price="0.25", kind=LineKind.DEPOSIT, line_id="d")
    revised = events.OrderRevised(
        at=LATER, modified_at=LATER, changes=("total",), is_about_goods=True
    )
    one = order(revised, what=bought(line(), deposit))
    house.keep(one)
    page = outline(house.get(f"/s/{one.customer_token}").body).text
    assert "Geändert am 23.11.2026; hier steht der neue Stand." in page
    assert "Pfand 0,25 €" in page


OLD = bought(line("A", quantity=2), line("B"), line("C"))
EVERY = replace(
    bought(
        line("A"), replace(line("B"), total=eur("9.00")), line("D"),
        replace(line("C"), sku="C-2", name="Other"),
        number="7", email="x@y.example", phone="1", note="n", vat_id="DE1",
        buyer_reference="04011000-1234512345-06",
        invoice_form="xrechnung_cii",
        billing=replace(ANNA, city="Bonn"), shipping=replace(ANNA, city="Bonn"),
    ),
    lines=(
        line("A"), replace(line("B"), total=eur("9.00")), line("D"),
        replace(line("C"), sku="C-2", name="Other"),
    ),
)  # fmt: skip


def test_every_change_is_said_in_german() -> None:
    """What the domain words in English is known here, kind by kind."""
    gone = replace(OLD, lines=OLD.lines[:1])
    changes = [*revision.changes(OLD, EVERY), *revision.changes(OLD, gone)]
    told = [told_changes([change], "de") for change in changes]
    assert len(changes) >= len(GERMAN)
    assert [one for one, other in zip(told, changes, strict=True) if one == other] == []
    assert "Menge von Article A: 2 → 1" in told
    assert "Preis von Article B: 10,00 € → 9,00 €" in [one.replace("\u00a0", " ") for one in told]


@pytest.mark.parametrize("language", ["de", "en"])
def test_what_nobody_knows_stays_as_it_is(language: str) -> None:
    """A change of tomorrow is shown in its own words."""
    assert told_changes(["wrapped as a gift"], language) == "wrapped as a gift"


SAID = {
    "The shop gave 5.00 EUR of the money back.": "Der Shop hat 5,00 € zurückgezahlt.",
    "The customer was shown 9.00 USD; the shop keeps the order as 8.00 EUR.": (
        "Dem Kunden wurden 9,00 $ gezeigt; der Shop führt die Bestellung mit 8,00 €."
    ),
}


def test_remarks_are_said_in_german_one_by_one() -> None:
    """Several at once; a word of a shop of tomorrow stays as it is."""
    both = " ".join([*SAID, "Handle with care."])
    told = told_remarks(both, "de").replace("\u00a0", " ")
    assert told == " ".join([*SAID.values(), "Handle with care."])
    assert told_remarks(both, "en") == both


def test_every_remark_of_a_connector_is_known_in_german() -> None:
    """Read from the sources: each sentence of a `_remarks`, whatever is put into it."""
    root = Path(told_remarks.__code__.co_filename).parents[1] / "intake"
    sentences = set()
    for path in root.glob("*.py"):
        source = path.read_text(encoding="utf-8")
        sentences |= set(re.findall(r'[^.]"((?:The shop|The customer) [^"]*\.)"', source))
    texts = [re.sub(r"\{[^}]*\}", "1.00 EUR", text) for text in sentences]
    texts = [text.replace("to 1.00 EUR different", "to 2 different") for text in texts]
    remarks = [text for text in texts if "sent" not in text or "different" in text]
    assert len(remarks) >= 5
    assert [text for text in remarks if told_remarks(text, "de") == text] == []

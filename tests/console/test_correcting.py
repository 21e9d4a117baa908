"""A wrong invoice is put right on the order's page: what it does is said, one button does it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.console import staff
from chalicelib.console.words import LANGUAGES
from chalicelib.domain import buyer, events
from chalicelib.domain.order import Bought
from tests.console.conftest import SHOP, House, Outline, outline
from tests.events import NOW, bought, line, order, paid
from tests.histories import cancelled, document, refund

BILLED = (paid(), document("invoice", number="RE-1"))
FIRM = {
    "correction": "invoice", "company": "Beispiel GmbH", "name": "Anna Beispiel",
    "street": "Lindenallee 5", "zip": "50667", "city": "Köln", "country": "DE",
    "vat_id": "DE123456789",
}  # fmt: skip
REPLACED = (
    *BILLED,
    events.InvoiceWithdrawn(at=NOW, number="RE-1", reason="Firma fehlt", by="staff"),
    document("cancellation", "cancelled", number="RK-1"),
    document("invoice", "2", number="RE-2"),
)


def shown(house: House) -> Outline:
    """Return the order's page."""
    return outline(house.get("/console/orders/o1").body)


def edited(house: House, new: Bought) -> None:
    """Put a billed order with an open change of its shop into the store."""
    house.keep(order(*BILLED))
    report = events.ShopChangeReported(at=NOW, modified_at=NOW, changes=("total",))
    house.orders.append(house.load(), [report], reported=new)


def test_a_company_name_is_put_on_a_new_invoice(house: House) -> None:
    """The form says what happens to which invoice, and who hears of it."""
    house.log_in()
    house.keep(order(*BILLED))
    page = shown(house).text
    assert "RE-1 wird mit einer Rechnungskorrektur ganz aufgehoben" in page
    assert "in einer E-Mail an anna@example.com" in page
    assert house.act("correct-invoice", FIRM).status_code == 303
    after = house.load()
    assert (after.bought.billing.company, buyer.vat_id(after)) == ("Beispiel GmbH", "DE123456789")
    assert after.has(events.InvoiceWithdrawn)
    done = outline(house.get("/console/orders/o1?done=correct-invoice").body).text
    assert "die Belege werden gerade geschrieben" in done
    assert "Rechnung RE-1 zurückgezogen, eine neue folgt" in done


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_shops_change_is_taken_over_with_its_consequences(
    house: House, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new sum and what is to be paid stand beside the button."""
    monkeypatch.setattr(staff, "settings_of", lambda _: replace(SHOP, language=language))
    house.log_in()
    edited(house, bought(line(quantity=2)))
    page = shown(house).text.replace("\u00a0", " ")
    said = {
        "de": ("Rechnung über 20,00 €", "Danach sind 10,00 € zu zahlen.", "Rechnung berichtigen"),
        "en": ("new invoice for €20.00", "After that €10.00 remains to be paid.", "Correct the"),
    }
    assert [text for text in said[language] if text not in page] == []
    assert house.act("correct-invoice", {"take_over": "yes"}).status_code == 303
    assert house.load().bought.total.minor == 2000


def test_what_can_not_be_taken_over_says_why(house: House) -> None:
    """No button leads to a refusal."""
    house.log_in()
    edited(house, bought(line(price="7.00"), total="9.00"))
    page = shown(house)
    assert house.act("correct-invoice", {"take_over": "yes"}).status_code == 422
    assert "zu erstatten" not in page.text


def test_a_wrong_field_is_told_at_its_place(house: House) -> None:
    """What was typed stays."""
    house.log_in()
    house.keep(order(*BILLED))
    answer = house.act("correct-invoice", FIRM | {"country": "Deutschland"})
    assert answer.status_code == 400
    page = outline(answer.body)
    [field] = [one for one in page.fields if one.get("id") == "correcting-country"]
    assert (field["value"], field["aria-invalid"]) == ("Deutschland", "true")
    assert "Zwei Buchstaben, etwa DE." in page.text
    assert not house.load().has(events.InvoiceWithdrawn)


def test_an_invoice_that_a_refund_corrected_has_no_form(house: House) -> None:
    """The page says so instead."""
    house.log_in()
    house.keep(order(*BILLED, refund("4.00"), document("credit_note", "back-4.00")))
    assert "nach einer Erstattung schon berichtigt" in shown(house).text


def test_a_cancelled_order_has_no_form(house: House) -> None:
    """Its invoice is taken back anyway."""
    house.log_in()
    house.keep(order(*BILLED, cancelled()))
    assert "Rechnungsdaten" not in shown(house).text


def test_each_document_says_what_became_of_it(house: House) -> None:
    """Corrected by, replaced by, and which invoice a correction is on."""
    house.log_in()
    house.keep(order(*REPLACED))
    page = shown(house).text
    assert "berichtigt durch RK-1; ersetzt durch RE-2" in page
    assert "zu RE-1" in page
    assert "Firma fehlt" in page


def test_a_credit_balance_is_told_by_a_button(house: House) -> None:
    """Beside the task that names what was paid too much, until the customer knows."""
    house.log_in()
    house.keep(order(paid("12.00"), document("invoice")))
    assert "Guthaben mitteilen" in shown(house).text
    assert house.act("credit-balance").status_code == 303
    assert house.load().has(events.CreditBalanceTold)
    page = shown(house).text.replace("\u00a0", " ")
    assert "Guthaben mitteilen" not in page
    assert "Guthaben von 2,00 € wird mitgeteilt" in page

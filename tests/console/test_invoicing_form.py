"""How the buyer is invoiced, on the order's page: asked until the invoice is there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.console import staff
from chalicelib.console.words import LANGUAGES
from chalicelib.domain import events
from chalicelib.domain.forms import FORMS
from tests.console.conftest import SHOP, House, Outline, outline
from tests.events import bought, order
from tests.histories import cancelled, document

LEITWEG = "04011000-1234512345-06"


def shown(house: House) -> Outline:
    """Return the order's page."""
    return outline(house.get("/console/orders/o1").body)


def field(page: Outline, name: str) -> dict[str, str | None]:
    """Return one of its fields."""
    (found,) = [one for one in page.fields if one.get("id") == name]
    return found


def test_a_leitweg_id_is_kept_and_shown(house: House) -> None:
    """With the form that was wished for; the next look shows both."""
    house.log_in()
    house.keep(order())
    form = {"buyer_reference": f" {LEITWEG} ", "form": "xrechnung_ubl"}
    assert house.act("invoicing", form).status_code == 303
    chosen = house.load().last(events.InvoicingChosen)
    assert chosen
    assert (chosen.buyer_reference, chosen.form, chosen.by) == (LEITWEG, "xrechnung_ubl", "staff")
    page = shown(house)
    assert field(page, "invoicing-reference")["value"] == LEITWEG
    assert "XRechnung (UBL)" in page.text


def test_the_customers_number_and_vat_id_are_kept_and_shown(house: House) -> None:
    """And a VAT ID that cannot be one is told at its field."""
    house.log_in()
    house.keep(order())
    wrong = outline(house.act("invoicing", {"vat_id": "DE12", "order_reference": "B-7"}).body)
    assert field(wrong, "invoicing-vat_id")["aria-invalid"] == "true"
    assert field(wrong, "invoicing-order")["value"] == "B-7"
    house.act("invoicing", {"vat_id": "de 313233343", "order_reference": "B-7"})
    page = shown(house)
    assert field(page, "invoicing-vat_id")["value"] == "DE313233343"
    assert "Bestellnummer des Kunden: B-7" in page.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mistyped_leitweg_id_is_told_at_its_field(
    house: House, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was typed stays, nothing is written, and only that field is marked."""
    monkeypatch.setattr(staff, "settings_of", lambda _: replace(SHOP, language=language))
    house.log_in()
    house.keep(order())
    wrong = {"buyer_reference": f"{LEITWEG[:-1]}7", "form": "xrechnung_cii"}
    answer = house.act("invoicing", wrong)
    assert answer.status_code == 400
    page = outline(answer.body)
    told = field(page, "invoicing-reference")
    assert (told["value"], told["aria-invalid"]) == (wrong["buyer_reference"], "true")
    assert "aria-invalid" not in field(page, "invoicing-form")
    assert {"de": "Die letzten beiden Ziffern", "en": "the last two digits"}[language] in page.text
    assert "selected>XRechnung (CII)" in answer.body.decode()
    assert not house.load().has(events.InvoicingChosen)


def test_a_form_that_there_is_not_is_refused(house: House) -> None:
    """Whoever forges the list gets the same list back."""
    house.log_in()
    house.keep(order())
    page = outline(house.act("invoicing", {"form": "fax"}).body)
    assert field(page, "invoicing-form")["aria-invalid"] == "true"
    assert "Wählen Sie eine Form" in page.text


def test_what_the_shop_has_said_stands_in_the_form(house: House) -> None:
    """So that nobody types it a second time."""
    house.log_in()
    house.keep(order(what=bought(buyer_reference=LEITWEG, vat_id="DE123456789")))
    page = shown(house)
    assert field(page, "invoicing-reference")["value"] == LEITWEG
    assert "USt-IdNr. des Kunden DE123456789" in page.text


@pytest.mark.parametrize("over", [document("invoice"), cancelled()])
def test_nothing_is_asked_once_it_changes_nothing(house: House, over: events.Fact) -> None:
    """The invoice is issued, or there will be none; a form sent late is told so."""
    house.log_in()
    house.keep(order(over))
    assert "Form der Rechnung" not in shown(house).text
    late = house.act("invoicing", {"form": FORMS[0]})
    assert late.status_code == (409 if isinstance(over, events.DocumentIssued) else 303)

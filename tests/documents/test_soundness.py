"""What is no invoice is held before a number is drawn, by the name of the field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.documents import electronic
from chalicelib.documents.facts import InvoiceFacts, Party, freeze
from chalicelib.domain.errors import NeedsHuman
from tests.documents import einvoices, samples

Change = Callable[[InvoiceFacts], InvoiceFacts]


def line_with(**changes: object) -> Change:
    """Return what changes the first line."""

    def changed(facts: InvoiceFacts) -> InvoiceFacts:
        first, *rest = facts.lines
        return replace(facts, lines=(replace(first, **changes), *rest))  # type: ignore[arg-type]

    return changed


def with_(**changes: object) -> Change:
    """Return what changes the facts."""
    return lambda facts: replace(facts, **changes)  # type: ignore[arg-type]


def sums_with(**changes: int) -> Change:
    """Return what changes the sums."""
    return lambda facts: replace(facts, totals=replace(facts.totals, **changes))


def sender_with(**changes: str) -> Change:
    """Return what changes the merchant."""
    return lambda facts: replace(facts, sender=replace(facts.sender, **changes))


def tax_off(facts: InvoiceFacts) -> InvoiceFacts:
    """Move two cents from the net of a rate to its tax."""
    first, *rest = facts.taxes
    moved = replace(first, net=first.net - 2, tax=first.tax + 2)
    sums = replace(facts.totals, net=facts.totals.net - 2, tax=facts.totals.tax + 2)
    return replace(facts, taxes=(moved, *rest), totals=sums)


@pytest.mark.parametrize("name", einvoices.CASES)
def test_a_sound_invoice_passes(name: str) -> None:
    """What the official rules accept, the cheap checks accept."""
    kind, facts = einvoices.CASES[name]
    electronic.check(kind, freeze(facts))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (with_(lines=(), charges=()), "lines: there is nothing"),
        (line_with(name=" "), r"lines\[1\].name: is empty"),
        (line_with(quantity=0), r"lines\[1\].quantity: is empty"),
        (line_with(total=1291), "lines: add up to"),
        (sums_with(gross=12761), "lines: add up to"),
        (sums_with(net=10846), "taxes.net: add up"),
        (sums_with(tax=1914), "taxes.tax: add up"),
        (sums_with(due=12759), "totals.due: add up"),
        (sums_with(redeemed=1), "totals.due: add up"),
        (tax_off, r"taxes.19: \d+ is not the tax"),
        (sender_with(iban="DE03120300000000202051"), "settings.iban"),
        (sender_with(tax_number="", vat_id="nonsense"), "settings.vat_id"),
        (sender_with(name=""), "settings.name"),
        (sender_with(city=""), "settings.city"),
        (with_(issued_on="2026-02-30"), "issued_on: '2026-02-30' is no day"),
        (with_(supplied_until="2026-11-01"), "supplied_until: is before"),
        (with_(bill_to=Party(city="Bremen", street="Am Markt 1")), "billing.name"),
        (with_(tax_treatment="reverse_charge", vat_id="AT1"), "vat_id: a supply without tax"),
    ],
)
def test_what_is_wrong_is_held_by_its_field(change: Change, says: str) -> None:
    """§ 14 UStG, the sums to the cent, dates and the account."""
    facts = change(einvoices.usual())
    with pytest.raises(NeedsHuman, match=says):
        electronic.check("invoice", freeze(facts))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (sender_with(phone=""), "settings.phone"),
        (sender_with(email=""), "settings.email"),
        (sender_with(zip=""), "settings.zip"),
        (with_(buyer_reference=""), "buyer_reference"),
        (with_(bill_to=replace(einvoices.CITY_HALL, zip="")), "billing.zip"),
    ],
)
def test_an_xrechnung_needs_more(change: Change, field: str) -> None:
    """Whom to ask, where to send it, and by what it is routed."""
    facts = change(einvoices.public("xrechnung_cii"))
    with pytest.raises(NeedsHuman, match=f"{field}: an electronic invoice cannot do without"):
        electronic.check("invoice", freeze(facts))


def test_over_250_euros_the_buyer_has_an_address() -> None:
    """§ 33 UStDV: below, an invoice may do without."""
    nobody = Party(name="Anna")
    small = samples.unpaid(2, bill_to=nobody)
    electronic.check("invoice", freeze(small))
    large = samples.unpaid(12, bill_to=nobody)
    with pytest.raises(NeedsHuman, match=r"billing.street: an invoice over 250 €"):
        electronic.check("invoice", freeze(large))


@pytest.mark.parametrize("name", ["王小明", "محمد علي", "Anna 🎉 Beispiel", "\x00An\x0bna\ufeff"])
def test_a_name_of_any_script_stays_what_it_is(name: str) -> None:
    """What the page cannot print, the XML says; only what XML may not hold is left out."""
    facts = einvoices.usual(bill_to=replace(samples.CUSTOMER, name=name))
    electronic.check("invoice", freeze(facts))
    xml = electronic.embedded("invoice", freeze(facts))
    assert name.replace("\x00", "").replace("\x0b", "") in xml

"""The documents are the same to the byte as those whose pictures somebody has looked at.

`python -m tests.documents.test_golden` writes pictures and sums anew; look at every picture that
changed before committing it.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from chalicelib.documents.facts import Charge, Party, freeze
from chalicelib.documents.papers import Paper
from chalicelib.documents.pdf import render
from tests.documents import paper_samples, reading, samples

GOLDEN = Path(__file__).parent.parent / "golden" / "documents"
DPI = 75
SUMS = GOLDEN / "SHA256SUMS"

ABROAD = Party(
    name="Ada Lovelace",
    company="Analytical Engines Inc.",
    street="1200 SW Main St",
    street2="Apt 4",
    city="Portland",
    region="OR",
    zip="97201",
    country="US",
)
DISCOUNTED = (
    Charge(kind="shipping", amount=490, tax_rate="19"),
    Charge(kind="discount", amount=-1000, tax_rate="19", name="HERBST10"),
)
DOCUMENTS: dict[str, tuple[str, Paper]] = {
    "invoice-paid-de": ("invoice", samples.invoice()),
    "invoice-unpaid-de-12-lines": ("invoice", samples.unpaid(12, charges=DISCOUNTED)),
    "invoice-paid-en-no-logo": (
        "invoice",
        samples.invoice(
            language="en", bill_to=ABROAD, sender=replace(samples.SENDER, logo=""), currency="USD"
        ),
    ),
    "credit-note-de": ("credit_note", samples.credit_note()),
    "credit-note-en": (
        "credit_note",
        samples.credit_note(language="en", reason="Return of 30 Nov"),
    ),
    "cancellation-de": ("cancellation", samples.cancellation()),
    "cancellation-en-12-lines": (
        "cancellation",
        samples.cancellation(12, language="en", reason="The order was cancelled."),
    ),
    "delivery-note-de": ("delivery_note", samples.delivery_note()),
    "delivery-note-en-12-lines": ("delivery_note", samples.delivery_note(12, language="en")),
    "packing-slip-de": ("packing_slip", paper_samples.packing_slip()),
    "packing-slip-en": ("packing_slip", paper_samples.packing_slip(language="en")),
    "pick-list-de": ("pick_list", paper_samples.pick_list()),
    "pick-list-en-4-orders": ("pick_list", paper_samples.pick_list(12, 4, language="en")),
    "return-slip-de": ("return_slip", paper_samples.return_slip()),
    "return-slip-en": ("return_slip", paper_samples.return_slip(language="en")),
    "credit-balance-de": ("credit_balance", paper_samples.credit_balance()),
    "credit-balance-en": ("credit_balance", paper_samples.credit_balance(language="en")),
    "reminder-de": ("payment_reminder", paper_samples.reminder()),
    "reminder-en": (
        "payment_reminder",
        paper_samples.dunning("payment_reminder", "en"),
    ),
    "dunning-1-de": ("dunning_1", paper_samples.dunning("dunning_1")),
    "dunning-1-en": ("dunning_1", paper_samples.dunning("dunning_1", "en")),
    "dunning-2-de": ("dunning_2", paper_samples.dunning("dunning_2")),
    "dunning-2-en": ("dunning_2", paper_samples.dunning("dunning_2", "en")),
    "label-de": ("label", samples.label()),
    "label-en-heavy": (
        "label",
        samples.label(language="en", ship_to=ABROAD, weight_g=12_000, parcel=2, parcels=3),
    ),
}


def made(name: str) -> bytes:
    """Return a document as it is filed."""
    kind, facts = DOCUMENTS[name]
    return render(kind, freeze(facts))


def drawn(name: str) -> Image.Image:
    """Draw all pages of a document below each other."""
    pdf = made(name)
    pages = [reading.picture(pdf, i, DPI) for i in range(len(reading.sizes_mm(pdf)))]
    sheet = Image.new("L", (pages[0].width, sum(page.height for page in pages)), 255)
    for i, page in enumerate(pages):
        sheet.paste(page, (0, i * pages[0].height))
    return sheet


def approved() -> dict[str, str]:
    """Return the sums of the approved documents by their names."""
    rows = [row.split("  ") for row in SUMS.read_text(encoding="utf-8").splitlines()]
    return {name: found for found, name in rows}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_the_one_that_was_approved(name: str) -> None:
    """No change of a template, a font or a tool alters what customers get without being seen."""
    assert hashlib.sha256(made(name)).hexdigest() == approved()[name]


def test_every_golden_document_has_its_picture() -> None:
    """What was approved can be looked at, and nothing is left of a document that is gone."""
    assert {path.stem for path in GOLDEN.glob("*.png")} == set(DOCUMENTS) == set(approved())


def test_twelve_lines_are_one_page_in_every_kind_of_paper() -> None:
    """Neither wrapped lines nor a discount push sums, account or code to another page."""
    for name in DOCUMENTS:
        if name.endswith("12-lines"):
            assert len(reading.sizes_mm(made(name))) == 1, name


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for each in DOCUMENTS:
        drawn(each).save(GOLDEN / f"{each}.png", optimize=True)
    rows = [f"{hashlib.sha256(made(each)).hexdigest()}  {each}\n" for each in DOCUMENTS]
    SUMS.write_text("".join(rows), encoding="utf-8")

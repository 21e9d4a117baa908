"""How the documents look: compared with pictures somebody has looked at.

`python -m tests.documents.test_golden` draws them anew; look at every one before committing it.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from chalicelib.documents.facts import Charge, Party, freeze
from chalicelib.documents.papers import Paper
from chalicelib.documents.pdf import render
from tests.documents import paper_samples, reading, samples

GOLDEN = Path(__file__).parent.parent / "golden" / "documents"
DPI = 75
# The mean difference of a pixel, of 255: a paler grey is 0.3, a line moved by 0.3 mm is 2.
TOLERANCE = 0.15

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
    "delivery-note-de": ("delivery_note", samples.delivery_note()),
    "delivery-note-en-12-lines": ("delivery_note", samples.delivery_note(12, language="en")),
    "packing-slip-de": ("packing_slip", paper_samples.packing_slip()),
    "pick-list-de": ("pick_list", paper_samples.pick_list()),
    "pick-list-en-4-orders": ("pick_list", paper_samples.pick_list(12, 4, language="en")),
    "return-slip-de": ("return_slip", paper_samples.return_slip()),
    "credit-balance-de": ("credit_balance", paper_samples.credit_balance()),
    "reminder-de": ("payment_reminder", paper_samples.reminder()),
    "label-de": ("label", samples.label()),
    "label-en-heavy": (
        "label",
        samples.label(language="en", ship_to=ABROAD, weight_g=12_000, parcel=2, parcels=3),
    ),
}


def drawn(name: str) -> Image.Image:
    """Draw all pages of a document below each other."""
    kind, facts = DOCUMENTS[name]
    pdf = render(kind, freeze(facts))
    pages = [reading.picture(pdf, i, DPI) for i in range(len(reading.sizes_mm(pdf)))]
    sheet = Image.new("L", (pages[0].width, sum(page.height for page in pages)), 255)
    for i, page in enumerate(pages):
        sheet.paste(page, (0, i * pages[0].height))
    return sheet


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_looks_as_it_was_approved(name: str) -> None:
    """No change of a template, a font or a tool alters what customers see without being seen."""
    golden, now = Image.open(GOLDEN / f"{name}.png").convert("L"), drawn(name)
    assert golden.size == now.size
    difference = ImageStat.Stat(ImageChops.difference(golden, now)).mean[0]
    assert difference < TOLERANCE


def test_every_golden_picture_has_its_document() -> None:
    """No picture is left of a document that is gone."""
    assert {path.stem for path in GOLDEN.glob("*.png")} == set(DOCUMENTS)


if __name__ == "__main__":
    GOLDEN.mkdir(parents=True, exist_ok=True)
    for each in DOCUMENTS:
        drawn(each).save(GOLDEN / f"{each}.png", optimize=True)

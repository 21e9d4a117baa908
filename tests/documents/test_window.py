"""Nothing is clipped: an address keeps to the window of DIN 5008 form B, all of it to the paper."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pypdfium2
import pytest

from chalicelib.documents.facts import freeze
from chalicelib.documents.pdf import render
from tests.documents import paper_samples, samples

if TYPE_CHECKING:
    from chalicelib.documents.papers import Paper

MM = 25.4 / 72
LONG = ("Donaudampfschifffahrtsgesellschaft" * 12)[:400]
PARTY = replace(samples.CUSTOMER, company=LONG, name=LONG)
NAMELESS = replace(samples.SENDER, logo="", name=LONG)


def letters(language: str) -> dict[str, tuple[str, Paper]]:
    """Return every letter that a window shows, to somebody with two names of 400 letters."""
    return {
        "invoice": ("invoice", samples.invoice(bill_to=PARTY, language=language)),
        "correction": ("credit_note", samples.credit_note(bill_to=PARTY, language=language)),
        "note": ("delivery_note", samples.delivery_note(ship_to=PARTY, language=language)),
        "slip": ("packing_slip", paper_samples.packing_slip(ship_to=PARTY, language=language)),
        "return": (
            "return_slip",
            paper_samples.return_slip(send_to=PARTY, customer=PARTY, language=language),
        ),
        "reminder": ("payment_reminder", paper_samples.reminder(to=PARTY, language=language)),
        "nameless": ("dunning_2", paper_samples.reminder(to=PARTY, sender=NAMELESS)),
    }


def boxes(pdf: bytes) -> list[tuple[str, float, float, float, float]]:
    """Return each letter of the first page: left, right, and how far from the top, in mm."""
    with pypdfium2.PdfDocument(pdf) as document:
        page, height = document[0], document[0].get_height()
        text = page.get_textpage()
        signs = text.get_text_range()
        found = [(sign, text.get_charbox(i)) for i, sign in enumerate(signs) if sign.strip()]
        return [
            (sign, x0 * MM, x1 * MM, (height - y1) * MM, (height - y0) * MM)
            for sign, (x0, y0, x1, y1) in found
        ]


@pytest.mark.parametrize("language", ["de", "en"])
@pytest.mark.parametrize("name", letters("de"))
def test_an_address_of_long_names_is_whole_and_in_the_window(name: str, language: str) -> None:
    """The window lies 20 mm from the left and 45 mm from the top, 85 mm wide and 45 mm high."""
    kind, facts = letters(language)[name]
    every = boxes(render(kind, freeze(facts)))
    seen = [one for one in every if one[2] <= 105 and one[3] >= 45 and one[4] <= 90]
    text = "".join(sign for sign, *_ in seen).replace("\u200b", "")
    assert text.count(LONG) >= 2
    assert f"{PARTY.street}{PARTY.zip}{PARTY.city}".replace(" ", "") in text
    assert min(left for _, left, *_ in seen) >= 20
    assert len({round(top) for *_, top, _ in seen}) > 8  # lines do not lie upon each other


@pytest.mark.parametrize("name", letters("de"))
def test_every_letter_lies_on_the_paper(name: str) -> None:
    """Not even a sender with a name of 400 letters is cut off at an edge."""
    kind, facts = letters("de")[name]
    every = boxes(render(kind, freeze(facts)))
    assert min(left for _, left, *_ in every) >= 20
    assert max(right for _, _, right, *_ in every) <= 191
    assert max(bottom for *_, bottom in every) <= 295

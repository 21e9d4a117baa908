"""Documents as PDF: sound, accessible, archivable, and the same bytes every time."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.documents.facts import Charge, Party, freeze
from chalicelib.documents.papers import Paper
from chalicelib.documents.pdf import check, render
from chalicelib.domain.errors import Permanent
from tests.documents import paper_samples, reading, samples

DOCUMENTS: dict[str, tuple[str, Paper]] = {
    "a paid invoice": ("invoice", samples.invoice()),
    "an unpaid invoice": ("invoice", samples.unpaid()),
    "an English invoice": ("invoice", samples.unpaid(language="en")),
    "an invoice of twelve lines": ("invoice", samples.unpaid(12)),
    "a credit note": ("credit_note", samples.credit_note()),
    "a delivery note": ("delivery_note", samples.delivery_note()),
    "a packing slip": ("packing_slip", paper_samples.packing_slip()),
    "a pick list": ("pick_list", paper_samples.pick_list(12, 4)),
    "a return slip": ("return_slip", paper_samples.return_slip()),
    "a credit balance": ("credit_balance", paper_samples.credit_balance()),
    "an English reminder": ("payment_reminder", paper_samples.reminder(language="en")),
    "a label": ("label", samples.label()),
}
every_document = pytest.mark.parametrize(("kind", "facts"), DOCUMENTS.values(), ids=DOCUMENTS)


@every_document
def test_a_document_is_sound(kind: str, facts: Paper) -> None:
    """A strict reader finds nothing to complain about."""
    assert reading.faults(render(kind, freeze(facts))) == []


@every_document
def test_a_document_can_be_archived_and_read_aloud(kind: str, facts: Paper) -> None:
    """PDF/A-3b for the archive, PDF/UA-1 for people who do not see it, in its language."""
    claims = reading.claims(render(kind, freeze(facts)))
    assert claims["pdfa"] == "3B"
    assert claims["pdfua"] == "1"
    assert claims["tagged"] == "True"
    assert claims["language"] == facts.language
    assert facts.number in claims["title"]


@every_document
def test_every_font_is_embedded_as_a_subset(kind: str, facts: Paper) -> None:
    """A document looks the same everywhere and carries only the letters it needs."""
    pdf = render(kind, freeze(facts))
    assert reading.fonts(pdf)
    assert all("+Inter" in name for name in reading.fonts(pdf))
    assert len(pdf) < 80_000


@every_document
def test_the_same_facts_give_the_same_bytes(kind: str, facts: Paper) -> None:
    """Facts that went through JSON and back render to the identical file."""
    thawed = json.loads(json.dumps(freeze(facts)))
    assert render(kind, thawed) == render(kind, freeze(facts))


def test_another_process_in_another_time_zone_gives_the_same_bytes() -> None:
    """A retry on another machine overwrites the archive with what is already there."""
    script = (
        "import hashlib, sys, json; from chalicelib.documents.pdf import render;"
        "print(hashlib.sha256(render('invoice', json.load(sys.stdin))).hexdigest())"
    )
    frozen = freeze(samples.unpaid())
    answer = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps(frozen),
        capture_output=True,
        text=True,
        check=True,
        env={"TZ": "Pacific/Auckland", "PYTHONPATH": ":".join(sys.path)},
    )
    assert answer.stdout.strip() == hashlib.sha256(render("invoice", frozen)).hexdigest()


@every_document
def test_a_document_can_be_checked_before_a_number_is_drawn(kind: str, facts: Paper) -> None:
    """The cheap check accepts whatever can be printed."""
    check(kind, freeze(facts))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"issued_on": "tomorrow"}, "document_facts_unreadable"),
        ({"currency": "XXQ"}, "document_facts_unreadable"),
        ({"lines": "none"}, "document_facts_unreadable"),
        ({"language": "fr"}, "document_facts_unreadable"),
        ({"sender": {}}, "document_facts_unreadable"),
    ],
)
def test_facts_of_the_wrong_shape_are_refused(change: dict[str, Any], code: str) -> None:
    """Whatever cannot be printed is a known problem with a code, before any number is drawn."""
    with pytest.raises(Permanent) as caught:
        check("invoice", {**freeze(samples.invoice()), **change})
    assert caught.value.code == code


def test_an_unknown_kind_is_refused() -> None:
    """There is no template for what nobody designed."""
    with pytest.raises(Permanent, match="receipt"):
        render("receipt", freeze(samples.invoice()))


@pytest.mark.parametrize("logo", ["https://shop.example/logo.png", "data:image/png;base64,AAAA"])
def test_a_logo_that_is_no_picture_is_refused(logo: str) -> None:
    """A logo is SVG markup or a PNG; links are not followed."""
    facts = samples.invoice(sender=replace(samples.SENDER, logo=logo))
    with pytest.raises(Permanent, match="logo"):
        render("invoice", freeze(facts))


@pytest.mark.parametrize(
    "inside",
    [
        '<image href="file:///etc/passwd" width="9" height="9"/>',
        '<image href="https://shop.example/x.png" width="9" height="9"/>',
    ],
)
def test_a_logo_reaches_nothing_outside_itself(inside: str) -> None:
    """A merchant's SVG cannot pull files or links into a document."""
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{inside}</svg>'
    facts = samples.invoice(sender=replace(samples.SENDER, logo=svg))
    with pytest.raises(Permanent):
        render("invoice", freeze(facts))


@pytest.mark.parametrize(
    "logo",
    [
        '<!DOCTYPE svg [<!ENTITY a "a">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        '<svg xmlns="http://www.w3.org/2000/svg"><image href="https://shop.example/x.png"/></svg>',
        samples.PNG_LOGO[:60],
        "data:image/png;base64," + "A" * 50_000_000,
    ],
    ids=["entity", "link", "cut off", "50 MB"],
)
def test_a_hostile_logo_is_refused_before_a_number_is_drawn(logo: str) -> None:
    """An older merchant's settings were never looked at, so issuing looks too."""
    facts = samples.invoice(sender=replace(samples.SENDER, logo=logo))
    with pytest.raises(Permanent, match="logo"):
        check("invoice", freeze(facts))


def test_a_png_logo_is_printed() -> None:
    """A merchant without a vector logo has a logo all the same."""
    facts = samples.invoice(sender=replace(samples.SENDER, logo=samples.PNG_LOGO))
    with_logo = render("invoice", freeze(facts))
    assert reading.faults(with_logo) == []
    assert reading.picture(with_logo, dpi=36).getpixel((42, 32)) < 128


MARKUP = '#read("/etc/passwd") *bold* $x$ @ref #pagebreak() [b] \\ // = Title'


def test_what_customers_write_is_never_markup() -> None:
    """Text that looks like the typesetter's commands is printed literally."""
    line = replace(samples.lines(1)[0], name=MARKUP)
    pdf = render("invoice", freeze(samples.invoice(lines=(line,))))
    assert MARKUP in " ".join(reading.text_of(pdf).split())


@pytest.mark.parametrize(
    "name", ["王小明", "Ж🔥", "\u0000\ufeff", "שלום", "\ud800", "e\u0301ﬁ\ufffd"]
)
def test_no_name_stops_a_document(name: str) -> None:
    """Letters that no bundled font holds are replaced, never an error."""
    party = Party(name=name, street=name, city=name, zip="1", country="DE")
    line = replace(samples.lines(1)[0], name=name, details=name, sku=name)
    facts = samples.invoice(bill_to=party, lines=(line,), notes=(name,), customer_reference=name)
    assert render("invoice", freeze(facts)).startswith(b"%PDF")


def test_two_hundred_lines_keep_their_head_and_page_numbers() -> None:
    """Each following page names the document, repeats the table's head and counts itself."""
    pages = reading.pages_text(render("invoice", freeze(samples.invoice(200))))
    assert len(pages) > 5
    for i, page in enumerate(pages, 1):
        assert f"Seite {i} von {len(pages)}" in page
        assert "RE-2026-1042" in page
        assert "Menge" in page
    assert "Gesamtbetrag" in pages[-1]
    assert "200" in pages[-1].split()


@pytest.mark.parametrize("count", range(8, 17))
def test_the_sums_never_stand_on_a_page_alone(count: int) -> None:
    """At least the last line stays with the sums, wherever the page breaks."""
    pages = reading.pages_text(render("invoice", freeze(samples.invoice(count))))
    with_sums = next(page for page in pages if "Gesamtbetrag" in page)
    assert samples.ARTICLES[(count - 1) % 4][0] in with_sums


def test_a_correction_of_nothing_but_postage_can_be_printed() -> None:
    """A credit note may have charges and no lines at all."""
    charges = (Charge(kind="shipping", amount=490, tax_rate="19"),)
    facts = samples.credit_note(lines=(), charges=charges)
    text = " ".join(reading.text_of(render("credit_note", freeze(facts))).split())
    assert "Versandkosten 4,90 €" in text
    assert "Korrekturbetrag 4,90 €" in text

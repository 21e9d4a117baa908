"""The hybrid invoice: a PDF for people that holds the same invoice for machines."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.documents import xmp
from chalicelib.documents.facts import freeze
from chalicelib.documents.pdf import render
from tests.documents import einvoices, reading, samples

HYBRID = ("domestic-19", "gross-12-lines", "credit-note", "swiss-francs")


def drawn(name: str) -> bytes:
    """Return the PDF of a case."""
    kind, facts = einvoices.CASES[name]
    return render(kind, freeze(facts))


@pytest.mark.parametrize("name", HYBRID)
def test_a_hybrid_invoice_is_pdf_a_3_and_says_what_it_holds(name: str) -> None:
    """Attachment, relationship, metadata, output intent; tagged and sound as every document."""
    pdf = drawn(name)
    assert reading.hybrid_faults(pdf) == []
    claims = reading.claims(pdf)
    assert (claims["pdfa"], claims["pdfua"], claims["tagged"]) == ("3B", "1", "True")


def test_the_attachment_is_the_invoice_that_the_rules_were_asked_about() -> None:
    """Byte for byte; and the file has the name and the type that readers look for."""
    relation, mime, content = reading.attached(drawn("domestic-19"))["factur-x.xml"]
    assert (relation, mime) == ("/Alternative", "/text/xml")
    assert content.decode() == einvoices.xml_of("domestic-19")


def test_the_same_facts_give_the_same_hybrid() -> None:
    """The archive holds what a second rendering gives again."""
    assert drawn("domestic-19") == drawn("domestic-19")


@pytest.mark.parametrize("form", ["", "pdf", "xrechnung_cii", "xrechnung_ubl"])
def test_only_a_hybrid_has_an_attachment(form: str) -> None:
    """Two originals of one invoice would be one too many; the old ones stay as they were."""
    facts = replace(einvoices.usual(), einvoice=form)
    assert reading.attached(render("invoice", freeze(facts))) == {}


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        (b"/AFRelationship/Alternative", b"/AFRelationship/Data       ", "not an alternative"),
        (b"<fx:ConformanceLevel>EN 16931", b"<fx:ConformanceLevel>BASIC   ", "no Factur-X"),
        (b"/AF[", b"/Af[", "another file is named"),
        (b"<pdfaid:part>3", b"<pdfaid:part>2", "not PDF/A-3 B"),
        (b"/OutputIntents", b"/OutputIntent5", "no output intent"),
    ],
)
def test_a_hybrid_that_is_broken_is_noticed(old: bytes, new: bytes, fault: str) -> None:
    """The check would see it if one of these were forgotten."""
    broken = drawn("domestic-19").replace(old, new)
    assert any(found.startswith(fault) for found in reading.hybrid_faults(broken))


def test_a_pdf_without_metadata_is_not_made_a_hybrid() -> None:
    """A file of another engine is refused, not spoiled."""
    with pytest.raises(ValueError, match="metadata"):
        xmp.announced(b"%PDF-1.7\n%%EOF")
    with pytest.raises(ValueError, match="metadata"):
        xmp.announced(render("label", freeze(samples.label())).replace(b"pdfaExt", b"pdfaEx_"))

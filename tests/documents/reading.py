"""A second pair of eyes on a PDF: its text, its pixels, its codes and its soundness."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pikepdf
import pypdfium2
import zxingcpp

if TYPE_CHECKING:
    from PIL.Image import Image

DPI_OF_PDF = 72
FACTUR_X = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"


def pages_text(pdf: bytes) -> list[str]:
    """Return the text of each page as a reader copies it."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            page.get_textpage().get_text_bounded().replace("\r\n", "\n").replace("\u200b", "")
            for page in document
        ]


def text_of(pdf: bytes) -> str:
    """Return the whole text with plain spaces."""
    return "\n".join(pages_text(pdf)).replace("\u00a0", " ")


def picture(pdf: bytes, page: int = 0, dpi: int = 203) -> Image:
    """Return one page in grey, by default as a thermal printer of 203 dpi would print it."""
    with pypdfium2.PdfDocument(pdf) as document:
        return document[page].render(scale=dpi / DPI_OF_PDF, grayscale=True).to_pil()


def codes(pdf: bytes, dpi: int = 203) -> dict[str, str]:
    """Return what the barcodes on the first page say, by their kind."""
    found = zxingcpp.read_barcodes(picture(pdf, dpi=dpi))
    return {code.format.name: code.text for code in found}


def faults(pdf: bytes) -> list[str]:
    """Return what a strict reader finds wrong with the file; nothing if it is sound."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return [str(problem) for problem in document.check_pdf_syntax()]


def claims(pdf: bytes) -> dict[str, str]:
    """Return the standards the file says it keeps, and its language and title."""
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as metadata:
        return {
            "pdfa": f"{metadata.get('pdfaid:part')}{metadata.get('pdfaid:conformance')}",
            "pdfua": str(metadata.get("pdfuaid:part")),
            "language": str(document.Root.Lang),
            "title": str(metadata.get("dc:title")),
            "tagged": str(bool(document.Root.MarkInfo.Marked)),
        }


def fonts(pdf: bytes) -> set[str]:
    """Return the names of the fonts, `+` after the tag of an embedded subset."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {
            str(part.get("/FontName"))
            for part in document.objects
            if isinstance(part, pikepdf.Dictionary) and part.get("/Type") == "/FontDescriptor"
            if "/FontFile2" in part or "/FontFile3" in part
        }


def height_of(pdf: bytes, words: str) -> float:
    """Return how far the first occurrence of the words is from the top edge, in millimetres."""
    with pypdfium2.PdfDocument(pdf) as document:
        page = document[0]
        text = page.get_textpage()
        found = text.search(words).get_next()
        assert found is not None
        bottom = min(text.get_charbox(found[0] + i)[1] for i in range(len(words)))
        return float((page.get_height() - bottom) / DPI_OF_PDF * 25.4)


def sizes_mm(pdf: bytes) -> list[tuple[int, int]]:
    """Return the size of each page in whole millimetres."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [
            (
                round(page.get_width() / DPI_OF_PDF * 25.4),
                round(page.get_height() / DPI_OF_PDF * 25.4),
            )
            for page in document
        ]


def attached(pdf: bytes) -> dict[str, tuple[str, str, bytes]]:
    """Return the associated files by name: relationship, MIME type, content."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {
            str(spec.UF): (
                str(spec.AFRelationship),
                str(spec.EF.F.Subtype),
                bytes(spec.EF.F.read_bytes()),
            )
            for spec in document.Root.get("/AF", [])
        }


def hybrid_faults(pdf: bytes) -> list[str]:
    """Return what keeps a PDF from being a ZUGFeRD invoice: a part of PDF/A-3 and Factur-X only."""
    with pikepdf.open(io.BytesIO(pdf)) as document, document.open_metadata() as metadata:
        intents = [str(intent.S) for intent in document.Root.get("/OutputIntents", [])]
        names = document.Root.get("/Names", {}).get("/EmbeddedFiles", {}).get("/Names", [])
        listed = {str(name) for name in names if isinstance(name, pikepdf.String)}
        schemas = document.Root.Metadata.read_bytes().count(FACTUR_X.encode())
        checks = {
            "not PDF/A-3 B": metadata.get("pdfaid:part") == "3"
            and metadata.get("pdfaid:conformance") == "B",
            "no output intent": "/GTS_PDFA1" in intents,
            "no Factur-X properties": metadata.get(f"{{{FACTUR_X}}}ConformanceLevel") == "EN 16931"
            and metadata.get(f"{{{FACTUR_X}}}DocumentType") == "INVOICE",
            "properties without their schema": schemas == 2,
            "another file is named": set(attached(pdf))
            == listed
            == {str(metadata.get(f"{{{FACTUR_X}}}DocumentFileName"))},
            "not an alternative": all(
                kind == "/Alternative" for kind, _, _ in attached(pdf).values()
            ),
        }
        return [fault for fault, is_well in checks.items() if not is_well] + faults(pdf)


def all_codes(pdf: bytes, dpi: int = 300) -> set[str]:
    """Return what all codes on the first page say, as a good scanner reads them."""
    return {code.text for code in zxingcpp.read_barcodes(picture(pdf, dpi=dpi))}

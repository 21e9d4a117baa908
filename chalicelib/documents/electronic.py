"""The electronic form of an invoice: which there is, and its XML from the frozen facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.documents import cii, soundness, ubl
from chalicelib.documents.einvoice import TYPE_CODES, e_invoice
from chalicelib.documents.facts import InvoiceFacts
from chalicelib.domain.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from chalicelib.documents.einvoice import EInvoice

_WRITERS: dict[str, Callable[[EInvoice], str]] = {
    "zugferd": cii.written,
    "xrechnung_cii": cii.written,
    "xrechnung_ubl": ubl.written,
}


def embedded(kind: str, facts: Mapping[str, Any]) -> str:
    """Return the XML that lies in the PDF; nothing where the PDF is only to be looked at."""
    return _written(kind, facts) if facts.get("einvoice") == "zugferd" else ""


def separate(kind: str, facts: Mapping[str, Any]) -> str:
    """Return the XML that is a file of its own, with the PDF as its picture; else nothing."""
    return _written(kind, facts) if facts.get("einvoice", "").startswith("xrechnung") else ""


def check(kind: str, facts: Mapping[str, Any]) -> None:
    """Tell cheaply, before a number is drawn, what the law or the norm would miss: NeedsHuman."""
    if kind in TYPE_CODES:
        read = _read(kind, facts)
        soundness.check(read)
        if read.einvoice in _WRITERS:
            soundness.check_electronic(e_invoice(kind, read))


def _written(kind: str, facts: Mapping[str, Any]) -> str:
    read = _read(kind, facts)
    return _WRITERS[read.einvoice](e_invoice(kind, read))


def _read(kind: str, facts: Mapping[str, Any]) -> InvoiceFacts:
    try:
        return msgspec.convert(facts, InvoiceFacts)
    except msgspec.ValidationError as error:
        raise Permanent("document_facts_unreadable", f"{kind}: {error}") from error

"""What is recorded of a document that lies in the archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from chalicelib.domain.events import DocumentIssued
from chalicelib.store.documents import xml_key

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.store.documents import Filed, Numbered


def as_filed(
    kind: str, about: str, document: Numbered, filed: Filed, now: datetime
) -> tuple[DocumentIssued, ...]:
    """Return the facts of a document that lies in the archive already."""
    picture = DocumentIssued(
        at=now,
        kind=kind,
        number=document.number,
        issued_on=date.fromisoformat(document.frozen["issued_on"]),
        key=filed.key,
        sha256=filed.sha256,
        refers_to=about,
        treatment=document.frozen.get("tax_treatment", ""),
        form=document.frozen.get("einvoice", ""),
    )
    return both(picture, filed.xml_sha256)


def both(picture: DocumentIssued, xml_sha256: str) -> tuple[DocumentIssued, ...]:
    """Return a document and, where it is the picture of an XRechnung, that too."""
    if not xml_sha256:
        return (picture,)
    key = xml_key(picture.key)
    return picture, replace(picture, kind=f"{picture.kind}_xml", key=key, sha256=xml_sha256)

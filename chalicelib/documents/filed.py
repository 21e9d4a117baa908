"""What is recorded of a document that lies in the archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from chalicelib.documents.settling import granted
from chalicelib.domain.events import DocumentIssued
from chalicelib.domain.money import Money
from chalicelib.store.documents import xml_key

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from typing import Any

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
        amount=amount_of(document.frozen),
        discount=granted(document.frozen),
    )
    return both(picture, filed.xml_sha256)


def amount_of(frozen: Mapping[str, Any]) -> Money | None:
    """Return what an invoice claims or a correction takes back; None of other papers."""
    totals = frozen.get("totals")
    if totals is None:
        return None
    return Money(minor=totals["gross"] - totals["redeemed"], currency=frozen["currency"])


def both(picture: DocumentIssued, xml_sha256: str) -> tuple[DocumentIssued, ...]:
    """Return a document and, where it is the picture of an XRechnung, that too."""
    if not xml_sha256:
        return (picture,)
    key = xml_key(picture.key)
    return picture, replace(picture, kind=f"{picture.kind}_xml", key=key, sha256=xml_sha256)

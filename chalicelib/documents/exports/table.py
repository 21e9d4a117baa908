"""The register as a table: what tax auditors and spreadsheets read."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.documents.exports.writing import Page
    from chalicelib.store.register import Entry

COLUMNS = (
    "number", "kind", "issued_on", "supplied_on", "order_number", "order_id", "customer", "country",
    "vat_id", "currency", "net", "tax", "gross", "treatment", "rates", "refers_to", "corrected_by",
    "state", "file", "sha256", "facts_sha256", "series", "seq", "before", "link", "issued_at",
    "filed_at",
)  # fmt: skip


def rows(page: Page) -> Iterable[list[str]]:
    """Yield a row for each entry of the register."""
    for entry in page.entries:
        frozen = page.facts.get(entry.number)
        found = _cells(entry, frozen.facts if frozen else {})
        found["corrected_by"] = ", ".join(x.number for x in page.corrected.get(entry.number, ()))
        yield [found[name] for name in COLUMNS]


def file_name(number: str) -> str:
    """Return what a document's file is called in a pack."""
    safe = "".join(sign if sign.isalnum() or sign in "-_" else "_" for sign in number)
    return f"{safe}.pdf"


def _cells(entry: Entry, facts: Mapping[str, Any]) -> dict[str, str]:
    summary, currency = entry.summary, str(entry.summary.get("currency") or "EUR")
    filed = entry.filed
    return {
        "number": entry.number,
        "kind": entry.kind,
        "issued_on": entry.day,
        "supplied_on": str(facts.get("supplied_on", "")),
        "order_number": str(summary.get("order_number", "")),
        "order_id": entry.order_id,
        "customer": str(summary.get("customer", "")),
        "country": str(summary.get("country", "")),
        "vat_id": str(facts.get("vat_id", "")),
        "currency": currency,
        **{name: amount(summary.get(name, 0), currency) for name in ("net", "tax", "gross")},
        "treatment": str(facts.get("tax_treatment", "")),
        "rates": ", ".join(_rate(group) for group in facts.get("taxes", ())),
        "refers_to": str(summary.get("original", "")),
        "state": "filed" if filed else "open",
        "file": f"documents/{file_name(entry.number)}" if filed else "",
        "sha256": filed.sha256 if filed else "",
        "facts_sha256": entry.facts_sha256,
        "series": entry.series,
        "seq": str(entry.seq),
        "before": entry.before,
        "link": entry.link,
        "issued_at": entry.issued_at,
        "filed_at": entry.filed_at,
    }


def amount(minor: int, currency: str) -> str:
    """Write an amount with a decimal comma."""
    return str(Money(minor=int(minor), currency=currency).amount).replace(".", ",")


def _rate(group: Mapping[str, Any]) -> str:
    return f"{Decimal(str(group.get('rate', '0'))).normalize():f}%".replace(".", ",")

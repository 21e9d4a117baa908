"""The register as a file of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.documents.exports import table
from chalicelib.documents.exports.writing import Output, Written
from chalicelib.runtime import sheets

if TYPE_CHECKING:
    from chalicelib.documents.exports.writing import Page
    from chalicelib.store.register import Span

MARK = b"\xef\xbb\xbf"  # tells spreadsheets that a file is UTF-8


def documents_table(span: Span) -> Output:
    """Return the register as a CSV file."""

    def page(found: Page, _: dict[str, Any]) -> Written:
        return Written(data=sheets.write(table.rows(found)).encode())

    return Output(
        name=f"documents-{span.since}-{span.until}.csv",
        content_type="text/csv",
        head=lambda _: MARK + sheets.write([table.COLUMNS]).encode(),
        page=page,
        shows_corrections=True,
    )

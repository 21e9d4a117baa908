"""What explains a pack to programs and people: its index, its links to bookings, its check."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from chalicelib.documents.exports import table

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from chalicelib.store.register import Span

# Behind the last of DATEV's links.
LINKS_END = b"</content></archive>\n"


def guid(merchant_id: str, number: str) -> str:
    """Return the name under which DATEV links a booking with its document, always the same one."""
    return str(uuid5(NAMESPACE_URL, f"kontor:{merchant_id}:{number}")).upper()


def links_head(now: datetime) -> bytes:
    """Return how DATEV's description of a pack begins, which links documents to bookings."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<archive xmlns="http://xml.datev.de/bedi/tps/document/v06.0" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="6.0" '
        f'generatingSystem="Kontor"><header><date>{now:%Y-%m-%dT%H:%M:%S}</date></header>'
        "<content>"
    ).encode()


def links(merchant_id: str, numbers: Iterable[str]) -> bytes:
    """Return the links of these documents, by the GUID that stands in their bookings too."""
    return "".join(
        f"<document guid={quoteattr(guid(merchant_id, number))}>"
        f'<description>{escape(number)}</description><extension xsi:type="File" '
        f"name={quoteattr(f'documents/{table.file_name(number)}')}/></document>"
        for number in numbers
    ).encode()


def index_xml(span: Span) -> bytes:
    """Describe the register's table for auditing programs (GDPdU description standard)."""
    numeric = {"net", "tax", "gross"}
    columns = "".join(
        f"<VariableColumn><Name>{name}</Name>"
        + ("<Numeric><Accuracy>2</Accuracy></Numeric>" if name in numeric else "<AlphaNumeric/>")
        + "</VariableColumn>"
        for name in table.COLUMNS
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE DataSet SYSTEM "gdpdu-01-09-2004.dtd">\n'
        "<DataSet><Version>1.0</Version><DataSupplier><Name>Kontor</Name><Location/>"
        f"<Comment>Belegregister {span.since} bis {span.until}</Comment></DataSupplier>"
        "<Media><Name>Belege</Name><Table><URL>register.csv</URL><Name>register</Name>"
        f"<Validity><Range><From>{span.since}</From><To>{span.until}</To></Range></Validity>"
        "<UTF8/><DecimalSymbol>,</DecimalSymbol><DigitGroupingSymbol>.</DigitGroupingSymbol>"
        "<Range><From>2</From></Range><VariableLength><ColumnDelimiter>;</ColumnDelimiter>"
        "<RecordDelimiter>&#13;&#10;</RecordDelimiter><TextEncapsulator>&quot;</TextEncapsulator>"
        f"{columns}</VariableLength></Table></Media></DataSet>\n"
    ).encode()


def report_head(span: Span, now: datetime) -> bytes:
    """Return how the report of the check begins; the faults follow, and the sum at its end."""
    return (
        f"Chain check {span.since} to {span.until}, made {now:%Y-%m-%dT%H:%M:%SZ}\n\n"
        "link = SHA-256(link before, line feed, number, line feed, SHA-256 of the facts)\n"
        "Each document's bytes were compared with the SHA-256 of the register.\n\n"
    ).encode()


def report_end(documents: int, faults: int) -> bytes:
    """Return the sum of the check."""
    said = "No faults." if not faults else f"\n{faults} faults, see above."
    return f"{said}\n{documents} documents, {faults} faults\n".encode()

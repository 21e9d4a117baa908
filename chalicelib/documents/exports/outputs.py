"""The kinds of files that are written over the register: tables, packs of documents, checks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5
from xml.sax.saxutils import escape, quoteattr

from chalicelib.documents.chain import Chain, Fault, of_document, of_xml
from chalicelib.documents.exports import packing, table
from chalicelib.documents.exports.reading import Reader, last_drawn
from chalicelib.documents.exports.writing import Output, Written
from chalicelib.runtime import sheets
from chalicelib.store.documents import xml_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.documents.exports.writing import Files, Page, Source
    from chalicelib.store.register import Span

MARK = b"\xef\xbb\xbf"  # tells spreadsheets that a file is UTF-8


def guid(merchant_id: str, number: str) -> str:
    """Return the name under which DATEV links a booking with its document, always the same one."""
    return str(uuid5(NAMESPACE_URL, f"kontor:{merchant_id}:{number}")).upper()


def documents_table(span: Span) -> Output:
    """Return the register as a CSV file."""

    def page(found: Page, _: dict[str, Any]) -> Written:
        return Written(data=sheets.write(table.rows(found)).encode())

    return Output(
        name=f"documents-{span.since}-{span.until}.csv",
        content_type="text/csv",
        head=lambda _: MARK + sheets.write([table.COLUMNS]).encode(),
        page=page,
        tail=lambda *_: Written(),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Documents in a ZIP file, checked on the way in; for an audit with all that explains them."""

    merchant_id: str
    span: Span
    files: Files
    source: Source
    now: datetime
    is_newest: bool
    extras: Sequence[tuple[str, bytes]] = ()
    is_audit: bool = False

    def output(self) -> Output:
        """Return the file."""
        name = "audit" if self.is_audit else "documents"
        return Output(
            name=f"{name}-{self.span.since}-{self.span.until}.zip",
            content_type="application/zip",
            head=lambda _: b"",
            page=self._page,
            tail=self._tail,
            result=lambda state: {"faults": state.get("faults", 0), "open": state.get("open", 0)},
        )

    def _page(self, page: Page, state: dict[str, Any]) -> Written:
        if "least" not in state:
            state["least"] = last_drawn(self.source, self.merchant_id)
        reader = Reader(files=self.files)
        read = reader.documents(page.entries)
        data, notes, faults = bytearray(), list[Any](), list[Fault]()
        chain = Chain(state.get("chain"))
        for entry in page.entries:
            faults += chain.follow(entry)
            faults += of_document(
                entry, page.facts.get(entry.number), lambda one: read.get(one.number)
            )
            found = read.get(entry.number)
            if found is not None:
                name = f"documents/{table.file_name(entry.number)}"
                data += self._add(name, found, state, notes)
            text = reader.xml(entry)
            faults += of_xml(entry, text)
            if text is not None:
                name = xml_key(f"documents/{table.file_name(entry.number)}")
                data += self._add(name, text, state, notes)
        state["chain"] = chain.state
        if self.is_audit:
            notes += [{"row": row} for row in table.rows(page)]
        notes += [{"doc": entry.number} for entry in page.entries]
        notes += [{"fault": fault.text} for fault in faults]
        return Written(data=bytes(data), notes=notes, problems=self._told(faults, state))

    def _tail(self, notes: Sequence[Any], state: dict[str, Any]) -> Written:
        ends = [] if self.span.kind else [*Chain(state.get("chain")).ends(
            self.source.counters(self.merchant_id),
            is_newest=self.is_newest,
            least=state.get("least"),
        )]  # fmt: skip
        notes = [*notes, *({"fault": fault.text} for fault in ends)]
        data, more = bytearray(), list[Any]()
        for name, content in self._beside(notes):
            data += self._add(name, content, state, more)
        directory = [note["zip"] for note in (*notes, *more) if "zip" in note]
        data += packing.directory(directory, offset=state.get("offset", 0))
        return Written(data=bytes(data), problems=self._told(ends, state))

    def _beside(self, notes: Sequence[Any]) -> list[tuple[str, bytes]]:
        """Return the files beside the documents."""
        faults = [note["fault"] for note in notes if "fault" in note]
        listed = [note["doc"] for note in notes if "doc" in note]
        if not self.is_audit:
            return [("document.xml", document_xml(self.merchant_id, listed, self.now))]
        lines = [note["row"] for note in notes if "row" in note]
        register = sheets.write([table.COLUMNS, *lines]).encode()
        report = _report(faults, len(listed), self.span, self.now)
        return [
            ("register.csv", register),
            ("chain-check.txt", report),
            ("index.xml", index_xml(self.span)),
            *self.extras,
        ]

    def _add(self, name: str, data: bytes, state: dict[str, Any], notes: list[Any]) -> bytes:
        offset = state.get("offset", 0)
        packed, note = packing.stored(name, data, offset=offset, at=self.now)
        notes.append({"zip": note})
        state["offset"] = offset + len(packed)
        return packed

    def _told(self, faults: Sequence[Fault], state: dict[str, Any]) -> list[tuple[str, str]]:
        opened = sum(fault.code == "open" for fault in faults)
        state["open"] = state.get("open", 0) + opened
        state["faults"] = state.get("faults", 0) + len(faults) - opened
        return [(fault.number, fault.text) for fault in faults]


def document_xml(merchant_id: str, listed: Sequence[str], now: datetime) -> bytes:
    """Return DATEV's description of a pack, which links documents to bookings by their GUID."""
    documents = "".join(
        f"<document guid={quoteattr(guid(merchant_id, number))}>"
        f'<description>{escape(number)}</description><extension xsi:type="File" '
        f"name={quoteattr(f'documents/{table.file_name(number)}')}/></document>"
        for number in listed
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<archive xmlns="http://xml.datev.de/bedi/tps/document/v06.0" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" version="6.0" '
        f'generatingSystem="Kontor"><header><date>{now:%Y-%m-%dT%H:%M:%S}</date></header>'
        f"<content>{documents}</content></archive>\n"
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


def _report(faults: Sequence[str], count: int, span: Span, now: datetime) -> bytes:
    said = "\n".join(faults) if faults else "No faults."
    return (
        f"Chain check {span.since} to {span.until}, made {now:%Y-%m-%dT%H:%M:%SZ}\n"
        f"{count} documents, {len(faults)} faults\n\n"
        "link = SHA-256(link before, line feed, number, line feed, SHA-256 of the facts)\n"
        "Each document's bytes were compared with the SHA-256 of the register.\n\n"
        f"{said}\n"
    ).encode()

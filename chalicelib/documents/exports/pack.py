"""Packs of documents as ZIP files, checked on the way in; for an audit with all that explains."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalicelib.documents.chain import Chain, Fault, of_document, of_xml
from chalicelib.documents.exports import descriptions, packing, table
from chalicelib.documents.exports.reading import Reader, last_drawn
from chalicelib.documents.exports.writing import Output, Strand, Written
from chalicelib.runtime import sheets
from chalicelib.store.documents import xml_key

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.documents.exports.port import Files, Source
    from chalicelib.documents.exports.writing import Page
    from chalicelib.store.register import Span

DIRECTORY = "directory"  # the strand of what the end of a ZIP file says of the documents
REGISTER, CHECK, INDEX, LINKS = "register.csv", "chain-check.txt", "index.xml", "document.xml"


@dataclass(slots=True, kw_only=True)
class _Sheet:
    """What one page adds; `state` knows of each file beside how long it is, and its checksum."""

    state: dict[str, Any]
    now: datetime
    data: bytearray = field(default_factory=bytearray)
    beside: dict[str, bytes] = field(default_factory=dict)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def add(self, name: str, data: bytes) -> None:
        """Pack a document."""
        head, entry = packing.stored(
            name, size=len(data), crc=zlib.crc32(data), offset=self.state["offset"], at=self.now
        )
        self.data += head + data
        self.state["offset"] += len(head) + len(data)
        self.state["count"] += 1
        self._keep(DIRECTORY, entry)
        self.state["directory"] += len(entry)

    def write(self, name: str, data: bytes) -> None:
        """Go on with a file that stands beside the documents, at the end."""
        crc, size = self.state["files"].get(name, (0, 0))
        self.state["files"][name] = [zlib.crc32(data, crc), size + len(data)]
        self._keep(name, data)

    def _keep(self, name: str, data: bytes) -> None:
        self.beside[name] = self.beside.get(name, b"") + data

    def tell(self, faults: Sequence[Fault]) -> None:
        """Count what is wrong; open numbers apart from what somebody has changed."""
        opened = sum(fault.code == "open" for fault in faults)
        self.state["open"] += opened
        self.state["faults"] += len(faults) - opened
        self.problems += [(fault.number, fault.text) for fault in faults]

    @property
    def written(self) -> Written:
        """The page."""
        return Written(data=bytes(self.data), beside=self.beside, problems=self.problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """The documents of some days."""

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
            head=self._head,
            page=self._page,
            close=self._close,
            tail=self._tail,
            shows_corrections=self.is_audit,
            result=lambda state: {"faults": state["faults"], "open": state["open"]},
        )

    def _head(self, state: dict[str, Any]) -> bytes:
        state |= dict.fromkeys(("offset", "count", "directory", "documents"), 0)
        state |= {"faults": 0, "open": 0, "files": {}, "chain": {}}
        state["least"] = last_drawn(self.source, self.merchant_id)
        return b""

    def _page(self, page: Page, state: dict[str, Any]) -> Written:
        reader, chain = Reader(files=self.files), Chain(state["chain"])
        read = reader.documents(page.entries)
        sheet, faults = _Sheet(state=state, now=self.now), list[Fault]()
        for entry in page.entries:
            faults += chain.follow(entry)
            faults += of_document(
                entry, page.facts.get(entry.number), lambda one: read.get(one.number)
            )
            name, found = f"documents/{table.file_name(entry.number)}", read.get(entry.number)
            if found is not None:
                sheet.add(name, found)
            text = reader.xml(entry)
            faults += of_xml(entry, text)
            if text is not None:
                sheet.add(xml_key(name), text)
        state["chain"] = chain.state
        state["documents"] += len(page.entries)
        self._describe(sheet, page, faults)
        sheet.tell(faults)
        return sheet.written

    def _describe(self, sheet: _Sheet, page: Page, faults: Sequence[Fault]) -> None:
        """Write of these documents what stands beside them."""
        is_first = not sheet.state["files"]
        if not self.is_audit:
            head = descriptions.links_head(self.now) if is_first else b""
            numbers = (entry.number for entry in page.entries)
            sheet.write(LINKS, head + descriptions.links(self.merchant_id, numbers))
            return
        head = sheets.write([table.COLUMNS]).encode() if is_first else b""
        sheet.write(REGISTER, head + sheets.write(table.rows(page)).encode())
        head = descriptions.report_head(self.span, self.now) if is_first else b""
        sheet.write(CHECK, head + _lines(faults))

    def _close(self, state: dict[str, Any]) -> Written:
        """End the chain and all that stands beside; what is read here is read only once."""
        faults = [] if self.span.kind else [*Chain(state["chain"]).ends(
            self.source.counters(self.merchant_id),
            is_newest=self.is_newest,
            least=state["least"],
        )]  # fmt: skip
        sheet = _Sheet(state=state, now=self.now)
        sheet.tell(faults)
        if not self.is_audit:
            sheet.write(LINKS, descriptions.LINKS_END)
            return sheet.written
        count = state["faults"] + state["open"]
        end = descriptions.report_end(state["documents"], count)
        sheet.write(CHECK, _lines(faults) + end)
        sheet.write(INDEX, descriptions.index_xml(self.span))
        for name, content in self.extras:
            sheet.write(name, content)
        return sheet.written

    def _tail(self, state: dict[str, Any]) -> list[bytes | Strand]:
        """Return the files beside, and the directory of all."""
        pieces, entries, offset = list[bytes | Strand](), b"", state["offset"]
        for name, (crc, size) in state["files"].items():
            head, entry = packing.stored(name, size=size, crc=crc, offset=offset, at=self.now)
            pieces += [head, Strand(name)]
            entries += entry
            offset += len(head) + size
        end = packing.end(
            count=state["count"] + len(state["files"]),
            size=state["directory"] + len(entries),
            offset=offset,
        )
        return [*pieces, Strand(DIRECTORY), entries + end]


def _lines(faults: Sequence[Fault]) -> bytes:
    return "".join(f"{fault.text}\n" for fault in faults).encode()

"""Reading what the archive has: the bytes of a page's documents, side by side."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Retryable
from chalicelib.store.documents import xml_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.documents.exports.port import Files, Source
    from chalicelib.store.register import Entry

READERS = 8  # documents read from the bucket side by side


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Reads filed documents."""

    files: Files

    def documents(self, entries: Sequence[Entry]) -> dict[str, bytes]:
        """Return by number the documents that lie where they were filed."""
        filed = [entry for entry in entries if entry.filed]
        with ThreadPoolExecutor(READERS) as pool:
            found = pool.map(self.read, filed)
            return {
                entry.number: data
                for entry, data in zip(filed, found, strict=True)
                if data is not None
            }

    def read(self, entry: Entry) -> bytes | None:
        """Return the bytes of an entry's document; None if there are none."""
        try:
            return self.files.read(entry.filed.key) if entry.filed else None
        except Retryable as error:
            # Who may not list a bucket is told "denied" of what is not in it.
            if "NoSuchKey" in error.text or "AccessDenied" in error.text:
                return None
            raise

    def xml(self, entry: Entry) -> bytes | None:
        """Return the XRechnung beside a document, where the document is its picture."""
        if entry.filed is None or not entry.filed.xml_sha256:
            return None
        return self.read(replace(entry, filed=replace(entry.filed, key=xml_key(entry.filed.key))))


def last_drawn(source: Source, merchant_id: str) -> dict[str, int]:
    """Return how far each series is."""
    return {name: counter.last for name, counter in source.counters(merchant_id).items()}

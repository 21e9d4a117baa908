"""What exports need of the outside: the register, and where files are written and read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.store.documents import Counter
    from chalicelib.store.register import Corrected, Entry, Frozen, Span


class Source(Protocol):
    """The register, as far as a file is written from it."""

    def page(
        self, merchant_id: str, span: Span, *, after: str = "", limit: int, newest: bool = False
    ) -> tuple[list[Entry], str]:
        """Return entries behind `after`, and the cursor of the next page."""
        ...

    def facts(self, merchant_id: str, entries: Sequence[Entry]) -> dict[str, Frozen]:
        """Return the frozen facts of entries by number."""
        ...

    def corrected(self, merchant_id: str, entries: Sequence[Entry]) -> Corrected:
        """Return what corrects or cancels entries, by their numbers."""
        ...

    def counters(self, merchant_id: str) -> dict[str, Counter]:
        """Return how far each series is."""
        ...

    def count(self, merchant_id: str, span: Span) -> int:
        """Return how many entries there are."""
        ...


class Parts(Protocol):
    """Where large files are written."""

    def begin(self, key: str, *, content_type: str) -> str:
        """Begin a file."""
        ...

    def part(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        """Write a part and return its mark."""
        ...

    def finish(self, key: str, upload_id: str, marks: Sequence[str]) -> None:
        """Put the parts together."""
        ...


class Files(Protocol):
    """Where small things are kept meanwhile, and where documents lie."""

    def put(self, key: str, data: bytes) -> None:
        """Store bytes."""
        ...

    def read(self, key: str) -> bytes:
        """Read bytes."""
        ...

"""What the documents step needs of the archive and of the number series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.store.documents import Draft, Filed, Numbered


class Archive(Protocol):
    """Keeps documents unchanged for as long as the law wants."""

    def write(self, key: str, data: bytes, *, content_type: str, keep_until: datetime) -> str:
        """Store bytes and return their SHA-256 in hex; the same bytes again change nothing."""
        ...

    def read(self, key: str) -> bytes:
        """Return what is stored."""
        ...


class NumberSeries(Protocol):
    """Draws numbers without gaps."""

    def draw_many(
        self, merchant_id: str, *, series: str, drafts: Sequence[Draft], now: datetime
    ) -> list[Numbered]:
        """Return the documents of these drafts, drawing numbers in one write for those new."""
        ...

    def drawn(self, merchant_id: str, key: str) -> Numbered | None:
        """Return the document of these facts if its number was drawn before."""
        ...

    def file(self, merchant_id: str, number: str, filed: Filed, now: datetime) -> None:
        """Note once and for all where a numbered document lies."""
        ...

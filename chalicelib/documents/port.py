"""What the documents step needs of the archive and of the number series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from chalicelib.store.documents import Numbered


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

    def draw(
        self,
        merchant_id: str,
        *,
        series: str,
        order_id: str,
        kind: str,
        about: str,
        now: datetime,
        freeze: Callable[[int], dict[str, Any]],
    ) -> Numbered:
        """Return the numbered document, drawing a number if it is new."""
        ...

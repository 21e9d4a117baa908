"""What the shelf must do; the write-back to the shops will join it here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.store.stock import Product


class Shelf(Protocol):
    """Knows the level of every SKU."""

    def products(self, merchant_id: str, skus: Iterable[tuple[str, str]]) -> Mapping[str, Product]:
        """Read products by (sku, location); unknown ones are missing from the answer."""
        ...

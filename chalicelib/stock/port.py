"""What the shelf must do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from chalicelib.domain.product import Product


class Shelf(Protocol):
    """Knows the level of every SKU."""

    def products(
        self, merchant_id: str, skus: Iterable[str], locations: Iterable[str]
    ) -> Mapping[str, Product]:
        """Read products with their levels at these locations; unknown ones are missing."""
        ...

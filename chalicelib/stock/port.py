"""What the shelf must do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chalicelib.domain.lots import Lot
    from chalicelib.domain.product import Product


class Shelf(Protocol):
    """Knows the level of every SKU."""

    def products(
        self, merchant_id: str, skus: Iterable[str], locations: Iterable[str]
    ) -> Mapping[str, Product]:
        """Read products with their levels at these locations; unknown ones are missing."""
        ...

    def lots(self, merchant_id: str, sku: str, location: str) -> Sequence[Lot]:
        """Read the lots of a SKU at a location."""
        ...

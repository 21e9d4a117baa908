"""What may still be sold of a product, and when the rest comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from chalicelib.domain.product import Product


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """How many pieces may be sold now; `backorder` takes more, due on `expected_on`."""

    sku: str
    available: int
    backorder: bool = False
    preorder: bool = False
    expected_on: date | None = None


def offer(product: Product, parts: Mapping[str, Product]) -> Offer:
    """Return what may be sold; a bundle is as many as its scarcest part makes."""
    return Offer(
        sku=product.sku,
        available=0 if product.archived else _available(product, parts),
        backorder=product.backorder and not product.archived,
        preorder=product.preorder,
        expected_on=_expected_on(product, parts),
    )


def _available(product: Product, parts: Mapping[str, Product]) -> int:
    if not product.parts:
        return max(product.available, 0)
    return min(
        max(parts[part.sku].available, 0) // max(part.quantity, 1) if part.sku in parts else 0
        for part in product.parts
    )


def _expected_on(product: Product, parts: Mapping[str, Product]) -> date | None:
    """Return the product's own date, else for a bundle the last of those its parts wait for."""
    if product.expected_on or not product.parts:
        return product.expected_on
    known = [parts[x.sku].expected_on for x in product.parts if x.sku in parts]
    return max((day for day in known if day), default=None)

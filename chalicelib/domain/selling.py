"""What may still be sold of a product, and when the rest comes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.domain import bundles
from chalicelib.domain.errors import NeedsHuman

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


def offer(sku: str, known: Mapping[str, Product]) -> Offer:
    """Return what may be sold of a product; `known` holds it and all that it is made of."""
    product = known[sku]
    return Offer(
        sku=sku,
        available=0 if product.archived else _available(sku, known),
        backorder=product.backorder and not product.archived,
        preorder=product.preorder,
        expected_on=_expected_on(product, known),
    )


def _available(sku: str, known: Mapping[str, Product]) -> int:
    try:
        return max(bundles.available(sku, known), 0)
    except NeedsHuman:
        return 0  # a bundle that contains itself cannot be packed


def _expected_on(product: Product, known: Mapping[str, Product]) -> date | None:
    """Return the product's own date, else for a bundle the last of those its parts wait for."""
    if product.expected_on or not product.parts:
        return product.expected_on
    parts = [known[part.sku].expected_on for part in product.parts if part.sku in known]
    return max((day for day in parts if day), default=None)

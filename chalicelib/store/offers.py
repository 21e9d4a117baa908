"""What may be sold: a product is read with all its levels in one query, as is told below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.selling import Offer, offer
from chalicelib.store.stock import StockRow, joined, stock_key
from chalicelib.store.tables import translated

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.domain.product import Product


class Offers:
    """What every merchant may sell; a product of some locations costs half a read unit."""

    def of(self, merchant_id: str, skus: Iterable[str], *, now: bool = False) -> dict[str, Offer]:
        """Return what may be sold of each SKU that is known.

        `now` reads what was written until this moment (twice the price), else it may be a second
        old.
        """
        found: dict[str, Product | None] = {}

        def read(sku: str) -> Product | None:
            if sku not in found:
                found[sku] = self._read(merchant_id, sku, now=now)
            return found[sku]

        offers = {}
        for sku in dict.fromkeys(skus):
            if product := read(sku):
                parts = {part.sku: made for part in product.parts if (made := read(part.sku))}
                offers[sku] = offer(product, parts)
        return offers

    def bundles_with(self, merchant_id: str, sku: str) -> list[str]:
        """Return the bundles that a SKU is a part of."""
        begin = f"PARTOF#{sku}#"
        with translated():
            rows = StockRow.query(merchant_id, StockRow.sk.startswith(begin))
            return [row.sk.removeprefix(begin) for row in rows]

    def _read(self, merchant_id: str, sku: str, *, now: bool) -> Product | None:
        with translated():
            rows = StockRow.query(
                merchant_id, StockRow.sk.startswith(stock_key(sku)), consistent_read=now
            )
            products = joined(rows)
        return products[0] if products else None

"""What may be sold, a product with all its levels in one query; and which bundles a part is in."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from chalicelib.domain.bundles import DEPTH, unfold
from chalicelib.domain.selling import Offer, offer
from chalicelib.store.stock import StockRow, joined, stock_key
from chalicelib.store.tables import translated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from chalicelib.domain.product import Product


class Offers:
    """What every merchant may sell; a product of some locations costs half a read unit."""

    def of(self, merchant_id: str, skus: Iterable[str], *, now: bool = False) -> dict[str, Offer]:
        """Return what may be sold of each SKU that is known.

        `now` reads what was written until this moment (twice the price), else it may be a second
        old.
        """

        def read(wanted: Collection[str]) -> dict[str, Product]:
            found = (self._read(merchant_id, sku, now=now) for sku in sorted(wanted))
            return {product.sku: product for product in found if product}

        asked = list(dict.fromkeys(skus))
        known = unfold(asked, read)
        return {sku: offer(sku, known) for sku in asked if sku in known}

    def bundles_with(self, merchant_id: str, skus: Iterable[str]) -> list[str]:
        """Return the bundles that SKUs are in, and those that these bundles are in."""
        found: dict[str, None] = {}
        level = list(skus)
        for _ in range(DEPTH):
            level = [one for sku in level for one in self._around(merchant_id, sku)]
            level = [one for one in dict.fromkeys(level) if one not in found]
            found |= dict.fromkeys(level)
        return list(found)

    def note_parts(
        self, merchant_id: str, bundle: str, parts: Collection[str], gone: Iterable[str]
    ) -> None:
        """Remember what a bundle is made of, and what it no longer is."""
        with translated(), StockRow.batch_write() as batch:
            for part in parts:
                batch.save(StockRow(merchant_id, _part_key(part, bundle)))
            for part in gone:
                if part not in parts:
                    batch.delete(StockRow(merchant_id, _part_key(part, bundle)))

    def _around(self, merchant_id: str, sku: str) -> list[str]:
        begin = _part_key(sku, "")
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


def parts_of(image: Mapping[str, Any] | None) -> frozenset[str]:
    """Return what a product is made of, by its image in the stream."""
    data = json.loads(image["data"]["S"]) if image and "data" in image else {}
    return frozenset(part["sku"] for part in data.get("parts", ()))


def _part_key(part: str, bundle: str) -> str:
    return f"PARTOF#{part}#{bundle}"

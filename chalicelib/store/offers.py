"""What may be sold, a product with all its levels in one query; and which bundles a part is in."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.domain.bundles import DEPTH, unfold
from chalicelib.domain.selling import Offer, offer
from chalicelib.store.stock import StockRow, joined, stock_key
from chalicelib.store.tables import translated

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from chalicelib.domain.product import Product


# From how many products on one read of all rows is worth twice its price.
MANY = 4


class Offers:
    """What every merchant may sell; a product of some locations costs half a read unit."""

    def __init__(self, locations_of: Callable[[str], Collection[str]]) -> None:
        """Take the locations that a merchant sells from; what lies elsewhere is not for sale."""
        self._locations_of = locations_of

    def of(self, merchant_id: str, skus: Iterable[str], *, now: bool = False) -> dict[str, Offer]:
        """Return what may be sold of each SKU that is known.

        `now` reads what was written until this moment (twice the price), else it may be a second
        old.
        """
        places = self._locations_of(merchant_id)

        def read(wanted: Collection[str]) -> dict[str, Product]:
            if len(places) == 1 and len(wanted) >= MANY and not now:
                found = _read_all(merchant_id, wanted, next(iter(places)))
            else:
                found = [x for sku in sorted(wanted) for x in _read(merchant_id, sku, now=now)]
            return {product.sku: _at(product, places) for product in found}

        asked = list(dict.fromkeys(skus))
        known = unfold(asked, read)
        return {sku: offer(sku, known) for sku in asked if sku in known}


class Parts:
    """Which bundles a part is in: rows `PARTOF#{part}#{bundle}`, kept by the stream of products."""

    def bundles_with(self, merchant_id: str, skus: Iterable[str]) -> list[str]:
        """Return the bundles that SKUs are in, and those that these bundles are in."""
        found: dict[str, None] = {}
        level = list(skus)
        for _ in range(DEPTH):
            level = [one for sku in level for one in self._around(merchant_id, sku)]
            level = [one for one in dict.fromkeys(level) if one not in found]
            found |= dict.fromkeys(level)
        return list(found)

    def note(
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


def _read(merchant_id: str, sku: str, *, now: bool) -> list[Product]:
    """Read a product with all its levels, if there is one."""
    with translated():
        begin = StockRow.sk.startswith(stock_key(sku))
        return joined(StockRow.query(merchant_id, begin, consistent_read=now))


def _read_all(merchant_id: str, skus: Iterable[str], location: str) -> list[Product]:
    """Read products with their levels at one location: one unit each, a hundred rows a call."""
    keys = [(merchant_id, stock_key(sku, at)) for sku in sorted(skus) for at in ("", location)]
    with translated():
        return joined(StockRow.batch_get(keys))


def _at(product: Product, places: Collection[str]) -> Product:
    levels = tuple(level for level in product.levels if level.location in places)
    return product if levels == product.levels else replace(product, levels=levels)


def parts_of(image: Mapping[str, Any] | None) -> frozenset[str]:
    """Return what a product is made of, by its image in the stream."""
    data = json.loads(image["data"]["S"]) if image and "data" in image else {}
    return frozenset(part["sku"] for part in data.get("parts", ()))


def _part_key(part: str, bundle: str) -> str:
    return f"PARTOF#{part}#{bundle}"

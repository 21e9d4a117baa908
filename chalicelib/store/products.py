"""Products: their master data, and how they are found without reading the others."""

from __future__ import annotations

from dataclasses import fields
from itertools import groupby
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.store import codec
from chalicelib.store.stock import StockRow, joined, place_of, stock_key
from chalicelib.store.tables import cursor_of, translated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pynamodb.expressions.condition import Condition
    from pynamodb.expressions.update import Action

    from chalicelib.domain.product import Product

Cursor = dict[str, Any]
# Sorts behind every location of a SKU.
END = "~"


class Products:
    """The products of all merchants."""

    def put(self, merchant_id: str, product: Product, *, seen: str | None = None) -> None:
        """Create or change a product; its levels stay as they are.

        Conflict if it is not `stored` as seen, where that is told: empty for one that is new.
        """
        row = StockRow(merchant_id, stock_key(product.sku))
        same = StockRow.data == seen if seen else StockRow.data.does_not_exist()
        with translated():
            row.update(
                product_change(merchant_id, product), condition=None if seen is None else same
            )

    def stored(self, merchant_id: str, sku: str) -> str:
        """Return what a product's row holds, as it lies there; empty for a SKU there is not."""
        with translated():
            rows = StockRow.batch_get([(merchant_id, stock_key(sku))], consistent_read=True)
            return next((row.data or "" for row in rows), "")

    def read(self, merchant_id: str, sku: str) -> Product | None:
        """Read a product with its levels everywhere, also where the merchant is no more."""
        with translated():
            found = joined(
                StockRow.query(
                    merchant_id, StockRow.sk.startswith(stock_key(sku)), consistent_read=True
                )
            )
        return found[0] if found else None

    def page(
        self,
        merchant_id: str,
        *,
        limit: int,
        after: str = "",
        prefix: str = "",
        archived: bool = True,
    ) -> list[Product]:
        """List products by SKU, those whose SKU begins with `prefix`, with all their levels."""
        start = {"pk": {"S": merchant_id}, "sk": {"S": stock_key(after, END)}} if after else None
        found: list[Product] = []
        with translated():
            rows: Iterator[StockRow] = StockRow.query(
                merchant_id,
                StockRow.sk.startswith(f"SKU#{prefix}"),
                page_size=2 * limit + 1,
                last_evaluated_key=start,
            )
            for _, group in groupby(rows, key=lambda row: place_of(row.sk)[0]):
                found += [one for one in joined(group) if archived or not one.archived]
                if len(found) == limit:
                    break
        return found

    def named(
        self, merchant_id: str, prefix: str, *, limit: int, start: Cursor | None = None
    ) -> tuple[list[str], Cursor | None]:
        """Return the SKUs of products by name, those whose name begins with `prefix`."""
        begins = StockRow.name_key.startswith(name_key(prefix)) if name_key(prefix) else None
        return _skus(StockRow.by_name, merchant_id, begins, limit=limit, start=start)

    def with_ean(self, merchant_id: str, ean: str, *, limit: int) -> list[str]:
        """Return the SKUs of products with an EAN; there should be one."""
        return _skus(StockRow.by_ean, f"{merchant_id}#{ean}", None, limit=limit, start=None)[0]

    def low(
        self, merchant_id: str, *, limit: int, start: Cursor | None = None
    ) -> tuple[list[str], Cursor | None]:
        """Return the SKUs of products below their minimum."""
        return _skus(StockRow.by_low, merchant_id, None, limit=limit, start=start)

    def note_lows(self, merchant_id: str, skus: Collection[str], places: Collection[str]) -> None:
        """Look after these products' marks at once; `places` are where units lie."""
        keys = [(merchant_id, stock_key(sku, at)) for sku in skus for at in ("", *places)]
        with translated():
            rows = list(StockRow.batch_get(keys, consistent_read=True)) if keys else []
            own = {row.sk: row for row in rows}
            for product in joined(rows):
                _mark_low(merchant_id, own[stock_key(product.sku)], product)

    def note_low(self, merchant_id: str, sku: str) -> None:
        """Mark a product of which less may be sold than its minimum; or take the mark away."""
        with translated():
            rows = list(
                StockRow.query(
                    merchant_id, StockRow.sk.startswith(stock_key(sku)), consistent_read=True
                )
            )
            own = next((row for row in rows if row.sk == stock_key(sku)), None)
            if own is None:
                return
            [product] = joined(rows)
            _mark_low(merchant_id, own, product)


def _mark_low(merchant_id: str, own: StockRow, product: Product) -> None:
    is_low = product.available < product.min_stock and not product.archived
    if is_low and not own.merchant_low:
        own.update([StockRow.merchant_low.set(merchant_id)])
    elif own.merchant_low and not is_low:
        own.update([StockRow.merchant_low.remove()])


def _skus(
    index: Any,  # noqa: ANN401 - PynamoDB's indexes are untyped
    key: str,
    condition: Condition | None,
    *,
    limit: int,
    start: Cursor | None,
) -> tuple[list[str], Cursor | None]:
    with translated():
        rows = index.query(key, condition, limit=limit, page_size=limit, last_evaluated_key=start)
        return [place_of(row.sk)[0] for row in rows], cursor_of(rows)


def product_change(merchant_id: str, product: Product) -> list[Action]:
    """Return what a product's row says of it and is found by."""
    key = name_key(product.name) or product.sku.casefold()
    ean = StockRow.merchant_ean
    return [
        StockRow.data.set(described(product)),
        StockRow.merchant.set(merchant_id),
        StockRow.name_key.set(key),
        ean.set(f"{merchant_id}#{product.ean}") if product.ean else ean.remove(),
    ]


def described(product: Product) -> str:
    """Return what a product's row holds: everything but its SKU, its levels and defaults."""
    plain = codec.plain(product)
    defaults = {field.name: field.default for field in fields(product)}
    kept = {name: value for name, value in plain.items() if value != defaults.get(name)}
    kept = {name: value for name, value in kept.items() if name not in {"sku", "levels"}}
    return msgspec.json.encode(kept).decode()


def name_key(name: str) -> str:
    """Return a name as it is searched for: case folded, single blanks, at most 200 characters."""
    return " ".join(name.casefold().split())[:200]

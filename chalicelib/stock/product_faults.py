"""What stands against a product of a table: its cells, units set aside, places and parts."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from chalicelib.domain import bundles
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.product import Product
from chalicelib.runtime.importing import Choice, RowProblem
from chalicelib.runtime.settings import settings_of
from chalicelib.store.stock import Shelf

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from chalicelib.stock.product_table import TableProduct

READ_AT_ONCE = 200


def places(merchant_id: str) -> list[str]:
    """Return the ids of a merchant's locations, the first by priority first."""
    known = settings_of(merchant_id).locations
    return [one.id for one in sorted(known, key=lambda one: (one.priority, one.id))]


def located(merchant_id: str, rows: Sequence[TableProduct]) -> Sequence[TableProduct]:
    """Let rows that name no location mean the first one."""
    first = places(merchant_id)[0]
    for row in rows:
        row.location = row.location or first
    return rows


def known(merchant_id: str, rows: Sequence[TableProduct]) -> dict[str, Product]:
    """Return the products of these rows that we have, with their levels everywhere."""
    found: dict[str, Product] = {}
    at = places(merchant_id)
    for start in range(0, len(rows), READ_AT_ONCE):
        skus = {row.sku for row in rows[start : start + READ_AT_ONCE] if row.sku}
        found |= Shelf().products(merchant_id, skus, at)
    return found


@dataclass(slots=True, kw_only=True)
class Faults:
    """Looks at the rows of a table beside the products that there are."""

    merchant_id: str
    choice: Choice
    everything: Sequence[TableProduct]
    seen: dict[str, Product]
    places: list[str]
    parts: dict[str, Product] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        merchant_id: str,
        rows: Sequence[TableProduct],
        everything: Sequence[TableProduct],
        choice: Choice,
    ) -> Faults:
        """Read what is needed to look at some rows of a table."""
        return cls(
            merchant_id=merchant_id,
            choice=choice,
            everything=everything,
            seen=known(merchant_id, located(merchant_id, rows)),
            places=places(merchant_id),
            parts={
                row.sku: Product(sku=row.sku, parts=row.given.get("parts", ()))
                for row in everything
            },
        )

    def find(self, row: TableProduct) -> list[RowProblem]:
        """Return what stands against writing a row."""
        told = [*self._counted(row), *self._made_of(row)]
        return list(row.problems) or [
            RowProblem(row=row.row, column=self._column(name), text=text) for name, text in told
        ]

    def _column(self, name: str) -> str:
        columns = self.choice.columns.items()
        return next((column for column, field in columns if field == name), name)

    def _counted(self, row: TableProduct) -> Iterator[tuple[str, str]]:
        if row.location not in self.places:
            choice = ", ".join(self.places)
            yield "location", f"must be one of {choice}, is {row.location!r}"
            return
        product = self.seen.get(row.sku, Product(sku=row.sku))
        level = product.at(row.location)
        reserved, is_other = level.reserved, row.on_hand not in {None, level.on_hand}
        if is_other and row.given.get("lots", product.lots):
            yield "on_hand", f"must be empty: the lots are counted one by one, is '{row.on_hand}'"
            return
        if row.on_hand is not None and row.on_hand < reserved:
            text = f"must be {reserved} or more: so many are set aside for orders"
            yield "on_hand", f"{text}, is '{row.on_hand}'"
        if row.on_hand and row.given.get("parts", product.parts):
            yield "on_hand", f"must be empty: a bundle has no units of its own, is '{row.on_hand}'"
        if row.given.get("archived") and product.reserved:
            yield "archived", f"must be no: {product.reserved} are set aside for orders"

    def _made_of(self, row: TableProduct) -> Iterator[tuple[str, str]]:
        if not row.given.get("parts") or row.problems:
            return
        found = bundles.unfold([row.sku], self._read)
        for part in row.given["parts"]:
            if part.sku not in found:
                yield "parts", f"must be products that there are, is {part.sku!r}"
                return
        try:
            bundles.contents(row.sku, found)
        except NeedsHuman as error:
            yield "parts", error.text.removeprefix("parts: ")

    def _read(self, skus: Collection[str]) -> dict[str, Product]:
        """Read products as they will be: what the table says of their parts counts."""
        stored = Shelf().products(self.merchant_id, skus, [])
        told = {sku: self.parts[sku] for sku in skus if sku in self.parts}
        kept = {
            sku: replace(product, parts=stored[sku].parts)
            for sku, product in told.items()
            if sku in stored and not product.parts
        }
        return {**stored, **told, **kept}

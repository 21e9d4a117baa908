"""Products of a table: looked at row by row, then written with their units, all or none."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.domain.levels import Cause
from chalicelib.runtime.importing import Choice, RowProblem, Slices, Written
from chalicelib.stock.product_faults import Faults, located
from chalicelib.stock.product_table import FIELDS, TableProduct, guess, products
from chalicelib.store.product_batches import Change, ProductBatches

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from chalicelib.runtime.sheets import Sheet
    from chalicelib.store.jobs import Job


def view(merchant_id: str, sheet: Sheet, choice: Choice, *, most: int) -> dict[str, Any]:
    """Return what an import would make, and every problem; the first `most` rows are shown."""
    rows = list(products(sheet, choice))
    faults = Faults.of(merchant_id, rows, rows, choice)
    problems = [one for row in rows for one in faults.find(row)]
    bad, seen = {problem.row for problem in problems}, faults.seen
    items = [
        {
            "rows": (row.row,),
            "sku": row.sku,
            "name": row.given.get("name", seen[row.sku].name if row.sku in seen else ""),
            "on_hand": row.on_hand,
            "location": row.location,
            "state": "wrong" if row.row in bad else "known" if row.sku in seen else "new",
        }
        for row in rows[:most]
    ]
    return {"found": len(rows), "problems": problems, "items": items}


def changes(rows: Iterable[TableProduct]) -> list[Change]:
    """Return what rows change, each SKU once with all its locations."""
    given: dict[str, dict[str, Any]] = {}
    counted: dict[str, dict[str, int]] = {}
    for row in rows:
        given.setdefault(row.sku, {}).update(row.given)
        counted.setdefault(row.sku, {})
        if row.on_hand is not None:
            counted[row.sku][row.location] = row.on_hand
    return [Change(sku=sku, given=given[sku], on_hand=counted[sku]) for sku in given]


@dataclass(frozen=True, slots=True)
class ProductImport:
    """Imports of products."""

    at_once: int = 500

    def items(self, sheet: Sheet, choice: Choice) -> Sequence[TableProduct]:
        """Return the rows of a table."""
        return list(products(sheet, choice))

    def problems(
        self,
        merchant_id: str,
        items: Sequence[TableProduct],
        everything: Sequence[TableProduct],
        choice: Choice,
    ) -> list[RowProblem]:
        """Return what is wrong with these rows."""
        faults = Faults.of(merchant_id, items, everything, choice)
        return [one for row in items for one in faults.find(row)]

    def write(
        self, job: Job, items: Sequence[TableProduct], choice: Choice, now: datetime
    ) -> Written:
        """Write these products; what is as it should be is left alone."""
        del choice
        cause = Cause(kind="count", at=now, reason="import", by=f"job {job.id}")
        counts: Counter[str] = Counter(new=0, changed=0, known=0)
        problems, links = [], []
        rows = {row.sku: row.row for row in items}
        wanted = changes(located(job.merchant_id, items))
        for one in ProductBatches().write(job.merchant_id, wanted, cause):
            if one.reserved:
                text = "was not written: more units were set aside for orders meanwhile"
                problems.append(RowProblem(row=rows[one.sku], column="on_hand", text=text))
                continue
            counts["new" if one.is_new else "known" if one.is_same else "changed"] += 1
            links.append({"sku": one.sku})
        return Written(counts=counts, links=links, problems=problems)


IMPORT: Slices[TableProduct] = Slices(importer=ProductImport(), checked_at_once=5000)


def advance(job: Job, now: datetime) -> Job:
    """Do one slice of an import."""
    return IMPORT.advance(job, now)


__all__ = ["FIELDS", "advance", "guess", "view"]

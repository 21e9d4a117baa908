"""Orders of a table: looked at row by row, then kept in the inbox like any delivery, or none."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from chalicelib.domain.deliveries import Delivery
from chalicelib.domain.errors import Permanent
from chalicelib.domain.order import order_id
from chalicelib.intake.generic import translate
from chalicelib.intake.order_columns import FIELDS, guess
from chalicelib.intake.order_table import TableOrder, orders
from chalicelib.intake.port import Snapshot
from chalicelib.runtime.importing import Choice, RowProblem, Slices, Written
from chalicelib.store.inbox import Inbox, delivery_id
from chalicelib.store.worklists import Worklists

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from chalicelib.domain.order import Bought
    from chalicelib.runtime.sheets import Sheet
    from chalicelib.store.jobs import Job

LINE = re.compile(r"lines\[(\d+)\](?:\.(\w+))?")
# Fields of the document whose columns are called otherwise.
COLUMN_OF_LINE = {"total": "line_total", "discount": "line_discount", "id": "line_id"}
COLUMN_OF = {
    "payment.paid": "paid",
    "payment.state": "payment_state",
    "payment.method": "payment_method",
    "shipping.amount": "shipping_cost",
}
START = datetime.fromtimestamp(0, UTC)
SEEN_AT_ONCE = 100  # heads that one read takes


def delivery_of(merchant_id: str, connection_id: str, order: TableOrder, at: datetime) -> Delivery:
    """Return an order of a table as the delivery that brings it; the same rows, the same one."""
    body = json.dumps(order.document, ensure_ascii=False, separators=(",", ":")).encode()
    name = hashlib.sha256(body).hexdigest()
    return Delivery(
        merchant_id=merchant_id,
        connection_id=connection_id,
        kind="generic",
        id=delivery_id(connection_id, f"table-{name}"),
        received_at=at,
        headers={"content-type": "application/json"},
        body=body,
    )


def understood(
    merchant_id: str, order: TableOrder, choice: Choice
) -> tuple[Bought | None, list[RowProblem]]:
    """Translate an order of a table; or say what is wrong, by row and column."""
    if order.problems:
        return None, list(order.problems)
    delivery = delivery_of(merchant_id, choice.connection_id, order, START)
    try:
        read = translate(delivery)
    except Permanent as error:
        return None, [_placed(error.text, order, choice)]
    return (read.bought if isinstance(read, Snapshot) else None), []


def _placed(text: str, order: TableOrder, choice: Choice) -> RowProblem:
    """Return a complaint about a document as one about the row and column it came from."""
    path, _, reason = text.partition(": ")
    row, name = order.rows[0], COLUMN_OF.get(path, path.replace(".", "_"))
    name = name.replace("billing_address_", "billing_").replace("shipping_address_", "shipping_")
    if found := LINE.fullmatch(path):
        row = order.rows[int(found[1])]
        name = COLUMN_OF_LINE.get(found[2] or "", found[2] or "")
    column = next((column for column, field in choice.columns.items() if field == name), name)
    return RowProblem(row=row, column=column, text=reason)


def known(merchant_id: str, connection_id: str, found: Iterable[TableOrder]) -> set[str]:
    """Return the ids of those orders that we know already."""
    ids = [order_id(connection_id, str(one.document.get("external_id", ""))) for one in found]
    chunks = (ids[at : at + SEEN_AT_ONCE] for at in range(0, len(ids), SEEN_AT_ONCE))
    return {one.order_id for chunk in chunks for one in Worklists().find(merchant_id, chunk)}


def view(merchant_id: str, sheet: Sheet, choice: Choice, *, most: int) -> dict[str, Any]:
    """Return what an import would make, and every problem; the first `most` orders are shown."""
    found = list(orders(sheet, choice))
    there = known(merchant_id, choice.connection_id, found[:most])
    problems: list[RowProblem] = []
    items = []
    for place, order in enumerate(found):
        bought, wrong = understood(merchant_id, order, choice)
        problems += wrong
        if place < most:
            name = order_id(choice.connection_id, str(order.document.get("external_id", "")))
            items.append(_item(order, bought, wrong, is_known=name in there))
    return {"found": len(found), "problems": problems, "items": items}


def _item(
    order: TableOrder, bought: Bought | None, wrong: Sequence[RowProblem], *, is_known: bool
) -> dict[str, Any]:
    billing = order.document.get("billing_address") or order.document.get("shipping_address") or {}
    item: dict[str, Any] = {
        "rows": order.rows,
        "number": order.number,
        "customer": billing.get("name") or billing.get("company") or "",
        "lines": len(order.document.get("lines", ())),
        "total": None,
        "difference": None,
        "state": "wrong" if wrong else "known" if is_known else "new",
    }
    if bought is not None:
        item["total"] = bought.total
        item["difference"] = bought.difference() or None
    return item


@dataclass(frozen=True, slots=True)
class OrderImport:
    """Imports of orders."""

    at_once: int = 200

    def items(self, sheet: Sheet, choice: Choice) -> Sequence[TableOrder]:
        """Return the orders of a table."""
        return list(orders(sheet, choice))

    def problems(
        self,
        merchant_id: str,
        items: Sequence[TableOrder],
        everything: Sequence[TableOrder],
        choice: Choice,
    ) -> list[RowProblem]:
        """Return what is wrong with these orders."""
        del everything
        return [one for order in items for one in understood(merchant_id, order, choice)[1]]

    def write(
        self, job: Job, items: Sequence[TableOrder], choice: Choice, now: datetime
    ) -> Written:
        """Keep these orders in the inbox; one that is there already changes nothing."""
        there = known(job.merchant_id, choice.connection_id, items)
        counts: Counter[str] = Counter(new=0, changed=0, known=0)
        links = []
        for order in items:
            delivery = delivery_of(job.merchant_id, choice.connection_id, order, now)
            is_first = Inbox().save(delivery, step="intake")
            name = order_id(choice.connection_id, order.document["external_id"])
            counts["known" if not is_first else "changed" if name in there else "new"] += 1
            links.append({"id": name, "number": order.number})
        return Written(counts=counts, links=links)


IMPORT: Slices[TableOrder] = Slices(importer=OrderImport())


def advance(job: Job, now: datetime) -> Job:
    """Do one slice of an import."""
    return IMPORT.advance(job, now)


__all__ = ["FIELDS", "advance", "guess", "view"]

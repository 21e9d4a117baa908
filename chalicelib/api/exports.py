"""Products and orders to take away: CSV in the columns that the imports read."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.api import collection_rows, lists
from chalicelib.api.auth import merchant
from chalicelib.api.export_rows import (
    ORDER_COLUMNS,
    PRODUCT_COLUMNS,
    order_rows,
    product_rows,
)
from chalicelib.api.paging import bad_cursor, read_cursor, write_cursor
from chalicelib.api.problems import Problem, answered, not_found
from chalicelib.api.uploads import new_id
from chalicelib.runtime import sheets
from chalicelib.runtime.importing import key_of
from chalicelib.store.bucket import LINK_SECONDS, Bucket
from chalicelib.store.orders import Orders
from chalicelib.store.products import Products

if TYPE_CHECKING:
    from collections.abc import Callable

bp = Blueprint(__name__)
COLUMNS = {
    "products": PRODUCT_COLUMNS,
    "orders": ORDER_COLUMNS,
    "collection": collection_rows.COLUMNS,
}
SECONDS = 18.0  # for reading; API Gateway gives up after 29
AT_ONCE = {"products": 500, "orders": 50, "collection": 50}
MOST_ROWS = sheets.MOST_ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """A part of an export: where its file lies, its rows, and the cursor of the next part."""

    key: str
    rows: int
    next: Any

    def link(self, kind: str) -> str:
        """Return an address that downloads the file for a quarter of an hour."""
        return Bucket().link(self.key, filename=f"{kind}.csv", kind="text/csv")


@bp.route("/v1/exports/{kind}", methods=["GET"])
@answered
def export(kind: str) -> Any:  # noqa: ANN401 - JSON
    """Write products, orders or the list for collection as CSV; return where to fetch it."""
    merchant_id = merchant(bp.current_request)
    params = dict(bp.current_request.query_params or {})
    made = write(merchant_id, kind, params.get("worklist", "open"), read_cursor(params))
    return {
        "url": made.link(kind),
        "rows": made.rows,
        "expires_in": LINK_SECONDS,
        "next": write_cursor(made.next),
    }


def write(
    merchant_id: str,
    kind: str,
    worklist: str = "open",
    cursor: Any = None,  # noqa: ANN401 - callers may send anything back
    clock: Callable[[], float] = time.monotonic,
) -> Export:
    """Write as much as can be read in time; what is left has a cursor."""
    if kind not in COLUMNS:
        raise not_found("export")
    if worklist not in lists.PARTS:
        choice = ", ".join(lists.PARTS)
        raise Problem(400, "bad_field", f"worklist: one of {choice}.", field="worklist")
    rows: list[list[str]] = []
    until = clock() + SECONDS
    while True:
        if kind == "products":
            found, cursor = _products(merchant_id, cursor)
        elif kind == "orders":
            found, cursor = _orders(merchant_id, worklist, cursor)
        else:
            found, cursor = _for_collection(merchant_id, cursor)
        rows += found
        if cursor is None or clock() >= until or len(rows) >= MOST_ROWS:
            break
    key = key_of(merchant_id, new_id())
    # The mark tells spreadsheets that the file is UTF-8.
    Bucket().put(key, sheets.write([COLUMNS[kind], *rows]).encode("utf-8-sig"))
    return Export(key=key, rows=len(rows), next=cursor)


def _products(merchant_id: str, after: Any) -> tuple[list[list[str]], str | None]:  # noqa: ANN401
    if after is not None and not isinstance(after, str):
        raise bad_cursor()
    found = Products().page(merchant_id, limit=AT_ONCE["products"], after=after or "")
    rows = [row for product in found for row in product_rows(product)]
    return rows, found[-1].sku if len(found) == AT_ONCE["products"] else None


def _orders(merchant_id: str, worklist: str, cursor: Any) -> tuple[list[list[str]], Any]:  # noqa: ANN401
    listed, following = lists.page(merchant_id, worklist, limit=AT_ONCE["orders"], cursor=cursor)
    loaded = (Orders().load(merchant_id, one.order_id) for one in listed)
    return [row for order in loaded if order for row in order_rows(order)], following


def _for_collection(merchant_id: str, cursor: Any) -> tuple[list[list[str]], Any]:  # noqa: ANN401
    """Read what staff are to hand over: they find it on hold, by what its head says."""
    listed, following = lists.page(
        merchant_id, "on_hold", limit=AT_ONCE["collection"], cursor=cursor
    )
    due = [one for one in listed if collection_rows.CODE in one.summary["blockers"]]
    loaded = (Orders().load(merchant_id, one.order_id) for one in due)
    return [row for order in loaded if order for row in collection_rows.rows(order)], following

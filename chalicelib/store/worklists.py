"""The lists of orders: sparse indexes, so that a page costs the same whatever the history."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.store.order_rows import ByWorklist, OrderRow
from chalicelib.store.tables import connection, cursor_of, stamp, translated

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

Cursor = dict[str, Any]
# What heads say nothing of that were written before it was asked.
BLANK: dict[str, Any] = {"connection_id": "", "tags": (), "assigned_to": ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One order as the lists show it; `summary` is what the head holds."""

    order_id: str
    number: str
    worklist: str
    since: str
    summary: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An order that is not over, as its head tells it after so many appends (`version`)."""

    order_id: str
    number: str
    version: int
    summary: dict[str, Any]
    worklist: str = ""
    since: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page of a list and where the next one begins."""

    items: list[Listed]
    next: Cursor | None


class Worklists:
    """Reads the heads of one merchant's orders."""

    def page(
        self, merchant_id: str, worklist: str, *, limit: int, start: Cursor | None, newest: bool
    ) -> Page:
        """Return a page of one work list, oldest first unless `newest`."""
        with translated():
            found = OrderRow.by_worklist.query(
                f"{merchant_id}#{worklist}",
                limit=limit,
                page_size=limit,
                last_evaluated_key=start,
                scan_index_forward=not newest,
            )
            rows = list(found)
        return Page(items=[_listed(row) for row in rows], next=cursor_of(found))

    def everything(self, merchant_id: str, worklist: str) -> Iterator[Waiting]:
        """Yield all of a list, with only what a payment is known by; a page is a megabyte.

        The next page is on its way while one is read.
        """
        ask = partial(_raw_page, f"{merchant_id}#{worklist}")
        with ThreadPoolExecutor(1) as hand:
            page = hand.submit(ask, None)
            while True:
                found = page.result()
                if start := found.get("LastEvaluatedKey"):
                    page = hand.submit(ask, start)
                yield from map(_waiting, found["Items"])
                if not start:
                    return

    def some(
        self, merchant_id: str, worklist: str, *, start: Cursor | None, at_once: int
    ) -> Iterator[Waiting]:
        """Yield a list likewise from a place on, for who may soon have enough of it."""
        while True:
            found = _raw_page(f"{merchant_id}#{worklist}", start, at_once)
            yield from map(_waiting, found["Items"])
            start = found.get("LastEvaluatedKey")
            if not start:
                return

    def count(self, merchant_id: str, worklist: str) -> int:
        """Count a work list of open orders; costs a read unit per 16 or so of them."""
        with translated():
            return int(OrderRow.by_worklist.count(f"{merchant_id}#{worklist}"))

    def by_number(self, merchant_id: str, number: str, *, limit: int = 20) -> list[Listed]:
        """Find the orders whose shop number begins with `number`."""
        with translated():
            keys = [
                (row.pk, row.sk)
                for row in OrderRow.by_number.query(
                    merchant_id, OrderRow.number.startswith(number), limit=limit
                )
            ]
            rows = list(OrderRow.batch_get(keys)) if keys else []
        return sorted((_listed(row) for row in rows), key=lambda listed: listed.number)

    def numbered(self, merchant_id: str, number: str) -> list[str]:
        """Return the ids of the orders with exactly this number; they come first in the index."""
        found = self.by_number(merchant_id, number)
        return [listed.order_id for listed in found if listed.number == number]

    def find(self, merchant_id: str, order_ids: list[str]) -> list[Listed]:
        """Read the heads of these orders, those that exist."""
        keys = [(f"{merchant_id}#{order_id}", "HEAD") for order_id in order_ids]
        with translated():
            return [_listed(row) for row in OrderRow.batch_get(keys)] if keys else []

    def due(self, merchant_id: str, now: datetime, *, limit: int = 500) -> list[str]:
        """Return the ids of open orders whose time to be looked at has come, oldest first."""
        with translated():
            rows = OrderRow.by_wake.query(merchant_id, OrderRow.wake_at <= stamp(now), limit=limit)
            return [row.pk.split("#", 1)[1] for row in rows]


def _raw_page(place: str, start: Cursor | None, limit: int | None = None) -> dict[str, Any]:
    # Past PynamoDB's models: of fifty thousand rows they would take most of the time.
    with translated():
        OrderRow._get_connection()  # noqa: SLF001 - makes the table known to the connection
        found: dict[str, Any] = connection().query(
            OrderRow.Meta.table_name,
            place,
            index_name=ByWorklist.Meta.index_name,
            attributes_to_get=["pk", "number", "version", "summary", "list", "since"],
            exclusive_start_key=start,
            limit=limit,
        )
    return found


def _waiting(item: dict[str, Any]) -> Waiting:
    return Waiting(
        order_id=item["pk"]["S"].split("#", 1)[1],
        number=item["number"]["S"],
        version=int(item["version"]["N"]),
        summary=msgspec.json.decode(item["summary"]["S"]),
        worklist=item["list"]["S"].split("#", 1)[1],
        since=item["since"]["S"],
    )


def _listed(row: OrderRow) -> Listed:
    return Listed(
        order_id=row.pk.split("#", 1)[1],
        number=row.number,
        worklist=row.list.split("#", 1)[1],
        since=row.since,
        summary=BLANK | json.loads(row.summary),
    )

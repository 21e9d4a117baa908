"""Orders that wait for a SKU, who was received first comes first: `WAIT#{sku}#{since}#{order}`.

The row is written before the shortage is told, and goes when goods have come in for it or when it
is found to wait no more. A SKU that anybody ever waited for has a row `WAITS#{sku}` besides, so
that of many SKUs one read tells which to look at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.domain.events import StockShort
from chalicelib.store.stock import StockRow
from chalicelib.store.tables import stamp, translated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from chalicelib.domain.events import Fact
    from chalicelib.domain.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiter:
    """An order that waits for a SKU since a moment."""

    sku: str
    since: str
    order_id: str

    @property
    def key(self) -> str:
        """The sort key of its row."""
        return f"{_queue(self.sku)}{self.since}#{self.order_id}"


def waiters_of(order: Order, facts: Iterable[Fact]) -> list[Waiter]:
    """Return for which SKUs an order waits by what is told of it."""
    since = stamp(order.received.at)
    skus = {x.sku for fact in facts if isinstance(fact, StockShort) for x in fact.missing}
    return [Waiter(sku=sku, since=since, order_id=order.id) for sku in sorted(skus)]


class WaitingOrders:
    """The waiting orders of all merchants."""

    def add(self, merchant_id: str, waiters: Iterable[Waiter]) -> None:
        """Queue orders up; those that stand there already stay where they are."""
        keys = {key: None for x in waiters for key in (_mark(x.sku), x.key)}
        with translated(), StockRow.batch_write() as batch:
            for key in keys:
                batch.save(StockRow(merchant_id, key))

    def ever(self, merchant_id: str, skus: Collection[str]) -> list[str]:
        """Return those of many SKUs that anybody has ever waited for."""
        keys = [(merchant_id, _mark(sku)) for sku in skus]
        with translated():
            rows = StockRow.batch_get(keys, consistent_read=True) if keys else []
            return sorted(row.sk.removeprefix(_mark("")) for row in rows)

    def page(self, merchant_id: str, sku: str, *, limit: int, after: str = "") -> list[Waiter]:
        """Return who waits for a SKU, first come first, behind the key `after`."""
        begin = _queue(sku)
        start = {"pk": {"S": merchant_id}, "sk": {"S": after}} if after else None
        with translated():
            rows = StockRow.query(
                merchant_id,
                StockRow.sk.startswith(begin),
                limit=limit,
                page_size=limit,
                last_evaluated_key=start,
                consistent_read=True,
            )
            found = [row.sk.removeprefix(begin).split("#") for row in rows]
        return [Waiter(sku=sku, since=since, order_id=order) for since, order in found]

    def remove(self, merchant_id: str, waiters: Iterable[Waiter]) -> None:
        """Take orders out of the queue that wait no more."""
        with translated(), StockRow.batch_write() as batch:
            for waiter in waiters:
                batch.delete(StockRow(merchant_id, waiter.key))


def _queue(sku: str) -> str:
    """Return how the keys of a SKU's queue begin; a shop may write any sign in its SKUs."""
    plain = sku.replace("%", "%25").replace("#", "%23")
    return f"WAIT#{plain}#"


def _mark(sku: str) -> str:
    return f"WAITS#{sku}"

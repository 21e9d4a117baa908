"""Facts of one or of many orders, written in one transaction with the units that they move.

A SKU that many orders want at once has its row written once for all of them (ADR 0002, 0010).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pynamodb.exceptions import TransactWriteError
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import Conflict
from chalicelib.store.orders import OrderRow, Orders, event_row
from chalicelib.store.portions import groups
from chalicelib.store.stock import (
    Move,
    StockRow,
    level_change,
    lot_moves_of,
    moves_of,
    noted_change,
    stock_key,
)
from chalicelib.store.tables import connection, is_condition_failure, translated
from chalicelib.store.waiting_orders import Waiter, WaitingOrders, waiters_of

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from chalicelib.domain.events import Fact
    from chalicelib.domain.order import Order

AT_ONCE = 100  # rows that DynamoDB writes in one transaction

Moves = dict[tuple[str, str, str], Move]


@dataclass(frozen=True, slots=True, kw_only=True)
class Append:
    """What is told of one order: the order with its new facts, and these facts alone."""

    order: Order
    new: tuple[Fact, ...]


class RefusedError(Conflict):
    """Nothing was written; `moved` are the orders that somebody else appended to meanwhile."""

    def __init__(self, moved: Iterable[str] = ()) -> None:
        """Name the orders that must be loaded again; the levels must be read again in any case."""
        super().__init__("conflict", "somebody else wrote one of these rows first")
        self.moved = frozenset(moved)


def append_of(order: Order, facts: Iterable[Fact]) -> Append | None:
    """Return what is new of these facts to the order; None if it knows all of them."""
    after = order.plus(facts)
    return None if after is order else Append(order=after, new=after.facts[len(order.facts) :])


def moves_of_all(appends: Iterable[Append]) -> Moves:
    """Return by (merchant, sku, location) what all these facts together do to a level."""
    sums: Moves = {}
    for append in appends:
        for (sku, location), move in moves_of(append.order.id, append.new).items():
            key = (append.order.merchant_id, sku, location)
            sums[key] = sums[key] + move if key in sums else move
    return sums


def lot_moves_of_all(appends: Iterable[Append]) -> dict[tuple[str, str], Move]:
    """Return by (merchant, sort key of the lot) what all these facts together do to a lot."""
    sums: dict[tuple[str, str], Move] = {}
    for append in appends:
        for name, move in lot_moves_of(append.order.id, append.new).items():
            key = (append.order.merchant_id, name)
            sums[key] = sums[key] + move if key in sums else move
    return sums


def rows_of(append: Append) -> set[Hashable]:
    """Return what tells the rows apart that these facts move: levels and lots."""
    return {
        *moves_of(append.order.id, append.new),
        *lot_moves_of(append.order.id, append.new),
    }


class StockOrders(Orders):
    """Appends stock facts together with the levels they change, or not at all."""

    def record(self, order: Order, facts: Iterable[Fact]) -> Order:
        """Append in one transaction, of very many units in several; Conflict if anything moved."""
        for group in groups(order, tuple(facts)):
            order = self._record(order, group)
        return order

    def _record(self, order: Order, facts: Iterable[Fact]) -> Order:
        append = append_of(order, facts)
        if append is None:
            return order
        if not moves_of(append.order.id, append.new):
            self.queue_up([append])
            return self.append(order, append.new)
        self.record_many([append])
        return append.order

    def queue_up(self, appends: Iterable[Append]) -> None:
        """Note who waits for what, before it is told: a note too many is taken out when read."""
        for merchant_id, waiters in _waiters(appends).items():
            WaitingOrders().add(merchant_id, waiters)

    def record_many(self, appends: Sequence[Append]) -> None:
        """Append to many orders in one transaction, all or nothing; RefusedError if refused."""
        self.queue_up(appends)
        try:
            with translated():
                _write(appends)
        except Conflict as conflict:
            raise RefusedError(_moved(appends, conflict.__cause__)) from conflict


def _waiters(appends: Iterable[Append]) -> dict[str, list[Waiter]]:
    found: dict[str, list[Waiter]] = {}
    for append in appends:
        if waiters := waiters_of(append.order, append.new):
            found.setdefault(append.order.merchant_id, []).extend(waiters)
    return found


def _write(appends: Sequence[Append]) -> None:
    with TransactWrite(connection=connection()) as transaction:
        for append in appends:
            row = event_row(append.order, append.new)
            transaction.save(row, condition=OrderRow.pk.does_not_exist())
        for (merchant_id, sku, location), move in moves_of_all(appends).items():
            level = StockRow(merchant_id, stock_key(sku, location))
            actions, condition = noted_change(level, move)
            transaction.update(level, actions, condition=condition)
        for (merchant_id, key), move in lot_moves_of_all(appends).items():
            actions, condition = level_change(move)
            transaction.update(StockRow(merchant_id, key), actions, condition=condition)


def _moved(appends: Sequence[Append], cause: BaseException | None) -> list[str]:
    """Return the orders whose own row was refused; PynamoDB sends puts before updates."""
    if not isinstance(cause, TransactWriteError) or not is_condition_failure(cause):
        return []
    reasons = cause.cancellation_reasons
    return [a.order.id for a, why in zip(appends, reasons, strict=False) if why is not None]

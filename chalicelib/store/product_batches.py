"""Many products at once: read a hundred to a call, written with their levels in transactions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import Conflict
from chalicelib.domain.levels import Level
from chalicelib.domain.product import Product
from chalicelib.store.products import product_change
from chalicelib.store.stock import Move, Shelf, StockRow, noted_change, stock_key
from chalicelib.store.tables import connection, translated

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.domain.levels import Cause

AT_ONCE = 50  # products: a transaction takes a hundred rows, a product and a level are two
TRIES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What is to be true of a product: its fields, and how many units lie at which locations."""

    sku: str
    given: Mapping[str, Any]
    on_hand: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What became of it: whether it is new or as it was, where units came in, what was refused."""

    sku: str
    is_new: bool = False
    is_same: bool = False
    came_in: bool = False
    reserved: Mapping[str, int] | None = None  # more than was counted there


class ProductBatches:
    """Writes many products of a merchant."""

    def write(self, merchant_id: str, changes: Sequence[Change], cause: Cause) -> list[Changed]:
        """Make these changes, each product with all its levels or not at all.

        What was counted moves `available` by the difference to what lies there now, so that units
        set aside stay so; a level that moved meanwhile is read again.
        """
        found: list[Changed] = []
        for start in range(0, len(changes), AT_ONCE):
            found += self._settled(merchant_id, changes[start : start + AT_ONCE], cause)
        return found

    def _settled(self, merchant_id: str, changes: Sequence[Change], cause: Cause) -> list[Changed]:
        for _ in range(TRIES):
            try:
                return self._once(merchant_id, changes, cause)
            except Conflict:
                continue
        if len(changes) == 1:
            return self._once(merchant_id, changes, cause)
        # One of them is being sold at this moment: the others need not wait for it.
        return [one for each in changes for one in self._settled(merchant_id, [each], cause)]

    def _once(self, merchant_id: str, changes: Sequence[Change], cause: Cause) -> list[Changed]:
        places = {place for change in changes for place in change.on_hand}
        seen = Shelf().products(merchant_id, [change.sku for change in changes], places)
        plans = [_plan(change, seen.get(change.sku)) for change in changes]
        writes = [plan for plan in plans if plan.needs_write]
        if writes:
            with translated(), TransactWrite(connection=connection()) as transaction:
                for plan in writes:
                    _write(transaction, merchant_id, plan, cause)
        return [plan.outcome for plan in plans]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """What to write of one product: itself if it is other, and the levels that are."""

    product: Product | None
    levels: tuple[tuple[Level, int], ...]
    outcome: Changed

    @property
    def needs_write(self) -> bool:
        return self.product is not None or bool(self.levels)


def _plan(change: Change, seen: Product | None) -> _Plan:
    product = replace(seen or Product(sku=change.sku), **change.given)
    taken = {place: product.at(place).reserved for place in change.on_hand}
    short = {place: taken[place] for place, count in change.on_hand.items() if count < taken[place]}
    if short:
        return _Plan(product=None, levels=(), outcome=Changed(sku=change.sku, reserved=short))
    levels = [(product.at(place), count) for place, count in change.on_hand.items()]
    moved = tuple((level, count) for level, count in levels if count != level.on_hand)
    is_other = seen is None or product != seen
    return _Plan(
        product=product if is_other else None,
        levels=moved,
        outcome=Changed(
            sku=change.sku,
            is_new=seen is None,
            is_same=not is_other and not moved,
            came_in=any(count > level.on_hand for level, count in moved),
        ),
    )


def _write(transaction: TransactWrite, merchant_id: str, plan: _Plan, cause: Cause) -> None:
    if plan.product is not None:
        row = StockRow(merchant_id, stock_key(plan.product.sku))
        transaction.update(row, product_change(merchant_id, plan.product))
    for level, count in plan.levels:
        row = StockRow(merchant_id, stock_key(plan.outcome.sku, level.location))
        move = Move(available=count - level.on_hand, reserved=0, cause=cause)
        same = StockRow.seq == level.seq if level.seq else StockRow.pk.does_not_exist()
        transaction.update(row, noted_change(row, move)[0], condition=same)

"""Many orders at once: each is decided in its turn, all of them are written as one (ADR 0010).

Who was received first is decided first, against levels that are read once and move along in memory.
Nothing happens but by the write, so it may be refused, repeated or lost: whoever comes next loads
and decides again. An order that would spoil the write for the others runs alone, after them.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Protocol

from chalicelib.domain.errors import Conflict
from chalicelib.runtime.batch import order_in
from chalicelib.runtime.logging import log
from chalicelib.runtime.step import run, told
from chalicelib.stock.levels import MovingShelf
from chalicelib.stock.perform import perform
from chalicelib.store.allocation import AT_ONCE, Append, RefusedError, append_of, rows_of
from chalicelib.store.portions import groups

if TYPE_CHECKING:
    from collections.abc import (
        Callable,
        Collection,
        Hashable,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )
    from datetime import datetime

    from chalicelib.domain.commands import Command, WakeUp
    from chalicelib.domain.events import Fact
    from chalicelib.domain.order import Order
    from chalicelib.runtime.step import Step
    from chalicelib.stock.perform import LocationsOf
    from chalicelib.stock.port import Shelf

TRIES = 8
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5  # seconds


class Book(Protocol):
    """Where the facts of many orders are written together."""

    def load(self, merchant_id: str, order_id: str) -> Order | None:
        """Read an order with all its facts."""
        ...

    def record_many(self, appends: Sequence[Append]) -> None:
        """Append to many orders and move their units, all or nothing; RefusedError if refused."""
        ...


def pause(attempt: int) -> None:
    """Wait a moment, so that those who were in each other's way do not meet again."""
    longest = min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)
    time.sleep(random.uniform(0, longest))  # noqa: S311 - keeps no secret


@dataclass(slots=True, kw_only=True)
class Group:
    """The orders of one merchant that came together, first received first."""

    merchant_id: str
    waiting: list[Order] = field(default_factory=list)
    alone: list[str] = field(default_factory=list)  # those that would spoil the write
    known: dict[str, Order] = field(default_factory=dict)  # by their messages, not read yet


@dataclass(slots=True, kw_only=True)
class Pack:
    """Orders that are written at once, and the levels their facts move."""

    orders: list[Order] = field(default_factory=list)
    appends: list[Append] = field(default_factory=list)
    rows: set[Hashable] = field(default_factory=set)

    def has_room(self, rows: set[Hashable]) -> bool:
        """Tell whether one more order fits, with the levels and lots that it moves."""
        return len(self.appends) + 1 + len(self.rows | rows) <= AT_ONCE

    def take(self, order: Order, append: Append | None, rows: set[Hashable]) -> None:
        """Add an order, which may have nothing to tell."""
        self.orders.append(order)
        self.appends += [append] if append else []
        self.rows |= rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """The stock step for many orders."""

    step: Step
    book: Book
    shelf: Shelf
    locations_of: LocationsOf
    pause: Callable[[int], None] = pause

    def run(self, wakes: Iterable[WakeUp]) -> Collection[WakeUp]:
        """Do what the step asks of these orders; return the wake-ups that must come back."""
        back: list[WakeUp] = []
        ordered = sorted(wakes, key=lambda wake: wake.merchant_id)
        for merchant_id, mine in groupby(ordered, key=lambda wake: wake.merchant_id):
            named = {wake.order_id: wake for wake in mine}
            back += [named[order] for order in self._of_merchant(merchant_id, named)]
        return back

    def _of_merchant(self, merchant_id: str, named: Mapping[str, WakeUp]) -> list[str]:
        """Work on the orders of one merchant; return those that must come back."""
        orders = list(named)
        if len(orders) == 1:
            return list(self._each_alone(merchant_id, orders, order_in(named[orders[0]])))
        log.append_keys(step=self.step.name, merchant=merchant_id, order=None)
        hints = {name: order_in(wake) for name, wake in named.items()}
        known = {name: order for name, order in hints.items() if order}
        group = Group(merchant_id=merchant_id, known=known)
        group.waiting = sorted(self._load(group, orders), key=lambda one: one.received.at)
        refusals = 0
        while len(group.waiting) > 1 and refusals < TRIES:
            if self._is_refused(group):
                refusals += 1
                self.pause(refusals)
        late = [order.id for order in group.waiting]
        if refusals < TRIES:
            group.alone, late = group.alone + late, []
        return [*late, *self._each_alone(merchant_id, group.alone)]

    def _load(self, group: Group, orders: Iterable[str]) -> Iterator[Order]:
        for name in orders:
            try:
                known = group.known.pop(name, None)
                order = known or self.book.load(group.merchant_id, name)
            except Exception:  # noqa: BLE001 - one unreadable order keeps no other waiting
                self._set_apart(group, name)
            else:
                yield from [order] if order else []

    def _is_refused(self, group: Group) -> bool:
        """Write as many orders as fit into one write; tell whether it was refused."""
        pack = Pack()
        try:
            self._fill(pack, group)
            if pack.appends:
                self.book.record_many(pack.appends)
        except RefusedError as refused:
            log.info("refused, decided again", orders=len(pack.orders))
            again = self._renewed(group, pack.orders, refused.moved)
            group.waiting = [*again, *group.waiting]
            return True
        except Exception:  # noqa: BLE001 - what the write cannot say, each order's own run can
            log.exception("not written together, each runs alone")
            group.alone += [order.id for order in (*pack.orders, *group.waiting)]
            group.waiting = []
        return False

    def _renewed(
        self, group: Group, orders: Iterable[Order], moved: Collection[str]
    ) -> Iterator[Order]:
        """Yield the orders again, each in its place; those that moved on as they are now."""
        for order in orders:
            yield from self._load(group, [order.id]) if order.id in moved else [order]

    def _fill(self, pack: Pack, group: Group) -> None:
        """Move orders from the group to the pack, each decided on what those before it left."""
        now = self.step.now()
        wishes = dict(self._wishes(group, now))
        shelf = MovingShelf(self.shelf)
        places = {one.id for one in self.locations_of(group.merchant_id)}
        shelf.products(group.merchant_id, _skus(wishes.values()), places)
        act = partial(perform, shelf=shelf, locations_of=self.locations_of)
        step = replace(self.step, perform=act)
        while group.waiting:
            order = group.waiting[0]
            try:
                append = _append(order, told(step, order, wishes[order.id], now))
                rows = rows_of(append) if append else set()
                if pack.orders and not pack.has_room(rows):
                    return
                if append:
                    shelf.move(append)
            except Exception:  # noqa: BLE001 - a bug in one order keeps no other waiting
                self._set_apart(group, order.id)
            else:
                pack.take(order, append, rows)
            group.waiting.pop(0)

    def _wishes(self, group: Group, now: datetime) -> Iterator[tuple[str, tuple[Command, ...]]]:
        for order in group.waiting:
            try:
                yield order.id, tuple(self.step.decide(order, now))
            except Exception:  # noqa: BLE001 - as above
                log.exception("cannot be decided", order=order.id)

    def _set_apart(self, group: Group, order: str) -> None:
        log.exception("runs alone", order=order)
        group.alone.append(order)

    def _each_alone(
        self, merchant_id: str, orders: Iterable[str], known: Order | None = None
    ) -> Iterator[str]:
        """Run orders one by one, the only one as it is `known`; yield those that must come back."""
        for order in orders:
            log.append_keys(step=self.step.name, merchant=merchant_id, order=order)
            try:
                run(self.step, merchant_id, order, known)
            except Exception:  # noqa: BLE001 - reported as failed, so that its message comes back
                log.exception("failed, comes back")
                yield order


def _append(order: Order, facts: Iterable[Fact]) -> Append | None:
    """Return what one write tells of an order; Conflict if that takes several writes."""
    first, *more = groups(order, tuple(facts))
    if more:
        raise Conflict("too_many", "the units of this order take several writes")
    return append_of(order, first)


def _skus(wishes: Iterable[Iterable[Command]]) -> set[str]:
    """Return the SKUs of all units that commands are about."""
    commands = (one for each in wishes for one in each)
    return {unit.sku for one in commands for unit in getattr(one, "units", ())}

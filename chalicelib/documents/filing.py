"""Documents are written from an order as it was read: what was changed meanwhile is noticed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.domain import revision
from chalicelib.domain.errors import Conflict
from chalicelib.domain.events import DocumentIssued, Fact, HoldPlaced

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order
    from chalicelib.runtime.step import OrderStore


@dataclass(frozen=True, slots=True)
class Filing:
    """The orders as the documents step writes to them.

    A delivery note of an order that the shop has changed meanwhile is not recorded, so that it is
    written anew; an invoice is, for its number is drawn, and a person is told.
    """

    orders: OrderStore

    def load(self, merchant_id: str, order_id: str) -> Order | None:
        """Read an order with all its facts."""
        return self.orders.load(merchant_id, order_id)

    def append(self, order: Order, facts: Iterable[Fact]) -> Order:
        """Add facts to the order as loaded; Conflict if anybody was faster."""
        return self.orders.append(order, facts)

    def record(self, order: Order, facts: Iterable[Fact]) -> Order:
        """Add facts; Conflict, after keeping what is still true, if what was bought has changed."""
        facts = tuple(facts)
        for _ in facts[:1]:
            try:
                return self.orders.append(order, facts)
            except Conflict:
                newest = self.orders.load(order.merchant_id, order.id) or order
                if newest.bought != order.bought:
                    is_bound = revision.binds(order.bought, newest.bought)
                    self.orders.record(newest, [*still_true(facts, is_outdated=is_bound)])
                    raise
                order = newest
        return self.orders.record(order, facts)


def still_true(facts: Iterable[Fact], *, is_outdated: bool) -> Iterator[Fact]:
    """Yield the facts that a change does not touch, with a hold for an invoice that it does."""
    for fact in facts:
        if not isinstance(fact, DocumentIssued):
            yield fact
        elif fact.kind != "delivery_note":
            yield fact
            if fact.kind == "invoice" and is_outdated:
                yield outdated(fact.number, fact.at)


def outdated(number: str, at: datetime) -> Fact:
    """Say that an invoice shows the order as it was before its last change."""
    text = f"The order was changed while invoice {number} was being written: it shows the old one."
    return HoldPlaced(at=at, code="invoice_outdated", text=text)

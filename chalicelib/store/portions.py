"""An order of many articles: its stock facts in portions that one transaction can hold."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain.events import StockFact, StockIssued, StockReturned

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from chalicelib.domain.events import Fact
    from chalicelib.domain.order import Order

# DynamoDB writes 100 rows at once: the order's own, and of each unit its level and its lot.
MOST = 49


def groups(order: Order, facts: Sequence[Fact]) -> Iterator[list[Fact]]:
    """Yield the facts in groups to be written one after the other; nearly always there is one.

    What a shipment or a return moves is told in numbered parts, of which only the last has no
    `more`: whoever goes on after a crash tells of the rest.
    """
    units = sum(len(fact.units) for fact in facts if isinstance(fact, StockFact))
    if units <= MOST and not any(_begun(order, fact) for fact in facts):
        yield [*facts]
        return
    for fact in facts:
        for portion in _portions(order, fact):
            yield [portion]


def _portions(order: Order, fact: Fact) -> Iterator[Fact]:
    if not isinstance(fact, StockFact):
        yield fact
        return
    begun = _begun(order, fact)
    units = fact.units
    parts = [units[start : start + MOST] for start in range(0, len(units), MOST)] or [()]
    for number, part in enumerate(parts, len(begun)):
        if isinstance(fact, StockIssued | StockReturned):
            is_last = number - len(begun) == len(parts) - 1
            yield replace(fact, units=part, part=number, more=not is_last)
        else:
            yield replace(fact, units=part)


def _begun(order: Order, fact: Fact) -> list[StockFact]:
    """Return the parts of the same shipment or return that are written already."""
    if isinstance(fact, StockIssued):
        return [x for x in order.all(StockIssued) if x.shipment == fact.shipment and x.more]
    if isinstance(fact, StockReturned):
        return [x for x in order.all(StockReturned) if x.return_id == fact.return_id and x.more]
    return []

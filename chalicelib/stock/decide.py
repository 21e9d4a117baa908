"""Which units to set aside, let go, take out and put back."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.domain import events, goods, lots, scarcity, states
from chalicelib.domain.commands import (
    Command,
    IssueStock,
    PutAwayReturn,
    ReleaseStock,
    ReserveStock,
)
from chalicelib.domain.events import Units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from chalicelib.domain.lots import Place
    from chalicelib.domain.order import Order

# After a shortage the next look comes with new stock or with the sweeper, not with every fact.
RETRY_SHORT = timedelta(minutes=10)


def decide(order: Order, now: datetime) -> Iterator[Command]:
    """Say what must move so that the shelf agrees with the order."""
    if states.lifecycle(order) is states.Lifecycle.CANCELLED:
        yield from _release(order)
        return
    if order.has(events.OrderAccepted):
        yield from _hold(order, now)
    yield from _issue(order)
    yield from _put_away(order)


def _reserve(order: Order, now: datetime) -> Iterator[Command]:
    missing = goods.unreserved(order)
    short, arrived = order.last(events.StockShort), order.last(events.StockArrived)
    revised = order.last(events.OrderRevised)
    is_news = short is None or any(x and x.at > short.at for x in (arrived, revised))
    if missing and (is_news or (short and now - short.at >= RETRY_SHORT)):
        units = tuple(Units(sku=sku, quantity=count) for sku, count in sorted(missing.items()))
        yield ReserveStock(units=units)


def _release(order: Order) -> Iterator[Command]:
    held = goods.reserved(order)
    for key, count in order.allocated(events.StockIssued).items():
        held[key] = held.get(key, 0) - count
    left = {key: count for key, count in held.items() if count > 0}
    if left:
        yield ReleaseStock(units=lots.held(order).take(left))


def _hold(order: Order, now: datetime) -> Iterator[Command]:
    """Hold what is wanted: let go what is too much or not paid in time, set the rest aside."""
    if _is_expired(order, now):
        yield ReleaseStock(units=_free(order, goods.free(order)), reason="expired")
        return
    if over := goods.surplus(order):
        yield ReleaseStock(units=_free(order, over), reason="changed")
    if not scarcity.lapsed(order):
        yield from _reserve(order, now)


def _free(order: Order, count: Mapping[tuple[str, str], int]) -> tuple[Units, ...]:
    """Return units that are in no parcel, with their lots."""
    return lots.packed(order).take(count)


def _is_expired(order: Order, now: datetime) -> bool:
    days, held = order.policy.reservation_days, order.last(events.StockReserved)
    if not days or not held or order.policy.ship_on != "payment" or not goods.free(order):
        return False
    is_unpaid = states.payment(order) is states.Payment.UNPAID
    return is_unpaid and now - held.at >= timedelta(days=days)


def _issue(order: Order) -> Iterator[Command]:
    book = lots.held(order)
    for number, note in goods.delivery_notes(order).items():
        told = [x for x in order.all(events.StockIssued) if x.shipment == number]
        if _is_open(told):
            units = book.take(_rest(goods.units_of(order, note.lines), told))
            if number in goods.shipments(order):
                yield IssueStock(shipment=number, units=units)


def _put_away(order: Order) -> Iterator[Command]:
    book = lots.Book(order, events.StockIssued, events.StockReturned)
    for fact in order.all(events.ReturnReceived):
        told = [x for x in order.all(events.StockReturned) if x.return_id == fact.return_id]
        if _is_open(told):
            units = book.take(_rest(goods.put_away(order, fact), told))
            yield PutAwayReturn(return_id=fact.return_id, units=units)


def _is_open(told: Sequence[events.StockIssued | events.StockReturned]) -> bool:
    """Tell whether units are still to be told of, after a crash between two parts perhaps."""
    return all(fact.more for fact in told)


def _rest(count: Mapping[Place, int], told: Iterable[events.StockFact]) -> dict[Place, int]:
    """Return the units that no part has told of yet."""
    left = Counter(count)
    for fact in told:
        left.subtract({(unit.sku, unit.location): unit.quantity for unit in fact.units})
    return {place: units for place, units in left.items() if units > 0}

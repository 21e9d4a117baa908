"""One invoice for each delivery: which parcel is to be billed next, and what for, to the cent.

What is rounded is rounded on the sum of all parcels so far, so that the last one has the rest.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain import events, goods, states
from chalicelib.domain.money import Money
from chalicelib.domain.order import LineKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.domain.order import LineItem, Order

PARCEL = "parcel:"
# What takes something off all of the order.
_SHARED = frozenset({LineKind.DISCOUNT, LineKind.GIFT_CARD})


def name_of(shipment: int) -> str:
    """Return what the invoice of a parcel refers to."""
    return f"{PARCEL}{shipment}"


def invoices(order: Order) -> tuple[events.DocumentIssued, ...]:
    """Return the invoices of parcels, in the order in which they were issued."""
    issued = order.all(events.DocumentIssued)
    return tuple(x for x in issued if x.kind == "invoice" and x.refers_to.startswith(PARCEL))


def due(order: Order) -> int:
    """Return the parcel that is to be billed now; 0 if there is none.

    What leaves in one parcel has an ordinary invoice.
    """
    is_alive = states.lifecycle(order) in {states.Lifecycle.ACCEPTED, states.Lifecycle.COMPLETED}
    if order.policy.invoice_on != "delivery" or not is_alive or not order.bought.total:
        return 0
    parcels = goods.shipments(order)
    is_one = len(parcels) == 1 and goods.is_all_shipped(order) and not invoices(order)
    if is_one or states.document(order, "invoice"):
        return 0
    left = (x for x in sorted(parcels) if not states.document(order, "invoice", name_of(x)))
    return next(left, 0)


def lines(order: Order, shipment: int) -> tuple[LineItem, ...]:
    """Return the lines of a parcel's invoice: its pieces, and what it bears of all the rest."""
    notes = goods.delivery_notes(order)
    before = goods.count_lines(x for n, note in notes.items() if n < shipment for x in note.lines)
    after = goods.count_lines(x for n, note in notes.items() if n <= shipment for x in note.lines)
    is_first = shipment == min(notes, default=shipment)
    return tuple(_lines(order, before, after, is_first=is_first))


def original(order: Order, return_id: str) -> events.DocumentIssued:
    """Return the parcel's invoice that a correction names: of what came back, else the newest."""
    issued = invoices(order)
    back = (x for x in order.all(events.ReturnReceived) if x.return_id == return_id)
    ids = {line.line_id for fact in back for line in fact.lines}
    for number, note in goods.delivery_notes(order).items():
        of_parcel = states.document(order, "invoice", name_of(number))
        if of_parcel and ids & {line.line_id for line in note.lines}:
            return of_parcel
    return issued[-1]


def _lines(
    order: Order, before: dict[str, int], after: dict[str, int], *, is_first: bool
) -> Iterator[LineItem]:
    physical = {line.id: line for line in order.bought.physical()}
    whole = sum(line.total.minor for line in physical.values())
    so_far = sum(_part(line.total.minor, line, before) for line in physical.values())
    by_now = sum(_part(line.total.minor, line, after) for line in physical.values())
    for line in order.bought.lines:
        if line.id in physical:
            yield from _pieces(line, before, after)
        elif line.kind in _SHARED and whole > 0:
            share = line.total.minor * by_now // whole - line.total.minor * so_far // whole
            if share:
                yield replace(line, total=Money(minor=share, currency=line.total.currency))
        elif is_first:
            yield line


def _pieces(line: LineItem, before: dict[str, int], after: dict[str, int]) -> Iterator[LineItem]:
    """Yield the pieces of a line that lie in the parcel, at their share of its price."""
    count = min(after.get(line.id, 0), line.quantity) - min(before.get(line.id, 0), line.quantity)
    if count <= 0:
        return
    currency, minor = line.total.currency, line.total.minor
    price = _part(minor, line, after) - _part(minor, line, before)
    off = abs(line.discount.minor) if line.discount else 0
    saved = _part(off, line, after) - _part(off, line, before)
    yield replace(
        line,
        quantity=count,
        total=Money(minor=price, currency=currency),
        discount=Money(minor=saved, currency=currency) if saved else None,
    )


def _part(minor: int, line: LineItem, gone: dict[str, int]) -> int:
    return minor * min(gone.get(line.id, 0), line.quantity) // line.quantity

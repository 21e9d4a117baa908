"""Pieces: what must be set aside, what lies in which parcel, and what came back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import events

if TYPE_CHECKING:
    from chalicelib.domain.order import LineItem, Order


def tracked(order: Order) -> tuple[LineItem, ...]:
    """Return the physical lines whose stock we keep: those with a SKU."""
    return tuple(line for line in order.bought.physical() if line.sku)


def wanted(order: Order) -> dict[tuple[str, str], int]:
    """Return the units to set aside in all, by (sku, location)."""
    count: dict[tuple[str, str], int] = {}
    for line in tracked(order):
        key = (line.sku or "", order.policy.location)
        count[key] = count.get(key, 0) + line.quantity
    return count


def reserved(order: Order) -> dict[tuple[str, str], int]:
    """Return the units set aside so far, including those that have gone out since."""
    held = order.allocated(events.StockReserved)
    held.subtract(order.allocated(events.StockReleased))
    return {key: count for key, count in held.items() if count > 0}


def unreserved(order: Order) -> dict[tuple[str, str], int]:
    """Return the units still to be set aside."""
    held = reserved(order)
    rest = {key: count - held.get(key, 0) for key, count in wanted(order).items()}
    return {key: count for key, count in rest.items() if count > 0}


def delivery_notes(order: Order) -> dict[int, events.DocumentIssued]:
    """Return the delivery notes by shipment number."""
    return {
        int(fact.refers_to): fact
        for fact in order.all(events.DocumentIssued)
        if fact.kind == "delivery_note"
    }


def shipments(order: Order) -> dict[int, events.ShipmentRegistered]:
    """Return the registered shipments by their number."""
    return {fact.shipment: fact for fact in order.all(events.ShipmentRegistered)}


def assigned(order: Order) -> dict[str, int]:
    """Return the pieces already on a delivery note, by line id."""
    count: dict[str, int] = {}
    for note in delivery_notes(order).values():
        for line in note.lines:
            count[line.line_id] = count.get(line.line_id, 0) + line.quantity
    return count


def to_ship(order: Order) -> tuple[events.LineQuantity, ...]:
    """Return what could go into the next parcel: set aside, or without stock, and not yet gone."""
    gone, free = assigned(order), reserved(order)
    for line in tracked(order):
        free[line.sku or "", order.policy.location] = free.get(
            (line.sku or "", order.policy.location), 0
        ) - gone.get(line.id, 0)
    parcel = []
    for line in order.bought.physical():
        open_pieces = line.quantity - gone.get(line.id, 0)
        if line.sku:
            key = (line.sku, order.policy.location)
            open_pieces = min(open_pieces, free.get(key, 0))
            free[key] = free.get(key, 0) - max(open_pieces, 0)
        if open_pieces > 0:
            parcel.append(events.LineQuantity(line_id=line.id, quantity=open_pieces))
    return tuple(parcel)


def sent(order: Order) -> dict[str, int]:
    """Return the pieces in registered shipments, by line id."""
    done, count = shipments(order), dict[str, int]()
    for number, note in delivery_notes(order).items():
        for line in note.lines if number in done else ():
            count[line.line_id] = count.get(line.line_id, 0) + line.quantity
    return count


def is_all_shipped(order: Order) -> bool:
    """Tell whether every physical piece is in a registered shipment."""
    gone = sent(order)
    return all(gone.get(line.id, 0) >= line.quantity for line in order.bought.physical())


def is_all_returned(order: Order) -> bool:
    """Tell whether every physical piece has come back."""
    back: dict[str, int] = {}
    for fact in order.all(events.ReturnReceived):
        for line in fact.lines:
            back[line.line_id] = back.get(line.line_id, 0) + line.quantity
    physical = order.bought.physical()
    return bool(physical) and all(back.get(line.id, 0) >= line.quantity for line in physical)

"""Pieces: what must be set aside, what lies in which parcel, and what came back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.domain import events, routing
from chalicelib.domain.events import LineQuantity, Part
from chalicelib.domain.routing import Demand

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.domain.order import LineItem, Order


def tracked(order: Order) -> tuple[LineItem, ...]:
    """Return the physical lines whose stock we keep: those with a SKU."""
    return tuple(line for line in order.bought.physical() if line.sku)


def parts(order: Order, sku: str) -> tuple[Part, ...]:
    """Return what one piece of a SKU takes from the shelf: itself, or a bundle's parts."""
    for fact in order.all(events.BundleOpened):
        if fact.sku == sku:
            return fact.parts
    return (Part(sku=sku),)


def demands(order: Order, gone: dict[str, int] | None = None) -> list[Demand]:
    """Return the pieces of each SKU that was bought, without those gone of each line."""
    count: Counter[str] = Counter()
    for line in tracked(order):
        count[line.sku or ""] += max(line.quantity - (gone or {}).get(line.id, 0), 0)
    return [
        Demand(sku=sku, quantity=quantity, parts=parts(order, sku))
        for sku, quantity in count.items()
    ]


def wanted(order: Order) -> dict[str, int]:
    """Return the units to set aside in all, by SKU."""
    count: Counter[str] = Counter()
    for demand in demands(order):
        for part in demand.parts:
            count[part.sku] += part.quantity * demand.quantity
    return dict(count)


def reserved(order: Order) -> dict[tuple[str, str], int]:
    """Return the units set aside so far by (sku, location), those gone out since included."""
    held = order.allocated(events.StockReserved)
    held.subtract(order.allocated(events.StockReleased))
    return {key: count for key, count in held.items() if count > 0}


def unreserved(order: Order) -> dict[str, int]:
    """Return the units still to be set aside, by SKU."""
    rest = Counter(wanted(order))
    for (sku, _), count in reserved(order).items():
        rest[sku] -= count
    return {sku: count for sku, count in rest.items() if count > 0}


def open_demands(order: Order) -> list[Demand]:
    """Return the pieces for which not all units are set aside yet."""
    held = reserved(order)
    places = list(dict.fromkeys(location for _, location in held))
    done: Counter[str] = Counter()
    for pick in routing.pack(demands(order), held, places):
        done[pick.demand.sku] += pick.quantity
    left = [replace(x, quantity=x.quantity - done[x.sku]) for x in demands(order)]
    return [demand for demand in left if demand.quantity > 0]


def surplus(order: Order) -> dict[tuple[str, str], int]:
    """Return the units set aside beyond what is wanted, of those that are on no delivery note."""
    here, need, over = free(order), Counter(wanted(order)), Counter[tuple[str, str]]()
    for (sku, _), count in reserved(order).items():
        need[sku] -= count
    for (sku, location), count in reversed(list(here.items())):
        if (most := min(count, -need[sku])) > 0:
            over[sku, location] = most
            need[sku] += most
    return dict(over)


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
    return count_lines(line for note in delivery_notes(order).values() for line in note.lines)


def count_lines(lines: Iterable[LineQuantity]) -> dict[str, int]:
    """Add up pieces by line id."""
    count: Counter[str] = Counter()
    for line in lines:
        count[line.line_id] += line.quantity
    return dict(count)


def units_of(order: Order, lines: Iterable[LineQuantity]) -> dict[tuple[str, str], int]:
    """Return the units that pieces of lines are made of, by (sku, location)."""
    skus = {line.id: line.sku for line in tracked(order)}
    count: Counter[tuple[str, str]] = Counter()
    for line in lines:
        sku = skus.get(line.line_id)
        for part in parts(order, sku) if sku else ():
            count[part.sku, line.location] += part.quantity * line.quantity
    return dict(count)


def free(order: Order) -> dict[tuple[str, str], int]:
    """Return the units set aside that are on no delivery note, by (sku, location)."""
    left = Counter(reserved(order))
    left.subtract(units_of(order, (x for n in delivery_notes(order).values() for x in n.lines)))
    return {key: count for key, count in left.items() if count > 0}


def to_ship(order: Order) -> tuple[LineQuantity, ...]:
    """Return what could be packed now: set aside, or without stock, and not yet gone."""
    gone, here = assigned(order), free(order)
    places = list(dict.fromkeys(location for _, location in here))
    picks = routing.pack(demands(order, gone), here, places)
    pieces = Counter({(pick.demand.sku, pick.location): pick.quantity for pick in picks})
    found = []
    for line in order.bought.physical():
        left = line.quantity - gone.get(line.id, 0)
        for place in places if line.sku else (places or ["main"])[:1]:
            count = min(left, pieces[line.sku, place]) if line.sku else left
            if count > 0:
                found.append(LineQuantity(line_id=line.id, quantity=count, location=place))
                pieces[line.sku or "", place] -= count
                left -= count
    return tuple(found)


def parcels(order: Order) -> tuple[tuple[LineQuantity, ...], ...]:
    """Return the pieces of each parcel that could be packed now: one for each location."""
    pieces = to_ship(order)
    places = dict.fromkeys(piece.location for piece in pieces)
    return tuple(tuple(x for x in pieces if x.location == place) for place in places)


def sent(order: Order) -> dict[str, int]:
    """Return the pieces in registered shipments, by line id."""
    done = shipments(order)
    notes = delivery_notes(order).items()
    return count_lines(line for number, note in notes if number in done for line in note.lines)


def put_away(order: Order, back: events.ReturnReceived) -> dict[tuple[str, str], int]:
    """Return the sellable units of a return, each at the location that it once left."""
    done = shipments(order)
    left = [x for n, note in delivery_notes(order).items() if n in done for x in note.lines]
    for fact in order.all(events.ReturnReceived):
        sellable, left = _matched(fact.lines, left)
        if fact is back:
            return units_of(order, (line for line in sellable if line.restock))
    return {}


def _matched(
    lines: Iterable[LineQuantity], left: list[LineQuantity]
) -> tuple[list[LineQuantity], list[LineQuantity]]:
    """Give pieces that came back the locations of pieces that left; return them and the rest."""
    placed, rest = [], list(left)
    for line in lines:
        open_pieces = line.quantity
        for index, piece in enumerate(rest):
            if piece.line_id == line.line_id and (count := min(open_pieces, piece.quantity)) > 0:
                placed.append(replace(line, quantity=count, location=piece.location))
                rest[index] = replace(piece, quantity=piece.quantity - count)
                open_pieces -= count
        if open_pieces > 0:
            placed.append(replace(line, quantity=open_pieces))
    return placed, rest


def is_all_shipped(order: Order) -> bool:
    """Tell whether every physical piece is in a registered shipment."""
    gone = sent(order)
    return all(gone.get(line.id, 0) >= line.quantity for line in order.bought.physical())


def is_all_returned(order: Order) -> bool:
    """Tell whether every physical piece has come back."""
    back = count_lines(line for fact in order.all(events.ReturnReceived) for line in fact.lines)
    physical = order.bought.physical()
    return bool(physical) and all(back.get(line.id, 0) >= line.quantity for line in physical)

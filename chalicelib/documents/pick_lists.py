"""What a pick list says: the units of orders' parcels, added up by SKU, with where they lie."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from chalicelib.documents.drafts import sender
from chalicelib.documents.papers import Box, Pick, PickListFacts, Share
from chalicelib.documents.parcel_papers import lot_text
from chalicelib.documents.settling import day_of
from chalicelib.domain import bins, events, goods, lots

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from chalicelib.domain.order import Order
    from chalicelib.domain.product import Product
    from chalicelib.store.merchants import Settings


def pick_list(
    orders: Sequence[Order],
    products: Mapping[str, Product],
    settings: Settings,
    *,
    number: str,
    location: str,
    now: datetime,
) -> PickListFacts:
    """Return what to fetch at a location (empty: anywhere) for orders, each with its box."""
    boxes: list[Box] = []
    shares: dict[tuple[str, str, str, str], list[Share]] = defaultdict(list)
    for order in orders:
        picks = list(_picks(order, products, location, settings.language))
        if not picks:
            continue
        shipping = order.bought.shipping
        boxes.append(
            Box(
                number=order.bought.number,
                recipient=shipping.company or shipping.name,
                lines=tuple(picks),
                note=order.bought.note,
            )
        )
        for pick in picks:
            share = Share(box=len(boxes), quantity=pick.quantity)
            shares[pick.sku, pick.name, pick.bin, pick.ean].append(share)
    return PickListFacts(
        number=number,
        issued_on=day_of(now),
        sender=sender(settings),
        picks=tuple(_added(what, parts, boxes) for what, parts in shares.items()),
        boxes=tuple(boxes),
        location=location,
        language=settings.language,
    )


def _added(what: tuple[str, str, str, str], parts: Sequence[Share], boxes: Sequence[Box]) -> Pick:
    sku, name, place, ean = what
    return Pick(
        sku=sku,
        name=name,
        bin=place,
        ean=ean,
        shares=tuple(parts),
        quantity=sum(part.quantity for part in parts),
        lots=_lots(boxes, sku),
    )


def to_pick(order: Order, location: str) -> tuple[events.LineQuantity, ...]:
    """Return the pieces of an order's parcels, those to come included, at a location."""
    noted = [line for note in goods.delivery_notes(order).values() for line in note.lines]
    pieces = (*noted, *goods.to_ship(order))
    return tuple(piece for piece in pieces if location in {"", piece.location})


def skus(orders: Sequence[Order], location: str) -> set[str]:
    """Return the SKUs that orders are made of at a location."""
    return {sku for one in orders for sku, _ in goods.units_of(one, to_pick(one, location))}


def _picks(
    order: Order, products: Mapping[str, Product], location: str, language: str
) -> Iterator[Pick]:
    pieces = to_pick(order, location)
    names = {line.sku: line.name for line in goods.tracked(order)}
    names |= {
        part.sku: part.name
        for sku in tuple(names)
        for part in goods.parts(order, sku or "")
        if part.name
    }
    told = defaultdict[str, list[str]](list)
    book = lots.Book(order, events.StockReserved, events.StockReleased)
    units = goods.units_of(order, pieces)
    for unit in book.take(units):
        if unit.lot:
            told[unit.sku].append(lot_text(unit, language))
    for (sku, place), quantity in units.items():
        product = products.get(sku)
        yield Pick(
            sku=sku,
            name=(product.name if product else "") or names.get(sku, "") or sku,
            quantity=quantity,
            bin=bins.bin_at(product.bin, place) if product else "",
            ean=product.ean if product else "",
            lots=", ".join(told[sku]),
        )
    untracked = {line.id: line.name for line in order.bought.physical() if not line.sku}
    for line_id, quantity in Counter(
        {piece.line_id: piece.quantity for piece in pieces if piece.line_id in untracked}
    ).items():
        yield Pick(sku="", name=untracked[line_id], quantity=quantity)


def _lots(boxes: Sequence[Box], sku: str) -> str:
    """Return the lots of a SKU over all boxes; each box says how many of which."""
    told = {line.lots for box in boxes for line in box.lines if line.sku == sku and line.lots}
    return ", ".join(sorted(told))

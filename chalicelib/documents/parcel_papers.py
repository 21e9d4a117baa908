"""What a parcel's papers say: the delivery note with what a bundle is made of, and the label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.documents.drafts import day_of, language, party, sender
from chalicelib.documents.facts import DeliveryNoteFacts, LabelFacts, Line, OpenLine
from chalicelib.domain import goods

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.domain.events import LineQuantity, ShipmentRegistered
    from chalicelib.domain.order import LineItem, Order
    from chalicelib.store.merchants import Settings


def delivery_note(
    order: Order,
    settings: Settings,
    lines: Sequence[LineQuantity],
    *,
    number: str,
    now: datetime,
) -> DeliveryNoteFacts:
    """Return what lies in a parcel, and what will follow."""
    items = {line.id: line for line in order.bought.lines}
    gone = goods.assigned(order)
    for piece in lines:
        gone[piece.line_id] = gone.get(piece.line_id, 0) + piece.quantity
    return DeliveryNoteFacts(
        number=number,
        issued_on=day_of(now),
        sender=sender(settings),
        ship_to=party(order.bought.shipping),
        lines=tuple(
            Line(
                position=position,
                name=items[piece.line_id].name,
                sku=items[piece.line_id].sku or "",
                quantity=piece.quantity,
                details=_contents(order, items[piece.line_id], piece.quantity),
            )
            for position, piece in enumerate(lines, 1)
        ),
        open_lines=tuple(
            OpenLine(name=line.name, sku=line.sku or "", quantity=line.quantity - gone[line.id])
            for line in order.bought.physical()
            if line.quantity > gone.setdefault(line.id, 0)
        ),
        language=language(order),
        order_number=order.bought.number,
        ordered_on=day_of(order.bought.placed_at),
        notes=(order.bought.note,) if order.bought.note else (),
    )


def _contents(order: Order, line: LineItem, quantity: int) -> str:
    """Return what so many pieces of a bundle are made of; nothing for other articles."""
    parts = goods.parts(order, line.sku or "")
    if [part.sku for part in parts] == [line.sku or ""]:
        return ""
    return ", ".join(
        f"{part.quantity * quantity} × {part.name} ({part.sku})"
        if part.name
        else f"{part.quantity * quantity} × {part.sku}"
        for part in parts
    )


def label(order: Order, settings: Settings, shipment: ShipmentRegistered) -> LabelFacts:
    """Return the label of a parcel whose carrier draws none."""
    return LabelFacts(
        number=shipment.tracking_number,
        issued_on=day_of(shipment.at),
        sender=sender(settings),
        ship_to=party(order.bought.shipping),
        tracking_number=shipment.tracking_number,
        tracking_url=shipment.tracking_url,
        language=language(order),
        order_number=order.bought.number,
        weight_g=shipment.weight_g,
        phone=order.bought.shipping.phone,
    )

"""What a parcel's papers say: the delivery note with what a bundle is made of, and the label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.documents.choices import chosen, with_eans
from chalicelib.documents.drafts import language, party, sender
from chalicelib.documents.facts import DeliveryNoteFacts, LabelFacts, Line, OpenLine, Party
from chalicelib.documents.papers import ReturnSlipFacts
from chalicelib.documents.settling import day_of
from chalicelib.documents.wording import WORDS
from chalicelib.domain import articles, balance, formats, goods, lots
from chalicelib.domain.events import ReturnAuthorized

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.domain.events import LineQuantity, ShipmentRegistered, Units
    from chalicelib.domain.order import Order
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
    gone = goods.assigned(order)
    for piece in lines:
        gone[piece.line_id] = gone.get(piece.line_id, 0) + piece.quantity
    whole = DeliveryNoteFacts(
        number=number,
        issued_on=day_of(now),
        sender=sender(settings),
        ship_to=party(order.bought.shipping),
        lines=with_eans(_packed(order, lines), order, settings),
        open_lines=tuple(
            OpenLine(name=line.name, sku=line.sku or "", quantity=line.quantity - gone[line.id])
            for line in order.bought.physical()
            if line.quantity > gone.setdefault(line.id, 0)
        ),
        language=language(order),
        weight_g=articles.known_weight(order, lines),
        form="packing_slip" if settings.documents_packing_slip else "",
        order_number=order.bought.number,
        ordered_on=day_of(order.bought.placed_at),
        notes=(order.bought.note,) if order.bought.note else (),
    )
    return chosen(whole, settings)


def _packed(order: Order, lines: Sequence[LineQuantity]) -> tuple[Line, ...]:
    items, book = {line.id: line for line in order.bought.lines}, lots.packed(order)
    return tuple(
        Line(
            position=position,
            name=items[piece.line_id].name,
            sku=items[piece.line_id].sku or "",
            quantity=piece.quantity,
            details=_contents(order, piece, items[piece.line_id].sku or "", book),
        )
        for position, piece in enumerate(lines, 1)
    )


def return_slip(order: Order, settings: Settings, return_id: str, now: datetime) -> ReturnSlipFacts:
    """Return what the customer lays into the parcel of a return that was agreed to."""
    agreed = next(x for x in order.all(ReturnAuthorized) if x.return_id == return_id)
    items = {line.id: line for line in order.bought.lines}
    own = sender(settings)
    return ReturnSlipFacts(
        number=return_id,
        issued_on=day_of(now),
        sender=own,
        send_to=Party(
            name=own.name, street=own.street, zip=own.zip, city=own.city, country=own.country
        ),
        customer=party(order.bought.shipping),
        lines=tuple(
            Line(
                position=position,
                name=items[piece.line_id].name,
                sku=items[piece.line_id].sku or "",
                quantity=piece.quantity,
            )
            for position, piece in enumerate(agreed.lines, 1)
        ),
        order_number=order.bought.number,
        ordered_on=day_of(order.bought.placed_at),
        language=language(order),
        reason=agreed.reason,
        is_open=balance.wanted(order).minor > 0,
    )


def _contents(order: Order, piece: LineQuantity, sku: str, book: lots.Book) -> str:
    """Return what pieces of a bundle are made of, and of which lots; else nothing."""
    names = {part.sku: part.name for part in goods.parts(order, sku)}
    told = []
    for unit in book.take(goods.units_of(order, [piece])):
        name = names.get(unit.sku, "")
        of = f"{name} ({unit.sku})" if name and unit.sku != sku else unit.sku
        article = "" if unit.sku == sku else f"{unit.quantity} × {of}"
        told.append(" ".join(text for text in (article, lot_text(unit, language(order))) if text))
    return ", ".join(text for text in told if text)


def lot_text(unit: Units, language: str) -> str:
    """Return a lot with its pieces and its day; nothing for units of none."""
    if not unit.lot:
        return ""
    words = WORDS[language]
    until = words["best_before"]
    day = f", {until} {formats.day(unit.best_before, language)}" if unit.best_before else ""
    return f"{words['lot']} {unit.lot}: {unit.quantity}{day}"


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

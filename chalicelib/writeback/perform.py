"""Tells the shop; whatever it was told already it is not told twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import goods
from chalicelib.domain.commands import Command, TellCancelled, TellShipped
from chalicelib.domain.events import Fact, OrderCancelled, ShopTold
from chalicelib.shops.port import Parcel, ParcelLine
from chalicelib.writeback.decide import TELL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order
    from chalicelib.writeback.port import Counterpart

# Where the shop has no call for it, or the connection has gone or was never given credentials.
NOT_OFFERED = "not offered"


class Teller:
    """Speaks to the shops that orders came from."""

    def __init__(self, counterpart_of: Callable[[str], Counterpart | None]) -> None:
        """Take the way to the shop of a connection."""
        self._counterpart_of = counterpart_of

    def perform(self, order: Order, command: Command, now: datetime) -> Iterator[Fact]:
        """Tell of one parcel or of the cancellation, and record the shop's own name of it."""
        if not isinstance(command, TellShipped | TellCancelled):
            return
        shop = self._counterpart_of(order.bought.connection_id)
        if shop is None:
            reference = NOT_OFFERED
        elif isinstance(command, TellShipped):
            reference = shop.ship(parcel(order, command.shipment))
        else:
            cancelled = order.last(OrderCancelled)
            reason = cancelled.reason if cancelled else ""
            reference = shop.cancel(order.bought.external_id, reason)
        yield ShopTold(at=now, what=command.key.removeprefix(TELL), reference=reference)


def parcel(order: Order, number: int) -> Parcel:
    """Describe a parcel to its shop: the shop's own ids, what lies in it and where to look."""
    shipments = goods.shipments(order)
    sent, note = shipments[number], goods.delivery_notes(order)[number]
    told = {fact.what for fact in order.all(ShopTold)} | {f"shipped:{number}"}
    skus = {line.id: line.sku or "" for line in order.bought.lines}
    return Parcel(
        order_id=order.bought.external_id,
        order_number=order.bought.number,
        number=number,
        carrier=sent.carrier,
        tracking_number=sent.tracking_number,
        tracking_url=sent.tracking_url,
        shipped_at=sent.at,
        lines=tuple(
            ParcelLine(line_id=x.line_id, sku=skus.get(x.line_id, ""), quantity=x.quantity)
            for x in note.lines
        ),
        # The shop may close its order only with the last parcel that it hears of.
        is_last=goods.is_all_shipped(order) and all(f"shipped:{n}" in told for n in shipments),
    )

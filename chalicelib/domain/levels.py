"""How many units lie where, why that changed last, and the movement between two levels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

# Why a level may change; the first five come from orders, the others from people. `several` are
# happenings of more than one kind that were written at once.
KINDS = ("reservation", "release", "sale", "return", "several", "receipt", "correction", "count")


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """Why a level changed: one of KINDS, in whose words, by whom and for which order.

    One write for many orders says only how many they were: a level is read with every order.
    """

    kind: str
    at: datetime
    reason: str = ""
    by: str = ""
    order_id: str = ""
    orders: int = 1
    lot: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """Units of one SKU at one location; `seq` counts the changes, `cause` is the newest's."""

    location: str = "main"
    available: int = 0
    reserved: int = 0
    seq: int = 0
    cause: Cause | None = None

    @property
    def on_hand(self) -> int:
        """What lies on the shelf, set aside or not."""
        return self.available + self.reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One change of a level: by how many units on the shelf and set aside, and what was then."""

    sku: str
    location: str
    kind: str
    quantity: int
    held: int
    on_hand: int
    reserved: int
    at: datetime
    seq: int
    reason: str = ""
    by: str = ""
    order_id: str = ""
    orders: int = 1
    lot: str = ""


def movement(sku: str, before: Level | None, after: Level) -> Movement | None:
    """Return what happened between two levels; None where no unit was counted or moved."""
    was = before or Level(location=after.location)
    cause = after.cause
    if cause is None or after.seq == was.seq:
        return None
    return Movement(
        sku=sku,
        location=after.location,
        kind=cause.kind,
        quantity=after.on_hand - was.on_hand,
        held=after.reserved - was.reserved,
        on_hand=after.on_hand,
        reserved=after.reserved,
        at=cause.at,
        seq=after.seq,
        reason=cause.reason,
        by=cause.by,
        order_id=cause.order_id,
        orders=cause.orders,
        lot=cause.lot,
    )

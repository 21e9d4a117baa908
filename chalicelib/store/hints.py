"""Hints: an order as the router knew it, in the message that wakes a step (ADR 0022).

A hint is never obeyed: every write after it is refused unless the order is still that version.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass

import msgspec

from chalicelib.domain.order import Bought, Order
from chalicelib.store import codec

LARGEST = 20_000  # characters; ten messages of a batch have 256 KB


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hint:
    version: int
    bought: Bought
    facts: msgspec.Raw
    reported: Bought | None = None


def hint_of(order: Order) -> str:
    """Pack an order, to be read with its names; empty for one that is too large."""
    facts = msgspec.Raw(codec.facts_to_json(order.facts).encode())
    hint = _Hint(version=order.version, bought=order.bought, reported=order.reported, facts=facts)
    packed = b64encode(codec.pack(hint)).decode()
    return packed if len(packed) <= LARGEST else ""


def hinted(merchant_id: str, order_id: str, hint: str) -> Order:
    """Unpack the order that `hint_of` has packed."""
    read = codec.unpack(b64decode(hint), _Hint)
    return Order(
        merchant_id=merchant_id,
        id=order_id,
        bought=read.bought,
        reported=read.reported,
        facts=codec.facts_from_json(bytes(read.facts).decode()),
        version=read.version,
    )

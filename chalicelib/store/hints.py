"""Hints: an order or a delivery as the router saw it, in the message that wakes a step (ADR 0023).

That of an order is never obeyed: every write after it is refused unless the order is still that
version. That of a delivery is the row as it was saved, which never changes.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from chalicelib.domain.order import Bought, Order
from chalicelib.store import codec
from chalicelib.store.inbox import unpacked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.domain.deliveries import Delivery

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


def hint_of_delivery(image: Mapping[str, Any]) -> str:
    """Pack a delivery from its row's image in the stream; empty for one that is too large."""
    body = image.get("body", {}).get("B", "")
    if not body or len(body) > LARGEST:
        return ""
    return json.dumps([image["kind"]["S"], image["received_at"]["S"], body])


def hinted_delivery(merchant_id: str, delivery_id: str, hint: str) -> Delivery:
    """Unpack the delivery that `hint_of_delivery` has packed."""
    kind, received_at, body = json.loads(hint)
    return unpacked(merchant_id, delivery_id, kind, received_at, b64decode(body))

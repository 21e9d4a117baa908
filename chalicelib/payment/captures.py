"""One payment, booked as a whole and told in parts, or the other way round: it counts once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from chalicelib.domain.errors import Conflict
from chalicelib.domain.events import Movement, PaymentReceived
from chalicelib.domain.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.domain.events import Fact
    from chalicelib.domain.order import Order

TRIES = 8


class Appending(Protocol):
    """What is needed of the orders."""

    def load(self, merchant_id: str, order_id: str) -> Order | None:
        """Read an order."""
        ...

    def append(self, order: Order, facts: Iterable[Fact]) -> Order:
        """Add facts to the order as it was loaded; Conflict if anybody was faster."""
        ...


def news(order: Order, fact: Movement, earlier: Money | None) -> Movement | None:
    """Return what of a movement the order does not know of its payment yet; None: all is known.

    `earlier` is what was captured of the same payment before this part of it. An older event told
    the sum of some parts under the payment's name: what that covers, the oldest first, is known.
    What a person has undone stays undone, whatever name it comes under.
    """
    if not isinstance(fact, PaymentReceived):
        return fact
    told = [x for x in order.all(PaymentReceived) if x.source == fact.source]
    if earlier is None:
        is_in_parts = any(x.payment == fact.reference != x.reference for x in told)
        return None if is_in_parts else fact
    whole = total((x.amount for x in told if x.reference == fact.payment), earlier.currency)
    known = max(0, min(fact.amount.minor, whole.minor - earlier.minor))
    left = fact.amount - Money(minor=known, currency=earlier.currency)
    return replace(fact, amount=left) if left else None


def record(orders: Appending, order: Order, fact: Movement, earlier: Money | None) -> Order:
    """Add what is news of a movement, looked at again whenever anybody appended meanwhile."""
    for _ in range(TRIES):
        if (new := news(order, fact, earlier)) is None:
            return order
        try:
            return orders.append(order, [new])
        except Conflict:
            order = orders.load(order.merchant_id, order.id) or order
    raise Conflict("conflict", "The order is written to by too many at once.")

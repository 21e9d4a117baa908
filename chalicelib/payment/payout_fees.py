"""Books what a provider kept of the payments in a payout on the order of each payment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time
from functools import partial
from typing import TYPE_CHECKING

from chalicelib.domain import balance
from chalicelib.domain.events import FeeCharged, PaymentReceived
from chalicelib.store.orders import Orders
from chalicelib.store.payments import Payments
from chalicelib.store.payouts import Line, note_paid_out

if TYPE_CHECKING:
    from chalicelib.domain.order import Order
    from chalicelib.domain.payouts import Payout, PayoutPart

HANDS = 8  # calls of the database at the same time


def booked(merchant_id: str, payout: Payout, lines: list[Line], now: datetime) -> list[Line]:
    """Book the fees of parts whose order was not known yet; returns all parts as they are then.

    Parts of one order come one after the other, so that no two append to it at once.
    """
    names = dict.fromkeys(line.part.payment for line in lines if line.part.is_of_payment)
    with ThreadPoolExecutor(HANDS) as hands:
        owners = hands.map(partial(Payments().order_of, merchant_id, payout.source), names)
        order_of = dict(zip(names, owners, strict=True))
        groups: dict[str, list[int]] = {}
        for place, line in enumerate(lines):
            if line.part.is_of_payment and not line.order_id:
                groups.setdefault(order_of[line.part.payment], []).append(place)
        done = list(lines)
        book = partial(_of_one_order, merchant_id, payout, now)
        wanted = [(order_id, [lines[x] for x in places]) for order_id, places in groups.items()]
        for places, found in zip(groups.values(), hands.map(book, wanted), strict=True):
            for place, line in zip(places, found, strict=True):
                done[place] = line
    return done


def _of_one_order(
    merchant_id: str, payout: Payout, now: datetime, wanted: tuple[str, list[Line]]
) -> list[Line]:
    order_id, lines = wanted
    order = Orders().load(merchant_id, order_id) if order_id else None
    if order is None:
        return [replace(line, trouble="unknown") for line in lines]
    fees = [_fee(payout, order, line.part, now) for line in lines]
    Orders().record(order, [fee for fee in fees if fee])
    for payment in dict.fromkeys(x.part.payment for x in lines if x.part.kind == "received"):
        note_paid_out(merchant_id, payout, payment)
    return [_explained(order, line) for line in lines]


def _fee(payout: Payout, order: Order, part: PayoutPart, now: datetime) -> FeeCharged | None:
    """Return what the provider kept, under the name that its webhook calls it by, too."""
    if not part.fee or not part.reference or part.fee.currency != order.bought.currency:
        return None
    return FeeCharged(
        at=now,
        source=payout.source,
        reference=part.reference,
        amount=part.fee,
        booked_at=part.booked_at or datetime.combine(payout.arrived_on, time(), UTC),
        payment=part.payment,
    )


def _explained(order: Order, line: Line) -> Line:
    """Return a part with its order, and in what the two do not agree."""
    line = replace(line, order_id=order.id, number=order.bought.number, trouble="")
    if line.part.gross.currency != order.bought.currency:
        return replace(line, trouble="currency")
    came = [
        fact.amount
        for fact in balance.standing(order, PaymentReceived)
        if line.part.kind == "received" and (fact.payment or fact.reference) == line.part.payment
    ]
    if came and line.part.gross not in came:
        return replace(line, trouble="amount", expected=came[0])
    return line

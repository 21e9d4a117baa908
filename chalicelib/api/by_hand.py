"""Money of which a person says that it came in or went back."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from chalicelib.api import actions
from chalicelib.api.problems import Problem
from chalicelib.domain import events, refunding
from chalicelib.domain.money import Money
from chalicelib.payment import transfers
from chalicelib.runtime import clock
from chalicelib.store.orders import Orders

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.domain.order import Order


def book_payment(
    order: Order, amount: Money, *, source: str, reference: str, booked_at: datetime | None
) -> Order:
    """Book money that came in, once per source and reference."""
    check_positive(order, amount)
    now = clock.now()
    fact = events.PaymentReceived(
        at=now,
        source=source,
        reference=reference or f"{source}-{secrets.token_hex(6)}",
        amount=amount,
        booked_at=booked_at or now,
    )
    return actions.add(order, [fact])


@actions.checked
def record_refund(order: Order, amount: Money, *, reference: str, return_id: str, by: str) -> Order:
    """Record that money went back to the customer, once per reference."""
    check_positive(order, amount)
    check_return(order, return_id)
    now = clock.now()
    fact = events.RefundRecorded(
        at=now,
        source="manual",
        reference=reference or f"refund-{secrets.token_hex(6)}",
        amount=amount,
        booked_at=now,
        return_id=return_id,
        by=by,
    )
    most, met = refunding.refundable(order), refunding.met_by(order, fact)
    if met:
        if transfers.is_in_file(order.merchant_id, met.refund_id):
            raise Problem(409, "in_file", "It is in a file of transfers: undo the file first.")
        most += met.amount
        fact = refunding.explained(order, fact)
    if order.plus([fact]) is not order and amount > most:
        raise Problem(422, "too_much", "More than is left of what was paid.", field="amount")
    after = Orders().append(order, [fact])
    if met:
        transfers.in_step(after)
    return after


def check_return(order: Order, return_id: str) -> None:
    """Refuse a return that the order does not have; none is fine."""
    if return_id and all(x.return_id != return_id for x in order.all(events.ReturnAuthorized)):
        raise Problem(422, "no_such_return", "There is no such return.", field="return_id")


def check_positive(order: Order, amount: Money) -> None:
    """Refuse an amount in another currency than the order's, and nothing."""
    if amount.currency != order.bought.currency:
        raise Problem(
            422, "wrong_currency", f"The order is in {order.bought.currency}.", field="amount"
        )
    if amount.minor <= 0:
        raise Problem(400, "bad_field", "amount: must be above zero.", field="amount")

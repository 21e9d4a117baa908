"""What a person may do to an order: each action appends facts, and the steps do the rest."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.api.problems import Problem, not_found
from chalicelib.domain import events, states
from chalicelib.domain.money import Money
from chalicelib.runtime import clock
from chalicelib.store.orders import Orders

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from chalicelib.domain.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLine:
    """Pieces of a line that come back; `restock` says that they may be sold again."""

    line_id: str
    quantity: int
    restock: bool = True


def load(merchant_id: str, order_id: str) -> Order:
    """Read an order of this merchant; 404 for any other."""
    order = Orders().load(merchant_id, order_id)
    if order is None:
        raise not_found("order")
    return order


def add(order: Order, facts: Iterable[events.Fact]) -> Order:
    """Append what a person did."""
    return Orders().record(order, facts)


def cancel(order: Order, by: str, reason: str) -> Order:
    """Cancel an order of which nothing has left the house."""
    if states.shipments(order):
        raise Problem(422, "already_shipped", "A parcel has left already; make it a return.")
    return add(order, [events.OrderCancelled(at=clock.now(), by=by, reason=reason)])


def hold(order: Order, text: str) -> Order:
    """Stop the next parcel until somebody releases it."""
    if not text.strip():
        raise Problem(400, "bad_field", "text: say why.", field="text")
    return add(order, [events.HoldPlaced(at=clock.now(), code="manual", text=text.strip())])


def release(order: Order, by: str, code: str) -> Order:
    """Go on in spite of a problem, by the code of its blocker."""
    now = clock.now()
    known = {blocker.code for blocker in states.blockers(order, now)}
    known |= {held.code for held in order.holds()}
    if code not in known:
        raise Problem(422, "no_such_hold", f"Nothing is held for {code!r}.")
    effects = [held.effect for held in order.holds() if held.code == code] or [""]
    facts: list[events.Fact] = [
        events.HoldReleased(at=now, code=code, by=by, effect=effect) for effect in effects
    ]
    if code in {"total_mismatch", "no_lines"}:
        facts.append(events.OrderAccepted(at=now, by=by))
    return add(order, facts)


def book_payment(
    order: Order, amount: Money, *, source: str, reference: str, booked_at: datetime | None
) -> Order:
    """Book money that came in, once per source and reference."""
    _check_positive(order, amount)
    now = clock.now()
    fact = events.PaymentReceived(
        at=now,
        source=source,
        reference=reference or f"{source}-{secrets.token_hex(6)}",
        amount=amount,
        booked_at=booked_at or now,
    )
    return add(order, [fact])


def record_refund(order: Order, amount: Money, *, reference: str, return_id: str, by: str) -> Order:
    """Record that money went back to the customer."""
    _check_positive(order, amount)
    refunded = sum(fact.amount.minor for fact in order.all(events.RefundRecorded))
    if amount.minor + refunded > states.received_amount(order).minor:
        raise Problem(422, "too_much", "More than the customer has paid.", field="amount")
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
    return add(order, [fact])


def authorize_return(
    order: Order, lines: Iterable[ReturnLine], *, reason: str, by: str
) -> tuple[Order, str]:
    """Agree that pieces come back; returns the order and the return's id."""
    pieces = _checked(lines, _shipped(order), already=_coming_back(order))
    return_id = f"R{len(order.all(events.ReturnAuthorized)) + 1}"
    fact = events.ReturnAuthorized(
        at=clock.now(), return_id=return_id, lines=pieces, reason=reason, by=by
    )
    return add(order, [fact]), return_id


def receive_return(order: Order, return_id: str, lines: Iterable[ReturnLine], *, by: str) -> Order:
    """Note what has come back, and whether it may be sold again."""
    authorized = [x for x in order.all(events.ReturnAuthorized) if x.return_id == return_id]
    if not authorized:
        raise not_found("return")
    if states.return_of(order, return_id) is not states.Return.AUTHORIZED:
        raise Problem(409, "already_received", "This return is in already.")
    agreed = {line.line_id: line.quantity for line in authorized[0].lines}
    pieces = _checked(lines, agreed, already={})
    fact = events.ReturnReceived(at=clock.now(), return_id=return_id, lines=pieces, by=by)
    return add(order, [fact])


def _shipped(order: Order) -> dict[str, int]:
    count: dict[str, int] = {}
    notes = states.delivery_notes(order)
    for number in states.shipments(order):
        for line in notes[number].lines:
            count[line.line_id] = count.get(line.line_id, 0) + line.quantity
    return count


def _coming_back(order: Order) -> dict[str, int]:
    count: dict[str, int] = {}
    for fact in order.all(events.ReturnAuthorized):
        for line in fact.lines:
            count[line.line_id] = count.get(line.line_id, 0) + line.quantity
    return count


def _checked(
    lines: Iterable[ReturnLine], most: dict[str, int], *, already: dict[str, int]
) -> tuple[events.LineQuantity, ...]:
    pieces = []
    for index, line in enumerate(lines):
        left = most.get(line.line_id, 0) - already.get(line.line_id, 0)
        if not 0 < line.quantity <= left:
            field = f"lines[{index}].quantity"
            raise Problem(
                422, "bad_quantity", f"{field}: must be between 1 and {left}.", field=field
            )
        pieces.append(
            events.LineQuantity(line_id=line.line_id, quantity=line.quantity, restock=line.restock)
        )
    if not pieces:
        raise Problem(400, "bad_field", "lines: name at least one.", field="lines")
    return tuple(pieces)


def _check_positive(order: Order, amount: Money) -> None:
    if amount.currency != order.bought.currency:
        raise Problem(
            422, "wrong_currency", f"The order is in {order.bought.currency}.", field="amount"
        )
    if amount.minor <= 0:
        raise Problem(400, "bad_field", "amount: must be above zero.", field="amount")

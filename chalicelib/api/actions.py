"""What a person may do to an order: each action appends facts, and the steps do the rest."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.api.problems import Problem, not_found
from chalicelib.domain import events, goods, states, waiting
from chalicelib.domain.money import Money
from chalicelib.runtime import clock
from chalicelib.store.orders import Orders
from chalicelib.store.worklists import Worklists

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from chalicelib.domain.order import Order


# How many orders on hold are looked through when stock arrives, the oldest first.
WAITING = 200
WAITS = frozenset({"short_stock", "unknown_sku"})


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
    if goods.shipments(order):
        raise Problem(422, "already_shipped", "A parcel has left already; make it a return.")
    return add(order, [events.OrderCancelled(at=clock.now(), by=by, reason=reason)])


def hold(order: Order, text: str) -> Order:
    """Stop the next parcel until somebody releases it."""
    if not text.strip():
        raise Problem(400, "bad_field", "text: say why.", field="text")
    return add(order, [events.HoldPlaced(at=clock.now(), code="manual", text=text.strip())])


# Problems of the order itself that a person may overrule; the others go away by being solved.
RELEASABLE = frozenset(
    {
        "total_mismatch",
        "no_lines",
        "missing_sku",
        "missing_address",
        "changed_in_shop",
        "cancelled_late",
        "charged_back",
        "refunded",
    }
)


# Releasing these lets an order begin that was not accepted by itself.
ACCEPTING = frozenset({"total_mismatch", "no_lines", "fulfilled_in_shop"})


def releasable(order: Order) -> set[str]:
    """Return the codes that a person may release now."""
    held = {one.code for one in order.holds()}
    return held | (RELEASABLE & {one.code for one in waiting.blockers(order, clock.now())})


def release(order: Order, by: str, code: str) -> Order:
    """Go on in spite of a problem, by the code of its blocker."""
    now = clock.now()
    if code not in releasable(order):
        raise Problem(422, "no_such_hold", f"There is nothing to release for {code!r}.")
    effects = [held.effect for held in order.holds() if held.code == code] or [""]
    facts: list[events.Fact] = [
        events.HoldReleased(at=now, code=code, by=by, effect=effect) for effect in effects
    ]
    if code in ACCEPTING:
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
    pieces = _checked(lines, goods.sent(order), already=_coming_back(order))
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


def announce_stock(merchant_id: str, sku: str) -> int:
    """Tell the orders that wait for a SKU that some came in; returns how many were told."""
    waiting = Worklists().page(merchant_id, "on_hold", limit=WAITING, start=None, newest=False)
    told = 0
    for listed in waiting.items:
        if not WAITS & set(listed.summary["blockers"]):
            continue
        order = load(merchant_id, listed.order_id)
        short = order.last(events.StockShort)
        if short and any(item.sku == sku for item in short.missing):
            add(order, [events.StockArrived(at=clock.now(), sku=sku)])
            told += 1
    return told


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

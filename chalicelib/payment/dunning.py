"""Raises a letter with its fee, and cancels an order that nobody pays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chalicelib.domain import balance, dunning
from chalicelib.domain.commands import CancelUnpaid, Command, MarkOverdue, RaiseDunning, WaiveFees
from chalicelib.domain.events import (
    DunningFeeCharged,
    DunningRaised,
    Fact,
    MovementUndone,
    OrderCancelled,
    PaymentOverdue,
    RefundListed,
    RefundRecorded,
    WriteOffRecorded,
)
from chalicelib.domain.money import Money
from chalicelib.domain.order import Order

if TYPE_CHECKING:
    from chalicelib.runtime.step import OrderStore

# Asks the providers for money that we do not know of; Retryable if one of them is away.
Ask = Callable[[Order, datetime], Iterable[Fact]]
NOT_PAID = "not paid in time"
PAID_BUT_FEES = "all but the fees is paid"


@dataclass(frozen=True, slots=True)
class Collector:
    """Carries out what the payment step decides; `ask` is asked before an order is cancelled."""

    ask: Ask

    def perform(self, order: Order, command: Command, now: datetime) -> Iterator[Fact]:
        """Return the facts of one wish."""
        match command:
            case MarkOverdue():
                yield PaymentOverdue(at=now)
            case RaiseDunning():
                yield from raised(order, command.level, now)
            case WaiveFees():
                yield from waived(order, now)
            case CancelUnpaid():
                found = tuple(self.ask(order, now))
                off = OrderCancelled(at=now, by="kontor", reason=NOT_PAID)
                yield from found or (off,)


def raised(order: Order, level: int, now: datetime, *, by: str = "kontor") -> Iterator[Fact]:
    """Return a letter and its fee: one append holds both, or none."""
    until = dunning.day(now) + timedelta(days=order.policy.dunning_days)
    yield DunningRaised(at=now, level=level, due_on=until, by=by)
    fee = (0, order.policy.dunning_fee_1, order.policy.dunning_fee_2)[level]
    if fee:
        yield DunningFeeCharged(
            at=now,
            source=dunning.SOURCE,
            reference=f"level-{level}",
            amount=Money(minor=fee, currency=order.bought.currency),
            booked_at=now,
        )


def waived(order: Order, now: datetime) -> Iterator[Fact]:
    """Let go of fees until nothing is owed; of a fee that was paid in part, the rest."""
    left = balance.outstanding(order)
    for fee in dunning.idle_fees(order):
        if fee.amount <= left:
            left -= fee.amount
            yield undone(fee, now, by="kontor", reason=PAID_BUT_FEES)
    if left:
        # Each rest has a name of its own: after payments were undone there may be another.
        number = len(dunning.rests(order)) + 1
        yield WriteOffRecorded(
            at=now,
            source=dunning.SOURCE,
            reference=dunning.REST if number == 1 else f"{dunning.REST}-{number}",
            amount=left,
            booked_at=now,
            kind="tolerance",
            reason=PAID_BUT_FEES,
        )


def undone(fee: DunningFeeCharged, now: datetime, *, by: str, reason: str) -> MovementUndone:
    """Return that a fee need not be paid."""
    return MovementUndone(
        at=now, of_source=fee.source, of_reference=fee.reference, by=by, reason=reason
    )


@dataclass(frozen=True, slots=True)
class AsLoaded:
    """The orders as this step writes to them: nothing is added to what it has not seen.

    A payment that was booked meanwhile must be seen before anybody is reminded or cancelled.
    """

    orders: OrderStore

    def load(self, merchant_id: str, order_id: str) -> Order | None:
        """Read an order with all its facts."""
        return self.orders.load(merchant_id, order_id)

    def append(self, order: Order, facts: Iterable[Fact]) -> Order:
        """Add facts to the order as loaded; Conflict if anybody was faster."""
        return self.orders.append(order, facts)

    def record(self, order: Order, facts: Iterable[Fact]) -> Order:
        """Add facts likewise; only what was paid back is written whatever happened meanwhile."""
        told = tuple(facts)
        if any(isinstance(fact, RefundRecorded | RefundListed) for fact in told):
            return self.orders.record(order, told)
        return self.orders.append(order, told)

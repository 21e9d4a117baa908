"""One run of one step: load the order, decide, perform what is asked, append what happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from chalicelib.domain.commands import Command
from chalicelib.domain.errors import Conflict, NeedsHuman, Permanent
from chalicelib.domain.events import EffectIntended, Fact, HoldPlaced
from chalicelib.domain.order import Order
from chalicelib.runtime import clock

TRIES = 5

Decide = Callable[[Order, datetime], Iterator[Command]]
Perform = Callable[[Order, Command, datetime], Iterable[Fact]]


class OrderStore(Protocol):
    """What a step needs of the orders."""

    def load(self, merchant_id: str, order_id: str) -> Order | None:
        """Read an order with all its facts."""
        ...

    def append(self, order: Order, facts: Iterable[Fact]) -> Order:
        """Add facts to the order as loaded; Conflict if anybody was faster."""
        ...

    def record(self, order: Order, facts: Iterable[Fact]) -> Order:
        """Add facts about what has happened already."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step: its one word, what it decides, how it performs, and where orders lie."""

    name: str
    decide: Decide
    perform: Perform
    orders: OrderStore
    now: clock.Clock = clock.now


def run(step: Step, merchant_id: str, order_id: str, known: Order | None = None) -> None:
    """Do for one order what its facts ask of this step; repeating it changes nothing.

    An order that is `known` is not read again, unless somebody has appended to it since. Raises
    Retryable, or whatever a bug raises, after recording what was done before it.
    """
    for attempt in range(TRIES):
        order = known or step.orders.load(merchant_id, order_id)
        known = None
        if order is None:
            return
        try:
            _once(step, order)
        except Conflict:
            if attempt == TRIES - 1:
                raise
        else:
            return


def _once(step: Step, order: Order) -> None:
    now = step.now()
    done: list[Fact] = []
    answers: list[Fact] = []  # from outside: true, whatever was appended meanwhile
    is_firm = False
    try:
        for command in step.decide(order, now):
            if order.is_held(command.key):
                continue
            if command.is_outside:
                # One append holds the answer to the last effect and the intent of the next.
                intent = _intent(order, command, now)
                order = step.orders.append(order, [*answers, *done, intent])
                answers, done = [], []
                answers = [*_attempt(step, order, command, now)]
            else:
                done += _attempt(step, order, command, now)
                is_firm = is_firm or command.is_firm
        if is_firm:
            order = step.orders.append(order, [*answers, *done])
            answers, done = [], []
    except Conflict:
        step.orders.record(order, answers)
        raise
    except Exception:
        # What is firm was not checked against what others appended: it is done again.
        step.orders.record(order, answers if is_firm else [*answers, *done])
        raise
    after = step.orders.record(order, [*answers, *done])
    if answers:
        _check_untouched(order, after)


def told(step: Step, order: Order, commands: Iterable[Command], now: datetime) -> Iterator[Fact]:
    """Carry out commands without effects outside; the caller records what happened."""
    for command in commands:
        if not order.is_held(command.key):
            yield from _attempt(step, order, command, now)


def _check_untouched(before: Order, after: Order) -> None:
    """Raise Conflict if others appended meanwhile, for there may be more to do now."""
    if after.version > before.version + 1:
        raise Conflict("moved", "somebody else appended meanwhile")


def _intent(order: Order, command: Command, now: datetime) -> Fact:
    before = order.pending(command.key)
    return EffectIntended(at=now, effect=command.key, attempt=before.attempt + 1 if before else 1)


def _attempt(step: Step, order: Order, command: Command, now: datetime) -> Iterable[Fact]:
    try:
        return tuple(step.perform(order, command, now))
    except (Permanent, NeedsHuman) as error:
        return (HoldPlaced(at=now, code=error.code, text=error.text, effect=command.key),)

"""A step to run: it does what a script says, over orders in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from chalicelib.domain.commands import Command
from chalicelib.domain.events import Fact, NoteAdded
from chalicelib.domain.order import Order
from chalicelib.runtime.step import Step
from tests.events import order
from tests.fakes import Clock, Database, FakeOrders, Fuse


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside(Command):
    """Something we can repeat."""

    name: str

    @property
    def key(self) -> str:
        """The name of the effect."""
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside(Inside):
    """Something the outside does once."""

    is_outside: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Firm(Inside):
    """Something that counts only if nobody was faster."""

    is_firm: ClassVar[bool] = True


def noted(order: Order, name: str) -> bool:
    """Tell whether an effect has left its mark."""
    return any(fact.text == name for fact in order.all(NoteAdded))


@dataclass
class Scripted:
    """What a step wants until it is noted, and what happens when it tries."""

    wants: tuple[Inside, ...]
    # What goes wrong with an effect: at its n-th attempt, counted from one.
    trouble: dict[tuple[str, int], Exception] = field(default_factory=dict)
    on_try: Callable[[str], None] = lambda _: None
    tried: list[str] = field(default_factory=list)
    facts_at_try: list[tuple[Fact, ...]] = field(default_factory=list)

    def decide(self, order: Order, now: datetime) -> Iterator[Command]:
        """Ask for what is not done and, if it is outside, not under way."""
        for command in self.wants:
            is_due = order.is_due(command.key, now) or not command.is_outside
            if not noted(order, command.key) and is_due:
                yield command

    def perform(self, order: Order, command: Command, now: datetime) -> Iterable[Fact]:
        """Do it, or fail as the script says."""
        self.tried.append(command.key)
        self.on_try(command.key)
        if error := self.trouble.get((command.key, self.tried.count(command.key))):
            raise error
        return [NoteAdded(at=now, text=command.key, by="outside")]


class House:
    """Orders in memory with one order, a clock, and a step to run."""

    def __init__(self, script: Scripted, *facts: Fact) -> None:
        self.script, self.clock, self.fuse = script, Clock(), Fuse()
        self.orders = FakeOrders(Database(), self.fuse)
        first = order(*facts)
        self.orders.create(Order(merchant_id="demo", id="o1", bought=first.bought), first.facts)
        self.step = Step(
            name="test",
            decide=script.decide,
            perform=script.perform,
            orders=self.orders,
            now=self.clock,
        )

    @property
    def order(self) -> Order:
        """The order as the store has it."""
        found = self.orders.load("demo", "o1")
        assert found
        return found

    def append(self, *facts: Fact) -> None:
        """Let somebody else add facts."""
        self.orders.append(self.order, facts)

    def names(self) -> list[str]:
        """The kinds of facts after the first two."""
        return [type(fact).__name__ for fact in self.order.facts[2:]]

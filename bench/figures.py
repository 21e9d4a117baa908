"""The figures of a run: what each order used, and what the house is before its first order."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bench.bank_confusion import Confusion
from bench.bank_speed import Speed
from bench.catalogue import Catalogue
from bench.documents import Rendering
from bench.exports import Export
from bench.flash import Flash
from bench.meter import Invocation
from bench.numbers import Series
from bench.pricing import Shape, Usage, cost, usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """All invocations that one order caused."""

    invocations: list[Invocation]
    usage: Usage

    @property
    def is_warm(self) -> bool:
        """Whether no function had to start for it."""
        return not any(one.is_cold for one in self.invocations)


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Orders of one kind that went through one after the other."""

    taken: list[Taken]
    log_bytes: float  # that our own code logged for all of them
    shapes: Mapping[str, Shape]

    def spread(self, count: str) -> tuple[float, float, float]:
        """Return the median, least and most of one count over the orders."""
        found = [float(getattr(one.usage, count)) for one in self.taken]
        return statistics.median(found), min(found), max(found)

    def median(self, count: str) -> float:
        """Return the median of one count."""
        return self.spread(count)[0]

    def warm(self) -> list[Taken]:
        """Return the orders that met only warm functions; all of them if none did."""
        return [one for one in self.taken if one.is_warm] or self.taken

    def mean(self) -> Usage:
        """Return the mean of the orders that met only warm functions."""
        warm = self.warm()
        own_lines = Usage(log_bytes=self.log_bytes / len(self.taken))
        return sum((one.usage for one in warm), Usage()).each(len(warm)) + own_lines

    def cpu(self) -> float:
        """Return the median CPU time in ms of the orders that met only warm functions."""
        return statistics.median(one.usage.cpu_ms for one in self.warm())

    def price(self) -> float:
        """Return the mean order's list price in µ$ without mail."""
        return sum(cost(self.mean()).values())

    def by_function(self) -> dict[str, Usage]:
        """Return the mean order split by function."""
        split: dict[str, Usage] = {}
        warm = self.warm()
        for invocation in (one for taken in warm for one in taken.invocations):
            one = usage([invocation], self.shapes)
            split[invocation.function] = split.get(invocation.function, Usage()) + one
        return {name: total.each(len(warm)) for name, total in sorted(split.items())}

    def calls(self) -> Counter[str]:
        """Count the calls of all these orders by function and operation."""
        return Counter(
            f"{one.function}: {call['service']} {call['operation']}{' ✗' * ('failed' in call)}"
            for one in self._all()
            for call in one.calls
        )

    def most_calls(self, function: str) -> float:
        """Return the most calls that one warm invocation of a function made."""
        return max(
            sum(float(call["requests"]) for call in one.calls)
            for one in self._all()
            if one.function == function and not one.is_cold
        )

    def refused(self) -> float:
        """Return how many calls of an order were refused because another step was faster."""
        failed = sum("failed" in call for one in self._all() for call in one.calls)
        return failed / len(self.taken)

    def _all(self) -> list[Invocation]:
        return [one for taken in self.taken for one in taken.invocations]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Everything a run has measured."""

    first: Taken
    orders: Orders  # with 100 orders of history
    paid: Orders  # that arrive paid
    later: Orders  # with 10,000 orders of history
    flash: Flash
    numbers: Series
    documents: Rendering
    catalogue: Catalogue
    exports: list[Export]
    bank: Speed
    month: Confusion
    per_second: float
    clients: int
    many: int
    imports: dict[str, tuple[float, float]]
    zip_mb: float
    layer_mb: float
    idle: dict[str, float]
    machine: str
    seconds: float
    rows_each: int
    notes: list[str] = field(default_factory=list)


def take(
    step: Callable[[], object], read: Callable[[], list[Invocation]], shapes: Mapping[str, Shape]
) -> Taken:
    """Run one order and return what it used."""
    step()
    found = read()
    return Taken(invocations=found, usage=usage(found, shapes))

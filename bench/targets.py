"""The targets of the figures, and the gate: a count that was good once must not get worse."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figures, Orders

LIMITS = Path(__file__).with_name("limits.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A figure with what it must be now and what it shall become; less is better."""

    key: str
    what: str
    target: float
    goal: float
    measure: Callable[[Figures], float]
    digits: int = 0


def growth(orders: Orders, later: Orders) -> float:
    """Return how many calls and units an order costs more with the long history.

    Compared is the least of each: what an order costs where no two steps race and no level happens
    to have its notes moved on. A price that grows with history grows for that order too.
    """
    counts = ("calls", "write_units", "read_units")
    return sum(abs(later.spread(count)[1] - orders.spread(count)[1]) for count in counts)


def _others(figures: Figures) -> float:
    return max(median for name, (median, _) in figures.imports.items() if name != "webhook")


TARGETS = (
    Target(
        key="price",
        what="µ$ per order at list price, without mail",
        target=80,
        goal=45,
        measure=lambda f: f.orders.price(),
        digits=1,
    ),
    Target(
        key="write_units",
        what="DynamoDB write units per order",
        target=25,
        goal=20,
        measure=lambda f: f.orders.median("write_units"),
        digits=1,
    ),
    Target(
        key="calls",
        what="AWS calls of our code per order",
        target=20,
        goal=15,
        measure=lambda f: f.orders.median("calls"),
        digits=1,
    ),
    Target(
        key="webhook_calls",
        what="AWS calls in a warm webhook before its 2xx",
        target=1,
        goal=1,
        measure=lambda f: f.orders.most_calls("webhook"),
    ),
    Target(
        key="cpu_ms",
        what="own CPU ms per order, with three mails and three PDFs",
        target=120,
        goal=60,
        measure=lambda f: f.orders.cpu(),
        digits=1,
    ),
    Target(
        key="import_webhook_ms",
        what="import CPU ms of the webhook",
        target=250,
        goal=120,
        measure=lambda f: f.imports["webhook"][0],
    ),
    Target(
        key="import_others_ms",
        what="import CPU ms of the slowest other function",
        target=450,
        goal=350,
        measure=_others,
    ),
    Target(
        key="zip_mb",
        what="MB of the functions' zip",
        target=15,
        goal=12,
        measure=lambda f: f.zip_mb,
        digits=2,
    ),
    Target(
        key="idle_usd",
        what="$ a month without orders",
        target=3,
        goal=1,
        measure=lambda f: sum(f.idle.values()),
        digits=2,
    ),
    Target(
        key="growth",
        what="calls and units more with 10,000 orders of history than with 100",
        target=0,
        goal=0,
        measure=lambda f: growth(f.orders, f.later),
        digits=1,
    ),
    Target(
        key="flash_lost",
        what="flash sale of one SKU: orders unanswered, or sold beyond what is there",
        target=0,
        goal=0,
        measure=lambda f: f.flash.lost(),
    ),
    Target(
        key="flash_key_units",
        what="flash sale: write units on the hottest row per order",
        target=0.3,
        goal=0.1,
        measure=lambda f: f.flash.key_units(),
        digits=3,
    ),
    Target(
        key="flash_slower",
        what="flash sale: how many times as fast 500 different SKUs are served as one",
        target=3,
        goal=1.5,
        measure=lambda f: f.flash.slower(),
        digits=2,
    ),
    Target(
        key="export_seconds",
        what="seconds of the longest slice of an export of 50,000 documents",
        target=15,
        goal=10,
        measure=lambda f: max(one.longest for one in f.exports),
        digits=1,
    ),
    Target(
        key="export_mb",
        what="MB that an export of 50,000 documents needs beyond the idle process",
        target=80,
        goal=20,
        measure=lambda f: max(one.grown_mb for one in f.exports),
    ),
    Target(
        key="export_broken",
        what="kinds of exports that lose progress, or bytes after a kill",
        target=0,
        goal=0,
        measure=lambda f: sum(not (one.rises and one.same) for one in f.exports),
    ),
    Target(
        key="bank_seconds",
        what="seconds for a statement of 10,000 entries against 50,000 open orders",
        target=60,
        goal=30,
        measure=lambda f: f.bank.seconds,
        digits=1,
    ),
    Target(
        key="bank_mb",
        what="MB of memory of the function that matches it",
        target=512,
        goal=256,
        measure=lambda f: f.bank.most_mb,
    ),
    Target(
        key="bank_by_hand",
        what="of 100 payments of a month, those not booked by themselves",
        target=8,
        goal=5,
        measure=lambda f: 100 - f.month.automatic(),
        digits=1,
    ),
    Target(
        key="bank_wrong",
        what="payments of a month booked on a wrong order",
        target=0,
        goal=0,
        measure=lambda f: f.month.wrong(),
    ),
    Target(
        key="numbers_pace",
        what="ms for each number of one series (20 are 50 a second)",
        target=20,
        goal=5,
        measure=lambda f: 1000 / f.numbers.per_second,
        digits=1,
    ),
    Target(
        key="numbers_conflicts",
        what="refused transactions for each invoice of one series",
        target=0.01,
        goal=0,
        measure=lambda f: f.numbers.conflicts(),
        digits=4,
    ),
    Target(
        key="numbers_gaps",
        what="numbers of one series that are missing or given twice",
        target=0,
        goal=0,
        measure=lambda f: abs(f.numbers.gaps),
    ),
    Target(
        key="short_document_ms",
        what="own CPU ms of an invoice of 12 lines",
        target=60,
        goal=40,
        measure=lambda f: f.documents.short_ms,
    ),
    Target(
        key="long_document_ms",
        what="own CPU ms of an invoice of 200 lines",
        target=250,
        goal=180,
        measure=lambda f: f.documents.long_ms,
    ),
    Target(
        key="documents_growth",
        what="MB that rendering grows by over 1,000 documents, after the first 200",
        target=10,
        goal=1,
        measure=lambda f: f.documents.growth_mb,
    ),
    Target(
        key="flash_conflicts",
        what="flash sale: refused transactions per order",
        target=0.05,
        goal=0.01,
        measure=lambda f: f.flash.conflicts(),
        digits=3,
    ),
)


def regressions(figures: Figures) -> list[str]:
    """Return what is worse than the limits recorded in `bench/limits.json`."""
    limits: dict[str, float] = json.loads(LIMITS.read_text(encoding="utf-8"))["at most"]
    measured = {target.key: target.measure(figures) for target in TARGETS}
    return [
        f"{key} is {measured[key]:.2f}, recorded as at most {limit:g} in bench/limits.json"
        for key, limit in limits.items()
        if not measured[key] <= limit
    ]

"""`make bench`: measure the reference order on an own engine and write docs/performance.md."""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench import (
    bank_confusion,
    bank_speed,
    catalogue,
    documents,
    exports,
    flash,
    history,
    house,
    idle,
    journey,
    machine,
    merchant,
    numbers,
    report,
    startup,
)
from bench.figures import Figures, Orders, Taken, take
from bench.meter import Meter
from bench.pricing import Shape
from bench.targets import regressions
from local.package import Package, build
from local.stack import ROOT

REPORT = ROOT / "docs" / "performance.md"
SEQUENCE = 20  # orders, one after the other, for counts
PAID = 10
MANY = 60  # orders at the same time, for the pace
CLIENTS = 4
SHORT, LONG = 100, 10_000  # orders of history

began = time.monotonic()


def main() -> None:
    """Measure, print, write, and fail if a count got worse; `--only …` prints one part."""
    package = build("local")
    if sys.argv[1:]:
        print(_part(sys.argv[1:], package))
        return
    say("import CPU of each function")
    imports = startup.import_cpu(package)
    with tempfile.TemporaryDirectory(prefix="kontor-bench-") as home:
        figures = _measure(Path(home), package, imports)
    text = report.markdown(figures)
    REPORT.write_text(text, encoding="utf-8")
    print(report.summary(figures))
    say(f"written to {REPORT.relative_to(ROOT)}")
    worse = regressions(figures)
    for sentence in worse:
        print(f"✗ {sentence}", file=sys.stderr)
    sys.exit(1 if worse else 0)


def _part(arguments: list[str], package: Package) -> str:
    """Measure one part of the report."""
    parts = {
        "orders": lambda: _orders(package),
        "flash": lambda: report.flash(_flash()),
        "numbers": lambda: report.numbers(_numbers()),
        "documents": lambda: _documents().told(),
        "catalogue": lambda: report.catalogue(_catalogue()),
        "exports": lambda: exports.text(_exports()),
        "bank": lambda: report.bank(_bank(), bank_confusion.measure()),
    }
    if len(arguments) != len(("--only", "part")) or arguments[1] not in parts:
        sys.exit(f"python -m bench [--only {' | '.join(parts)}]")
    return parts[arguments[1]]()


def _orders(package: Package) -> str:
    with (
        tempfile.TemporaryDirectory(prefix="kontor-orders-") as home,
        house.metered(Path(home)) as running,
    ):
        course = Course.begin(running, package)
        course.warm_up()
        return report.orders(course.sequence(SEQUENCE), course.sequence(PAID, paid=True))


def _numbers() -> numbers.Series:
    with tempfile.TemporaryDirectory(prefix="kontor-numbers-") as home:
        found = numbers.measure(Path(home))
    say(f"numbers: {found.invoices} invoices of one series")
    return found


def _documents() -> documents.Rendering:
    found = documents.measure()
    say(f"documents: {documents.MANY} invoices rendered")
    return found


def _exports() -> list[exports.Export]:
    found = exports.measure()
    say(f"exports: {exports.DOCUMENTS} documents in each kind of file")
    return found


def _bank() -> bank_speed.Speed:
    with tempfile.TemporaryDirectory(prefix="kontor-bank-") as home:
        found = bank_speed.measure(Path(home))
    say(f"bank: a statement of {found.entries} entries against {found.orders} open orders")
    return found


def _flash() -> flash.Flash:
    with tempfile.TemporaryDirectory(prefix="kontor-flash-") as home:
        found = flash.measure(Path(home))
    say(f"flash sales: {flash.ORDERS} orders at once, {flash.ROUNDS} times of one SKU and of many")
    return found


def _catalogue() -> catalogue.Catalogue:
    with tempfile.TemporaryDirectory(prefix="kontor-catalogue-") as home:
        found = catalogue.measure(Path(home))
    say(f"catalogue: {catalogue.ROWS} products from a file")
    return found


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)


def _measure(home: Path, package: Package, imports: dict[str, tuple[float, float]]) -> Figures:
    described = machine.describe()
    with house.metered(home) as running:
        say("house deployed and metered")
        course = Course.begin(running, package)
        first, example = course.warm_up()
        past = history.History(running, example)
        past.grow(SHORT, lambda count: say(f"{count} orders of history"))
        orders = course.sequence(SEQUENCE)
        paid = course.sequence(PAID, paid=True)
        seconds = course.many(MANY)
        past.grow(LONG, lambda count: say(f"{count} orders of history"))
        later = course.sequence(SEQUENCE)
    sales = _flash()
    series = _numbers()
    rendering = _documents()
    products = _catalogue()
    files = _exports()
    statement = _bank()
    return Figures(
        first=first,
        orders=orders,
        paid=paid,
        later=later,
        flash=sales,
        numbers=series,
        documents=rendering,
        catalogue=products,
        exports=files,
        bank=statement,
        month=bank_confusion.measure(),
        per_second=MANY / seconds,
        clients=CLIENTS,
        many=MANY,
        imports=imports,
        zip_mb=startup.megabytes(package.functions),
        layer_mb=startup.megabytes(package.layer),
        idle=idle.idle(package),
        machine=described,
        seconds=time.monotonic() - began,
        rows_each=past.rows_each(),
    )


@dataclass(slots=True, kw_only=True)
class Course:
    """The orders of one run; each has the next number."""

    merchant: merchant.Merchant
    meter: Meter
    shapes: dict[str, Shape]
    log: Path
    number: int = 700_000

    @classmethod
    def begin(cls, running: house.House, package: Package) -> Course:
        """Make the merchant."""
        return cls(
            merchant=merchant.make(running),
            meter=Meter(running.lines),
            shapes={one.name: one.shape for one in startup.deployed(package)},
            log=running.log,
        )

    def warm_up(self) -> tuple[Taken, dict[str, object]]:
        """Take the first order through cold functions, and two more to warm all of them."""
        first = self._one()
        for _ in range(2):
            self._one()
        say("first orders are through")
        return first, journey.found(self.merchant, self.number)

    def sequence(self, count: int, *, paid: bool = False) -> Orders:
        """Take orders through one after the other."""
        before = self._logged()
        taken = [self._one(paid=paid) for _ in range(count)]
        say(f"{count} orders{' that arrive paid' * paid}, one after the other")
        return Orders(taken=taken, log_bytes=self._logged() - before, shapes=self.shapes)

    def many(self, count: int) -> float:
        """Take orders through at the same time; return the seconds."""
        numbers = range(self.number + 1, self.number + 1 + count)
        self.number += count
        self.meter.restart()
        seconds = journey.many(self.merchant, self.meter, numbers, CLIENTS)
        self.meter.await_quiet()
        say(f"{count} orders of {CLIENTS} clients at the same time")
        return seconds

    def _one(self, *, paid: bool = False) -> Taken:
        self.number += 1
        self.meter.restart()
        step = journey.one_paid if paid else journey.one
        return take(
            lambda: step(self.merchant, self.meter, self.number), self.meter.read, self.shapes
        )

    def _logged(self) -> int:
        """Return how many bytes the functions have logged so far."""
        return self.log.stat().st_size if self.log.exists() else 0


if __name__ == "__main__":
    main()

"""What rendering costs: CPU per invoice of 12 and of 200 lines, and memory after many of them.

`python -m bench --only documents` prints it. Every document differs, so nothing is remembered from
before, and a process of its own renders them, whose highest memory is the typesetter's alone.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from chalicelib.documents.facts import InvoiceFacts, freeze
from chalicelib.documents.pdf import render
from chalicelib.documents.specimen import specimen
from chalicelib.store.merchants import Settings

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MERCHANT = Settings(
    name="Blattwerk", street="Gartenweg 3", zip="04109", city="Leipzig", tax_number="231/123/45678",
    iban="DE02120300000000202051",
)  # fmt: skip
WARM = 5
MANY = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """What one warm process needs to render."""

    short_ms: float  # CPU of an invoice of 12 lines
    long_ms: float  # and of 200
    growth_mb: float  # over many documents, after a fifth of them
    most_mb: float

    def told(self) -> str:
        """Return it as a sentence of the report."""
        return (
            f"An invoice with its XML takes {self.short_ms:.0f} ms of CPU with 12 lines and "
            f"{self.long_ms:.0f} ms with 200 (median of warm ones, each different). Over "
            f"{MANY:,} documents the process grew by {self.growth_mb:.0f} MB after the first "
            f"{MANY // 5}, and had at most {self.most_mb:.0f} MB."
        )


def measure() -> Rendering:
    """Measure in a fresh process."""
    command = [sys.executable, "-m", "bench.documents"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Rendering(**json.loads(done.stdout))


def cpu_ms(lines: int, times: int) -> float:
    """Return the median CPU time of an invoice of so many lines, in milliseconds."""
    facts = specimen("invoice", MERCHANT, language="de", count=lines, now=NOW)
    took = []
    for place in range(WARM + times):
        frozen = freeze(_other(facts, place))
        began = time.process_time()
        render("invoice", frozen)
        took.append((time.process_time() - began) * 1000)
    return statistics.median(took[WARM:])


def growth_mb(times: int) -> float:
    """Return by how much the process grew over so many documents, after as many fifths of them."""
    facts = specimen("invoice", MERCHANT, language="de", count=12, now=NOW)
    for place in range(times // 5):
        render("invoice", freeze(_other(facts, place)))
    before = _rss_mb()
    for place in range(times // 5, times):
        render("invoice", freeze(_other(facts, place)))
    return _rss_mb() - before


def _other(facts: object, place: int) -> InvoiceFacts:
    """Return an invoice of another number, with other names and other lines."""
    if not isinstance(facts, InvoiceFacts):
        raise TypeError(facts)
    lines = tuple(
        replace(line, name=f"{line.name} {place}", sku=f"{line.sku}-{place}")
        for line in facts.lines
    )
    return replace(facts, number=f"RE-{place:05}", lines=lines)


def _rss_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Measure in this process and print the figures for the one that asked."""
    short, grown = cpu_ms(12, 50), growth_mb(MANY)
    found = Rendering(short_ms=short, growth_mb=grown, long_ms=cpu_ms(200, 15), most_mb=_rss_mb())
    print(json.dumps(asdict(found)))


if __name__ == "__main__":
    main()

"""What rendering costs: CPU per invoice of 12 and of 200 lines, and memory after many of them.

`python -m bench.documents` prints it; every document differs, so nothing is remembered from before.
"""

from __future__ import annotations

import resource
import statistics
import time
from dataclasses import replace
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
    """Measure and print."""
    for lines, times, most in ((12, 50, 60), (200, 15, 250)):
        print(f"{lines} lines: {cpu_ms(lines, times):.0f} ms CPU (aim: at most {most})")
    print(f"1000 documents: the process grew by {growth_mb(1000):.0f} MB after the first 200")
    print(f"highest memory: {_rss_mb():.0f} MB")


if __name__ == "__main__":
    main()

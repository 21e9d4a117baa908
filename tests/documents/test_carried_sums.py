"""Long invoices carry their sums over, and twelve lines stay on one page."""

from __future__ import annotations

import re

from chalicelib.documents.facts import freeze
from chalicelib.documents.pdf import render
from chalicelib.domain import formats
from chalicelib.domain.money import Money
from tests.documents import reading, samples


def test_each_page_ends_and_begins_with_the_sum_so_far() -> None:
    """It is the sum of the lines on the pages before; the first and last page have it once."""
    facts = samples.unpaid(200)
    pdf = render("invoice", freeze(facts))
    pages = [page.replace("\u00a0", " ") for page in reading.pages_text(pdf)]
    sums = [re.findall(r"Übertrag\s+([\d.]+,\d\d €)", page) for page in pages]
    assert [len(found) for found in sums] == [1, *[2] * (len(pages) - 2), 1]
    ends = [found[-1] for found in sums[:-1]]
    assert ends == [found[0] for found in sums[1:]]
    so_far, running = set[str](), 0
    for line in facts.lines:
        running += line.total
        shown = formats.money(Money(minor=running, currency="EUR"), "de")
        so_far.add(shown.replace("\u00a0", " "))
    assert set(ends) <= so_far
    assert all("Artikel" in page for page in pages)


def test_twelve_lines_with_payment_are_one_page() -> None:
    """Sums, account and code stand below them, and nothing is carried."""
    [page] = reading.pages_text(render("invoice", freeze(samples.unpaid(12))))
    assert "Verwendungszweck" in page
    assert "Übertrag" not in page

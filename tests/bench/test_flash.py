"""The flash sale: what is counted as answered, as a write of the hottest row, and as refused."""

from __future__ import annotations

from typing import Any

import pytest

from bench.flash import UNITS, Flash, Sale, sale_of
from bench.meter import Invocation
from bench.report import flash

LEVEL = {"service": "dynamodb", "operation": "TransactWriteItems", "target": "k-orders k-stock"}
SHORT = LEVEL | {"target": "k-orders"}  # shortages only
LOAD = {"service": "dynamodb", "operation": "Query", "target": "k-orders"}


def invocation(*calls: dict[str, Any], records: int = 50, at: float = 0.0) -> Invocation:
    """Return an invocation of half a second that made these calls."""
    told = [{"requests": 1, "write": 100, **call} for call in calls]
    return Invocation(
        function="stock", process=1, is_cold=False, records=records, own_cpu_ms=1.0, at=at,
        ms=500.0, calls=told,
    )  # fmt: skip


def sale(*answers: str, skus: int = 1) -> Sale:
    """Return a sale with two transactions on levels, one of them refused."""
    refused = LEVEL | {"failed": "TransactionCanceledException"}
    invocations = [
        invocation(LOAD, refused, LEVEL, at=10.5),
        invocation(LOAD, SHORT, records=20, at=12.0),
    ]
    return sale_of(invocations, list(answers), skus=skus)


def test_a_refused_write_of_the_hottest_row_costs_as_much_as_a_good_one() -> None:
    """Two units each; a write of shortages touches no level."""
    found = sale("StockReserved", "StockReserved", "StockShort", "StockShort")
    assert (found.writes, found.refused) == (2, 1)
    assert found.key_units == 1
    assert found.conflicts == 0.25
    assert (found.calls, found.most) == (5, 50)


def test_of_many_skus_each_row_is_written_once() -> None:
    """The hottest row is everybody's own."""
    assert sale("StockReserved", skus=4).key_units == 2


def test_the_pace_is_from_the_first_invocation_to_the_last() -> None:
    """Of the orders that were answered."""
    found = sale("StockReserved", "StockReserved", "StockShort", "", "NoteAdded")
    assert found.seconds == 2
    assert found.lost == 2
    assert found.per_second == 1.5


def test_what_is_lost_or_oversold_in_any_sale_is_told() -> None:
    """One order without an answer in one of the sales is one too many; so is a unit."""
    good = sale(*["StockReserved"] * UNITS)
    assert Flash.of([(good, good)]).lost() == 0
    assert Flash.of([(good, good), (good, sale("StockReserved", ""))]).lost() == 1
    assert Flash.of([(sale(*["StockReserved"] * (UNITS + 1)), good)]).lost() == 1


def test_the_report_shows_one_sku_beside_many() -> None:
    """With the row that the limit is about."""
    one, many = sale("StockReserved"), sale("StockReserved", skus=500)
    lines = flash(Flash.of([(one, many)] * 3)).splitlines()
    assert "| write units on the hottest row per order | 4 | 2 |" in lines
    assert Flash.of([(one, many)]).slower() == pytest.approx(1)

"""What the morning's report costs: each open order is read once, and none of them is loaded."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import events, waiting
from chalicelib.payment import reporting
from chalicelib.runtime import clock
from chalicelib.store.jobs import Jobs, new_job
from chalicelib.store.orders import Orders
from chalicelib.store.tables import stamp
from chalicelib.store.worklists import Worklists
from tests.api.conftest import Caller
from tests.api.test_statement_costs import counted
from tests.events import NOW

pytestmark = pytest.mark.engine
OPEN = ("open", "overdue", "partly_paid", "disputes")


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be a little later than what happens here."""
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))


def late(call: Caller, first: int, count: int) -> None:
    """Place orders that nobody has paid in time."""
    for number in range(first, first + count):
        call.place(events.PaymentOverdue(at=NOW), name=f"late{number}")


def paged(call: Caller, name: str, limit: int) -> list[str]:
    """Return the orders of a list, page by page, from the report on."""
    told: dict[str, Any] = call.get(f"/v1/reports/payments?limit={limit}")[name]
    found = [one["id"] for one in told["items"]]
    while told["next"]:
        query = f"list={name}&limit={limit}&cursor={told['next']}"
        told = call.get(f"/v1/reports/payments?{query}")
        found += [one["id"] for one in told["items"]]
    return found


def test_every_open_order_is_read_once_and_none_is_loaded(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All lists and sums from one pass over the heads, so that more orders are no more calls."""
    monkeypatch.setattr(Orders, "load", None)
    calls = []
    for first in (0, 10):
        late(call, first, 10)
        with counted(monkeypatch) as made:
            told = call.get("/v1/reports/payments?limit=5")
        assert [told[name]["count"] for name in OPEN] == [first + 10, first + 10, 0, 0]
        calls.append(made)
    assert calls[1] <= calls[0]
    assert calls[1].total() <= len(waiting.OPEN) + 8  # heads, what moved, unmatched


def test_pages_follow_the_first_without_a_gap(call: Caller) -> None:
    """Whatever the list and the size of a page."""
    late(call, 0, 7)
    for name, limit in (("open", 3), ("overdue", 7), ("overdue", 2)):
        assert sorted(paged(call, name, limit)) == [f"late{number}" for number in range(7)]
    assert paged(call, "partly_paid", 2) == []


def test_where_too_many_are_open_only_some_are_read(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sums are those of the night, and the lists go on behind what was read."""
    monkeypatch.setattr(reporting, "MOST_READ", 2)
    monkeypatch.setattr(reporting, "MOST_OPEN", 4)
    late(call, 0, 6)
    night = {"count": 6, "EUR": 6000}
    kind, subject = reporting.RECONCILE
    job = new_job(call.merchant, kind, NOW, subject=subject, is_standing=True)
    result = {"orders": 6, "open": {"open": night}}
    Jobs().create(replace(job, state="done", result=result, memory={"until": stamp(NOW)}))
    read, everything = [], Worklists.everything

    def watched(lists: Worklists, merchant_id: str, name: str) -> Any:
        for one in everything(lists, merchant_id, name):
            read.append(one.order_id)
            yield one

    monkeypatch.setattr(Worklists, "everything", watched)
    told = call.get("/v1/reports/payments?limit=50")
    assert told["open"]["count"] == 6
    assert told["open_at"] == stamp(NOW)
    assert len(read) <= 3  # pages are read ahead, but no more of them
    assert sorted(paged(call, "open", 50)) == [f"late{number}" for number in range(6)]

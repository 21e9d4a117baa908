"""Imports of orders, slice by slice: all or none, and twice is once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.domain.order import order_id
from chalicelib.intake import importing
from chalicelib.intake.order_columns import guess
from chalicelib.intake.perform import perform
from chalicelib.runtime import importing as cut
from chalicelib.runtime import sheets
from chalicelib.runtime.importing import Choice, Slices, begun, key_of
from chalicelib.runtime.settings import settings_of
from chalicelib.store.bucket import Bucket
from chalicelib.store.inbox import Inbox
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.orders import Orders

pytestmark = pytest.mark.engine

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HEAD = "number;sku;name;quantity;unit_price;total\n"
ROWS = "".join(f"B{n};K;Kanne;1;10,00;10,00\n" for n in range(1, 8))


def started(merchant: str, text: str, upload: str = "u1") -> Job:
    """Put a file where uploads lie, and return the job that imports it."""
    data = text.encode()
    Bucket().put(key_of(merchant, upload), data)
    choice = Choice(
        columns=guess(sheets.read(data).header),
        currency="EUR",
        tax_rate="19",
        connection_id=f"{merchant}-api",
    )
    job = new_job(merchant, "import_orders", NOW, subject=upload)
    return replace(begun(job, data, choice), state="running")


def run(job: Job, slices: int = 50, at: datetime = NOW) -> Job:
    """Advance a job to its end in slices of two."""
    importer = replace(importing.IMPORT.importer, at_once=2)  # type: ignore[type-var]
    small = Slices(importer=importer, checked_at_once=2)
    for _ in range(slices):
        if job.is_over:
            break
        job = small.advance(job, at)
    return job


def kept(merchant: str) -> list[str]:
    """Return the deliveries in the inbox."""
    span = (NOW - timedelta(hours=1), NOW + timedelta(hours=1))
    return [name for name, _ in Inbox().received_between(merchant, *span)]


def test_all_orders_are_kept_as_deliveries(merchant: str) -> None:
    """Each becomes an order as if a shop had sent it; the job says how far it is."""
    job = started(merchant, HEAD + ROWS)
    first = run(job, 1)
    assert (first.done, first.total, first.result["phase"]) == (2, 7, "check")
    assert kept(merchant) == []
    done = run(first)
    assert (done.state, done.done, done.total) == ("done", 7, 7)
    assert (done.result["new"], done.result["known"]) == (7, 0)
    assert len(kept(merchant)) == 7
    for name in kept(merchant):
        perform(
            merchant, name, NOW, inbox=Inbox(), orders=Orders(),
            policy_of=lambda one: settings_of(one).policy, read_now=lambda *_: None,
        )  # fmt: skip
    order = Orders().load(merchant, order_id(f"{merchant}-api", "B7"))
    assert order is not None
    assert done.result["links"][6] == {"id": order.id, "number": "B7"}


def test_one_bad_row_keeps_all_out(merchant: str) -> None:
    """The job fails with every problem, and the inbox stays empty."""
    job = run(started(merchant, HEAD + ROWS + "B8;K;Kanne;half;10,00;10,00\n" + "B9;K;;0;1,00;\n"))
    assert (job.state, job.problem_count) == ("failed", 2)
    assert job.reason == "2 problems: nothing was imported."
    assert [(one.row, one.field) for one in job.problems] == [(9, "quantity"), (10, "quantity")]
    assert kept(merchant) == []


def test_the_same_file_twice_makes_nothing_twice(merchant: str) -> None:
    """Nor does a slice that is done again after a crash."""
    run(started(merchant, HEAD + ROWS))
    crashed = started(merchant, HEAD + ROWS, "u2")
    for _ in range(2):
        again = run(crashed, at=NOW + timedelta(minutes=5))
        assert (again.result["new"], again.result["changed"], again.result["known"]) == (0, 0, 7)
    assert len(kept(merchant)) == 7


def test_a_file_that_was_exchanged_is_not_imported(merchant: str) -> None:
    """What was looked at is what is written."""
    job = run(started(merchant, HEAD + ROWS), 1)
    Bucket().put(key_of(merchant, "u1"), (HEAD + "X;K;Kanne;1;1,00;1,00\n").encode())
    cut._items.cache_clear()  # another function goes on
    with pytest.raises(Permanent) as caught:
        run(job)
    assert caught.value.code == "file_changed"


def test_the_view_tells_new_from_known_and_adds_up(merchant: str) -> None:
    """What is wrong, what would wait for a person, what is there already."""
    text = HEAD + "B1;K;Kanne;1;10,00;10,00\nB2;K;Kanne;1;10,00;12,00\nB3;K;Kanne;x;1,00;\n"
    sheet = sheets.read(text.encode())
    choice = Choice(
        columns=guess(sheet.header),
        currency="EUR",
        tax_rate="19",
        connection_id=f"{merchant}-api",
    )
    seen = importing.view(merchant, sheet, choice, most=200)
    assert (seen["found"], [one.row for one in seen["problems"]]) == (3, [4])
    assert [item["state"] for item in seen["items"]] == ["new", "new", "wrong"]
    assert [item["difference"] and item["difference"].minor for item in seen["items"]] == [
        None, 200, None,
    ]  # fmt: skip

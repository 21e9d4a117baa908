"""The check of the archive: whatever was changed is named, every night and when asked for."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.documents.exports import writing
from chalicelib.documents.exports.checking import NIGHTLY, Check, asked
from chalicelib.store.documents import Counter
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.register import Span
from tests.documents.made_up_archive import House

AT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
SPAN = Span(since="2026-11-01", until="2026-11-30")


class Days(House):
    """A house whose register minds days."""

    def page(self, _: str, span: Span, **how: Any) -> Any:
        """Return the entries of the days that are asked for."""
        found, following = super().page(_, span, **how)
        return [x for x in found if span.since <= x.day <= span.until], following


def run(house: House, job: Job, now: datetime = AT, seconds: float = 0.0) -> Job:
    """Do slice after slice, each twice, as after a lost save."""
    ticks = iter(range(10**6))
    check = Check(source=house, files=house, clock=lambda: next(ticks) * seconds)
    job = replace(job, state="running", cursor={}, done=0, total=None, problems=())
    while not job.is_over:
        check.advance(job, now)
        job = check.advance(job, now)
        assert json.loads(json.dumps(dict(job.cursor))) == dict(job.cursor)
    return job


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of five, so that few documents take many."""
    monkeypatch.setattr(writing, "PAGE", 5)


@pytest.mark.parametrize("seconds", [0.0, 5.0])
def test_an_archive_that_nobody_touched_is_clean(seconds: float) -> None:
    """However the slices end; progress counts every document once."""
    job = run(Days().issue(33), asked("demo", SPAN, AT), seconds=seconds)
    assert (job.done, job.total, job.problems) == (33, 33, ())
    assert dict(job.result) == {
        "documents": 33, "since": "2026-11-01", "until": "2026-11-30", "faults": 0, "open": 0,
    }  # fmt: skip


@pytest.mark.parametrize("harm", ["bytes", "gone", "facts", "entry", "end", "xml"])
def test_what_was_changed_is_named_and_rings(harm: str, caplog: pytest.LogCaptureFixture) -> None:
    """Bytes, facts, an entry in between, the last one, or the XML beside its picture."""
    house = Days().issue(12)
    third = house.entries[2]
    assert third.filed
    match harm:
        case "bytes":
            house.objects["demo/3.pdf"] = b"other"
        case "gone":
            del house.objects["demo/3.pdf"]
        case "facts":
            house.facts_of["RE-00003"] = replace(house.facts_of["RE-00003"], sha256="other")
        case "entry":
            del house.entries[2]
        case "end":
            last = house.entries.pop()
            counters = {"RE": Counter(last=12, link=last.link)}
            house.counters = lambda _: counters  # type: ignore[method-assign]
        case "xml":
            house.objects["demo/3.xml"] = b"<other/>"
            house.entries[2] = replace(third, filed=replace(third.filed, xml_sha256="0" * 64))
    job = run(house, asked("demo", SPAN, AT))
    where = {"entry": "RE-00004", "end": "RE"}.get(harm, "RE-00003")
    assert [problem.field for problem in job.problems] == [where]
    assert job.result["faults"] == 1
    assert caplog.records[-1].__dict__["Tampering"] == 100


def test_numbers_that_are_drawn_meanwhile_are_no_fault() -> None:
    """The series goes on while its register is read."""
    house = Days().issue(7)
    seen = iter([Counter(last=7, link=house.entries[-1].link), Counter(last=9, link="later")])
    house.counters = lambda _: {"RE": next(seen)}  # type: ignore[method-assign]
    job = replace(asked("demo", SPAN, AT), state="running")
    job = Check(source=house, files=house, clock=lambda: 0.0).advance(job, AT)
    assert (job.state, job.problems) == ("done", ())


def test_every_night_goes_on_where_the_last_clean_one_ended() -> None:
    """What is missing between two days is seen; what is changed is looked at until it is not."""
    house = Days().issue(4)
    first = run(house, new_job("demo", NIGHTLY[0], AT, subject=NIGHTLY[1], is_standing=True))
    assert (first.done, first.memory["clean"]) == (4, "2026-11-23")
    house.issue(3)
    moved = [replace(x, listed=f"2026-11-24#invoice#RE#{x.seq:09}") for x in house.entries[4:]]
    house.entries[4:] = moved[1:]
    second = run(house, first, AT + timedelta(days=1))
    assert [x.field for x in second.problems] == ["RE-00006"]
    assert second.memory == first.memory
    house.entries[4:] = moved
    third = run(house, second, AT + timedelta(days=2))
    assert (third.done, third.problems, third.memory["clean"]) == (3, (), "2026-11-25")

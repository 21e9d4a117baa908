"""Jobs: slice by slice, saved after each, harmless when repeated, and never without an end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from importlib import import_module
from itertools import count
from typing import Any

import pytest

from chalicelib.domain.errors import Conflict, NeedsHuman, Permanent, Retryable
from chalicelib.flow import jobs as flow
from chalicelib.flow.dead_letters import give_up
from chalicelib.flow.jobs import HANDLERS
from chalicelib.runtime.jobs import FIRST_PAUSE, SHIFT, TRIES, Runner
from chalicelib.store.jobs import Job, new_job, standing
from chalicelib.store.tables import stamp
from tests.events import NOW
from tests.fakes import Killed

SLICES = 4


class Shelf:
    """The jobs in memory, kept as the real store keeps them."""

    def __init__(self, *jobs: Job) -> None:
        self.jobs = {job.id: job for job in jobs}
        self.saves: list[Job] = []

    def load(self, merchant_id: str, job_id: str) -> Job | None:
        """Read a job."""
        return self.jobs.get(job_id)

    def save(self, job: Job) -> Job:
        """Write a job, if it is as its writer has read it."""
        known = self.jobs.get(job.id)
        if (known.version if known else 0) != job.version:
            raise Conflict("conflict", "somebody else was faster")
        self.jobs[job.id] = replace(job, version=job.version + 1)
        self.saves.append(self.jobs[job.id])
        return self.jobs[job.id]


class Bench:
    """A runner with a clock that steps, and the wake-ups it has sent."""

    def __init__(self, *jobs: Job, advance: Callable[[Job, datetime], Job]) -> None:
        self.shelf = Shelf(*jobs)
        self.wakes: list[tuple[str, float]] = []
        self.ticks = count()
        self.step = timedelta(seconds=1)
        self.runner = Runner(
            jobs=self.shelf, advance=advance, wake=self._wake, now=lambda: self.now
        )

    @property
    def now(self) -> datetime:
        """Every look at the clock is a step later."""
        return NOW + next(self.ticks) * self.step

    def _wake(self, merchant_id: str, job_id: str, *, delay: float = 0.0) -> None:
        self.wakes.append((job_id, delay))

    def run(self, job_id: str, **more: str) -> Job:
        """Work at a job as a wake-up asks."""
        self.runner.run({"step": "jobs", "merchant_id": "demo", "job_id": job_id, **more})
        return self.shelf.jobs[job_id]

    def poll(self, asked_at: datetime) -> Job:
        """Ask for the standing job `poll` of a shop."""
        return self.run(
            standing("poll", "woo"), kind="poll", subject="woo", asked_at=stamp(asked_at)
        )


def counting(job: Job, now: datetime) -> Job:
    """Do one of four slices."""
    at = int(job.cursor.get("at", 0)) + 1
    state: Any = "done" if at == SLICES else "running"
    return replace(job, cursor={"at": at % SLICES}, done=at, total=SLICES, state=state)


def failing(error: Exception) -> Callable[[Job, datetime], Job]:
    """Return a slice that always fails."""

    def advance(job: Job, now: datetime) -> Job:
        raise error

    return advance


@pytest.fixture
def job() -> Job:
    """Return a job that lies saved and waits."""
    return replace(new_job("demo", "import_orders", NOW), version=1)


def test_a_job_is_worked_at_slice_by_slice_and_saved_after_each(job: Job) -> None:
    """Whoever looks sees how far it is."""
    bench = Bench(job, advance=counting)
    assert bench.run(job.id).state == "done"
    assert [(one.done, one.total, one.state) for one in bench.shelf.saves] == [
        (1, 4, "running"), (2, 4, "running"), (3, 4, "running"), (4, 4, "done"),
    ]  # fmt: skip
    assert bench.wakes == []


def test_what_a_job_was_made_with_is_there_when_it_begins(job: Job) -> None:
    """An import carries its file and its columns in the cursor."""
    bench = Bench(replace(job, cursor={"at": 2}), advance=counting)
    bench.run(job.id)
    assert [one.done for one in bench.shelf.saves] == [3, 4]


def test_a_worker_hands_over_at_the_end_of_its_shift(job: Job) -> None:
    """A function has minutes, a job may have hours."""
    bench = Bench(job, advance=counting)
    bench.step = SHIFT / 2
    assert bench.run(job.id).state == "running"
    assert bench.wakes == [(job.id, 0.0)]
    while bench.wakes:
        bench.run(bench.wakes.pop()[0])
    assert bench.shelf.jobs[job.id].state == "done"
    assert [one.done for one in bench.shelf.saves] == [1, 2, 3, 4]


def test_a_wake_up_that_comes_twice_changes_nothing_once_it_is_done(job: Job) -> None:
    """Queues deliver at least once."""
    bench = Bench(job, advance=counting)
    done = bench.run(job.id)
    assert bench.run(job.id) == done
    bench.runner.run({"merchant_id": "demo", "job_id": "nobody-knows-it"})
    assert len(bench.shelf.saves) == SLICES


@pytest.mark.parametrize("dies_at", range(1, SLICES + 1))
def test_a_worker_that_dies_leaves_a_job_that_goes_on_where_it_was(job: Job, dies_at: int) -> None:
    """The message comes back, and at most one slice is done twice."""
    worked: list[int] = []

    def advance(job: Job, now: datetime) -> Job:
        done = counting(job, now)
        worked.append(done.done)
        if len(worked) == dies_at:
            raise Killed
        return done

    bench = Bench(job, advance=advance)
    with pytest.raises(Killed):
        bench.run(job.id)
    assert bench.run(job.id).state == "done"
    assert sorted({*worked}) == [1, 2, 3, 4]
    assert len(worked) == SLICES + 1


def test_of_two_workers_at_one_job_one_goes_on(job: Job) -> None:
    """The slower one loses a slice and stops; nothing is counted twice."""
    bench = Bench(job, advance=counting)

    def advance(job: Job, now: datetime) -> Job:
        if not bench.shelf.saves:
            bench.shelf.save(counting(job, now))  # by the other one, meanwhile
        return counting(job, now)

    slower = Runner(jobs=bench.shelf, advance=advance, wake=bench._wake, now=lambda: NOW)
    slower.run({"merchant_id": "demo", "job_id": job.id})
    assert [one.done for one in bench.shelf.saves] == [1]
    assert bench.run(job.id).done == SLICES


def test_what_may_work_later_is_tried_again_after_a_growing_pause(job: Job) -> None:
    """And in the end the job has failed, with the reason of the outside."""
    bench = Bench(job, advance=failing(Retryable("outside_down", "The shop is away.")))
    for _ in range(TRIES):
        tried = bench.run(job.id)
    assert [delay for _, delay in bench.wakes] == [FIRST_PAUSE * 2**n for n in range(TRIES - 1)]
    assert (tried.state, tried.reason) == ("failed", "The shop is away.")


def test_the_outside_says_how_long_to_wait(job: Job) -> None:
    """A shop that counts our calls is left alone until it counts anew."""
    bench = Bench(job, advance=failing(Retryable("outside_down", "Slower.", after=100.0)))
    assert bench.run(job.id).state == "running"
    assert bench.wakes == [(job.id, 100.0)]


def test_a_slice_that_works_forgets_the_failures_before_it(job: Job) -> None:
    """Five failures in a row are the end, not five in a week."""
    bench = Bench(replace(job, state="running", tries=TRIES - 1, reason="x"), advance=counting)
    done = bench.run(job.id)
    assert (done.state, done.tries, done.reason) == ("done", 0, "")


@pytest.mark.parametrize(
    "error", [Permanent("outside_refused", "No."), NeedsHuman("choose", "No.")]
)
def test_what_is_refused_is_not_tried_again(job: Job, error: Exception) -> None:
    """The reason is the shop's own."""
    bench = Bench(job, advance=failing(error))
    assert bench.run(job.id).state == "failed"
    assert bench.shelf.jobs[job.id].reason == "No."
    assert bench.wakes == []


def test_a_bug_of_ours_is_not_told_in_its_own_words(job: Job) -> None:
    """A trace may hold anything; people are sent to the log."""
    bench = Bench(job, advance=failing(KeyError("cs_secret")))
    assert "secret" not in bench.run(job.id).reason


def test_a_standing_job_is_made_when_it_is_first_asked_for_and_keeps_its_place() -> None:
    """The next one goes on from the cursor of the last one, with a progress of its own."""
    bench = Bench(advance=counting)
    first = bench.poll(NOW)
    assert (first.id, first.kind, first.subject) == ("poll-woo", "poll", "woo")
    assert first.is_standing
    later = bench.poll(NOW + timedelta(minutes=5))
    assert len(bench.shelf.saves) == 2 * SLICES
    assert later.began_at > first.began_at


def test_a_run_that_failed_leaves_its_place_and_keeps_its_memory() -> None:
    """Shops forget where their pages end; and what was finished once need not be done again."""
    failed = replace(
        new_job("demo", "poll", NOW, subject="woo", is_standing=True),
        state="failed", cursor={"at": 2}, memory={"since": "then"}, began_at=NOW, version=3,
    )  # fmt: skip
    bench = Bench(failed, advance=counting)
    done = bench.poll(NOW + timedelta(minutes=5))
    assert [one.done for one in bench.shelf.saves] == [1, 2, 3, 4]
    assert done.memory == {"since": "then"}


@pytest.mark.parametrize("kind", HANDLERS)
def test_every_kind_of_job_has_somebody_who_does_it(kind: str) -> None:
    """A name with a slip of the pen would fail when somebody waits for it."""
    assert callable(import_module(HANDLERS[kind]).advance)


def test_who_asked_before_it_began_is_served_by_it() -> None:
    """A hundred hints at once are one poll, for it reads all that was changed before it began."""
    bench = Bench(advance=counting)
    for _ in range(100):
        bench.poll(NOW - timedelta(seconds=1))
    assert len(bench.shelf.saves) == SLICES


def test_who_asks_while_it_runs_has_it_run_once_more() -> None:
    """What changed after it began may not be in what it reads; further asking adds nothing."""
    bench = Bench(advance=counting)
    asked: Iterator[int] = count()

    def advance(job: Job, now: datetime) -> Job:
        if next(asked) == 1:
            for _ in range(3):
                job = replace(job, version=bench.shelf.jobs[job.id].version)
                bench.shelf.save(replace(job, is_asked_again=True))
            raise Killed
        return counting(job, now)

    bench.runner = replace(bench.runner, advance=advance)
    with pytest.raises(Killed):
        bench.poll(NOW)
    before = len(bench.shelf.saves)
    bench.poll(NOW + timedelta(hours=1))  # it runs and will run again: nothing to add
    assert len(bench.shelf.saves) == before
    done = bench.run("poll-woo")
    assert (done.state, done.is_asked_again) == ("done", False)
    assert [one.done for one in bench.shelf.saves[before:]] == [2, 3, 4, 1, 2, 3, 4]


def test_asking_for_a_running_job_takes_it_over_and_marks_it() -> None:
    """Its worker may be dead: whoever asks goes on, and has it run once more."""
    running = replace(
        new_job("demo", "poll", NOW, subject="woo", is_standing=True),
        state="running", cursor={"at": 2}, began_at=NOW, version=3,
    )  # fmt: skip
    bench = Bench(running, advance=counting)
    done = bench.poll(NOW + timedelta(seconds=1))
    assert [one.done for one in bench.shelf.saves] == [3, 4, 1, 2, 3, 4]
    assert done.state == "done"


def test_a_kind_nobody_knows_fails_with_its_name(job: Job) -> None:
    """A message of a newer version, read by an older one."""
    with pytest.raises(Permanent, match="brew"):
        flow.advance(replace(job, kind="brew"), NOW)


def test_a_job_whose_worker_died_too_often_is_failed_by_the_dead_letters(job: Job) -> None:
    """Nobody waits for ever before a progress bar."""
    shelf = Shelf(job)
    give_up({"step": "jobs", "merchant_id": "demo", "job_id": job.id}, shelf, NOW)
    assert shelf.jobs[job.id].state == "failed"
    assert "worker" in shelf.jobs[job.id].reason
    give_up({"merchant_id": "demo", "job_id": "unknown"}, shelf, NOW)
    give_up({"merchant_id": "demo", "job_id": job.id}, shelf, NOW)
    assert len(shelf.saves) == 1

"""Long work: jobs done slice by slice, saved after each, gone on with after an interruption."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from importlib import import_module
from typing import Protocol

from chalicelib.domain.errors import Conflict, KontorError, NeedsHuman, Permanent, Retryable
from chalicelib.runtime import clock
from chalicelib.runtime.logging import log
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.tables import moment

# A worker hands over to the next one after this, long before its function's time is up.
SHIFT = timedelta(seconds=120)
TRIES = 5
BUG = KontorError("unexpected", "An error of ours; it stands in the log.")
FIRST_PAUSE = 15.0  # seconds after a first failure; twice as many after each further one

Advance = Callable[[Job, datetime], Job]


class JobStore(Protocol):
    """What the runner needs of the jobs."""

    def load(self, merchant_id: str, job_id: str) -> Job | None:
        """Read a job."""
        ...

    def save(self, job: Job) -> Job:
        """Write a job, new or as it goes on; Conflict if somebody else did meanwhile."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Runner:
    """Works at jobs: where they lie, who does a slice, what time it is, who is woken next."""

    jobs: JobStore
    advance: Advance
    wake: Callable[..., None]
    now: clock.Clock = clock.now
    shift: timedelta = SHIFT

    def run(self, message: Mapping[str, str]) -> None:
        """Work at the job of a wake-up until it is over, has to wait, or the shift ends."""
        job = self._taken(message)
        until = self.now() + self.shift
        while job is not None:
            job, pause = self._slice(job)
            try:
                job = self.jobs.save(job)
            except Conflict:
                # Another worker has it, and all we did was a slice that it does too.
                log.info("taken over", step="jobs", job=job.id)
                return
            if job.is_over:
                job = _begun(job, self.now()) if job.is_asked_again else None
            elif pause or self.now() >= until:
                self.wake(job.merchant_id, job.id, delay=pause)
                return

    def _taken(self, message: Mapping[str, str]) -> Job | None:
        """Return the job to work at, begun anew if that was asked for; None if there is none."""
        merchant_id, now = message["merchant_id"], self.now()
        kind, subject = message.get("kind", ""), message.get("subject", "")
        job = self.jobs.load(merchant_id, message["job_id"])
        if job is None:
            made = new_job(merchant_id, kind, now, subject=subject, is_standing=True)
            return _begun(made, now) if kind else None
        if kind and moment(message["asked_at"]) <= job.began_at:
            return None  # it began after it was asked for, and so has seen all that it should
        if kind and job.state == "running":
            return None if job.is_asked_again else replace(job, is_asked_again=True)
        if job.is_over and not kind:
            return None
        return job if job.state == "running" else _begun(job, now)

    def _slice(self, job: Job) -> tuple[Job, float]:
        """Do one slice; returns the job as it is then, and for how long to leave it alone.

        What fails is kept with the job in words, and tried again unless that is pointless.
        """
        now = self.now()
        try:
            done = self.advance(job, now)
            if done.state == "failed":  # for a reason that the slice itself has found
                return replace(done, updated_at=now), 0.0
            return replace(done, tries=0, code="", reason="", updated_at=now), 0.0
        except (Permanent, NeedsHuman) as error:
            return _failed(job, error.code, error.text, now), 0.0
        except Exception as error:  # noqa: BLE001 - a bug of ours must not leave a job without end
            log.exception("slice failed", step="jobs", job=job.id, kind=job.kind)
            known = error if isinstance(error, KontorError) else BUG
            tried = _failed(job, known.code, known.text, now)
            if job.tries + 1 < TRIES:
                tried = replace(tried, state="running")
            wait = error.after if isinstance(error, Retryable) else None
            return replace(tried, tries=job.tries + 1), max(wait or 0.0, FIRST_PAUSE * 2**job.tries)


def _failed(job: Job, code: str, reason: str, now: datetime) -> Job:
    return replace(job, state="failed", code=code, reason=reason, updated_at=now)


def _begun(job: Job, now: datetime) -> Job:
    return replace(
        job, state="running", began_at=now, tries=0, code="", reason="", is_asked_again=False,
        cursor={} if job.is_over else job.cursor, done=0, total=None, problems=(), problem_count=0,
    )  # fmt: skip


def by_kind(handlers: Mapping[str, str]) -> Advance:
    """Return what does a slice of a job of any of these kinds; each names its module."""

    def advance(job: Job, now: datetime) -> Job:
        if job.kind not in handlers:
            raise Permanent("unknown_kind", f"There are no jobs of the kind {job.kind}.")
        done: Job = import_module(handlers[job.kind]).advance(job, now)
        return done

    return advance

"""Jobs: long work in small slices, with its progress; and the wake-ups that drive it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, Literal

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import JSONAttribute, NumberAttribute

from chalicelib.domain.errors import Conflict, Retryable
from chalicelib.store import codec, session
from chalicelib.store.tables import REGION, Row, stamp, table_name, translated

State = Literal["waiting", "running", "done", "failed"]
KEEP = timedelta(days=90)
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN = 100  # problems kept with a job; the others are only counted
LONGEST_TEXT = 300
BEFORE_STANDING = ":"  # behind the digits that single jobs begin with, before all letters
BEHIND_ARRIVALS = "arrivals."  # behind `arrivals-`, before all other kinds that stand
# Which step does a kind of job that the jobs function cannot: it has no typesetter.
STEP_OF = {"preview": "documents", "pick_list": "documents"}
LONGEST_DELAY = 900.0  # seconds; SQS holds no message longer


class JobRow(Row):
    """One job; `sk` is its id. `version` counts its saves, so that of two workers one goes on."""

    class Meta:
        """The table as the template makes it."""

        table_name = table_name("jobs")
        region = REGION

    job = JSONAttribute()
    version = NumberAttribute()
    expires_at = NumberAttribute(null=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class JobProblem:
    """What was wrong with one row: its number, the field, and a sentence."""

    row: int
    field: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Work in slices: `cursor` is where the next begins, `code` and `reason` why this one failed.

    A standing job is named by kind and subject (`poll-{connection}`) and begins anew whenever it is
    asked for, without its cursor but with its `memory`; `began_at` is when it last did.
    """

    merchant_id: str
    id: str
    kind: str
    subject: str = ""
    state: State = "waiting"
    done: int = 0
    total: int | None = None
    problems: tuple[JobProblem, ...] = ()
    problem_count: int = 0
    code: str = ""
    reason: str = ""
    cursor: Mapping[str, Any] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)
    result: Mapping[str, Any] = field(default_factory=dict)
    created_at: datetime
    updated_at: datetime
    began_at: datetime = NEVER
    tries: int = 0
    is_asked_again: bool = False
    version: int = 0

    @property
    def is_over(self) -> bool:
        """Tell whether nothing is left to do."""
        return self.state in {"done", "failed"}

    @property
    def is_standing(self) -> bool:
        """Tell whether it is kept for good and begins anew."""
        return self.id == standing(self.kind, self.subject)

    def with_problems(self, *problems: JobProblem) -> Job:
        """Add problems: the first hundred are kept, all are counted."""
        kept = (*self.problems, *problems)[:SHOWN]
        short = tuple(replace(one, text=one.text[:LONGEST_TEXT]) for one in kept)
        return replace(self, problems=short, problem_count=self.problem_count + len(problems))


def standing(kind: str, subject: str) -> str:
    """Return the id of the one job of a kind for a subject."""
    return f"{kind}-{subject}"


def new_job(
    merchant_id: str, kind: str, now: datetime, *, subject: str = "", is_standing: bool = False
) -> Job:
    """Return a job that is not saved yet; ids of single ones sort by time."""
    single = f"{now:%Y%m%d%H%M%S}-{secrets.token_hex(4)}"
    return Job(
        merchant_id=merchant_id,
        id=standing(kind, subject) if is_standing else single,
        kind=kind,
        subject=subject,
        created_at=now,
        updated_at=now,
    )


class Jobs:
    """The jobs of all merchants."""

    def create(self, job: Job) -> Job:
        """Write a new job; Conflict if there is one of its id."""
        return self._put(job)

    def load(self, merchant_id: str, job_id: str) -> Job | None:
        """Read a job as it is now."""
        with translated():
            try:
                return _job(JobRow.get(merchant_id, job_id, consistent_read=True))
            except JobRow.DoesNotExist:
                return None

    def save(self, job: Job) -> Job:
        """Write a job as it goes on; Conflict if somebody else saved it meanwhile."""
        return self._put(job)

    def list(self, merchant_id: str, *, limit: int = 50) -> list[Job]:
        """List the standing jobs of connections, then the others, newest first, so many of each.

        Those of single SKUs (`arrivals-…`) are left out: there may be thousands.
        """
        with translated():
            rows = [
                row
                for which in (JobRow.sk > BEHIND_ARRIVALS, JobRow.sk < BEFORE_STANDING)
                for row in JobRow.query(merchant_id, which, scan_index_forward=False, limit=limit)
            ]
        return [_job(row) for row in rows]

    def start(self, job: Job) -> Job:
        """Write a new job and wake its worker."""
        made = self.create(job)
        wake(made.merchant_id, made.id, step=STEP_OF.get(made.kind, "jobs"))
        return made

    def ask(self, merchant_id: str, kind: str, subject: str, now: datetime) -> Job:
        """Have a standing job begin, or begin once more; returns it as it stands."""
        job = self.load(merchant_id, standing(kind, subject))
        if job is None:
            job = new_job(merchant_id, kind, now, subject=subject, is_standing=True)
            try:
                job = self.create(job)
            except Conflict:
                job = self.load(merchant_id, job.id) or job
        wake_standing(merchant_id, kind, subject, now)
        return job

    def _put(self, job: Job) -> Job:
        written = replace(job, version=job.version + 1)
        row = JobRow(job.merchant_id, job.id, job=codec.plain(written), version=written.version)
        if not job.is_standing:
            row.expires_at = int((job.updated_at + KEEP).timestamp())
        condition = JobRow.version == job.version
        with translated():
            row.save(condition=condition if job.version else JobRow.pk.does_not_exist())
        return written


def _job(row: JobRow) -> Job:
    return codec.shaped(row.job, Job)


@cache
def _client() -> Any:  # noqa: ANN401 - botocore's clients are untyped
    return session.client("sqs")


def wake(merchant_id: str, job_id: str, *, delay: float = 0.0, step: str = "jobs") -> None:
    """Have a step go on with a job, now or in so many seconds."""
    _send({"step": step, "merchant_id": merchant_id, "job_id": job_id}, delay)


def wake_standing(merchant_id: str, kind: str, subject: str, now: datetime) -> None:
    """Ask for a standing job without looking at it; one that began later is not repeated."""
    named = {"step": "jobs", "merchant_id": merchant_id, "job_id": standing(kind, subject)}
    _send({**named, "kind": kind, "subject": subject, "asked_at": stamp(now)}, 0.0)


def _send(message: dict[str, str], delay: float) -> None:
    try:
        _client().send_message(
            QueueUrl=os.environ[f"{message['step'].upper()}_QUEUE"],
            MessageBody=json.dumps(message, separators=(",", ":")),
            DelaySeconds=int(min(max(delay, 0.0), LONGEST_DELAY)),
        )
    except (BotoCoreError, ClientError) as error:
        raise Retryable("queue", f"SQS: {error}") from error

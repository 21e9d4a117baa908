"""Imports of tables: look at every row first, then write all of them, in slices, repeatable."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from chalicelib.domain.errors import Permanent
from chalicelib.runtime import sheets
from chalicelib.store import codec
from chalicelib.store.bucket import Bucket
from chalicelib.store.jobs import Job, JobProblem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from chalicelib.runtime.sheets import Sheet

T = TypeVar("T")
LISTED = 20  # links to what was made, kept with the job


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody chose for a file: by column the field it holds, and what holds for all rows.

    Empty texts mean: as the file shows it.
    """

    columns: dict[str, str] = field(default_factory=dict)
    delimiter: str = ""
    decimal: str = ""
    currency: str = ""
    tax_rate: str = ""
    prices_include_tax: bool = True
    connection_id: str = ""
    location: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """What is wrong in one row, and in which column; row 1 is the header."""

    row: int
    column: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What became of a slice: how many of each, links to some, and rows that were not written."""

    counts: Mapping[str, int] = field(default_factory=dict)
    links: Sequence[Mapping[str, str]] = ()
    problems: Sequence[RowProblem] = ()


class Importer(Protocol[T]):
    """One kind of table: what its rows make, what is wrong with that, and how it is written."""

    @property
    def at_once(self) -> int:
        """How many a slice writes."""
        ...

    def __hash__(self) -> int:
        """Tell importers of one kind to be one."""
        ...

    def items(self, sheet: Sheet, choice: Choice) -> Sequence[T]:
        """Return what the rows make, the same for the same table."""
        ...

    def problems(
        self, merchant_id: str, items: Sequence[T], everything: Sequence[T], choice: Choice
    ) -> list[RowProblem]:
        """Return what stands against writing these, which come together with everything else."""
        ...

    def write(self, job: Job, items: Sequence[T], choice: Choice, now: datetime) -> Written:
        """Write a slice; writing it again changes nothing."""
        ...


def key_of(merchant_id: str, upload_id: str) -> str:
    """Return where an uploaded file lies in the bucket."""
    return f"jobs/{merchant_id}/{upload_id}"


def begun(job: Job, data: bytes, choice: Choice) -> Job:
    """Return a job that imports this file, and no other that may be put in its place."""
    cursor = {
        "choice": codec.plain(choice),
        "sha256": hashlib.sha256(data).hexdigest(),
        "phase": "check",
        "at": 0,
    }
    return replace(job, cursor=cursor)


def opened(data: bytes, choice: Choice) -> Sheet:
    """Read a file as somebody chose to."""
    return sheets.read(data, delimiter=choice.delimiter, decimal=choice.decimal)


@lru_cache(maxsize=1)
def _items(
    importer: Importer[Any], merchant_id: str, upload_id: str, sha256: str, choice: str
) -> Sequence[Any]:
    """Read a file once for all slices of a job that a warm function works at."""
    data = Bucket().read(key_of(merchant_id, upload_id))
    if hashlib.sha256(data).hexdigest() != sha256:
        raise Permanent("file_changed", "The file is not the one that was looked at.")
    chosen = codec.shaped(json.loads(choice), Choice)
    return importer.items(opened(data, chosen), chosen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices(Generic[T]):
    """Cuts an import into slices: first all rows are checked, then all are written, or none."""

    importer: Importer[T]
    checked_at_once: int = 2000

    def advance(self, job: Job, now: datetime) -> Job:
        """Do one slice."""
        cursor: dict[str, Any] = dict(job.cursor)
        choice = codec.shaped(cursor["choice"], Choice)
        written = json.dumps(cursor["choice"], sort_keys=True, default=str)
        items = _items(self.importer, job.merchant_id, job.subject, cursor["sha256"], written)
        work = self._check if cursor["phase"] == "check" else self._write
        return work(replace(job, total=len(items)), items, choice, now)

    def _check(self, job: Job, items: Sequence[T], choice: Choice, now: datetime) -> Job:
        del now
        start = job.cursor["at"]
        end = min(start + self.checked_at_once, len(items))
        found = self.importer.problems(job.merchant_id, items[start:end], items, choice)
        job = _with(job, found, done=end, result={"phase": "check"})
        if end < len(items):
            return replace(job, cursor={**job.cursor, "at": end})
        if job.problem_count:
            text = f"{job.problem_count} problems: nothing was imported."
            return replace(job, state="failed", code="rows_wrong", reason=text)
        return replace(job, done=0, cursor={**job.cursor, "phase": "write", "at": 0})

    def _write(self, job: Job, items: Sequence[T], choice: Choice, now: datetime) -> Job:
        start = job.cursor["at"]
        end = min(start + self.importer.at_once, len(items))
        written = self.importer.write(job, items[start:end], choice, now)
        before = job.result
        counts = {name: before.get(name, 0) + count for name, count in written.counts.items()}
        links = [*before.get("links", ()), *written.links][:LISTED]
        result = {**before, **counts, "links": links, "phase": "write"}
        if is_last := end == len(items):
            del result["phase"]
        job = _with(job, written.problems, done=end, result=result)
        cursor = {**job.cursor, "at": end}
        return replace(job, state="done" if is_last else "running", cursor=cursor)


def _with(job: Job, found: Sequence[RowProblem], *, done: int, result: Mapping[str, Any]) -> Job:
    told = (JobProblem(row=x.row, field=x.column, text=x.text) for x in found)
    return replace(job.with_problems(*told), done=done, result=result)

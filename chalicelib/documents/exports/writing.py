"""Long files over many documents: page by page of the register, part by part into the bucket.

A slice reads pages until a part is full or its time is up, writes what it has, and says in the
job's cursor where the next one begins. Nothing counts until the job is saved: a slice that is
repeated writes the same part again. Memory holds one part and one page, however long the file is.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

from chalicelib.runtime.made import file_of
from chalicelib.store.jobs import JobProblem
from chalicelib.store.large_files import PART
from chalicelib.store.register import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.store.documents import Counter
    from chalicelib.store.jobs import Job
    from chalicelib.store.register import Entry, Frozen

SECONDS = 8.0
PAGE = 50


class Source(Protocol):
    """The register, as far as a file is written from it."""

    def page(
        self, merchant_id: str, span: Span, *, after: str = "", limit: int, newest: bool = False
    ) -> tuple[list[Entry], str]:
        """Return entries behind `after`, and the cursor of the next page."""
        ...

    def facts(self, merchant_id: str, entries: Sequence[Entry]) -> dict[str, Frozen]:
        """Return the frozen facts of entries by number."""
        ...

    def counters(self, merchant_id: str) -> dict[str, Counter]:
        """Return how far each series is."""
        ...

    def count(self, merchant_id: str, span: Span) -> int:
        """Return how many entries there are."""
        ...


class Parts(Protocol):
    """Where large files are written."""

    def begin(self, key: str, *, content_type: str) -> str:
        """Begin a file."""
        ...

    def part(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        """Write a part and return its mark."""
        ...

    def finish(self, key: str, upload_id: str, marks: Sequence[str]) -> None:
        """Put the parts together."""
        ...


class Files(Protocol):
    """Where small things are kept meanwhile, and where documents lie."""

    def put(self, key: str, data: bytes) -> None:
        """Store bytes."""
        ...

    def read(self, key: str) -> bytes:
        """Read bytes."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Entries with their facts."""

    entries: Sequence[Entry]
    facts: Mapping[str, Frozen]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a page adds: bytes of the file, notes for its end, and what was wrong."""

    data: bytes = b""
    notes: Sequence[Any] = ()
    problems: Sequence[tuple[str, str]] = ()  # number and sentence


@dataclass(slots=True, kw_only=True)
class Output:
    """A kind of file; `state` is kept between slices as JSON, notes are read back at the end."""

    name: str
    content_type: str
    head: Callable[[dict[str, Any]], bytes]
    page: Callable[[Page, dict[str, Any]], Written]
    tail: Callable[[Sequence[Any], dict[str, Any]], Written]
    result: Callable[[dict[str, Any]], Mapping[str, Any]] = field(default=lambda _: {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes one file in slices."""

    source: Source
    parts: Parts
    files: Files
    clock: Callable[[], float] = time.monotonic

    def advance(self, job: Job, span: Span, output: Output) -> Job:
        """Do one slice."""
        folder = f"jobs/{job.merchant_id}/{job.id}"
        key, cursor = file_of(job, output.name), dict(job.cursor)
        state = json.loads(json.dumps(cursor.get("state", {})))
        if not cursor:
            cursor = {
                "upload": self.parts.begin(key, content_type=output.content_type),
                "marks": [], "sides": [], "rest": "", "after": "",
            }  # fmt: skip
            job = replace(job, total=self.source.count(job.merchant_id, span))
            buffer = bytearray(output.head(state))
        else:
            buffer = bytearray(self.files.read(cursor["rest"]) if cursor["rest"] else b"")
        job, notes, is_over = self._pages(job, span, output, (cursor, state, buffer))
        if is_over:
            return self._finished(job, key, output, (cursor, state, buffer), notes)
        if notes:
            cursor["sides"] = [*cursor["sides"], self._kept(folder, _lines(notes))]
        if len(buffer) >= PART:
            marks = cursor["marks"]
            mark = self.parts.part(key, cursor["upload"], len(marks) + 1, bytes(buffer))
            cursor |= {"marks": [*marks, mark], "rest": ""}
        else:
            cursor["rest"] = self._kept(folder, bytes(buffer))
        return replace(job, cursor={**cursor, "state": state})

    def _pages(
        self, job: Job, span: Span, output: Output, at: tuple[dict[str, Any], Any, bytearray]
    ) -> tuple[Job, list[Any], bool]:
        """Take pages until a part is full, the time is up or there are no more."""
        cursor, state, buffer = at
        until, notes = self.clock() + SECONDS, list[Any]()
        while True:
            entries, following = self.source.page(
                job.merchant_id, span, after=cursor["after"], limit=PAGE
            )
            facts = self.source.facts(job.merchant_id, entries)
            written = output.page(Page(entries=entries, facts=facts), state)
            buffer += written.data
            notes += written.notes
            job = _with(replace(job, done=job.done + len(entries)), written.problems)
            cursor["after"] = following
            if not following or len(buffer) >= PART or self.clock() >= until:
                return job, notes, not following

    def _finished(
        self,
        job: Job,
        key: str,
        output: Output,
        at: tuple[dict[str, Any], Any, bytearray],
        notes: list[Any],
    ) -> Job:
        cursor, state, buffer = at
        kept = [note for side in cursor["sides"] for note in _read(self.files.read(side))]
        written = output.tail([*kept, *notes], state)
        buffer += written.data
        marks = cursor["marks"]
        if buffer or not marks:
            mark = self.parts.part(key, cursor["upload"], len(marks) + 1, bytes(buffer))
            marks = [*marks, mark]
        self.parts.finish(key, cursor["upload"], marks)
        job = _with(job, written.problems)
        result = {"file": output.name, "documents": job.done, **output.result(state)}
        return replace(job, state="done", cursor={}, result=result)

    def _kept(self, folder: str, data: bytes) -> str:
        """Keep bytes under a name that says what they are, so that a repetition changes nothing."""
        key = f"{folder}/parts/{hashlib.sha256(data).hexdigest()[:24]}"
        self.files.put(key, data)
        return key


def _with(job: Job, problems: Sequence[tuple[str, str]]) -> Job:
    return job.with_problems(
        *(JobProblem(row=0, field=number, text=text) for number, text in problems)
    )


def _lines(notes: Sequence[Any]) -> bytes:
    return "\n".join(json.dumps(note, ensure_ascii=False) for note in notes).encode()


def _read(data: bytes) -> list[Any]:
    return [json.loads(line) for line in data.decode().split("\n") if line]

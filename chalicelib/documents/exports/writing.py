"""Long files over many documents: page by page of the register, part by part into the bucket.

A slice reads pages until a part is full or its time is up, writes what it has, and says in the
job's cursor where the next one begins. Nothing counts until the job is saved: a slice that is
repeated writes the same part again. What pages add to the file's end is kept slice by slice in
strands, and copied from there when there are no more pages. Memory holds one part, one page and
one slice of the strands, however long the file is.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from chalicelib.runtime.made import file_of
from chalicelib.store.jobs import JobProblem
from chalicelib.store.large_files import PART

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.documents.exports.port import Files, Parts, Source
    from chalicelib.store.jobs import Job
    from chalicelib.store.register import Corrected, Entry, Frozen, Span

SECONDS = 8.0
PAGE = 50
FORM = 2  # of the cursor: a job whose cursor is of another release begins anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Entries with their facts, and what corrects them where the file shows it."""

    entries: Sequence[Entry]
    facts: Mapping[str, Frozen]
    corrected: Corrected = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a page adds: bytes of the file, of strands for its end, and what was wrong."""

    data: bytes = b""
    beside: Mapping[str, bytes] = field(default_factory=dict)
    problems: Sequence[tuple[str, str]] = ()  # number and sentence


@dataclass(frozen=True, slots=True)
class Strand:
    """All that the pages have put beside under this name, in their order."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reel:
    """Something else that is read page by page behind the register: `read(after)`."""

    read: Callable[[str], tuple[Any, str]]
    write: Callable[[Any, dict[str, Any]], Written]


def _nothing(_: dict[str, Any]) -> Written:
    return Written()


@dataclass(slots=True, kw_only=True)
class Output:
    """A kind of file; `state` is kept between slices as JSON.

    `close` is asked once behind the last page; `tail` in every slice that writes the end, so it
    must say the same of the same state.
    """

    name: str
    content_type: str
    head: Callable[[dict[str, Any]], bytes]
    page: Callable[[Page, dict[str, Any]], Written]
    more: Sequence[Reel] = ()
    shows_corrections: bool = False
    close: Callable[[dict[str, Any]], Written] = _nothing
    tail: Callable[[dict[str, Any]], Sequence[bytes | Strand]] = lambda _: ()
    result: Callable[[dict[str, Any]], Mapping[str, Any]] = lambda _: {}


@dataclass(slots=True, kw_only=True)
class _Slice:
    """What a slice has in its hands."""

    job: Job
    output: Output
    cursor: dict[str, Any]
    state: dict[str, Any]
    buffer: bytearray
    until: float
    beside: dict[str, bytearray] = field(default_factory=dict)

    def take(self, written: Written) -> None:
        """Add what a page has written."""
        self.buffer += written.data
        for name, data in written.beside.items():
            self.beside.setdefault(name, bytearray()).extend(data)
        problems = (JobProblem(row=0, field=x, text=text) for x, text in written.problems)
        self.job = self.job.with_problems(*problems)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writer:
    """Writes one file in slices."""

    source: Source
    parts: Parts
    files: Files
    clock: Callable[[], float] = time.monotonic

    def advance(self, job: Job, span: Span, output: Output) -> Job:
        """Do one slice."""
        at = self._begun(job, span, output)
        if "is_whole" in at.cursor:
            return self._finished(at)
        is_at_end = "piece" in at.cursor or (self._pages(at, span) and self._goes_on(at))
        if is_at_end:
            self._tail(at)
        key, cursor, buffer = file_of(job, output.name), at.cursor, at.buffer
        marks = cursor["marks"]
        if len(buffer) >= PART or ("is_whole" in cursor and (buffer or not marks)):
            mark = self.parts.part(key, cursor["upload"], len(marks) + 1, bytes(buffer))
            cursor |= {"marks": [*marks, mark], "rest": ""}
        else:
            cursor["rest"] = self._kept(at, bytes(buffer)) if buffer else ""
        return replace(at.job, cursor={**cursor, "state": at.state})

    def _finished(self, at: _Slice) -> Job:
        """Put the parts together, in a slice of its own: behind it no part can be written again."""
        output, cursor = at.output, at.cursor
        self.parts.finish(file_of(at.job, output.name), cursor["upload"], cursor["marks"])
        result = {"file": output.name, "documents": at.job.done, **output.result(at.state)}
        return replace(at.job, state="done", cursor={}, result=result)

    def _begun(self, job: Job, span: Span, output: Output) -> _Slice:
        """Take up what the last slice has left, or begin; an older release's half file too."""
        cursor = json.loads(json.dumps(dict(job.cursor)))
        until = self.clock() + SECONDS
        if cursor.get("form") == FORM:
            state = cursor.pop("state")
            rest = self.files.read(_place(job, cursor["rest"])) if cursor["rest"] else b""
        else:
            key, state = file_of(job, output.name), dict[str, Any]()
            upload = self.parts.begin(key, content_type=output.content_type)
            cursor = {
                "form": FORM, "upload": upload, "marks": [], "sides": [], "rest": "", "reel": 0,
                "after": "",
            }  # fmt: skip
            rest, total = output.head(state), self.source.count(job.merchant_id, span)
            job = replace(job, done=0, total=total, problems=(), problem_count=0)
        return _Slice(
            job=job, output=output, cursor=cursor, state=state, buffer=bytearray(rest), until=until
        )

    def _goes_on(self, at: _Slice) -> bool:
        """Tell whether there is room in the part and beside it, and time."""
        longest = max(len(at.buffer), sum(map(len, at.beside.values())))
        return longest < PART and self.clock() < at.until

    def _pages(self, at: _Slice, span: Span) -> bool:
        """Take pages until a part is full, the time is up or there are no more: then True."""
        register = Reel(read=partial(self._read, at, span), write=at.output.page)
        reels, cursor = [register, *at.output.more], at.cursor
        is_over = False
        while not is_over:
            reel = reels[cursor["reel"]]
            page, cursor["after"] = reel.read(cursor["after"])
            at.take(reel.write(page, at.state))
            cursor["reel"] += not cursor["after"]
            is_over = cursor["reel"] == len(reels)
            if not is_over and not self._goes_on(at):
                break
        if is_over:
            at.take(at.output.close(at.state))
            cursor["piece"] = [0, 0]
        if at.beside:
            lengths = {name: len(data) for name, data in at.beside.items()}
            side = b"\n".join((json.dumps(lengths).encode(), b"".join(at.beside.values())))
            cursor["sides"].append([self._kept(at, side), *lengths])
            at.beside.clear()
        return is_over

    def _read(self, at: _Slice, span: Span, after: str) -> tuple[Page, str]:
        """Read a page of the register."""
        merchant_id = at.job.merchant_id
        entries, following = self.source.page(merchant_id, span, after=after, limit=PAGE)
        at.job = replace(at.job, done=at.job.done + len(entries))
        facts = self.source.facts(merchant_id, entries)
        is_shown = at.output.shows_corrections
        corrected = self.source.corrected(merchant_id, entries) if is_shown else {}
        return Page(entries=entries, facts=facts, corrected=corrected), following

    def _tail(self, at: _Slice) -> None:
        """Write the file's end, piece by piece, and each strand slice by slice."""
        pieces = at.output.tail(at.state)
        number, side = at.cursor["piece"]
        while number < len(pieces):
            data, side = self._piece(at, pieces[number], side)
            at.buffer += data
            number += not side
            if not self._goes_on(at):
                break
        at.cursor["piece"] = [number, side]
        if number == len(pieces):
            at.cursor["is_whole"] = True

    def _piece(self, at: _Slice, piece: bytes | Strand, first: int) -> tuple[bytes, int]:
        """Return bytes of a piece, and the side of a strand to go on at, 0 if that was all."""
        if isinstance(piece, bytes):
            return piece, 0
        for side, (name, *strands) in enumerate(at.cursor["sides"][first:], first + 1):
            if piece.name in strands:
                return _strand(self.files.read(_place(at.job, name)), piece.name), side
        return b"", 0

    def _kept(self, at: _Slice, data: bytes) -> str:
        """Keep bytes under a name that says what they are, so that a repetition changes nothing."""
        name = hashlib.sha256(data).hexdigest()[:24]
        self.files.put(_place(at.job, name), data)
        return name


def _place(job: Job, name: str) -> str:
    return f"jobs/{job.merchant_id}/{job.id}/parts/{name}"


def _strand(side: bytes, name: str) -> bytes:
    """Return what one slice has put beside under a name."""
    head, _, data = side.partition(b"\n")
    start = 0
    for one, length in json.loads(head).items():
        if one == name:
            return data[start : start + length]
        start += length
    return b""

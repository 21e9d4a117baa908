"""The job `check_archive`: links, facts and bytes of the documents of some days.

Every night it takes up where the last clean night ended, so that a gap between two days is seen
as well. What somebody has changed is looked at again each night, for a week, and rings an alarm.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.documents.chain import Chain, of_document, of_xml
from chalicelib.documents.exports import writing
from chalicelib.documents.exports.reading import Reader, last_drawn
from chalicelib.domain.formats import HOME
from chalicelib.runtime.logging import count_archive_faults
from chalicelib.store.bucket import Bucket
from chalicelib.store.jobs import JobProblem, new_job
from chalicelib.store.register import Register, Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from chalicelib.documents.chain import Fault
    from chalicelib.documents.exports.port import Files, Source
    from chalicelib.store.jobs import Job

KIND = "check_archive"
NIGHTLY = (KIND, "day")
LOOKS_BACK = timedelta(days=7)


def asked(merchant_id: str, span: Span, now: datetime) -> Job:
    """Return the job that checks some days, not saved yet."""
    job = new_job(merchant_id, KIND, now, subject=f"{span.since} – {span.until}")
    return replace(job, memory={"since": span.since, "until": span.until})


def advance(job: Job, now: datetime) -> Job:
    """Check some more."""
    return Check(source=Register(), files=Bucket()).advance(job, now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Where the register and the documents are."""

    source: Source
    files: Files
    clock: Callable[[], float] = time.monotonic

    def advance(self, job: Job, now: datetime) -> Job:
        """Do one slice; doing it again changes nothing."""
        cursor = json.loads(json.dumps(dict(job.cursor))) or self._begun(job, now)
        span = Span(since=cursor["since"], until=cursor["until"])
        if job.total is None:
            job = replace(job, total=self.source.count(job.merchant_id, span))
        until = self.clock() + writing.SECONDS
        while True:
            job, is_over = self._page(job, span, cursor)
            if is_over:
                return self._finished(job, cursor, now)
            if self.clock() >= until:
                return replace(job, cursor=cursor)

    def _begun(self, job: Job, now: datetime) -> dict[str, Any]:
        """Return where it begins: the days asked for, or those since the last clean night."""
        least = last_drawn(self.source, job.merchant_id)
        nothing = {"after": "", "faults": 0, "open": 0, "least": least}
        if not job.is_standing:
            return {**nothing, "chain": {}, **job.memory}
        yesterday = now.astimezone(HOME).date() - timedelta(days=1)
        clean = job.memory.get("clean")
        following = date.fromisoformat(clean) + timedelta(days=1) if clean else yesterday
        since = min(max(following, yesterday - LOOKS_BACK), yesterday)
        chain = job.memory.get("chain", {}) if since == following else {}
        days = {"since": since.isoformat(), "until": yesterday.isoformat()}
        return {**nothing, "chain": chain, **days}

    def _page(self, job: Job, span: Span, cursor: dict[str, Any]) -> tuple[Job, bool]:
        entries, following = self.source.page(
            job.merchant_id, span, after=cursor["after"], limit=writing.PAGE
        )
        facts = self.source.facts(job.merchant_id, entries)
        reader, chain = Reader(files=self.files), Chain(cursor["chain"])
        read = reader.documents(entries)
        faults: list[Fault] = []
        for entry in entries:
            faults += chain.follow(entry)
            faults += of_document(entry, facts.get(entry.number), lambda x: read.get(x.number))
            faults += of_xml(entry, reader.xml(entry))
        cursor |= {"chain": chain.state, "after": following}
        job = _told(replace(job, done=job.done + len(entries)), faults, cursor)
        return job, not following

    def _finished(self, job: Job, cursor: dict[str, Any], now: datetime) -> Job:
        chain = Chain(cursor["chain"])
        ends = chain.ends(
            self.source.counters(job.merchant_id),
            is_newest=cursor["until"] >= now.astimezone(HOME).date().isoformat(),
            least=cursor["least"],
        )
        job = _told(job, ends, cursor)
        if cursor["faults"]:
            count_archive_faults(job.merchant_id, cursor["faults"])
        elif job.is_standing:
            job = replace(job, memory={"clean": cursor["until"], "chain": chain.last})
        return replace(job, state="done", cursor={}, result=_result(job, cursor))


def _told(job: Job, faults: Iterable[Fault], cursor: dict[str, Any]) -> Job:
    """Name each fault; those of somebody's making are counted apart from open numbers."""
    found = [*faults]
    made = [fault for fault in found if fault.code != "open"]
    cursor["faults"] += len(made)
    cursor["open"] += len(found) - len(made)
    return job.with_problems(*(JobProblem(row=0, field=x.number, text=x.text) for x in found))


def _result(job: Job, cursor: Mapping[str, Any]) -> dict[str, Any]:
    """Say what was checked, and what was found."""
    kept = {name: cursor[name] for name in ("since", "until", "faults", "open")}
    return {"documents": job.done, **kept}

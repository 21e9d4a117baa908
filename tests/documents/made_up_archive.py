"""An archive that is made up: a register, documents and a bucket in memory."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from chalicelib.documents.exports.pack import Pack
from chalicelib.documents.exports.writing import Output, Writer
from chalicelib.domain.errors import Retryable
from chalicelib.store.documents import Counter, Filed, link_of
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.register import Corrected, Correction, Entry, Frozen, Span
from tests.fakes import Fuse, Killed

AT = datetime(2026, 12, 1, 8, 30, 4, tzinfo=UTC)
SPAN = Span(since="2026-11-01", until="2026-11-30")


def digest(text: str) -> str:
    """Return a hash in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class House:
    """A register, an archive and a bucket in memory, where every hash is right."""

    entries: list[Entry] = field(default_factory=list)
    facts_of: dict[str, Frozen] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    done: dict[str, bytes] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)
    slices: int = 0
    fuse: Fuse = field(default_factory=Fuse)

    def issue(self, count: int, size: int = 10) -> House:
        """Issue so many invoices of about so many bytes."""
        for seq in range(len(self.entries) + 1, len(self.entries) + count + 1):
            before = self.entries[-1].link if self.entries else ""
            number, sha, key = f"RE-{seq:05}", digest(f"facts {seq}"), f"demo/{seq}.pdf"
            self.objects[key] = f"%PDF {seq}".encode().ljust(size, b"x")
            self.facts_of[number] = Frozen(facts={"number": number}, sha256=sha)
            entry = Entry(
                number=number, kind="invoice", order_id=f"o{seq}", about="", series="RE", seq=seq,
                issued_at="2026-11-23T08:00:00Z", listed=f"2026-11-23#invoice#RE#{seq:09}",
                facts_sha256=sha, before=before, link=link_of(before, number, sha),
                summary={"customer": "-2+3=Öz", "gross": 1290, "currency": "EUR"},
                filed=Filed(key=key, sha256=hashlib.sha256(self.objects[key]).hexdigest()),
            )  # fmt: skip
            self.entries.append(entry)
        return self

    def page(
        self, _: str, span: Span, *, after: str = "", limit: int, newest: bool = False
    ) -> tuple[list[Entry], str]:
        with self.fuse.touch("page"):
            rest = [x for x in self.entries if x.listed > after]
            return rest[:limit], rest[limit - 1].listed if len(rest) > limit else ""

    def facts(self, _: str, entries: Sequence[Entry]) -> dict[str, Frozen]:
        return {x.number: self.facts_of[x.number] for x in entries if x.number in self.facts_of}

    def corrected(self, _: str, entries: Sequence[Entry]) -> Corrected:
        with self.fuse.touch("corrected"):
            return {"RE-00002": [Correction(number="RK-00001", kind="credit_note")]}

    def counters(self, _: str) -> dict[str, Counter]:
        with self.fuse.touch("counters"):
            return {"RE": Counter(last=self.entries[-1].seq, link=self.entries[-1].link)}

    def count(self, *_: Any) -> int:
        return len(self.entries)

    def put(self, key: str, data: bytes) -> None:
        with self.fuse.touch("put"):
            self.objects[key] = data

    def read(self, key: str) -> bytes:
        with self.fuse.touch("read"):
            if key not in self.objects:
                raise Retryable("archive", "S3: NoSuchKey")
            return self.objects[key]

    def begin(self, key: str, *, content_type: str) -> str:
        with self.fuse.touch("begin"):
            upload = f"{key} {len(self.uploads)}"
            self.uploads[upload] = {}
            return upload

    def part(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        with self.fuse.touch("part"):
            if upload_id in self.over:
                raise Retryable("archive", "S3: NoSuchUpload")
            self.uploads[upload_id][number] = data
            return digest(repr(data))

    def finish(self, key: str, upload_id: str, marks: Sequence[str]) -> None:
        with self.fuse.touch("finish"):
            parts = self.uploads[upload_id]
            assert list(marks) == [digest(repr(parts[n])) for n in range(1, len(marks) + 1)]
            self.done[key] = b"".join(parts[n] for n in range(1, len(marks) + 1))
            self.over.add(upload_id)

    def write(
        self,
        output: Output,
        *,
        twice: bool = False,
        seconds: float = 0.0,
        cursor: Mapping[str, Any] = MappingProxyType({}),
    ) -> Job:
        """Run slices until the job is over; with `twice` each is done a second time."""
        ticks = iter(range(10**9))
        writer = Writer(source=self, parts=self, files=self, clock=lambda: next(ticks) * seconds)
        job = replace(new_job("demo", "audit_pack", AT), state="running", cursor=cursor)
        while not job.is_over:
            with suppress(Killed):
                if twice:
                    writer.advance(job, SPAN, output)
                job = writer.advance(job, SPAN, output)
                self.slices += 1
        return job

    def file(self) -> bytes:
        """Return the only file that was written."""
        [data] = self.done.values()
        return data

    def pack(self, **more: Any) -> Output:
        """Return the audit pack over all."""
        pack = Pack(
            merchant_id="demo", span=SPAN, files=self, source=self, now=AT, is_newest=True,
            extras=[("Verfahren.md", "Ä".encode())], is_audit=True,
        )  # fmt: skip
        return replace(pack, **more).output()

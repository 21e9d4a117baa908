"""Runs the exports that `bench.exports` asks for, in a process of its own.

The register and the documents are made up as they are read and parts go to the disk, so that memory
is what the export itself needs. A second run is killed in its middle and goes on from its last
saved slice; both must write the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import sys
import tempfile
import time
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.exports import DOCUMENTS, Export
from chalicelib.documents.exports import datev
from chalicelib.documents.exports.outputs import documents_table
from chalicelib.documents.exports.pack import Pack
from chalicelib.documents.exports.writing import Writer
from chalicelib.store.documents import Counter, Filed, link_of
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.merchants import Settings
from chalicelib.store.register import Entry, Frozen, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from chalicelib.documents.exports.writing import Output
    from chalicelib.store.register import Corrected

BYTES = 8_000  # of a document
AT = datetime(2026, 12, 1, 8, 30, tzinfo=UTC)
SPAN = Span(since="2026-11-01", until="2026-11-30")
SUMMARY = {"customer": "Anna Öz", "gross": 1190, "net": 1000, "tax": 190, "currency": "EUR"}
FACTS = {"taxes": [{"rate": "19", "net": 1000, "tax": 190, "gross": 1190}], "currency": "EUR"}


class KilledError(RuntimeError):
    """The function was ended in the middle of a slice."""


class House:
    """A made-up register whose hashes are right, and a folder for what is written."""

    def __init__(self, folder: Path, count: int) -> None:
        """Link so many numbers."""
        self.folder, self.kill_at, self.links = folder, 0, [""]
        for seq in range(1, count + 1):
            self.links.append(link_of(self.links[-1], f"RE-{seq:06}", _sha(f"facts {seq}")))

    def page(
        self, _: str, __: Span, *, after: str = "", limit: int, newest: bool = False
    ) -> tuple[list[Entry], str]:
        """Return entries behind `after`."""
        del newest
        first, last = int(after or 0) + 1, len(self.links) - 1
        until = min(first + limit - 1, last)
        if self.kill_at and until >= self.kill_at:
            self.kill_at = 0
            raise KilledError
        return [self._entry(seq) for seq in range(first, until + 1)], str(until) * (until < last)

    def _entry(self, seq: int) -> Entry:
        number, sha = f"RE-{seq:06}", _sha(f"facts {seq}")
        filed = Filed(key=f"pdf/{seq}", sha256=hashlib.sha256(_pdf(seq)).hexdigest())
        return Entry(
            number=number, kind="invoice", order_id=f"o{seq}", about="", series="RE", seq=seq,
            issued_at="2026-11-23T08:00:00Z", listed=f"2026-11-23#invoice#RE#{seq:09}",
            facts_sha256=sha, before=self.links[seq - 1], link=self.links[seq], summary=SUMMARY,
            filed=filed,
        )  # fmt: skip

    def facts(self, _: str, entries: Sequence[Entry]) -> dict[str, Frozen]:
        """Return facts for each entry."""
        return {x.number: Frozen(facts=FACTS, sha256=x.facts_sha256) for x in entries}

    def corrected(self, _: str, __: Sequence[Entry]) -> Corrected:
        """Nothing was corrected."""
        return {}

    def counters(self, _: str) -> dict[str, Counter]:
        """Return the end of the series."""
        return {"RE": Counter(last=len(self.links) - 1, link=self.links[-1])}

    def count(self, *_: object) -> int:
        """Return how many there are."""
        return len(self.links) - 1

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes."""
        (self.folder / _sha(key)).write_bytes(data)

    def read(self, key: str) -> bytes:
        """Return a document, or what was kept."""
        place, _, seq = key.partition("/")
        return _pdf(int(seq)) if place == "pdf" else (self.folder / _sha(key)).read_bytes()

    def begin(self, key: str, *, content_type: str) -> str:
        """Begin a file."""
        return f"{key} {content_type}"

    def part(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        """Write a part."""
        del upload_id
        (self.folder / _sha(f"{key} {number}")).write_bytes(data)
        return _sha(f"{key} {number}")

    def finish(self, key: str, upload_id: str, marks: Sequence[str]) -> None:
        """Hash the whole file, in place of its parts."""
        del key, upload_id
        whole = hashlib.sha256()
        for mark in marks:
            whole.update((self.folder / mark).read_bytes())
            (self.folder / mark).unlink()
        self.whole = whole.hexdigest()


def run(folder: Path, count: int) -> list[Export]:
    """Write each kind of file, and once more with a kill."""
    house = House(folder, count)
    return [_measured(house, kind, output) for kind, output in _outputs(house).items()]


def _outputs(house: House) -> dict[str, Output]:
    settings = Settings(datev_consultant=1001, datev_client=1)
    pack = Pack(
        merchant_id="demo", span=SPAN, files=house, source=house, now=AT, is_newest=True
    )  # fmt: skip
    return {
        "datev": datev.bookings(settings, "demo", SPAN, AT),
        "documents": documents_table(SPAN),
        "documents-zip": pack.output(),
        "audit-pack": replace(pack, is_audit=True).output(),
    }


def _measured(house: House, kind: str, output: Output) -> Export:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins anew
    before, cpu = _memory("VmRSS"), time.process_time()
    seconds, done, cursors, job = _slices(house, output)
    cpu, grown, whole = time.process_time() - cpu, _memory("VmHWM") - before, house.whole
    house.kill_at = house.count() // 2
    _slices(house, output)
    return Export(
        kind=kind,
        slices=len(seconds),
        longest=max(seconds),
        cpu=cpu,
        grown_mb=grown,
        cursor_kb=max(cursors) / 1000,
        rises=done == sorted(done) and job.done == job.total and not job.problem_count,
        same=house.whole == whole,
    )


def _slices(house: House, output: Output) -> tuple[list[float], list[int], list[int], Job]:
    """Run slices to the end; one that is killed begins again where the last was saved."""
    writer = Writer(source=house, parts=house, files=house)
    job = replace(new_job("demo", "audit_pack", AT), state="running")
    seconds, done, cursors = list[float](), list[int](), list[int]()
    while not job.is_over:
        began = time.monotonic()
        try:
            job = writer.advance(job, SPAN, output)
        except KilledError:
            continue
        seconds.append(time.monotonic() - began)
        done.append(job.done)
        cursors.append(len(json.dumps(dict(job.cursor))))
    return seconds, done, cursors, job


def _memory(name: str) -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(x.split()[1]) / 1024 for x in lines if x.startswith(name))


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _pdf(seq: int) -> bytes:
    return f"%PDF {seq} ".encode().ljust(BYTES, b"x")


def main(*arguments: Any) -> None:  # noqa: ANN401 - a count, if any
    """Print what was measured as JSON."""
    with tempfile.TemporaryDirectory(prefix="kontor-exports-") as folder:
        found = run(Path(folder), int(arguments[0]) if arguments else DOCUMENTS)
    print(json.dumps([asdict(one) for one in found]))


if __name__ == "__main__":
    main(*sys.argv[1:])

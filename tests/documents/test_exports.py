"""Files over the register: whole however often a slice is repeated, and true to the archive."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.documents.exports import writing
from chalicelib.documents.exports.outputs import Pack, documents_table, guid
from chalicelib.documents.exports.packing import directory, stored
from chalicelib.documents.exports.writing import Output, Writer
from chalicelib.domain.errors import Retryable
from chalicelib.store.documents import Counter, Filed, link_of
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.register import Entry, Frozen, Span

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
        rest = [x for x in self.entries if x.listed > after]
        return rest[:limit], rest[limit - 1].listed if len(rest) > limit else ""

    def facts(self, _: str, entries: Sequence[Entry]) -> dict[str, Frozen]:
        return {x.number: self.facts_of[x.number] for x in entries if x.number in self.facts_of}

    def counters(self, _: str) -> dict[str, Counter]:
        return {"RE": Counter(last=self.entries[-1].seq, link=self.entries[-1].link)}

    def count(self, *_: Any) -> int:
        return len(self.entries)

    def put(self, key: str, data: bytes) -> None:
        self.objects[key] = data

    def read(self, key: str) -> bytes:
        if key not in self.objects:
            raise Retryable("archive", "S3: NoSuchKey")
        return self.objects[key]

    def begin(self, key: str, *, content_type: str) -> str:
        self.uploads[key] = {}
        return key

    def part(self, key: str, upload_id: str, number: int, data: bytes) -> str:
        self.uploads[key][number] = data
        return digest(repr(data))

    def finish(self, key: str, upload_id: str, marks: Sequence[str]) -> None:
        parts = self.uploads[key]
        assert list(marks) == [digest(repr(parts[n])) for n in range(1, len(marks) + 1)]
        self.done[key] = b"".join(parts[n] for n in range(1, len(marks) + 1))

    def write(self, output: Output, *, twice: bool = False, seconds: float = 0.0) -> Job:
        """Run slices until the job is over; with `twice` each is done a second time."""
        ticks = iter(range(10**9))
        writer = Writer(source=self, parts=self, files=self, clock=lambda: next(ticks) * seconds)
        job = replace(new_job("demo", "audit_pack", AT), state="running")
        while not job.is_over:
            if twice:
                writer.advance(job, SPAN, output)
            job = writer.advance(job, SPAN, output)
        return job

    def file(self) -> bytes:
        """Return the only file that was written."""
        [data] = self.done.values()
        return data

    def pack(self, **more: Any) -> Output:
        """Return the audit pack over all."""
        return Pack(
            merchant_id="demo", span=SPAN, files=self, source=self, now=AT, is_newest=True,
            extras=[("Verfahren.md", "Ä".encode())], is_audit=True, **more,
        ).output()  # fmt: skip


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a kilobyte and pages of five, so that few documents take many."""
    monkeypatch.setattr(writing, "PART", 1000)
    monkeypatch.setattr(writing, "PAGE", 5)


@pytest.mark.parametrize("seconds", [0.0, 5.0])
@pytest.mark.parametrize("twice", [False, True])
@pytest.mark.parametrize("count", [0, 1, 5, 33])
def test_a_pack_holds_every_document_once(count: int, *, twice: bool, seconds: float) -> None:
    """Whether slices end by size or by time, and however often one is repeated."""
    house = House().issue(max(count, 1), size=100)
    if not count:
        house.entries, house.counters = [], lambda _: {}  # type: ignore[method-assign]
    job = house.write(house.pack(), twice=twice, seconds=seconds)
    assert (job.state, job.done, job.total, job.problems) == ("done", count, count, ())
    with zipfile.ZipFile(io.BytesIO(house.file())) as found:
        assert found.testzip() is None
        documents = [name for name in found.namelist() if name.startswith("documents/")]
        assert documents == [f"documents/RE-{seq:05}.pdf" for seq in range(1, count + 1)]
        register = found.read("register.csv").decode()
        assert register.count("\r\n") == count + 1
        assert ("'-2+3=Öz" in register) is bool(count)
        assert f"{count} documents, 0 faults" in found.read("chain-check.txt").decode()
        assert found.read("Verfahren.md").decode() == "Ä"
        assert b"register.csv" in found.read("index.xml")


def test_memory_holds_a_part_and_a_page_however_long_the_file_is() -> None:
    """A hundred times the documents make more parts, not larger ones."""
    house = House().issue(400, size=150)
    job = house.write(house.pack())
    assert job.state == "done"
    parts = next(iter(house.uploads.values()))
    assert max(len(data) for number, data in parts.items() if number < len(parts)) < 3000


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        ("bytes", "RE-00007: the document's bytes"),
        ("object", "RE-00007: the document does not lie"),
        ("facts", "RE-00007: the facts are not those"),
        ("no facts", "RE-00007: the facts are not those"),
        ("hash of facts", "RE-00007: number, facts and link"),
        ("number", "RE-X: number, facts and link"),
        ("entry", "RE-00008: the entry before it is missing"),
        ("last", "RE: the last entries of the series are missing"),
        ("rewritten", "RE-00008: the entry before it is missing"),
    ],
)
def test_whoever_changes_anything_is_found_out(harm: str, says: str) -> None:
    """A byte, a fact, an entry, the end of a series: the check names the number."""
    house = House().issue(12)
    seventh = house.entries[6]
    match harm:
        case "bytes":
            house.objects["demo/7.pdf"] = b"%PDF 8xxxx"
        case "object":
            del house.objects["demo/7.pdf"]
        case "facts":
            house.facts_of["RE-00007"] = Frozen(facts={}, sha256=digest("other"))
        case "no facts":
            del house.facts_of["RE-00007"]
        case "hash of facts":
            house.entries[6] = replace(seventh, facts_sha256=digest("other"))
            house.facts_of["RE-00007"] = Frozen(facts={}, sha256=digest("other"))
        case "number":
            house.entries[6] = replace(seventh, number="RE-X")
            house.facts_of["RE-X"] = house.facts_of["RE-00007"]
        case "entry":
            del house.entries[6]
        case "last":
            counters = house.counters("demo")
            house.counters = lambda _: counters  # type: ignore[method-assign]
            del house.entries[11]
        case "rewritten":
            sha = digest("other")
            link = link_of(seventh.before, seventh.number, sha)
            house.entries[6] = replace(seventh, facts_sha256=sha, link=link)
            house.facts_of["RE-00007"] = Frozen(facts={}, sha256=sha)
    job = house.write(house.pack())
    assert job.problem_count == 1, job.problems
    assert job.problems[0].text.startswith(says)
    assert job.result["faults"] == 1


def test_a_number_without_its_document_is_explained_not_accused() -> None:
    """It is open: counted apart from what somebody has changed."""
    house = House().issue(3)
    house.entries[1] = replace(house.entries[1], filed=None)
    job = house.write(house.pack())
    assert (job.result["faults"], job.result["open"]) == (0, 1)
    assert "RE-00002: the number is drawn" in job.problems[0].text


def test_the_table_has_a_row_for_each_number() -> None:
    """With a head, in UTF-8, formulas disarmed."""
    house = House().issue(7)
    job = house.write(documents_table(SPAN))
    lines = house.file().decode("utf-8-sig").split("\r\n")
    assert job.result["file"] == "documents-2026-11-01-2026-11-30.csv"
    assert (len(lines), lines[0][:12], lines[7][:9]) == (9, "number;kind;", "RE-00007;")


def test_a_months_documents_are_named_as_datev_links_them() -> None:
    """The same GUID stands in the booking's link and in the pack's description."""
    house = House().issue(2)
    output = Pack(
        merchant_id="demo", span=SPAN, files=house, source=house, now=AT, is_newest=True
    ).output()
    house.write(output)
    with zipfile.ZipFile(io.BytesIO(house.file())) as found:
        assert found.namelist()[-1] == "document.xml"
        described = found.read("document.xml").decode()
    assert described.count("<document ") == 2
    assert f'guid="{guid("demo", "RE-00002")}"' in described
    assert 'name="documents/RE-00002.pdf"' in described


def with_xml() -> House:
    """Return a house whose second invoice is an XRechnung."""
    house = House().issue(2)
    house.objects["demo/2.xml"] = b"<Invoice/>"
    last, digest = house.entries[-1], hashlib.sha256(b"<Invoice/>").hexdigest()
    assert last.filed
    house.entries[-1] = replace(last, filed=replace(last.filed, xml_sha256=digest))
    return house


@pytest.mark.parametrize(("data", "told"), [(b"<Forged/>", "not those"), (None, "does not lie")])
def test_an_xrechnung_that_was_changed_or_is_gone_is_named(data: bytes | None, told: str) -> None:
    """The XML is the invoice; a right picture beside it proves nothing."""
    house = with_xml()
    del house.objects["demo/2.xml"]
    house.objects |= {"demo/2.xml": data} if data else {}
    [(number, text)] = [(x.field, x.text) for x in house.write(house.pack()).problems]
    assert told in text, number


def test_an_invoice_that_is_xml_lies_beside_its_picture() -> None:
    """What the public buyer got is what must be kept and handed over."""
    house = with_xml()
    job = house.write(house.pack())
    assert job.problems == ()
    with zipfile.ZipFile(io.BytesIO(house.file())) as found:
        assert found.read("documents/RE-00002.xml") == b"<Invoice/>"
        assert "documents/RE-00001.xml" not in found.namelist()


def test_a_pack_beyond_four_gigabytes_can_be_opened() -> None:
    """Its directory says in 64 bits where the files are."""
    _, note = stored("a.pdf", b"abc", offset=5 * 2**30, at=AT)
    end = directory([note] * 70_000, offset=5 * 2**30 + 100)
    with zipfile.ZipFile(io.BytesIO(end)) as found:
        assert len(found.infolist()) == 70_000

"""Files over the register: whole however often a slice is repeated, and true to the archive."""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import replace

import pytest

from chalicelib.documents.exports import packing, writing
from chalicelib.documents.exports.descriptions import guid
from chalicelib.documents.exports.outputs import documents_table
from chalicelib.documents.exports.pack import Pack
from chalicelib.store.documents import link_of
from chalicelib.store.register import Frozen
from tests.documents.made_up_archive import AT, SPAN, House, digest


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
    place = lines[0].split(";").index("corrected_by")
    assert [x.split(";")[place] for x in lines[1:4]] == ["", "RK-00001", ""]


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
    last, sha = house.entries[-1], hashlib.sha256(b"<Invoice/>").hexdigest()
    assert last.filed
    house.entries[-1] = replace(last, filed=replace(last.filed, xml_sha256=sha))
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
    far = 5 * 2**30
    _, entry = packing.stored("a.pdf", size=3, crc=1, offset=far, at=AT)
    end = packing.end(count=70_000, size=70_000 * len(entry), offset=far + 100)
    with zipfile.ZipFile(io.BytesIO(entry * 70_000 + end)) as found:
        assert len(found.infolist()) == 70_000

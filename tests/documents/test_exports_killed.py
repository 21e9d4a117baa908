"""An export that is killed anywhere ends with the bytes of one that was written in one go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chalicelib.documents.exports import writing
from chalicelib.documents.exports.outputs import documents_table
from tests.documents.made_up_archive import SPAN, House
from tests.fakes import Fuse

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.documents.exports.writing import Output

DOCUMENTS = 17
KINDS: dict[str, Callable[[House], Output]] = {
    "audit-pack": House.pack,
    "documents-zip": lambda house: house.pack(is_audit=False),
    "documents": lambda _: documents_table(SPAN),
}


def made() -> House:
    """Return a house with faults in it too: an open number, and bytes that were changed."""
    house = House().issue(DOCUMENTS, size=150)
    house.entries[3] = replace(house.entries[3], filed=None)
    house.objects["demo/9.pdf"] = b"%PDF forged"
    return house


def whole(kind: str, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Return the file as one slice writes it, of which only the last puts the parts together."""
    monkeypatch.setattr(writing, "PART", 10**9)
    house = made()
    house.write(KINDS[kind](house))
    assert house.slices == 2
    return house.file()


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_a_slice_may_be_killed_anywhere(
    kind: str, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    """At every touch of the tables and the bucket, before and after it took effect."""
    reference = whole(kind, monkeypatch)
    monkeypatch.setattr(writing, "PART", 900)
    monkeypatch.setattr(writing, "PAGE", 4)
    counted = made()
    counted.write(KINDS[kind](counted))
    assert counted.slices > 3
    assert counted.file() == reference
    for touch in range(1, len(counted.fuse.touches) + 1):
        house = made()
        house.fuse = Fuse(touch, after=after)
        job = house.write(KINDS[kind](house))
        assert house.file() == reference, f"killed at {touch}: {house.fuse.touches[touch - 1]}"
        assert (job.done, job.total) == (DOCUMENTS, DOCUMENTS)


def test_an_end_longer_than_a_part_is_written_in_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """The register and the directory of many small documents are longer than the documents."""
    monkeypatch.setattr(writing, "PART", 3000)
    monkeypatch.setattr(writing, "PAGE", 1)
    house = House().issue(80)
    house.write(house.pack())
    [parts] = house.uploads.values()
    assert len(house.file()) > 10 * 3000
    assert max(len(data) for data in parts.values()) < 2 * 3000


def test_a_half_written_file_of_another_release_begins_anew() -> None:
    """Its cursor says other things; what it has uploaded S3 removes."""
    house = made()
    output = house.pack()
    old = {"upload": "x", "marks": ["m"], "sides": ["k"], "rest": "k", "after": "z", "state": {}}
    job = house.write(output, cursor=old)
    assert (job.state, job.done) == ("done", DOCUMENTS)

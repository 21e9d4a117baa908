"""Logos lie beside the documents: a document freezes the mark of one, and prints it for ever."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from chalicelib.documents.perform import Desk
from chalicelib.domain.commands import IssueInvoice
from chalicelib.domain.errors import Permanent
from tests.events import NOW, order, paid
from tests.fakes import SETTINGS, FakeArchive, FakeNumbers, Fuse, Killed

OLD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
NEW = OLD.replace("M0 0h9v9z", "M9 9h-9v-9z")


def png(width: int, height: int) -> str:
    """Return the beginning of a picture of this size."""
    size = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    data = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + size + bytes(40)
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"


def issue(archive: FakeArchive, numbers: FakeNumbers, logo: str) -> None:
    """Issue the invoice of an order for a merchant with this logo."""
    settings = replace(SETTINGS, logo=logo)
    desk = Desk(archive=archive, numbers=numbers, settings_of=lambda _: settings)
    list(desk.perform(order(paid()), IssueInvoice(), NOW))


def test_a_logo_changed_between_number_and_file_changes_no_document() -> None:
    """The process dies before the file; the next one has a new logo, and prints the old one."""
    calm = FakeArchive(Fuse())
    issue(calm, FakeNumbers(Fuse()), OLD)
    fuse = Fuse(4)  # the logo, the look-up, the number, and then the file
    archive, numbers = FakeArchive(fuse), FakeNumbers(fuse)
    try:
        issue(archive, numbers, OLD)
    except Killed:
        issue(archive, numbers, NEW)
    assert fuse.touches[:4] == ["archive.write", "numbers.read", "numbers.write", "archive.write"]
    name = next(key for key in calm.objects if key.endswith("invoice.pdf"))
    assert archive.objects[name] == calm.objects[name]


@pytest.mark.parametrize(
    "logo",
    [
        "<svg><x</svg>",
        "text/>",
        OLD.replace("<path", '<image href="/etc/hostname" width="9" height="9"/><path'),
        OLD.replace("<svg", '<!DOCTYPE svg [<!ENTITY a "b">]><svg').replace("M0", "&c;"),
        png(60_000, 60_000),
        png(0, 0),
        png(1, 1)[:50],
    ],
)
def test_a_logo_that_cannot_be_drawn_uses_no_number(logo: str) -> None:
    """Broken, hostile or huge: it is refused by its name, and would have held every invoice."""
    numbers = FakeNumbers(Fuse())
    with pytest.raises(Permanent, match="logo"):
        issue(FakeArchive(Fuse()), numbers, logo)
    assert numbers.last == {}


def test_a_frozen_document_holds_the_mark_of_its_logo_and_not_the_logo() -> None:
    """A large logo costs nothing in every invoice."""
    numbers = FakeNumbers(Fuse())
    issue(FakeArchive(Fuse()), numbers, OLD)
    (document,) = numbers.documents.values()
    assert len(document.frozen["sender"]["logo"]) == 64

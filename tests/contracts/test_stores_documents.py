"""What number series and archive promise: no gap, no number twice, and bytes that never change."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.errors import NeedsHuman
from chalicelib.store.documents import Draft, Filed
from tests.contracts.stores import Stores
from tests.events import NOW


def draw(stores: Stores, about: str, *, merchant: str = "", **more: Any) -> str:
    """Draw the number of the invoice about something."""
    series, now = more.pop("series", "RE-2026"), more.pop("now", NOW)
    options = {"order_id": "o1", "kind": "invoice", "freeze": frozen("RE")} | more
    draft = Draft(about=about, **options)
    [drawn] = stores.numbers.draw_many(
        merchant or stores.merchant, series=series, drafts=[draft], now=now
    )
    assert drawn.frozen["number"] == drawn.number
    number: str = drawn.number
    return number


def frozen(prefix: str) -> Callable[[int], dict[str, Any]]:
    """Return what freezes the facts of a number."""
    return lambda number: {"number": f"{prefix}-{number:05}", "note": "Grüße 🌱", "total": 3892}


def test_numbers_follow_each_other_without_a_gap(stores: Stores) -> None:
    """One, two, three, whatever they are about."""
    assert [draw(stores, f"refund-{n}") for n in (1, 2, 3)] == ["RE-00001", "RE-00002", "RE-00003"]


def test_the_same_document_keeps_its_number(stores: Stores) -> None:
    """A repeat gives number and facts of the first time, and uses up none."""
    first = draw(stores, "")
    assert draw(stores, "", freeze=frozen("changed settings")) == first
    assert draw(stores, "next") == "RE-00002"


def test_a_document_that_cannot_be_issued_uses_up_no_number(stores: Stores) -> None:
    """Whatever the facts fail on, the series goes on without a hole."""

    def fails(number: int) -> dict[str, Any]:
        raise NeedsHuman("tax_number_missing", "Neither tax number nor VAT id is set.")

    with pytest.raises(NeedsHuman):
        draw(stores, "", freeze=fails)
    assert draw(stores, "") == "RE-00001"


def test_every_series_kind_order_and_merchant_counts_for_itself(stores: Stores) -> None:
    """Years, credit notes and other merchants begin at one."""
    assert draw(stores, "") == "RE-00001"
    assert draw(stores, "", order_id="o2") == "RE-00002"
    assert draw(stores, "", order_id="o3", series="RE-2027", freeze=frozen("RE27")) == "RE27-00001"
    credit = {"series": "RK-2026", "kind": "credit_note", "freeze": frozen("RK")}
    assert draw(stores, "", **credit) == "RK-00001"
    assert draw(stores, "", merchant=f"{stores.merchant}x") == "RE-00001"


def test_the_archive_gives_back_the_bytes_and_their_hash(stores: Stores) -> None:
    """SHA-256 in hex, so that anybody can check a document later."""
    key, data = f"{stores.merchant}/2026/o1/invoice.pdf", b"%PDF-1.7 \x00\xff"
    digest = stores.archive.write(key, data, content_type="application/pdf", keep_until=NOW)
    assert digest == hashlib.sha256(data).hexdigest()
    assert stores.archive.read(key) == data


def test_writing_the_same_document_again_is_harmless(stores: Stores) -> None:
    """After a crash the same bytes go to the same place."""
    key = f"{stores.merchant}/2026/o1/label.pdf"
    options = {"content_type": "application/pdf", "keep_until": NOW}
    digests = {stores.archive.write(key, b"bytes", **options) for _ in range(2)}
    assert len(digests) == 1
    assert stores.archive.read(key) == b"bytes"


def test_many_documents_are_numbered_at_once(stores: Stores) -> None:
    """In their order; those that have a number keep it, the same one asked twice has one."""
    known = draw(stores, "2")
    drafts = [
        Draft(order_id="o1", kind="invoice", about=about, freeze=frozen("RE"))
        for about in ("1", "2", "3", "1")
    ]
    drawn = stores.numbers.draw_many(stores.merchant, series="RE-2026", drafts=drafts, now=NOW)
    assert [one.number for one in drawn] == ["RE-00002", known, "RE-00003", "RE-00002"]
    assert draw(stores, "4") == "RE-00004"


def test_a_number_that_another_series_has_used_is_never_given_twice(stores: Stores) -> None:
    """A person chooses another format; the number is not skipped."""
    assert draw(stores, "") == "RE-00001"
    with pytest.raises(NeedsHuman, match="RE-00001"):
        draw(stores, "other", series="RE-2027")
    assert draw(stores, "other", series="RE-2027", freeze=frozen("R")) == "R-00001"


def test_where_a_document_lies_is_noted_once(stores: Stores) -> None:
    """A repeat finds it; the same again is harmless."""
    number = draw(stores, "")
    filed = Filed(key="demo/2026/o1/invoice.pdf", sha256="ab" * 32, xml_sha256="cd" * 32)
    for _ in range(2):
        stores.numbers.file(stores.merchant, number, filed, NOW)
    draft = Draft(order_id="o1", kind="invoice", about="", freeze=frozen("X"))
    [found] = stores.numbers.draw_many(stores.merchant, series="RE-2026", drafts=[draft], now=NOW)
    assert (found.number, found.filed) == (number, filed)
    assert stores.numbers.drawn(stores.merchant, draft.sort_key) == found
    assert stores.numbers.drawn(stores.merchant, draft.sort_key + "x") is None

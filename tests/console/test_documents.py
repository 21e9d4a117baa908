"""The pages of documents and their files, over a register in memory."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.api import documents as api
from chalicelib.console import documents as pages
from chalicelib.console.row_words import reason
from chalicelib.console.words import WORDS
from chalicelib.documents.chain import TEXTS
from chalicelib.documents.exports.job import KINDS
from chalicelib.domain import events
from chalicelib.store.documents import Filed
from chalicelib.store.jobs import Job, new_job
from chalicelib.store.register import Corrected, Correction, Entry, Span
from tests.console.conftest import House, outline
from tests.events import NOW, order

LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft mbH"


def entry(seq: int, **changes: Any) -> Entry:
    """Return an entry of the register."""
    one = Entry(
        number=f"RE-2026-{seq:05}", kind="invoice", order_id="o1", about="", series="RE-2026",
        seq=seq, issued_at="2026-11-23T08:00:00Z", listed=f"2026-11-23#invoice#RE-2026#{seq:09}",
        facts_sha256="f", before="", link="l",
        summary={"customer": LONG, "order_number": "1042", "gross": 123456, "currency": "EUR"},
        filed=Filed(key="k", sha256="s"),
    )  # fmt: skip
    return replace(one, **changes)


class Kept:
    """A register and jobs in memory."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.asked: list[Span] = []
        self.jobs: list[Job] = []

    def page(self, _: str, span: Span, *, after: str, limit: int, newest: bool) -> Any:
        """Return all; the next page begins at `more`."""
        self.asked.append(span)
        return self.entries, "more" if len(self.entries) > 1 else ""

    def corrected(self, _: str, entries: list[Entry]) -> Corrected:
        """Say that the first invoice was corrected twice."""
        numbers = (("RK-2026-00001", "credit_note"), ("RK-2026-00002", "cancellation"))
        return {"RE-2026-00001": [Correction(number=x, kind=kind) for x, kind in numbers]}

    def find(self, _: str, number: str, *, limit: int) -> list[Entry]:
        """Return those whose number begins so."""
        return [one for one in self.entries if one.number.startswith(number)]

    def list(self, _: str) -> list[Job]:
        """Return all jobs."""
        return self.jobs

    def load(self, _: str, job_id: str) -> Job | None:
        """Return the job of every night, if there is one."""
        return next((job for job in self.jobs if job.id == job_id), None)

    def start(self, job: Job) -> Job:
        """Keep a job."""
        self.jobs.append(job)
        return job


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, house: House) -> Kept:
    """Put the register behind the pages, and log in."""
    found = Kept()
    for name in ("Register", "Jobs"):
        monkeypatch.setattr(pages, name, lambda: found)
    monkeypatch.setattr(pages.archive_exports, "Jobs", lambda: found)
    monkeypatch.setattr(pages.archive_checks, "Jobs", lambda: found)
    monkeypatch.setattr(api, "Orders", lambda: house.orders)
    monkeypatch.setattr(api, "Register", lambda: found)
    house.log_in()
    return found


def shown(house: House, path: str) -> str:
    """Return a page as it came."""
    answer = house.get(path)
    assert answer.status_code == 200, answer.body
    page: str = answer.body.decode()
    return page


def ordered(house: House, **form: str) -> str:
    """Send the form of the files, and return the page that answers."""
    key = re.search(r'name="form_key" value="(\w+)"', shown(house, "/console/exports"))
    assert key
    page: str = house.post("/console/exports", {"form_key": key[1], **form}).body.decode()
    return page


def test_the_register_shows_number_customer_sum_and_links(house: House, kept: Kept) -> None:
    """A filed document opens, an open number says why; the order is a click away."""
    kept.entries = [entry(2), entry(1, filed=None, kind="credit_note")]
    page = shown(house, "/console/documents")
    assert 'href="/console/documents/o1/RE-2026-00002"' in page
    assert 'href="/console/documents/o1/RE-2026-00001"' not in page
    assert "1.234,56" in page
    assert WORDS["de"]["documents.open"] in page
    assert WORDS["de"]["documents.writing"] in page
    assert 'href="/console/orders/o1"' in page
    assert "cursor=" in page


def test_an_invoice_names_what_has_corrected_and_cancelled_it(house: House, kept: Kept) -> None:
    """In the list and in what a search has found; one that still holds names nothing."""
    kept.entries = [entry(2), entry(1)]
    for path in ("/console/documents", "/console/documents?number=RE-2026"):
        page = shown(house, path)
        assert page.count("korrigiert durch RK-2026-00001") == 1
        assert page.count("storniert durch RK-2026-00002") == 1


def test_a_month_and_a_kind_narrow_the_list(house: House, kept: Kept) -> None:
    """February has 28 days; a month that is none is not found."""
    house.get("/console/documents?month=2026-02&kind=credit_note")
    assert kept.asked == [Span(since="2026-02-01", until="2026-02-28", kind="credit_note")]
    assert house.get("/console/documents?month=2026-13").status_code == 404


def test_what_is_not_found_is_said(house: House, kept: Kept) -> None:
    """An empty page would look broken."""
    assert WORDS["de"]["documents.empty"] in shown(house, "/console/documents")
    kept.entries = [entry(1)]
    assert "RE-7" in shown(house, "/console/documents?number=RE-7")
    assert "RE-2026-00001" in shown(house, "/console/documents?number=RE-2026")


def test_a_file_is_one_click(house: House, kept: Kept) -> None:
    """Its job is shown, and the page looks again while it runs."""
    page = shown(house, "/console/exports")
    assert {f'value="{kind}"' in page for kind in KINDS} == {True}
    assert '/console/documents" aria-current="page"' in page
    sent = ordered(house, what="audit-pack", month="2026-10")
    [job] = kept.jobs
    assert (job.kind, job.memory["since"], job.memory["until"]) == (
        "audit_pack", "2026-10-01", "2026-10-31",
    )  # fmt: skip
    assert WORDS["de"]["job.audit_pack"] in sent
    assert 'http-equiv="refresh"' in sent


def test_exact_days_come_before_the_month(house: House, kept: Kept) -> None:
    """Whoever names them means them."""
    days = {"from": "2026-01-01", "to": "2026-12-31"}
    ordered(house, what="documents", month="2026-10", **days)
    assert kept.jobs[0].memory["since"] == "2026-01-01"


def test_a_batch_has_payments_where_its_box_is_ticked(
    house: House, kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a booking batch has any."""
    monkeypatch.setattr(pages.archive_exports, "_check_datev", lambda *_: None)
    for what, ticked in (
        ("datev", {"payments": "1"}),
        ("datev", {}),
        ("documents", {"payments": "1"}),
    ):
        ordered(house, what=what, month="2026-10", **ticked)
    assert ["payments" in job.memory for job in kept.jobs] == [True, False, False]


def test_what_is_missing_for_datev_is_said(house: House, kept: Kept) -> None:
    """In the merchant's words, with the field; nothing is started."""
    page = ordered(house, what="datev", month="2026-10")
    assert WORDS["de"]["problem.datev_settings"] in page
    assert "datev_consultant" in page
    assert kept.jobs == []


def test_a_finished_file_can_be_fetched(house: House, kept: Kept) -> None:
    """Its button leads to a link that lasts minutes."""
    done = new_job("demo", "export_datev", NOW, subject="2026-10-01 – 2026-10-31")
    kept.jobs = [replace(done, state="done", result={"file": "EXTF.csv"}, problem_count=2)]
    page = shown(house, "/console/exports")
    assert f'href="/console/jobs/{done.id}/file"' in page
    assert "http-equiv" not in page
    assert outline(page)


def test_a_month_is_checked_by_one_click_and_the_night_says_what_it_found(
    house: House, kept: Kept
) -> None:
    """The button starts a job with a page of its own; a change is shown without being asked."""
    page = shown(house, "/console/documents")
    assert WORDS["de"]["archive.never"] in page
    key = re.search(r'name="form_key" value="(\w+)"', page)
    assert key
    answer = house.post("/console/documents", {"form_key": key[1], "month": "2026-02"})
    [job] = kept.jobs
    assert answer.headers["Location"] == f"/console/jobs/{job.id}"
    assert (job.kind, dict(job.memory)) == (
        "check_archive", {"since": "2026-02-01", "until": "2026-02-28"},
    )  # fmt: skip
    night = new_job("demo", "check_archive", NOW, subject="day", is_standing=True)
    kept.jobs = [replace(night, state="done", result={"documents": 7, "faults": 2})]
    page = shown(house, "/console/documents")
    assert WORDS["de"]["archive.bad"].format(count=2) in page
    assert 'href="/console/jobs/check_archive-day"' in page


@pytest.mark.parametrize("code", sorted(TEXTS))
def test_what_the_check_found_is_said_in_german(code: str) -> None:
    """The number stays, nothing of the English does."""
    said = reason("de", f"RE-2026-00042: {TEXTS[code]}.")
    assert said.startswith("RE-2026-00042: ")
    assert TEXTS[code] not in said


def test_a_number_whose_order_was_cancelled_meanwhile_says_so() -> None:
    """Nobody waits for a document that is not going to be written."""
    off = order(events.OrderCancelled(at=NOW, by="customer"))
    assert api.why_open(order()) == api.WRITING
    assert api.why_open(off) == api.CANCELLED
    assert reason("de", api.CANCELLED).startswith("Die Bestellung wurde storniert")

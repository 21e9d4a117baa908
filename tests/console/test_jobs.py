"""The pages of long work: how far it is, what was wrong, and whose it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.console import jobs as pages
from chalicelib.console.words import WORDS
from chalicelib.flow.jobs import HANDLERS
from chalicelib.store.connections import Connection
from chalicelib.store.jobs import STEP_OF, Job, JobProblem, new_job
from tests.console.conftest import House, outline
from tests.events import NOW


class Kept:
    """The jobs of one merchant in memory."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def list(self, merchant_id: str) -> list[Job]:
        """List them."""
        return [job for job in self.jobs if job.merchant_id == merchant_id]

    def load(self, merchant_id: str, job_id: str) -> Job | None:
        """Read one."""
        return next((job for job in self.list(merchant_id) if job.id == job_id), None)


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, house: House) -> Kept:
    """Put jobs in memory behind the pages, and log in."""
    found = Kept()
    shop = Connection(
        merchant_id="demo", id="demo-abc", kind="woocommerce", name="Blattwerk", created_at=NOW
    )
    monkeypatch.setattr(pages, "Jobs", lambda: found)
    monkeypatch.setattr(pages, "connections_of", lambda _: [shop])
    house.log_in()
    return found


def test_running_work_shows_its_progress_and_looks_again_by_itself(
    house: House, kept: Kept
) -> None:
    """Without a script; what is over stands still."""
    job = replace(new_job("demo", "import_products", NOW), state="running", done=300, total=20000)
    kept.jobs = [job]
    for path in ("/console/jobs", f"/console/jobs/{job.id}"):
        page = house.get(path).body.decode()
        assert '<progress value="300" max="20000">' in page
        assert "300 von 20000" in outline(page).text
        assert 'http-equiv="refresh"' in page
    kept.jobs = [replace(job, state="done")]
    assert 'http-equiv="refresh"' not in house.get(f"/console/jobs/{job.id}").body.decode()


def test_every_wrong_row_is_named_with_field_and_reason(house: House, kept: Kept) -> None:
    """What a person needs to mend the file; text from a file stays text."""
    job = replace(
        new_job("demo", "import_orders", NOW), state="failed", code="rows", reason="Nichts."
    )
    problem = JobProblem(row=17, field="sku", text="<b>unbekannt</b>")
    kept.jobs = [job.with_problems(problem, *[problem] * 150)]
    page = house.get(f"/console/jobs/{job.id}").body.decode()
    seen = outline(page).text
    assert "17 sku <b>unbekannt</b>" in seen
    assert "&lt;b&gt;" in page
    assert "151 Zeilen" in seen
    assert "ersten 100" in seen
    assert "Nichts." in seen
    assert "gescheitert" in seen


def test_a_pack_is_named_by_its_days_and_downloaded(house: House, kept: Kept) -> None:
    """Days as a reader writes them, no names of ours, and no ZIP that is called a PDF."""
    pack = new_job("demo", "audit_pack", NOW, subject="2026-11-01 – 2026-11-30")
    pack = replace(pack, state="done", result={"file": "audit.zip"})
    books = new_job("demo", "reconcile", NOW, subject="ledger", is_standing=True)
    kept.jobs = [pack, books]
    seen = outline(house.get(f"/console/jobs/{pack.id}").body.decode()).text
    assert "01.11.2026 – 30.11.2026" in seen
    assert "Herunterladen" in seen
    assert "PDF" not in seen
    assert "ledger" not in outline(house.get("/console/jobs").body.decode()).text


def test_a_poll_is_named_by_its_shop_and_what_it_found_is_shown(house: House, kept: Kept) -> None:
    """Nobody knows a connection by its id."""
    poll = new_job("demo", "poll", NOW, subject="demo-abc", is_standing=True)
    kept.jobs = [replace(poll, state="done", done=3, result={"new": 3, "more": [1]})]
    assert "Bestellungen abrufen Blattwerk" in outline(house.get("/console/jobs").body).text
    page = outline(house.get("/console/jobs/poll-demo-abc").body).text
    assert "neu: 3" in page


def test_nothing_to_see_is_said_and_strangers_work_is_not_there(house: House, kept: Kept) -> None:
    """Another merchant's job is as if it did not exist."""
    other = new_job("other", "import_orders", NOW)
    kept.jobs = [other]
    assert "Noch nichts" in outline(house.get("/console/jobs").body).text
    assert house.get(f"/console/jobs/{other.id}").status_code == 404
    house.cookie = ""
    assert house.get("/console/jobs").status_code == 303


def test_the_part_of_the_console_that_one_is_in_is_marked(house: House, kept: Kept) -> None:
    """Also on the page of one job; the orders are the console's beginning."""
    kept.jobs = [new_job("demo", "import_orders", NOW)]
    for path in ("/console/jobs", f"/console/jobs/{kept.jobs[0].id}"):
        assert '/jobs" aria-current="page"' in house.get(path).body.decode()
    assert 'href="/console" aria-current="page"' in house.get("/console").body.decode()


def test_every_kind_of_job_has_a_name() -> None:
    """In both languages, by the test of words."""
    assert {f"job.{kind}" for kind in {*HANDLERS, *STEP_OF}} <= WORDS["de"].keys()


def test_an_import_leads_to_what_it_made(house: House, kept: Kept) -> None:
    """In the reader's words, with links to orders; the name of an upload says nothing to them."""
    job = replace(
        new_job("demo", "import_orders", NOW, subject="68112cc6ca13d45d69bb16ec"),
        state="done",
        result={"new": 1, "phase": "write", "links": [{"id": "o1", "number": "B-1"}]},
    )
    kept.jobs = [job]
    page = house.get(f"/console/jobs/{job.id}").body.decode()
    assert '<a href="/console/orders/o1">B-1</a>' in page
    assert "neu: 1" in outline(page).text
    assert "wird geschrieben" in outline(page).text
    for path in ("/console/jobs", f"/console/jobs/{job.id}"):
        assert "68112cc6" not in house.get(path).body.decode()

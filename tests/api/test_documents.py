"""The register over HTTP, and the files that jobs write of it, on the real engine."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote
from urllib.request import urlopen

import pytest

from chalicelib.documents.perform import Desk
from chalicelib.documents.together import Together
from chalicelib.domain.commands import WakeUp
from chalicelib.domain.events import DocumentIssued
from chalicelib.flow.jobs import advance
from chalicelib.runtime.jobs import Runner
from chalicelib.runtime.settings import settings_of
from chalicelib.runtime.step import Step
from chalicelib.store.bucket import Bucket
from chalicelib.store.documents import DocumentRow, Draft, Numbers
from chalicelib.store.jobs import Jobs
from chalicelib.store.orders import Orders
from tests.api.conftest import Caller
from tests.events import NOW, paid

pytestmark = pytest.mark.engine
SETTINGS: dict[str, Any] = {
    "name": "Teehaus Öz", "street": "Weg 1", "zip": "20354", "city": "Hamburg", "tax_number": "1",
    "datev_consultant": 29098, "datev_client": 55003,
}  # fmt: skip
NOVEMBER = {"from": "2026-11-01", "to": "2026-11-30"}


def issue(call: Caller, monkeypatch: pytest.MonkeyPatch, count: int) -> list[str]:
    """Issue the invoices of so many orders on plain paper; returns their ids."""
    monkeypatch.setattr(
        "chalicelib.documents.perform.render", lambda _, facts: repr(facts).encode()
    )
    assert call("PUT", "/v1/settings", SETTINGS).status == 200
    names = [f"o{number}" for number in range(count)]
    for name in names:
        call.place(paid(), name=name)
    draw(call, names)
    return names


def draw(call: Caller, names: list[str]) -> None:
    """Let the documents step work on orders once."""
    from chalicelib.documents.decide import decide

    numbers = Numbers()
    desk = Desk(archive=Bucket(), numbers=numbers, settings_of=settings_of)
    step = Step(
        name="documents", decide=decide, perform=desk.perform, orders=Orders(), now=lambda: NOW
    )
    wakes = [WakeUp(step="documents", merchant_id=call.merchant, order_id=name) for name in names]
    assert Together(step=step, desk=desk, numbers=numbers).run(wakes) == []


def written(call: Caller, kind: str, body: Mapping[str, Any] | None = None) -> tuple[Any, bytes]:
    """Order a file, let its job run, and fetch it as a browser would."""
    answer = call("POST", f"/v1/exports/{kind}", body or NOVEMBER)
    assert answer.status == 202, answer.body
    Runner(jobs=Jobs(), advance=advance, wake=lambda *_, **__: None).run(
        {"merchant_id": call.merchant, "job_id": answer.json["id"]}
    )
    job = call.get(f"/v1/jobs/{answer.json['id']}")
    assert job["state"] == "done", job
    link = call("GET", f"/v1/jobs/{job['id']}/file")
    assert link.status == 302
    with urlopen(link.headers["Location"]) as found:
        assert (
            found.headers["Content-Disposition"]
            == f'attachment; filename="{job["result"]["file"]}"'
        )
        return job, found.read()


def test_the_register_lists_numbers_newest_first_page_by_page(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By days and kind, or by what a number begins with; nobody else's."""
    issue(call, monkeypatch, 5)
    numbers, cursor = list[str](), ""
    while True:
        found = call.get(f"/v1/documents?limit=2&kind=invoice&from=2026-11-01{cursor}")
        numbers += [item["number"] for item in found["items"]]
        if not found["next"]:
            break
        cursor = f"&cursor={found['next']}"
    assert numbers == [f"RE-2026-0000{n}" for n in (5, 4, 3, 2, 1)]
    [item] = call.get("/v1/documents?number=RE-2026-00003")["items"]
    assert item["gross"] == {"amount": "10.00", "currency": "EUR"}
    assert (item["state"], item["order_id"], item["position"]) == ("filed", "o2", 3)
    assert call.get("/v1/documents?kind=credit_note")["items"] == []
    assert call.get("/v1/documents?to=2026-11-01")["items"] == []
    assert call.other().get("/v1/documents")["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [("from=1.11.2026", "from"), ("to=2026-02-30", "to"), ("kind=%23", "kind"),
     ("from=2026-11-02&to=2026-11-01", "to"), ("limit=0", "limit"), ("cursor=%5B", "cursor")],
)  # fmt: skip
def test_a_question_that_is_none_names_its_field(call: Caller, query: str, field: str) -> None:
    """Nothing is guessed."""
    answer = call("GET", f"/v1/documents?{query}")
    assert answer.problem() == (400, "bad_field")
    assert answer.json["field"] == field


def test_an_open_number_says_why(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """It was drawn, and the process died before the document was filed."""
    issue(call, monkeypatch, 1)
    row = DocumentRow.get(call.merchant, "NUMBER#RE-2026-00001")
    row.update([DocumentRow.sha256.remove(), DocumentRow.key.remove()])
    [item] = call.get("/v1/documents")["items"]
    assert (item["state"], item["sha256"]) == ("open", None)
    assert item["reason"] == "The document is being written."


def test_an_original_names_what_corrects_it_whenever_that_was_issued(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the list and the table of its own month, though the correction is of the next one."""
    issue(call, monkeypatch, 2)
    facts = {
        "number": "RK-2026-00001", "issued_on": "2026-12-05",
        "original": {"number": "RE-2026-00001"},
    }  # fmt: skip
    draft = Draft(order_id="o0", kind="cancellation", about="cancelled", freeze=lambda _: facts)
    Numbers().draw_many(call.merchant, series="RK-2026", drafts=[draft], now=NOW)
    found = call.get("/v1/documents?to=2026-11-30")["items"]
    assert {x["number"]: x["corrections"] for x in found} == {
        "RE-2026-00001": [{"number": "RK-2026-00001", "kind": "cancellation"}],
        "RE-2026-00002": [],
    }
    _, table = written(call, "documents")
    assert table.decode().count("RK-2026-00001") == 1


def test_an_audit_pack_is_one_call(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents, register, chain check, index and description of procedure, in one ZIP file."""
    names = issue(call, monkeypatch, 3)
    job, data = written(call, "audit-pack")
    assert job["result"] == {
        "file": "audit-2026-11-01-2026-11-30.zip", "documents": 3, "faults": 0, "open": 0,
    }  # fmt: skip
    order = Orders().load(call.merchant, names[0])
    assert order
    [invoice] = [x for x in order.all(DocumentIssued) if x.kind == "invoice"]
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        assert pack.testzip() is None
        assert {name for name in pack.namelist() if "/" not in name} == {
            "register.csv", "chain-check.txt", "index.xml", "Verfahrensdokumentation.md",
        }  # fmt: skip
        text = pack.read(f"documents/{invoice.number}.pdf")
        assert text == Bucket().read(invoice.key)
        rows = list(csv.DictReader(io.StringIO(pack.read("register.csv").decode()), delimiter=";"))
        assert [row["number"] for row in rows] == [f"RE-2026-0000{n}" for n in (1, 2, 3)]
        assert {row["sha256"] for row in rows if row["number"] == invoice.number} == {
            invoice.sha256
        }
        assert "Teehaus Öz" in pack.read("Verfahrensdokumentation.md").decode()


def test_a_changed_row_and_a_changed_byte_are_named(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has access to the tables and the bucket is found out all the same."""
    issue(call, monkeypatch, 4)
    row = DocumentRow.get(call.merchant, "NUMBER#RE-2026-00002")
    Bucket().put(row.key, b"%PDF forged")
    facts = DocumentRow.get(call.merchant, "DOC#o2#invoice#")
    other = DocumentRow.get(call.merchant, "DOC#o3#invoice#")
    facts.update([DocumentRow.frozen.set(other.frozen)])
    job, _ = written(call, "audit-pack")
    texts = {problem["text"].partition(":")[0] for problem in job["problems"]}
    assert texts == {"RE-2026-00002", "RE-2026-00003", "RE-2026-00004"} - {"RE-2026-00004"}
    assert job["result"]["faults"] == 2


def test_a_booking_batch_adds_up(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its sum is that of the documents; without the adviser's number there is none."""
    issue(call, monkeypatch, 3)
    job, data = written(call, "datev")
    assert job["result"]["sum_bookings"] == job["result"]["sum_documents"] == "30,00 EUR"
    assert data.decode("cp1252").startswith('"EXTF";700;21;"Buchungsstapel";13;')
    assert data.count(b"\r\n") == 2 + 3
    call("PUT", "/v1/settings", {**SETTINGS, "datev_consultant": 0})
    answer = call("POST", "/v1/exports/datev", NOVEMBER)
    assert answer.problem() == (422, "datev_settings")
    assert answer.json["field"] == "datev_consultant"


@pytest.mark.parametrize(
    ("kind", "body", "problem"),
    [
        ("datev", {"from": "2025-12-31", "to": "2026-01-01"}, (400, "bad_field")),
        ("documents", {"from": "2026-11-01"}, (400, "bad_field")),
        ("documents", {"from": "", "to": ""}, (400, "bad_field")),
        ("everything", NOVEMBER, (404, "not_found")),
    ],
)
def test_a_file_that_cannot_be_is_refused(
    call: Caller, kind: str, body: dict[str, str], problem: tuple[int, str]
) -> None:
    """Before a job is made."""
    call("PUT", "/v1/settings", SETTINGS)
    assert call("POST", f"/v1/exports/{kind}", body).problem() == problem


def test_a_months_table_and_documents(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both of the same register; another merchant cannot fetch them."""
    issue(call, monkeypatch, 2)
    _, table = written(call, "documents")
    assert table.decode("utf-8-sig").count("RE-2026-0000") >= 2
    job, data = written(call, "documents-zip")
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        assert pack.namelist() == [
            "documents/RE-2026-00001.pdf", "documents/RE-2026-00002.pdf", "document.xml",
        ]  # fmt: skip
    assert call.other()("GET", f"/v1/jobs/{job['id']}/file").problem() == (404, "not_found")


def test_a_document_is_fetched_under_a_name_that_speaks(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the customer's language, with the shop's name (RFC 6266)."""
    [name] = issue(call, monkeypatch, 1)
    documents = call.get(f"/v1/orders/{name}")["documents"]
    [invoice] = [x for x in documents if x["kind"] == "invoice"]
    link = call("GET", f"/v1/documents/{invoice['id']}").headers["Location"]
    with urlopen(link) as found:
        said = found.headers["Content-Disposition"]
    plain, _, true = said.partition("; filename*=UTF-8''")
    assert plain == 'inline; filename="Rechnung RE-2026-00001 Teehaus Oz.pdf"'
    assert unquote(true) == "Rechnung RE-2026-00001 Teehaus Öz.pdf"

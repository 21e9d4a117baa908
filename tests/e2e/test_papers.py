"""Documents on the deployed house: written, filed, listed, packed, and nobody else's."""

from __future__ import annotations

import io
import urllib.request
import zipfile
from datetime import UTC, datetime, timedelta
from typing import Any

import pikepdf
import pytest

from local.demo import SETTINGS
from tests.e2e.conftest import Merchant
from tests.e2e.test_file_imports import ORDER, finished
from tests.e2e.test_journey import kinds, shipped

pytestmark = pytest.mark.e2e
OFFICE = {
    "external_id": "AMT-1",
    "buyer_reference": "04011000-1234512345-06",
    "billing_address": {
        "company": "Bezirksamt Mitte", "name": "Ute Amt", "street": "Amtsweg 1", "zip": "20095",
        "city": "Hamburg", "country": "DE",
    },
}  # fmt: skip
DATEV = {"datev_consultant": 29098, "datev_client": 55003}
CII = b"CrossIndustryInvoice"


def fetched(url: str, token: str = "") -> tuple[bytes, str, str]:
    """Open a link; returns the file, its type and the name it is saved under."""
    request = urllib.request.Request(url)
    if token:
        # The link leads on to the bucket, which is not to see the token.
        request.add_unredirected_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=30) as answer:
        named = str(answer.headers["Content-Disposition"])
        return answer.read(), answer.headers.get_content_type(), named


def made(merchant: Merchant, path: str, wish: dict[str, Any]) -> tuple[bytes, str, str]:
    """Have a job write a file, and fetch it."""
    job = finished(merchant, merchant.api.post(path, wish)["id"])[-1]
    assert (job["state"], job["problem_count"]) == ("done", 0), job
    return fetched(job["file_url"], merchant.token)


def sold(merchant: Merchant, number: str, **changes: Any) -> dict[str, Any]:
    """Sell something that is paid and sent; returns the order with all its papers."""
    merchant.stock("KANNE", 50)
    merchant.api.post("/v1/orders", ORDER | {"external_id": number} | changes)
    return merchant.order_when(number, shipped)


def document(order: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return an order's only document of a kind."""
    [found] = [one for one in order["documents"] if one["kind"] == kind]
    return found


def test_each_buyer_gets_the_invoice_that_they_can_read(merchant: Merchant) -> None:
    """An office an XRechnung beside its picture, a customer a PDF that holds the XML, by mail."""
    office = sold(merchant, "AMT-1", **OFFICE)
    assert {"invoice", "invoice_xml"} <= set(kinds(office, "documents"))
    xml, kind, name = fetched(document(office, "invoice_xml")["permalink"], merchant.token)
    assert (CII in xml, kind) == (True, "application/xml")
    assert b"04011000-1234512345-06" in xml
    number = document(office, "invoice")["number"]
    assert (number in name, name.rstrip('"').endswith(".xml")) == (True, True), name

    customer = sold(merchant, "TEL-8001")
    assert "invoice_xml" not in kinds(customer, "documents")
    pdf, kind, name = fetched(document(customer, "invoice")["permalink"], merchant.token)
    assert kind == "application/pdf"
    assert f"Rechnung {document(customer, 'invoice')['number']} {merchant.id}.pdf" in name
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert CII in opened.attachments["factur-x.xml"].get_file().read_bytes()
    sent = {m["tags"]["order_id"]: m["attachments"] for m in merchant.mails() if m["attachments"]}
    assert any(name.endswith(".xml") for name in sent[office["id"]]), sent
    assert sent[customer["id"]], sent


def test_previews_and_pick_lists_are_drawn_by_the_deployed_function(merchant: Merchant) -> None:
    """A preview with settings that are only tried, and one list of many orders by bin."""
    merchant.stock("KANNE", 50)
    pdf, kind, _ = made(
        merchant,
        "/v1/documents/preview",
        {"kind": "dunning_2", "language": "de", "lines": 3, "settings": {"colour": "#7a1f3d"}},
    )
    assert (pdf[:5], kind) == (b"%PDF-", "application/pdf")
    assert merchant.api.get("/v1/documents")["items"] == []
    unpaid = {"method": "Rechnung", "state": "unpaid"}
    orders = [
        merchant.api.post("/v1/orders", ORDER | {"external_id": f"P-{n}", "payment": unpaid})["id"]
        for n in range(3)
    ]
    for n in range(3):
        merchant.order_when(f"P-{n}", lambda o: o["states"]["stock"] == "reserved")
    pdf, _, name = made(merchant, "/v1/pick-lists", {"order_ids": orders})
    [job] = [one for one in merchant.api.get("/v1/jobs")["items"] if one["kind"] == "pick_list"]
    assert (job["result"]["orders"], job["result"]["pieces"]) == (3, 6)
    assert pdf.startswith(b"%PDF-")
    assert ".pdf" in name


def test_the_month_is_taken_away_whole_and_by_nobody_else(
    merchant: Merchant, other: Merchant
) -> None:
    """Register, table, booking batch, pack and audit pack; another merchant finds none of it."""
    merchant.api.put("/v1/settings", SETTINGS | {"name": merchant.id} | DATEV)
    order = sold(merchant, "TEL-8002")
    number = document(order, "invoice")["number"]
    [entry] = merchant.api.get("/v1/documents?kind=invoice")["items"]
    assert (entry["number"], entry["state"], entry["gross"]["amount"]) == (number, "filed", "35.00")

    today = datetime.now(UTC).date()
    days = {"from": f"{today - timedelta(days=2)}", "to": f"{today + timedelta(days=2)}"}
    table, kind, _ = made(merchant, "/v1/exports/documents", days)
    assert (number.encode() in table, kind) == (True, "text/csv")
    batch, _, name = made(merchant, "/v1/exports/datev", days)
    assert (batch[:10], number.encode() in batch) == (b'"EXTF";700', True), name
    assert name.startswith('attachment; filename="EXTF_Buchungsstapel_'), name
    wish = merchant.api.post("/v1/exports/datev", days | {"payments": True})
    paid = finished(merchant, wish["id"])[-1]
    # It was typed in as paid: nobody but the order itself says so.
    assert [one["text"].partition(": ")[2] for one in paid["problems"]] == [
        "only the shop says that it is paid: not booked."
    ]
    assert (paid["state"], paid["result"]["payments"]) == ("done", 0)
    pack, kind, _ = made(merchant, "/v1/exports/documents-zip", days)
    assert kind == "application/zip"
    with zipfile.ZipFile(io.BytesIO(pack)) as held:
        assert held.testzip() is None
        assert any(number in one for one in held.namelist())
    audit, _, name = made(merchant, "/v1/exports/audit-pack", days)
    assert name == f'attachment; filename="audit-{days["from"]}-{days["to"]}.zip"'
    with zipfile.ZipFile(io.BytesIO(audit)) as held:
        names = set(held.namelist())
        said = held.read("chain-check.txt").decode()
    assert {"register.csv", "index.xml", "Verfahrensdokumentation.md"} <= names
    assert "No faults." in said, said

    mine = {"Authorization": f"Bearer {other.token}"}
    jobs = merchant.api.get("/v1/jobs")["items"]
    paths = [f"/v1/jobs/{job['id']}/file" for job in jobs]
    paths += [f"/v1/jobs/{job['id']}" for job in jobs]
    paths += [f"/v1/documents/{one['id']}" for one in order["documents"]]
    assert [other.api.send("GET", path, None, mine)[0] for path in paths] == [404] * len(paths)
    assert other.api.get("/v1/documents")["items"] == []

"""Orders and products that come in by API and file, through the deployed house."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import pytest

from tests.e2e.conftest import Merchant, until

pytestmark = pytest.mark.e2e

ADDRESS = {
    "name": "Erika Muster", "street": "Gartenweg 3", "zip": "04109", "city": "Leipzig",
    "country": "DE",
}  # fmt: skip
ORDER = {
    "external_id": "TEL-1",
    "currency": "EUR",
    "tax_rate": "19",
    "lines": [{"sku": "KANNE", "name": "Kanne", "quantity": 2, "unit_price": "17.50"}],
    "billing_address": ADDRESS,
    "email": "erika@example.com",
    "payment": {"method": "cash", "state": "paid"},
}
ROWS = 2_000
SECONDS = 60.0


def send(merchant: Merchant, path: str, raw: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
    """Post bytes with the merchant's token."""
    sent = {"Authorization": f"Bearer {merchant.token}", "Content-Type": "text/csv"} | headers
    status, answer = merchant.api.send("POST", path, raw, sent)
    return status, json.loads(answer)


def finished(merchant: Merchant, job_id: str, patience: float = 60.0) -> list[dict[str, Any]]:
    """Wait for a job; returns it as it was seen, the last time over."""
    seen: list[dict[str, Any]] = []

    def over() -> bool:
        seen.append(merchant.api.get(f"/v1/jobs/{job_id}"))
        return seen[-1]["state"] in {"done", "failed"}

    until(over, patience)
    return seen


def test_an_order_by_phone_leaves_like_any_other(merchant: Merchant) -> None:
    """Handed in twice with one key, made once, paid in cash: invoice, parcel and mails follow."""
    merchant.stock("KANNE", 5)
    headers = {"Idempotency-Key": "call-1", "Content-Type": "application/json"}
    status, made = send(merchant, "/v1/orders", json.dumps(ORDER).encode(), **headers)
    assert (status, made["states"]["payment"]) == (201, "paid")
    again, same = send(merchant, "/v1/orders", json.dumps(ORDER).encode(), **headers)
    assert (again, same["id"]) == (200, made["id"])
    order = merchant.order_when("TEL-1", lambda one: one["states"]["fulfillment"] == "shipped")
    assert {one["kind"] for one in order["documents"]} >= {"invoice", "delivery_note"}
    until(lambda: merchant.level("KANNE") == (3, 0, 3))


def test_orders_of_a_file_come_in_as_deliveries(merchant: Merchant) -> None:
    """In Windows-1252, through the gateway byte by byte; twice is once."""
    table = (
        "Bestellnummer;Name;Straße;PLZ;Ort;Artikelnummer;Artikel;Menge;Einzelpreis\n"
        "B-1;Jörg Weiß;Ring 1;80331;München;KANNE;Kanne;1;17,50\n"
        "B-1;;;;;BUCH;Teebuch;1;9,90\n"
    ).encode("cp1252")
    path = "/v1/orders/import?currency=EUR&tax_rate=19"
    status, seen = send(merchant, f"{path}&preview=1", table)
    assert (status, seen["file"]["encoding"], seen["found"]) == (200, "windows-1252", 1)
    for new, known in ((1, 0), (0, 1)):
        status, job = send(merchant, path, table)
        assert status == 202
        result = finished(merchant, job["id"])[-1]["result"]
        assert (result["new"], result["known"]) == (new, known)
    order = merchant.order("B-1")
    assert order["billing_address"]["name"] == "Jörg Weiß"
    assert order["totals"]["total"]["amount"] == "27.40"
    assert len(merchant.orders()) == 1


def test_a_catalogue_comes_in_past_the_gateway_and_goes_out_again(merchant: Merchant) -> None:
    """Put to the bucket, imported as a job that shows its progress, exported whole."""
    rows = "".join(f"SKU-{n:05};Artikel Nummer {n};{n % 90};{n}\n" for n in range(ROWS))
    table = f"sku;name;on_hand;weight_g\n{rows}".encode()
    place = merchant.api.post("/v1/uploads", {"bytes": len(table)})
    put = urllib.request.Request(place["url"], data=table, method="PUT", headers=place["headers"])
    urllib.request.urlopen(put, timeout=30).close()
    status, job = send(merchant, f"/v1/products/import?upload_id={place['upload_id']}", b"")
    assert status == 202
    seen = finished(merchant, job["id"], SECONDS)
    assert (seen[-1]["state"], seen[-1]["result"]["new"]) == ("done", ROWS)
    assert len({one["done"] for one in seen}) >= 3
    assert merchant.level("SKU-01999") == (19, 0, 19)
    made = merchant.api.get("/v1/exports/products")
    assert made["rows"] == ROWS

"""Imports over HTTP: looked at, put right, imported as a job; large files on a way of their own."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from app import app
from chalicelib.api import imports
from chalicelib.flow.jobs import advance
from chalicelib.runtime.importing import key_of
from chalicelib.runtime.jobs import Runner
from chalicelib.store.bucket import Bucket
from chalicelib.store.jobs import Jobs
from tests.api.conftest import Answer, Caller

pytestmark = pytest.mark.engine

ORDERS = """Bestellnummer;Artikelnummer;Artikel;Menge;Einzelpreis;Gesamtbetrag
B1;K-1;Kanne;2;10,00;20,00
B2;K-1;Kanne;1;10,00;9,00
""".encode("cp1252")
PRODUCTS = "sku;name;on_hand\nK-1;Größe „L“;5\nK-2;Buch;0\n".encode("cp1252", "replace")


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no queue wake the jobs: the tests run them."""
    monkeypatch.setattr("chalicelib.store.jobs.wake", lambda *_, **__: None)


def send(
    call: Caller, kind: str, data: bytes = b"", type_: str = "text/csv", **params: Any
) -> Answer:
    """Post a file."""
    path = f"/v1/{kind}/import?{urlencode(params)}"
    return call("POST", path, data, **{"Content-Type": type_})


def work(call: Caller, job_id: str) -> Any:
    """Run a job as its worker does, and return what the API says of it."""
    runner = Runner(jobs=Jobs(), advance=advance, wake=lambda *_, **__: None)
    runner.run({"merchant_id": call.merchant, "job_id": job_id})
    return call.get(f"/v1/jobs/{job_id}")


def test_a_preview_shows_what_would_be_made(call: Caller) -> None:
    """How the file was read, what each column holds, and each order with its state."""
    told = send(call, "orders", ORDERS, preview=1, currency="EUR", tax_rate="19").json
    assert told["file"] == {
        "rows": 2, "looked_at": 2, "encoding": "utf-8", "delimiter": ";", "decimal": ",",
    }  # fmt: skip
    assert told["columns"][0] == {
        "name": "Bestellnummer", "field": "number", "samples": ["B1", "B2"],
    }  # fmt: skip
    assert "quantity" in told["fields"]
    assert (told["found"], told["problem_count"]) == (2, 0)
    assert [(one["number"], one["state"], one["rows"]) for one in told["items"]] == [
        ("B1", "new", [2]), ("B2", "new", [3]),
    ]  # fmt: skip
    assert told["items"][1]["total"] == {"amount": "9.00", "currency": "EUR"}
    assert told["items"][1]["difference"] == {"amount": "-1.00", "currency": "EUR"}
    assert call.get("/v1/jobs")["items"] == []


def test_a_file_that_was_looked_at_is_imported_by_its_id(call: Caller) -> None:
    """It need not be sent again; the job says what has become of it."""
    chosen = {"currency": "EUR", "tax_rate": "19"}
    upload = send(call, "orders", ORDERS, preview=1, **chosen).json["upload_id"]
    answer = send(call, "orders", upload_id=upload, **chosen)
    assert (answer.status, answer.json["state"]) == (202, "waiting")
    assert answer.headers["Location"] == answer.json["url"]
    done = work(call, answer.json["id"])
    assert (done["state"], done["done"], done["total"]) == ("done", 2, 2)
    assert (done["result"]["new"], done["result"]["links"][0]["number"]) == (2, "B1")
    again = work(call, send(call, "orders", ORDERS, **chosen).json["id"])
    assert (again["result"]["new"], again["result"]["known"]) == (0, 2)


def test_one_wrong_row_keeps_all_out(call: Caller) -> None:
    """The preview names it; the job fails with it."""
    data = ORDERS.replace(b";1;10,00;9,00", b";1,5;10,00;9,00")
    chosen = {"currency": "EUR", "tax_rate": "19"}
    wrong = {"row": 3, "column": "Menge", "text": 'must be a whole number above 0, is "1.5"'}
    assert send(call, "orders", data, preview=1, **chosen).json["problems"] == [wrong]
    done = work(call, send(call, "orders", data, **chosen).json["id"])
    assert (done["state"], done["reason"]["code"]) == ("failed", "rows_wrong")
    assert done["problems"] == [{"row": 3, "field": "Menge", "text": wrong["text"]}]


def test_a_long_file_is_looked_at_as_far_as_a_call_has_time(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And says so; the import finds what lies behind."""
    monkeypatch.setattr(imports, "LOOKED_AT", 2)
    data = PRODUCTS + b"K-3;x;none\n"
    told = send(call, "products", data, preview=1).json
    assert (told["file"]["rows"], told["file"]["looked_at"]) == (3, 2)
    assert (told["found"], told["problem_count"]) == (2, 0)
    done = work(call, send(call, "products", upload_id=told["upload_id"]).json["id"])
    assert [problem["row"] for problem in done["problems"]] == [4]


def test_columns_are_chosen_by_a_mapping(call: Caller) -> None:
    """What is chosen outdoes the guess; the empty text leaves a column out."""
    mapping = json.dumps({"Artikel": "sku", "Artikelnummer": ""})
    told = send(call, "orders", ORDERS, preview=1, currency="EUR", mapping=mapping).json
    fields = {column["name"]: column["field"] for column in told["columns"]}
    assert (fields["Artikel"], fields["Artikelnummer"], fields["Menge"]) == ("sku", "", "quantity")
    assert told["problems"][0]["column"] == "tax_rate"


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"mapping": "x"}, "mapping: must be JSON, columns with their fields."),
        ({"mapping": '{"Farbe": "sku"}'}, "mapping: the file has no column 'Farbe'."),
        ({"mapping": '{"Menge": "amount"}'}, "mapping: there is no field 'amount'."),
        (
            {"mapping": '{"Menge": "sku", "Artikel": "sku"}'},
            "mapping: two columns hold sku.",
        ),
        ({"decimal": "x"}, "decimal: one of , .."),
    ],
)
def test_a_wrong_choice_is_named(call: Caller, params: dict[str, str], said: str) -> None:
    """400, with the field."""
    answer = send(call, "orders", ORDERS, preview=1, **params)
    assert answer.problem() == (400, "bad_field")
    assert answer.json["detail"] == said


def test_products_come_in_whatever_the_encoding(call: Caller) -> None:
    """Windows-1252 reaches us as it was sent: the type of the body is binary to API Gateway."""
    assert {"text/csv", "multipart/form-data"} <= set(app.api.binary_types)
    told = send(call, "products", PRODUCTS, preview=1).json
    assert told["file"]["encoding"] == "windows-1252"
    assert told["items"][0]["name"] == "Größe „L“"
    done = work(call, send(call, "products", upload_id=told["upload_id"]).json["id"])
    assert (done["state"], done["result"]["new"]) == ("done", 2)
    assert call.get("/v1/products/K-1")["on_hand"] == 5


def test_a_form_carries_the_file_and_what_was_chosen(call: Caller) -> None:
    """As a browser sends it."""
    parts = [
        ('name="tax_rate"', b"19"),
        ('name="currency"', b"EUR"),
        ('name="preview"', b"1"),
        ('name="file"; filename="m\xfcller.csv"', ORDERS),
    ]
    body = b"".join(
        b"--B\r\nContent-Disposition: form-data; " + name.encode("latin-1") + b"\r\n\r\n" + part
        + b"\r\n"
        for name, part in parts
    )  # fmt: skip
    told = send(call, "orders", body + b"--B--\r\n", "multipart/form-data; boundary=B").json
    assert (told["found"], told["problem_count"]) == (2, 0)


def test_a_large_file_is_put_where_it_belongs(call: Caller) -> None:
    """Past API Gateway, with exactly the size that was announced; then it is imported by its id."""
    data = PRODUCTS + b"".join(b"P-%d;x;1\n" % n for n in range(1000))
    place = call("POST", "/v1/uploads", {"bytes": len(data)}).json
    request = Request(place["url"], data=data, method="PUT", headers=place["headers"])
    with urlopen(request, timeout=10) as answer:
        assert answer.status == 200
    told = send(call, "products", upload_id=place["upload_id"], preview=1).json
    assert (told["found"], len(told["items"])) == (1002, 200)
    theirs = call.other()
    answer = send(theirs, "products", upload_id=place["upload_id"], preview=1)
    assert answer.problem() == (404, "not_found")


def test_fifty_megabytes_are_refused_by_name(call: Caller) -> None:
    """Before they are sent, and if they were sent all the same."""
    answer = call("POST", "/v1/uploads", {"bytes": 50 * 1024 * 1024})
    assert answer.problem() == (413, "too_large")
    assert answer.json["detail"] == "The file has 50.0 MB, at most 25 MB are taken: split it."
    assert send(call, "orders", b"x" * (26 * 1024 * 1024)).problem() == (413, "too_large")
    for size in (0, -1):
        assert call("POST", "/v1/uploads", {"bytes": size}).problem() == (400, "bad_field")


@pytest.mark.parametrize(
    ("data", "code"), [(b"", "bad_file"), (b"PK\x03\x04", "bad_file"), (b"a;b\n", "bad_file")]
)
def test_what_is_no_table_is_refused(call: Caller, data: bytes, code: str) -> None:
    """With words; nothing is kept."""
    assert send(call, "orders", data, preview=1).problem() == (422, code)


def test_an_upload_that_is_none_is_not_found(call: Caller) -> None:
    """Nor are names that would lead elsewhere in the bucket."""
    for name in ("0" * 24, "x", "../../inbox/m/1.zlib.xxxxx", "ä" * 24):
        answer = send(call, "orders", upload_id=name)
        assert answer.problem() == (404, "not_found")


def test_an_upload_of_another_size_than_announced_is_measured(call: Caller) -> None:
    """Before it is read into memory."""
    place = call("POST", "/v1/uploads", {"bytes": 10}).json
    Bucket().put(key_of(call.merchant, place["upload_id"]), b"x" * (26 * 1024 * 1024))
    answer = send(call, "orders", upload_id=place["upload_id"])
    assert answer.problem() == (413, "too_large")


@pytest.mark.parametrize("kind", ["orders", "products"])
def test_the_examples_of_the_description_can_be_imported(call: Caller, kind: str) -> None:
    """Whoever copies one gets no error."""
    described = call.get("/openapi.json")["paths"][f"/v1/{kind}/import"]["post"]
    example = described["requestBody"]["content"]["text/csv"]["example"]
    told = send(call, kind, example.encode(), preview=1, currency="EUR").json
    assert (told["found"], told["problems"]) == (1, [])
    assert told["items"][0].get("difference") is None

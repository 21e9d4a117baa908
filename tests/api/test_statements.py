"""Bank statements over HTTP: every entry once, on its order or in sight until it is."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest

from chalicelib.runtime.settings import settings_of
from chalicelib.store.merchants import Merchants, Settings
from tests.api.conftest import Answer, Caller
from tests.events import bought, line

pytestmark = pytest.mark.engine
OURS = "DE02120300000000202051"


@pytest.fixture(autouse=True)
def quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no queue wake the jobs: the tests run them."""
    monkeypatch.setattr("chalicelib.store.jobs.wake", lambda *_, **__: None)
    settings_of.forget()


def entry(amount: str, text: str, name: str = "Anna Beispiel", *, sign: str = "CRDT") -> str:
    """Return an entry of a statement."""
    return (
        f'<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        "<BookgDt><Dt>2026-11-24</Dt></BookgDt><ValDt><Dt>2026-11-24</Dt></ValDt><NtryDtls><TxDtls>"
        f"<RltdPties><Dbtr><Pty><Nm>{name}</Nm></Pty></Dbtr><DbtrAcct><Id>"
        "<IBAN>DE89370400440532013000</IBAN></Id></DbtrAcct></RltdPties>"
        f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"
    )


def camt(*entries: str, account: str = OURS, kind: str = "Stmt", number: str = "053") -> bytes:
    """Return a statement of these entries."""
    root = {"Stmt": "BkToCstmrStmt", "Ntfctn": "BkToCstmrDbtCdtNtfctn"}[kind]
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.{number}.001.08"><{root}><{kind}>'
        f"<Id>1</Id><Acct><Id><IBAN>{account}</IBAN></Id></Acct>{''.join(entries)}"
        f"</{kind}></{root}></Document>"
    ).encode()


def send(call: Caller, data: bytes, kind: str = "application/xml") -> Answer:
    """Post a file."""
    return call("POST", "/v1/bank-statements", data, **{"Content-Type": kind})


def counts(answer: Answer) -> dict[str, int]:
    """Return what became of the entries."""
    assert answer.status == 201, answer.body
    names = ("entries", "booked", "duplicates", "matched", "suggested", "unmatched")
    return {name: answer.json[name] for name in names if answer.json[name]}


def place(call: Caller, number: str, price: str = "10.00", name: str = "") -> str:
    """Place an order that waits for money."""
    what = bought(line(price=price), number=number, external_id=number)
    return call.place(name=name or f"o{number}", what=what).id


def listed(call: Caller, state: str) -> Any:
    """Return the payments in a state."""
    return call.get(f"/v1/payments?state={state}")["items"]


def payment(call: Caller, order_id: str) -> str:
    """Return the payment state of an order."""
    state: str = call.get(f"/v1/orders/{order_id}")["states"]["payment"]
    return state


def test_a_payment_that_names_its_order_is_booked_there(call: Caller) -> None:
    """With the reasons for it; what nobody knows waits, with what may explain it."""
    place(call, "10421")
    place(call, "10555", "77.00")
    answer = send(
        call,
        camt(
            entry("10.00", "Bestellung 104 21"),
            entry("500.00", "Danke", "Otto Fremd"),
            entry("70.00", "Nr. 10555", "Otto Fremd"),
            entry("9.99", "Miete", sign="DBIT"),
            entry("31.40", "Auszahlung", "PayPal Europe"),
        ),
    )
    assert counts(answer) == {
        "entries": 5, "booked": 5, "matched": 1, "suggested": 1, "unmatched": 1,
    }  # fmt: skip
    assert (answer.json["state"], answer.json["errors"]) == ("done", [])
    assert (answer.json["payouts"], answer.json["outgoing"]) == (1, 1)
    assert payment(call, "o10421") == "paid"
    [booked] = listed(call, "booked")
    assert booked["orders"][0]["number"] == "10421"
    assert "amount to the cent" in booked["reasons"]
    [unknown] = listed(call, "unmatched")
    assert (unknown["payer"], unknown["suggestions"]) == ("Otto Fremd", [])
    [maybe] = listed(call, "suggested")
    assert maybe["suggestions"][0]["order_id"] == "o10555"
    assert maybe["suggestions"][0]["score"] < 80


def test_the_same_file_again_books_nothing(call: Caller) -> None:
    """Nor does a longer one that holds the same entries, nor the notice of them."""
    place(call, "10421")
    first = entry("10.00", "Bestellung 10421")
    send(call, camt(first))
    assert counts(send(call, camt(first))) == {"entries": 1, "duplicates": 1}
    longer = camt(first, entry("3.00", "?", "Otto"))
    assert counts(send(call, longer)) == {
        "entries": 2, "booked": 1, "duplicates": 1, "unmatched": 1,
    }  # fmt: skip
    notice = send(call, camt(entry("44.00", "neu"), kind="Ntfctn", number="054"))
    assert counts(notice) == {"entries": 1}
    assert notice.json["notices"] == 1
    assert len(call.get("/v1/orders/o10421")["payments"]) == 1


def test_a_zip_whose_files_overlap_books_each_entry_once(call: Caller) -> None:
    """Two statements of one account, as a bank hands them out."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.xml", camt(entry("1.00", "a")))
        archive.writestr("b.xml", camt(entry("1.00", "a"), entry("2.00", "b")))
    told = counts(send(call, file.getvalue(), "application/zip"))
    assert told == {"entries": 3, "booked": 2, "duplicates": 1, "unmatched": 2}


def test_a_strange_account_is_refused_by_its_name(call: Caller) -> None:
    """Unless the merchant has named none: then there is nothing to compare with."""
    strange = camt(entry("1.00", "a"), account="DE89370400440532013000")
    assert counts(send(call, strange))["booked"] == 1
    Merchants().save_settings(call.merchant, Settings(iban="DE02 1203 0000 0000 2020 51"))
    settings_of.forget()
    answer = send(call, strange)
    assert answer.problem() == (422, "unknown_account")
    assert "DE89370400440532013000" in answer.json["detail"]
    assert counts(send(call, camt(entry("1.00", "a"))))["booked"] == 1


@pytest.mark.parametrize("data", [b"", b"<Document", b"nothing;here", b"PK\x03\x04broken"])
def test_what_is_no_statement_is_refused_in_words(call: Caller, data: bytes) -> None:
    """With the field, and nothing is kept."""
    answer = send(call, data, "application/octet-stream")
    assert answer.problem() == (422, "bad_statement")
    assert answer.json["field"] == "file"
    assert call.get("/v1/jobs")["items"] == []


def test_an_entry_that_cannot_be_read_is_named_and_the_others_count(call: Caller) -> None:
    """Five decimals are no amount of euros."""
    told = send(call, camt(entry("1.23456", "odd"), entry("2.00", "b")))
    assert counts(told) == {"entries": 2, "booked": 1, "unmatched": 1}
    [error] = told.json["errors"]
    assert error["field"]
    assert "1.23456" in error["reason"] or error["reason"]


def test_cents_short_are_forgiven_and_the_order_is_paid(call: Caller) -> None:
    """The tolerance is a fact of the ledger, with its reason."""
    place(call, "10421")
    send(call, camt(entry("9.97", "Bestellung 10421")))
    kinds = {one["kind"]: one["amount"]["amount"] for one in order_payments(call, "o10421")}
    assert kinds == {"payment": "9.97", "write_off": "0.03"}
    assert payment(call, "o10421") == "paid"


def order_payments(call: Caller, order_id: str) -> Any:
    """Return what the ledger of an order holds."""
    return call.get(f"/v1/orders/{order_id}")["payments"]


def test_undoing_restores_everything_and_it_can_be_booked_anew(call: Caller) -> None:
    """Forgiven cents are owed again too; the wrong booking stays to be seen."""
    place(call, "10421")
    place(call, "10555", "9.97")
    send(call, camt(entry("9.97", "Bestellung 10421")))
    [booked] = listed(call, "booked")
    path = f"/v1/payments/{booked['id']}"
    assert call("POST", f"{path}/undo", {"reason": "vertan"}).json["state"] == "unmatched"
    assert payment(call, "o10421") == "unpaid"
    assert all(one["undone"] for one in order_payments(call, "o10421"))
    assert [one["id"] for one in listed(call, "unmatched")] == [booked["id"]]
    assert call("POST", f"{path}/undo", {}).problem() == (409, "not_booked")
    assert call("POST", f"{path}/match", {"order_id": "o10555"}).json["state"] == "booked"
    assert payment(call, "o10555") == "paid"
    call("POST", f"{path}/undo", {})
    assert call("POST", f"{path}/match", {"order_id": "o10421"}).json["state"] == "booked"
    assert payment(call, "o10421") == "paid"
    assert payment(call, "o10555") == "unpaid"


def test_a_payment_is_split_among_orders_as_a_person_says(call: Caller) -> None:
    """All of the money, to the cent, and never twice."""
    place(call, "10421")
    place(call, "10555", "5.00")
    send(call, camt(entry("15.00", "beide", "Otto Fremd")))
    [waiting] = listed(call, "unmatched")
    path = f"/v1/payments/{waiting['id']}/match"

    def shares(*amounts: str) -> dict[str, Any]:
        names = ("o10421", "o10555")
        return {
            "orders": [
                {"order_id": name, "amount": {"amount": amount, "currency": "EUR"}}
                for name, amount in zip(names, amounts, strict=True)
            ]
        }

    assert call("POST", path, shares("10.00", "4.00")).problem() == (422, "bad_amount")
    assert call("POST", path, {"order_id": "nobody"}).problem() == (422, "no_such_order")
    assert call("POST", path, shares("10.00", "5.00")).status == 200
    assert {payment(call, "o10421"), payment(call, "o10555")} == {"paid"}
    assert call("POST", path, {"order_id": "o10421"}).problem() == (409, "matched")
    assert call.other()("POST", path, {"order_id": "o1"}).problem() == (404, "not_found")


def test_what_is_ignored_waits_no_more_until_that_is_undone(call: Caller) -> None:
    """A gift of an aunt is no order's; and nothing that went out pays one."""
    send(call, camt(entry("15.00", "Geschenk", "Tante"), entry("9.99", "x", sign="DBIT")))
    [waiting] = listed(call, "unmatched")
    path = f"/v1/payments/{waiting['id']}"
    assert call("POST", f"{path}/ignore", {"reason": "Geschenk"}).json["note"] == "Geschenk"
    assert (listed(call, "unmatched"), len(listed(call, "ignored"))) == ([], 1)
    assert call("POST", f"{path}/undo", {}).json["state"] == "unmatched"
    [out] = listed(call, "outgoing")
    place(call, "10421")
    answer = call("POST", f"/v1/payments/{out['id']}/match", {"order_id": "o10421"})
    assert answer.problem() == (422, "no_income")


def test_lists_are_pages(call: Caller) -> None:
    """Providers' payments first, then the bank's, none twice and none left out."""
    send(call, camt(*[entry(f"{n}.00", f"x{n}", "Otto") for n in range(1, 6)]))
    seen, cursor = [], ""
    for _ in range(9):
        page = call.get(f"/v1/payments?state=unmatched&limit=2{cursor}")
        seen += [one["id"] for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 5
    assert call("GET", "/v1/payments?state=lost").problem() == (400, "bad_field")


def test_a_file_as_curl_sends_it_is_read(call: Caller) -> None:
    """What curl calls a form all the same keeps its bytes, whatever they are."""
    form, head = "application/x-www-form-urlencoded", b'<?xml version="1.0" encoding="ISO-8859-1"?>'
    latin = camt(entry("1.00", "a", "Jörg Müller")).decode().encode("latin-1")
    assert counts(send(call, head + latin, form))["booked"] == 1
    assert [one["payer"] for one in listed(call, "unmatched")] == ["Jörg Müller"]


def test_fifty_megabytes_are_refused_by_their_size(call: Caller) -> None:
    """Before anything is read."""
    assert send(call, b"x" * (50 * 1024 * 1024)).problem() == (413, "too_large")

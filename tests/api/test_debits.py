"""Direct debits over HTTP: a mandate, a file, the money, and what comes back."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib.domain.events import NoteAdded
from chalicelib.runtime.settings import settings_of
from chalicelib.store.bucket import Bucket
from chalicelib.store.debits import Debits
from chalicelib.store.merchants import Merchants, Settings
from chalicelib.store.orders import Orders
from tests.api.conftest import Caller
from tests.api.test_statements import camt, counts, listed, payment, quiet, send
from tests.api.test_statements_outgoing import returned
from tests.events import NOW, bought, line

__all__ = ["quiet"]  # a fixture of the tests of statements
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("aws")]
MANDATE: dict[str, Any] = {
    "reference": "M-1", "signed_on": "2026-10-01", "iban": "AT61 1904 3002 3457 3201",
    "holder": "Anna Beispiel", "email": "Anna@example.com",
}  # fmt: skip


@pytest.fixture(autouse=True)
def creditor(call: Caller) -> None:
    """Let the merchant be one who may collect."""
    settings = Settings(
        name="Blattwerk", bank_holder="Blattwerk GmbH", iban="DE02120300000000202051",
        creditor_id="DE98ZZZ09999999999", debit_notice=2,
    )  # fmt: skip
    Merchants().save_settings(call.merchant, settings)
    settings_of.forget()


def place(call: Caller, number: str = "10421", method: str = "SEPA-Lastschrift") -> None:
    """Place an order of 50 euros."""
    what = bought(line(price="50.00"), number=number, external_id=number, payment_method=method)
    call.place(name=f"o{number}", what=what)


def credit(end_to_end: str) -> str:
    """Return the entry of a debit that the bank has collected."""
    return (
        '<Ntry><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
        "<BookgDt><Dt>2026-11-27</Dt></BookgDt><ValDt><Dt>2026-11-27</Dt></ValDt><NtryDtls><TxDtls>"
        f"<Refs><EndToEndId>{end_to_end}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>"
    )


def test_an_order_with_a_mandate_is_collected_once_and_its_return_is_told(call: Caller) -> None:
    """Mandate, file, money, return: each finds its order by the debit's own name."""
    assert call("POST", "/v1/mandates", MANDATE).status == 201
    place(call)
    place(call, "10422", "Vorkasse")
    assert [one["number"] for one in call.get("/v1/direct-debits")["items"]] == ["10421"]
    file = call("POST", "/v1/direct-debits/file", {}).json
    [debit] = file["debits"]
    assert debit.endswith("-10421")
    assert file["amount"]["amount"] == "50.00"
    made = Debits().file(call.merchant, file["id"])
    assert made
    assert b"<SeqTp>FRST</SeqTp>" in Bucket().read(made.key)
    again = call("POST", "/v1/direct-debits/file", {})
    assert again.problem() == (422, "nothing_to_collect")
    assert call.get("/v1/mandates")["items"][0]["sequence"] == "RCUR"
    assert counts(send(call, camt(credit(debit))))["matched"] == 1
    assert payment(call, "o10421") == "paid"
    send(call, camt(returned("53.00", end_to_end=debit, original="50.00", name="Wer")))
    assert payment(call, "o10421") == "charged_back"
    assert "direct debit" in " ".join(listed(call, "booked")[0]["reasons"])
    order = Orders().load(call.merchant, "o10421")
    assert order
    assert "mandate M-1" in order.all(NoteAdded)[0].text
    Orders().project(order, None, NOW)
    assert [one["sequence"] for one in call.get("/v1/direct-debits")["items"]] == ["RCUR"]


def test_a_mandate_that_was_taken_back_is_drawn_on_no_more(call: Caller) -> None:
    """It stays known, so that its reference is nobody else's."""
    call("POST", "/v1/mandates", MANDATE)
    place(call)
    assert call("DELETE", "/v1/mandates/M-1").json["revoked_on"]
    assert call.get("/v1/mandates")["items"] == call.get("/v1/direct-debits")["items"] == []
    assert call("POST", "/v1/mandates", MANDATE).problem() == (409, "known")
    assert call("DELETE", "/v1/mandates/M-9").problem() == (404, "not_found")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("reference", "x" * 36), ("reference", "ä"), ("iban", "DE00120300000000202051"),
        ("holder", " "), ("email", "anna"), ("signed_on", "2026-02-30"),
        ("signed_on", "2999-01-01"), ("scheme", "COR1"),
    ],
)  # fmt: skip
def test_a_mandate_that_cannot_be_names_its_field(call: Caller, field: str, value: str) -> None:
    """And nothing is kept."""
    answer = call("POST", "/v1/mandates", MANDATE | {field: value})
    assert answer.problem() == (400, "bad_field")
    assert answer.json["field"] == field
    assert call.get("/v1/mandates")["items"] == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"collect_on": "2020-01-01"}, "bad_field"),
        ({"collect_on": "bald"}, "bad_field"),
        ({"format": "pain.001"}, "bad_field"),
    ],
)
def test_a_file_that_cannot_be_says_why(call: Caller, body: dict[str, str], code: str) -> None:
    """Before anything is drawn."""
    call("POST", "/v1/mandates", MANDATE)
    place(call)
    assert call("POST", "/v1/direct-debits/file", body).problem() == (422, code)
    assert len(call.get("/v1/direct-debits")["items"]) == 1


def test_without_a_creditor_identifier_nothing_is_collected(call: Caller) -> None:
    """The setting is named."""
    Merchants().save_settings(call.merchant, Settings(name="B", iban="DE02120300000000202051"))
    settings_of.forget()
    answer = call("POST", "/v1/direct-debits/file", {})
    assert answer.problem() == (422, "no_creditor_id")
    assert "settings.creditor_id" in answer.json["detail"]


def test_a_number_in_the_shops_own_signs_makes_a_reference_that_banks_take(call: Caller) -> None:
    """One wrong sign and the bank refuses the whole file."""
    assert call("POST", "/v1/mandates", MANDATE).status == 201
    place(call, "#10 7/Ä_1")
    [debit] = call("POST", "/v1/direct-debits/file", {}).json["debits"]
    assert debit.rpartition("-")[0].endswith("-107Ae")
    assert re.fullmatch(r"[A-Za-z0-9:().,'+?-]{1,35}", debit)

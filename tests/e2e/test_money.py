"""Money on the deployed house: from a bank's file to the order, and back to the customer."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.store import codec
from local.demo import SETTINGS
from local.statement import Transfer, camt053
from tests.e2e.conftest import Merchant, until
from tests.e2e.test_file_imports import ORDER, finished
from tests.e2e.test_journey import kinds, opened, shipped

pytestmark = pytest.mark.e2e
OURS = str(SETTINGS["iban"])
THEIRS = "DE75512108001245126199"


def placed(merchant: Merchant, number: str, **changes: Any) -> dict[str, Any]:
    """Hand in an order that is to be paid by a transfer: 35.00 euro; it is on the lists."""
    unpaid = {"method": "Vorkasse", "state": "unpaid"}
    order: dict[str, Any] = merchant.api.post(
        "/v1/orders", ORDER | {"external_id": number, "payment": unpaid} | changes
    )
    until(lambda: number in [one["number"] for one in merchant.orders()])
    return order


def transfer(amount: str, text: str, payer: str = "Erika Muster") -> Transfer:
    """Return what a customer transferred."""
    return Transfer(amount=amount, payer=payer, iban=THEIRS, text=text)


def hand_in(merchant: Merchant, *transfers: Transfer) -> dict[str, Any]:
    """Hand in yesterday's statement and return what became of it."""
    data = camt053(OURS, datetime.now(UTC).date() - timedelta(days=1), *transfers)
    headers = {"Authorization": f"Bearer {merchant.token}", "Content-Type": "application/xml"}
    status, answer = merchant.api.send("POST", "/v1/bank-statements", data, headers)
    told: dict[str, Any] = json.loads(answer)
    assert (status, told["state"]) == (201, "done"), told
    return told


def listed(merchant: Merchant, state: str) -> list[dict[str, Any]]:
    """Return the bank's payments in a state."""
    items: list[dict[str, Any]] = merchant.api.get(f"/v1/payments?state={state}")["items"]
    return items


def grow_old(merchant: Merchant, order_id: str, by: timedelta) -> None:
    """Let an order have come in earlier, in the table itself, for nobody waits days in a test."""
    database = merchant.house.engine.client("dynamodb")
    table = next(name for name in database.list_tables()["TableNames"] if "Orders" in name)
    key = {"pk": {"S": f"{merchant.id}#{order_id}"}, "sk": {"S": "EVENT#0001"}}
    row = database.get_item(TableName=table, Key=key)["Item"]
    facts = tuple(replace(one, at=one.at - by) for one in codec.unpack_facts(row["told"]["B"]))
    row["told"] = {"B": codec.pack_facts(codec.facts_to_json(facts))}
    database.put_item(TableName=table, Item=row)


def mail_of(merchant: Merchant, kind: str) -> dict[str, Any]:
    """Return the mail of a kind, once it is there."""
    mail: dict[str, Any] = until(
        lambda: next((m for m in merchant.mails() if m["tags"]["kind"] == kind), None)
    )
    return mail


def text_of(merchant: Merchant, kind: str) -> str:
    """Return the text of the mail of a kind, once it is there."""
    mail = mail_of(merchant, kind)
    return opened(f"{merchant.house.mails_url}/{mail['id']}/text").decode()


def test_a_prepaid_order_leaves_as_soon_as_the_statement_shows_the_money(
    merchant: Merchant,
) -> None:
    """The mail says where to pay, the file books it with reasons, the morning shows why."""
    merchant.stock("KANNE", 5)
    placed(merchant, "TEL-7001")
    mail = text_of(merchant, "order_confirmation")
    assert all(said in mail.replace(" ", "") for said in (OURS, "35,00", "TEL-7001")), mail

    told = hand_in(merchant, transfer("35.00", "Bestellung TEL 70 01"))
    assert (told["entries"], told["matched"], told["errors"]) == (1, 1, [])
    order = merchant.order_when("TEL-7001", shipped)
    assert [(p["source"], p["amount"]["amount"]) for p in order["payments"]] == [("bank", "35.00")]
    assert "invoice" in kinds(order, "documents")

    morning = merchant.api.get("/v1/reports/payments")
    [paid] = morning["paid_since"]["items"]
    assert paid["number"] == "TEL-7001"
    assert paid["why"]["payer"] == "Erika Muster"
    assert "amount to the cent" in paid["why"]["reasons"], paid
    assert morning["open"]["count"] == 0
    assert hand_in(merchant, transfer("35.00", "Bestellung TEL 70 01"))["duplicates"] == 1


def test_part_of_the_money_and_money_without_a_name_wait_for_a_person(merchant: Merchant) -> None:
    """A part books as a part; a person gives the rest to the order, and may take it back."""
    placed(merchant, "TEL-7002")
    told = hand_in(
        merchant, transfer("20.00", "TEL-7002"), transfer("15.00", "Danke", "Otto Fremd")
    )
    assert (told["matched"], told["unmatched"]) == (1, 1)
    order = merchant.order("TEL-7002")
    assert order["states"]["payment"] == "partially_paid"
    assert order["outstanding"]["amount"] == "15.00"

    [waits] = listed(merchant, "unmatched")
    path = f"/v1/payments/{waits['id']}"
    merchant.api.post(f"{path}/match", {"order_id": order["id"], "by": "Wiebke"})
    assert merchant.order("TEL-7002")["states"]["payment"] == "paid"
    assert listed(merchant, "unmatched") == []
    merchant.api.post(f"{path}/undo", {"reason": "wrong order", "by": "Wiebke"})
    assert merchant.order("TEL-7002")["outstanding"]["amount"] == "15.00"
    assert [one["id"] for one in listed(merchant, "unmatched")] == [waits["id"]]
    morning = merchant.api.get("/v1/reports/payments")
    assert [one["number"] for one in morning["partly_paid"]["items"]] == ["TEL-7002"]
    assert morning["unmatched"]["count"] == 1


def test_a_refund_by_transfer_is_a_file_for_the_bank(merchant: Merchant) -> None:
    """Ordered once, listed, written as pain.001; confirmed, it is paid and the customer told."""
    placed(merchant, "TEL-7003")
    hand_in(merchant, transfer("40.00", "TEL-7003"))
    order = merchant.order_when("TEL-7003", lambda o: o["payments"])
    wish = {"amount": {"amount": "5.00", "currency": "EUR"}, "way": "transfer", "once": "a"}
    for _ in range(2):
        merchant.api.post(f"/v1/orders/{order['id']}/refunds", wish)
    [waits] = until(lambda: merchant.api.get("/v1/transfers")["items"])
    assert (waits["iban"], waits["holder"]) == (THEIRS, "Erika Muster")
    file = merchant.api.post("/v1/transfers/file")
    xml = opened(file["url"]).decode()
    assert "pain.001.001.09" in xml
    assert waits["id"] in xml
    merchant.api.post(f"/v1/transfers/files/{file['id']}/confirm")
    text_of(merchant, "refund_confirmation")
    assert merchant.order("TEL-7003")["refunds"][0]["amount"]["amount"] == "5.00"


def test_who_does_not_pay_gets_a_letter_and_a_mail_with_it(merchant: Merchant) -> None:
    """Reminded now by staff: once, with a PDF in the mail and a page to pay."""
    order = placed(merchant, "TEL-7004")
    grow_old(merchant, order["id"], timedelta(days=9))
    merchant.api.post(f"/v1/orders/{order['id']}/dunning", {"do": "remind"})
    order = merchant.order_when("TEL-7004", lambda o: "payment_reminder" in kinds(o, "documents"))
    letter = next(d for d in order["documents"] if d["kind"] == "payment_reminder")
    assert opened(letter["url"]).startswith(b"%PDF-")
    mail = mail_of(merchant, "payment_reminder")
    assert any(name.endswith(".pdf") for name in mail["attachments"]), mail


def test_who_gave_a_mandate_is_debited_once(merchant: Merchant) -> None:
    """The order stands on the list, and in one pain.008."""
    merchant.api.put(
        "/v1/settings", SETTINGS | {"name": merchant.id, "creditor_id": "DE98ZZZ09999999999"}
    )
    merchant.api.post(
        "/v1/mandates",
        {
            "reference": "M-1", "signed_on": "2026-01-15", "iban": THEIRS,
            "holder": "Erika Muster", "email": ORDER["email"],
        },
    )  # fmt: skip
    debit = {"method": "SEPA-Lastschrift", "state": "unpaid"}
    placed(merchant, "TEL-7005", payment=debit)
    [due] = until(lambda: merchant.api.get("/v1/direct-debits")["items"])
    assert (due["number"], due["amount"]["amount"]) == ("TEL-7005", "35.00")
    file = merchant.api.post("/v1/direct-debits/file")
    xml = opened(file["url"]).decode()
    assert "pain.008.001.08" in xml
    assert THEIRS in xml
    assert merchant.api.get("/v1/direct-debits")["items"] == []


def test_the_books_are_reconciled_without_a_difference(merchant: Merchant) -> None:
    """The job runs on the deployed queue, with its own rights, over what the bank has paid."""
    placed(merchant, "TEL-7006")
    hand_in(merchant, transfer("20.00", "TEL-7006"))
    job = merchant.api.post("/v1/reports/reconciliation")
    assert finished(merchant, job["id"])[-1]["state"] == "done"
    report = merchant.api.get("/v1/reports/reconciliation")
    assert (report["orders"], report["differences"]["items"]) == (1, [])
    [sums] = report["sums"]
    assert (sums["open"]["amount"], sums["received"]["amount"]) == ("15.00", "-20.00")

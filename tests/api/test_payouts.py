"""Payouts over HTTP: what each is made of, whether it arrived, and what is in none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain.bank import BankTransaction
from chalicelib.domain.payouts import Payout, PayoutPart, broken_down
from chalicelib.payment.payout_entries import settle
from chalicelib.runtime import clock
from chalicelib.store.bank import Bank, Entry, New, State
from chalicelib.store.jobs import Jobs, new_job
from chalicelib.store.merchants import Merchants
from chalicelib.store.payouts import LINES, KeptPayout, Line, Payouts
from tests.api.conftest import Caller
from tests.events import NOW, eur

pytestmark = pytest.mark.engine
DAY = date(2026, 11, 23)
STRIPE = {
    "kind": "stripe",
    "secrets": {"webhook_secret": "whsec_0123456789", "api_key": "sk_test_0123456789"},
}


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be a little later than what happens here."""
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))


def kept(merchant: str, name: str = "po_100001", on: date = DAY, parts: int = 1) -> Payout:
    """Keep a payout whose parts explain it."""
    one = Payout(source="stripe", reference=name, amount=eur("9.61") * parts, arrived_on=on)
    told = [
        PayoutPart(
            payment=f"pi_{n}", kind="received", gross=eur("10.00"), fee=eur("0.39"),
            reference=f"txn_{n}", booked_at=NOW,
        )
        for n in range(parts)
    ]  # fmt: skip
    pages = [told[start : start + LINES] for start in range(0, parts, LINES)]
    for number, page in enumerate(pages):
        Payouts().save_lines(merchant, one, number, [Line(part=part) for part in page])
    sums = broken_down(one, told)
    Payouts().add(merchant, KeptPayout(payout=one, sums=sums, pages=len(pages), unknown=parts))
    return one


def came(merchant: str, amount: str) -> str:
    """Keep the bank's entry of a payout; returns its name."""
    transaction = BankTransaction(
        account="DE1", booked_on=DAY, value_on=DAY, amount=eur(amount), name="Stripe Payments"
    )
    entry = Entry(id=transaction.key, state=State.PAYOUT, transaction=transaction)
    Bank().add(merchant, [New(entry=entry)])
    settle(merchant, NOW)
    return entry.id


def test_a_payout_says_what_it_is_made_of_and_that_it_arrived(call: Caller) -> None:
    """To the cent, in the report, by itself, and with the bank's entry."""
    kept(call.merchant)
    payment_id = came(call.merchant, "9.60")
    [item] = call.get("/v1/reports/payouts")["items"]
    assert (item["id"], item["amount"]["amount"]) == ("stripe:po_100001", "9.61")
    assert [item[name]["amount"] for name in ("received", "back", "fees", "unexplained")] == [
        "10.00", "0.00", "0.39", "0.00",
    ]  # fmt: skip
    assert (item["arrived"]["payment_id"], item["difference"]["amount"]) == (payment_id, "-0.01")
    [part] = call.get("/v1/payouts/stripe%3Apo_100001")["parts"]["items"]
    assert (part["payment"], part["net"]["amount"]) == ("pi_0", "9.61")
    [entry] = call.get("/v1/payments?state=payout")["items"]
    assert (entry["paid_out"]["id"], entry["paid_out"]["difference"]["amount"]) == (
        "stripe:po_100001", "-0.01",
    )  # fmt: skip
    undone = call("POST", f"/v1/payments/{payment_id}/undo", {"reason": "another one"})
    assert (undone.json["state"], undone.json["paid_out"]) == ("unmatched", None)
    assert call.get("/v1/reports/payouts")["items"][0]["arrived"] is None


def test_payouts_and_their_parts_have_pages(call: Caller) -> None:
    """The newest payout first; a merchant sees only his own."""
    for n in range(3):
        kept(call.merchant, f"po_10000{n}", DAY - timedelta(days=n))
    kept(call.merchant, "po_large", DAY - timedelta(days=9), parts=201)
    first = call.get("/v1/reports/payouts?limit=2")
    rest = call.get(f"/v1/reports/payouts?limit=2&cursor={first['next']}")
    assert [x["reference"] for x in (*first["items"], *rest["items"])] == [
        "po_100000", "po_100001", "po_100002", "po_large",
    ]  # fmt: skip
    page = call.get("/v1/payouts/stripe:po_large")["parts"]
    assert (len(page["items"]), page["next"]) == (200, "1")
    assert len(call.get("/v1/payouts/stripe:po_large?cursor=1")["parts"]["items"]) == 1
    assert call.get("/v1/reports/payouts?since=2026-11-23")["next"] is None
    other = call.other()
    assert other.get("/v1/reports/payouts")["items"] == []
    assert other("GET", "/v1/payouts/stripe:po_large").problem() == (404, "not_found")
    assert call("GET", "/v1/reports/payouts?since=soon").problem() == (400, "bad_field")


def test_a_provider_with_a_key_is_asked_every_night_and_on_wish(call: Caller) -> None:
    """And the report says what is in none of its payouts."""
    made = call("POST", "/v1/connections", STRIPE).json
    [known] = [one for one in Merchants().registered() if one.id == call.merchant]
    assert known.standing == {("payouts", made["id"])}
    asked = call("POST", f"/v1/connections/{made['id']}/payouts")
    assert (asked.status, asked.json["kind"]) == (202, "payouts")
    missing: dict[str, Any] = {"payment": "pi_9", "order_id": "o9", "minor": 1000}
    missing |= {"currency": "EUR", "booked_at": "2026-11-03T00:00:00.000Z"}
    job = Jobs().load(call.merchant, asked.json["id"]) or new_job("", "", NOW)
    result = {"source": "stripe", "missing": {"count": 1, "sums": {"EUR": 1000}}}
    result["missing"] |= {"items": [missing]}  # type: ignore[operator]
    Jobs().save(replace(job, result=result, state="done"))
    [told] = call.get("/v1/reports/payouts")["providers"]
    assert (told["source"], told["missing"]["count"]) == ("stripe", 1)
    assert told["missing"]["items"][0]["amount"] == {"amount": "10.00", "currency": "EUR"}


def test_a_key_that_may_not_ask_is_not_asked(call: Caller) -> None:
    """Mollie tells its settlements to an organisation only."""
    mollie = {
        "kind": "mollie",
        "secrets": {"webhook_secret": "0123456789", "api_key": "live_12345678"},
    }
    made = call("POST", "/v1/connections", mollie)
    assert made.status == 201, made.body
    answer = call("POST", f"/v1/connections/{made.json['id']}/payouts")
    assert answer.problem() == (422, "not_offered")


def test_payouts_are_listed_by_provider_and_state(call: Caller) -> None:
    """Page after page, though most do not fit; a state or provider nobody knows is refused."""
    for number in range(5):
        kept(call.merchant, f"po_10000{number}", DAY - timedelta(days=number))
    came(call.merchant, "9.61")
    waiting = call.get("/v1/reports/payouts?state=waiting&limit=3&source=stripe")
    rest = call.get(f"/v1/reports/payouts?state=waiting&limit=3&cursor={waiting['next']}")
    names = [one["reference"] for one in (*waiting["items"], *rest["items"])]
    assert names == ["po_100001", "po_100002", "po_100003", "po_100004"]
    assert rest["next"] is None
    assert call.get("/v1/reports/payouts?source=klarna")["items"] == []
    assert len(call.get("/v1/reports/payouts?state=differs")["items"]) == 5
    for query in ("state=lost", "source=elsewhere"):
        refused = call("GET", f"/v1/reports/payouts?{query}")
        assert (refused.status, refused.json["field"]) == (400, query.split("=")[0])

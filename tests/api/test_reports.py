"""The morning's report over HTTP: which orders are paid, why, and what is open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.api import reports
from chalicelib.domain import events
from chalicelib.runtime import clock
from chalicelib.store.orders import Orders
from tests.api.conftest import Caller
from tests.events import NOW, eur

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be a little later than what happens here."""
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))


def came(amount: str, source: str = "stripe", reference: str = "pi_1") -> events.PaymentReceived:
    """Return money that came in."""
    return events.PaymentReceived(
        at=NOW, source=source, reference=reference, amount=eur(amount), booked_at=NOW
    )


def reported(call: Caller, query: str = "") -> dict[str, Any]:
    """Return the report."""
    found: dict[str, Any] = call.get(f"/v1/reports/payments{query}")
    return found


def test_a_morning_says_what_is_paid_and_what_is_not(call: Caller) -> None:
    """Each order on the lists it belongs to, with what it comes to, and by which provider."""
    call.place(came("10.00"), name="paid")
    call.place(came("4.00", reference="pi_2"), name="part")
    call.place(events.PaymentOverdue(at=NOW), name="late")
    told = reported(call)
    assert [one["order_id"] for one in told["paid_since"]["items"]] in (
        ["paid", "part"], ["part", "paid"],
    )  # fmt: skip
    assert told["paid_since"]["count"] == 2
    assert told["paid_since"]["sums"] == [{"amount": "14.00", "currency": "EUR"}]
    assert {one["id"] for one in told["open"]["items"]} == {"part", "late"}
    assert told["open"]["sums"] == [{"amount": "16.00", "currency": "EUR"}]
    assert [one["id"] for one in told["overdue"]["items"]] == ["late"]
    assert [one["id"] for one in told["partly_paid"]["items"]] == ["part"]
    [stripe] = told["by_source"]
    assert (stripe["source"], stripe["received"]["amount"]) == ("stripe", "14.00")


def test_every_payment_says_why_we_believe_it(call: Caller) -> None:
    """The source and its own name of the movement."""
    call.place(came("10.00"), name="paid")
    [shown] = reported(call)["paid_since"]["items"]
    assert shown["why"]["source"] == "stripe"
    assert shown["why"]["reference"] == "pi_1"
    assert (shown["number"], shown["payment"]) == ("1042", "paid")


def test_what_went_back_counts_against_what_came(call: Caller) -> None:
    """Refunds, fees and disputes by source; an undone booking never happened."""
    dispute = events.ChargebackRecorded(
        at=NOW, source="stripe", reference="du_1", amount=eur("3.00"), booked_at=NOW
    )
    call.place(came("10.00"), dispute, name="one")
    bank = came("10.00", "bank", "b1")
    undone = events.MovementUndone(at=NOW, of_source="bank", of_reference="b1", by="Anna")
    two = call.place(bank, name="two")
    Orders().append(two, [undone])
    told = reported(call)
    by_source = {one["source"]: one for one in told["by_source"]}
    assert by_source["stripe"]["net"]["amount"] == "7.00"
    assert by_source["bank"]["net"]["amount"] == "0.00"
    assert [one["id"] for one in told["disputes"]["items"]] == ["one"]
    assert told["disputes"]["sums"] == [{"amount": "3.00", "currency": "EUR"}]


def test_each_list_goes_on_where_its_page_ended(call: Caller) -> None:
    """Pages of one list, none twice and none left out; promises of money are on none."""
    names = {f"o{n}" for n in range(5)}
    for n, name in enumerate(sorted(names)):
        call.place(came("1.00", reference=f"pi_{n}"), name=name)
    for wanted, key in (("open", "id"), ("paid_since", "order_id")):
        seen, cursor = list[str](), ""
        while True:
            got = reported(call, f"?list={wanted}&limit=2{cursor}")
            seen += [one[key] for one in got["items"]]
            if not got["next"]:
                break
            cursor = f"&cursor={got['next']}"
        assert sorted(seen) == sorted(names)


def test_what_was_paid_before_is_not_shown(call: Caller) -> None:
    """Only what was told since the moment that was asked for."""
    call.place(came("10.00"), name="paid")
    after = (NOW + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    assert reported(call, f"?since={after}")["paid_since"]["items"] == []
    assert reported(call, f"?since={NOW.date()}")["paid_since"]["count"] == 1


@pytest.mark.parametrize(
    "query", ["since=tomorrow", "since=2020-01-01", "since=2026-11-23T08:00:00", "list=all",
              "limit=0", "list=open&cursor=x", "list=paid_since&cursor=e30="],
)  # fmt: skip
def test_a_wrong_question_is_told_which_field(call: Caller, query: str) -> None:
    """The field and the reason."""
    assert call("GET", f"/v1/reports/payments?{query}").problem() == (400, "bad_field")


def test_nobody_sees_what_another_merchant_was_paid(call: Caller) -> None:
    """Neither the payments nor the sums."""
    call.place(came("10.00"), name="paid")
    told = reported(call.other())
    assert told["paid_since"]["items"] == []
    assert told["by_source"] == []


def test_the_description_knows_every_list(call: Caller) -> None:
    """What is described is what there is."""
    told = call.get("/openapi.json")["paths"]["/v1/reports/payments"]["get"]["parameters"]
    [named] = [one["schema"]["enum"] for one in told if one["name"] == "list"]
    assert set(named) == set(reports.LISTS)


def test_the_reconciliation_is_asked_for_and_reported(call: Caller) -> None:
    """Never before it has run; then a job that tells how far it is."""
    assert call.get("/v1/reports/reconciliation")["state"] == "never"
    asked = call("POST", "/v1/reports/reconciliation")
    assert (asked.status, asked.json["kind"]) == (202, "reconcile")
    told = call.get("/v1/reports/reconciliation")
    assert (told["state"], told["differences"]["items"]) == ("waiting", [])

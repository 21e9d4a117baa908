"""Payouts: what reached the bank, split into payments, refunds and fees to the cent."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.domain.errors import Retryable
from chalicelib.domain.money import Money
from chalicelib.domain.payouts import PayoutPart, broken_down
from chalicelib.providers import mollie, stripe
from chalicelib.runtime.http import Reply

SINCE = datetime(2026, 11, 20, tzinfo=UTC)
ARRIVED = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp())


class Answers:
    """A provider that answers by path, page after page."""

    def __init__(self, **pages: list[Any]) -> None:
        self.pages = {path.replace("__", "/"): list(found) for path, found in pages.items()}
        self.asked: list[tuple[str, dict[str, str]]] = []

    def call(self, method: str, path: str, *, query: Any = None, **_: Any) -> Reply:
        """Answer with the next page of a path."""
        assert method == "GET"
        self.asked.append((path, dict(query or {})))
        body = self.pages[path.removeprefix("/")].pop(0)
        return Reply(status=200, headers={}, body=json.dumps(body).encode())


def entry(kind: str, amount: int, fee: int, source: Any, **more: Any) -> dict[str, Any]:
    """Return an entry of Stripe's balance."""
    named = {
        "id": f"txn_{kind}",
        "created": ARRIVED,
        "currency": "eur",
        "reporting_category": kind,
        "source": source,
    }
    return {**named, "amount": amount, "fee": fee, "type": kind, **more}


def shown(parts: list[PayoutPart]) -> list[tuple[str, str, str, str]]:
    """Return the parts in short."""
    return [(x.kind, x.payment, str(x.gross.amount), str(x.fee.amount)) for x in parts]


def test_a_payout_of_stripe_is_the_payments_refunds_and_fees_in_it() -> None:
    """Under the names that our ledger knows, over as many pages as there are."""
    first = [
        entry("charge", 6899, 129, {"id": "ch_1", "payment_intent": "pi_1"}),
        entry("refund", -1290, 0, {"id": "re_1", "charge": "ch_1", "payment_intent": "pi_1"}),
    ]
    second = [
        entry("dispute", -2000, 1500, {"id": "du_1", "charge": "ch_2", "payment_intent": None}),
        entry("fee", -99, 0, None, id="txn_f"),
        entry("payout", -1882, 0, {"id": "po_1"}),
    ]
    paid = {"id": "po_1", "amount": 1881, "currency": "eur", "arrival_date": ARRIVED}
    api = Answers(
        v1__payouts=[{"data": [paid], "has_more": False}],
        v1__payouts__po_1=[paid | {"automatic": True}],
        v1__balance_transactions=[
            {"data": first, "has_more": True},
            {"data": second, "has_more": False},
        ],
    )
    [found] = stripe.payouts(api, SINCE)
    parts = list(stripe.parts_of(api, found))
    assert shown(parts) == [
        ("received", "pi_1", "68.99", "1.29"),
        ("refunded", "pi_1", "-12.90", "0.00"),
        ("charged_back", "ch_2", "-20.00", "15.00"),
        ("fee", "", "0.00", "0.99"),
    ]
    assert (found.reference, found.arrived_on) == ("po_1", date(2026, 11, 23))
    assert broken_down(found, parts).unexplained == Money.zero("EUR")
    assert api.asked[0][1]["arrival_date[gte]"] == str(int(SINCE.timestamp()))
    assert [x.reference for x in parts][:2] == ["txn_charge", "txn_refund"]
    assert api.asked[3][1]["starting_after"] == "txn_refund"


def test_a_payout_that_was_sent_by_hand_stays_unexplained() -> None:
    """Stripe does not say what it is made of, and nothing is made up."""
    paid = {"id": "po_2", "amount": 500, "currency": "jpy", "arrival_date": ARRIVED}
    api = Answers(
        v1__payouts=[{"data": [paid], "has_more": False}],
        v1__payouts__po_2=[paid | {"automatic": False}],
    )
    [found] = stripe.payouts(api, SINCE)
    assert list(stripe.parts_of(api, found)) == []
    assert broken_down(found, []).unexplained == Money.of("500", "JPY")


def settlement(name: str, day: str, **more: Any) -> dict[str, Any]:
    """Return a settlement of Mollie."""
    costs = [{"description": "iDEAL", "amountGross": {"value": "0.39", "currency": "EUR"}}]
    return {
        "id": name,
        "status": "paidout",
        "settledAt": f"{day}T06:00:00+00:00",
        "reference": "1234567.2611.07",
        "amount": {"value": "55.70", "currency": "EUR"},
        "periods": {"2026": {"11": {"costs": costs, "revenue": []}}},
        **more,
    }


def page(what: str, *things: Any) -> list[Any]:
    """Return the only page of a list of Mollie."""
    return [{"_embedded": {what: list(things)}, "_links": {"next": None}}]


def test_a_settlement_of_mollie_is_its_payments_refunds_and_costs() -> None:
    """Older ones are not asked for, nor those that are still open."""
    at = "2026-11-20T10:00:00+00:00"
    paid = {
        "id": "tr_1",
        "createdAt": at,
        "settlementAmount": {"value": "68.99", "currency": "EUR"},
    }
    back = {
        "id": "re_1",
        "createdAt": at,
        "paymentId": "tr_1",
        "settlementAmount": {"value": "-12.90", "currency": "EUR"},
    }
    listed = page(
        "settlements",
        settlement("stl_open", "2026-11-24", status="open", settledAt=None),
        settlement("stl_1", "2026-11-23"),
        settlement("stl_old", "2026-11-01"),
    )
    api = Answers(
        v2__settlements=listed,
        v2__settlements__stl_1=[settlement("stl_1", "2026-11-23")],
        v2__settlements__stl_1__payments=page("payments", paid),
        v2__settlements__stl_1__refunds=page("refunds", back),
        v2__settlements__stl_1__chargebacks=page("chargebacks"),
    )
    [found] = mollie.payouts(api, SINCE)
    parts = list(mollie.parts_of(api, found))
    assert shown(parts) == [
        ("received", "tr_1", "68.99", "0.00"),
        ("refunded", "tr_1", "-12.90", "0.00"),
        ("fee", "", "0.00", "0.39"),
    ]
    assert broken_down(found, parts).unexplained == Money.zero("EUR")


def test_an_answer_that_is_none_is_asked_for_again() -> None:
    """A page of a proxy, say; nothing is booked of it."""
    with pytest.raises(Retryable):
        list(stripe.payouts(Answers(v1__payouts=[{"error": "x"}]), SINCE))
    broken = settlement("stl_1", "2026-11-23", amount={"value": "much"})
    with pytest.raises(Retryable):
        list(mollie.payouts(Answers(v2__settlements=page("settlements", broken)), SINCE))

"""A booking batch with payments, on the real engine: what moved on these days, and how it ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain import events
from chalicelib.domain.payouts import Payout, PayoutPart, broken_down
from chalicelib.runtime import clock
from chalicelib.store.orders import Orders
from chalicelib.store.payouts import KeptPayout, Line, Payouts
from tests.api.conftest import Caller
from tests.api.test_documents import NOVEMBER, draw, issue, written
from tests.events import NOW, eur, paid

pytestmark = pytest.mark.engine


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it be a little later than what happens here."""
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(hours=1))


def append(call: Caller, order_id: str, *facts: events.Fact) -> None:
    """Tell more of an order."""
    order = Orders().load(call.merchant, order_id)
    assert order
    Orders().append(order, facts)


def pay_out(call: Caller, order_id: str) -> None:
    """Let the provider send the order's money to the bank, less its fee."""
    part = PayoutPart(
        payment="ref-10.00", kind="received", gross=eur("10.00"), fee=eur("0.39"), reference="txn"
    )
    one = Payout(
        source="stripe", reference="po_1", amount=eur("9.61"), arrived_on=date(2026, 11, 25)
    )
    Payouts().save_lines(call.merchant, one, 0, [Line(part=part, order_id=order_id)])
    kept = KeptPayout(payout=one, sums=broken_down(one, [part]), pages=1)
    Payouts().add(call.merchant, kept)
    late = Payout(
        source="stripe", reference="po_2", amount=eur("1.00"), arrived_on=date(2026, 12, 2)
    )
    Payouts().add(call.merchant, KeptPayout(payout=late, sums=broken_down(late, []), pages=0))


def rows(data: bytes) -> list[tuple[str, ...]]:
    """Return side, account, other account, amount and document of each booking."""
    found = [line.split(";") for line in data.decode("cp1252").split("\r\n")[2:-1]]
    return [tuple(cell.strip('"') for cell in (x[1], x[6], x[7], x[0], x[10])) for x in found]


def test_a_batch_with_payments_ends_with_an_empty_account_of_the_provider(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Debtor and provider are at zero; the money is on its way to the bank."""
    [name] = issue(call, monkeypatch, 1)
    fee = events.FeeCharged(
        at=NOW, source="stripe", reference="txn", amount=eur("0.39"), booked_at=NOW
    )
    older = events.FeeCharged(
        at=NOW, source="stripe", reference="old", amount=eur("5.00"),
        booked_at=NOW - timedelta(days=40),
    )  # fmt: skip
    append(call, name, fee, older)
    pay_out(call, name)
    job, data = written(call, "datev", NOVEMBER | {"payments": True})
    number = "RE-2026-00001"
    assert rows(data)[1:] == [
        ("S", "1361", "10000", "10,00", number),
        ("S", "4970", "1361", "0,39", number),
        ("S", "1360", "1361", "9,61", "po_1"),
    ]
    assert job["problems"] == []
    assert (job["result"]["payments"], job["result"]["bookings"]) == (3, 4)
    assert job["result"]["clearing"] == "1360: 9,61, 1361: 0,00"
    without, data = written(call, "datev")
    assert (len(rows(data)), "clearing" in without["result"]) == (1, False)


def test_what_a_person_undoes_is_booked_back_and_the_shops_word_is_remarked(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody has the money of which only the shop knows."""
    [name] = issue(call, monkeypatch, 1)
    append(
        call, name,
        events.MovementUndone(at=NOW, of_source="stripe", of_reference="ref-10.00", by="anna"),
    )  # fmt: skip
    call.place(paid(source="shop"), name="told")
    job, data = written(call, "datev", NOVEMBER | {"payments": True})
    assert [x[:3] for x in rows(data)[1:]] == [("S", "1361", "10000"), ("S", "10000", "1361")]
    [problem] = job["problems"]
    assert "only the shop says" in problem["text"]


def test_a_replaced_invoice_is_not_named_any_more(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came in pays the new one, whose rates of tax a cash discount takes back."""
    [name] = issue(call, monkeypatch, 1)
    discount = events.WriteOffRecorded(
        at=NOW, booked_at=NOW, source="kontor", reference="w", amount=eur("0.20"), kind="discount"
    )
    withdrawn = events.InvoiceWithdrawn(at=NOW, number="RE-2026-00001", by="anna")
    append(call, name, withdrawn, discount)
    for _ in range(2):
        draw(call, [name])
    _, data = written(call, "datev", NOVEMBER | {"payments": True})
    assert rows(data)[3:] == [
        ("S", "1361", "10000", "10,00", "RE-2026-00002"),
        ("S", "8736", "10000", "0,20", "RE-2026-00002"),
    ]


def test_what_is_said_of_payments_must_be_yes_or_no(call: Caller) -> None:
    """The problem names the field."""
    body: dict[str, Any] = {**NOVEMBER, "payments": "perhaps"}
    answer = call("POST", "/v1/exports/datev", body)
    assert answer.problem() == (400, "bad_field")
    assert "payments" in answer.json["detail"]

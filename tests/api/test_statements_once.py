"""Whatever files come, in whatever order and however often: each entry books once."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from chalice.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.api import statements
from chalicelib.domain.errors import Retryable
from chalicelib.domain.events import NoteAdded
from chalicelib.flow.jobs import advance
from chalicelib.payment import matching_job
from chalicelib.runtime.jobs import Runner
from chalicelib.store.bank import Bank
from chalicelib.store.jobs import Jobs
from chalicelib.store.orders import Orders
from tests.api.conftest import Caller, register
from tests.api.test_statements import (
    camt,
    counts,
    entry,
    listed,
    order_payments,
    payment,
    place,
    quiet,
    send,
)
from tests.events import NOW

__all__ = ["quiet"]  # a fixture of the other tests of statements
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("aws")]
DAY = [("10.00", "Bestellung 10421"), ("4.00", "Nr 10555"), ("6.00", "Nr 10555 Rest"),
       ("7.77", "wer weiß"), ("7.77", "wer weiß")]  # fmt: skip


def sum_of(call: Caller, state: str) -> Decimal:
    """Add up what the payments in a state brought in."""
    return sum((Decimal(one["amount"]["amount"]) for one in listed(call, state)), Decimal(0))


@settings(max_examples=8)
@given(files=st.lists(st.integers(1, len(DAY)), min_size=1, max_size=4))
def test_each_entry_books_once_and_the_sums_are_right(client: Client, files: list[int]) -> None:
    """Files hold the day so far; together they make as much as the longest alone."""
    call = register(client, f"m{uuid.uuid4().hex[:10]}")
    place(call, "10421")
    place(call, "10555")
    booked = 0
    for size in files:
        told = counts(send(call, camt(*[entry(*one, name="Otto") for one in DAY[:size]])))
        booked += told.get("booked", 0)
        assert told["entries"] == told.get("booked", 0) + told.get("duplicates", 0)
    longest = DAY[: max(files)]
    assert booked == len(longest)
    states = ("booked", "suggested", "unmatched")
    assert sum(len(listed(call, state)) for state in states) == len(longest)
    whole = sum((Decimal(amount) for amount, _ in longest), Decimal(0))
    assert sum((sum_of(call, state) for state in states), Decimal(0)) == whole
    paid = [
        Decimal(one["amount"]["amount"])
        for number in ("10421", "10555")
        for one in call.get(f"/v1/orders/o{number}")["payments"]
    ]
    assert sum(paid, Decimal(0)) == sum_of(call, "booked")


def test_a_crash_between_two_writes_loses_and_doubles_nothing(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker goes on where the call broke off; every entry is counted once."""
    for number in range(10421, 10427):
        place(call, str(number))
    file = camt(*[entry("10.00", f"Bestellung {n}") for n in range(10421, 10427)])
    monkeypatch.setattr(matching_job, "AT_ONCE", 4)
    add, left = Bank.add, [2]

    def broken(*args: Any) -> None:
        add(*args)
        left[0] -= 1
        if left[0] <= 0:
            raise Retryable("database", "cut off")

    monkeypatch.setattr(Bank, "add", broken)
    assert send(call, file).status == 503
    monkeypatch.setattr(Bank, "add", add)
    [job] = Jobs().list(call.merchant)
    runner = Runner(jobs=Jobs(), advance=advance, wake=lambda *_, **__: None)
    runner.run({"merchant_id": call.merchant, "job_id": job.id})
    done = call.get(f"/v1/jobs/{job.id}")
    assert (done["state"], done["result"]["booked"], done["result"]["matched"]) == ("done", 6, 6)
    for number in range(10421, 10427):
        assert len(order_payments(call, f"o{number}")) == 1


def test_an_order_that_was_paid_meanwhile_is_not_paid_again_by_itself(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lists may lag behind; the order itself is asked before it is booked."""
    place(call, "10421")
    [order] = [Orders().load(call.merchant, "o10421")]
    assert order
    call("POST", "/v1/orders/o10421/payments", {"amount": {"amount": "10.00", "currency": "EUR"}})
    told = send(call, camt(entry("10.00", "Bestellung 10421")))
    assert counts(told) == {"entries": 1, "booked": 1, "suggested": 1}
    assert payment(call, "o10421") == "paid"


def test_an_order_that_others_append_to_is_booked_all_the_same(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody writes a note between our reading and our writing."""
    place(call, "10421")
    load, notes = Orders.load, [2]

    def noted(orders: Orders, merchant_id: str, order_id: str) -> Any:
        found = load(orders, merchant_id, order_id)
        if notes[0] and found:
            notes[0] -= 1
            Orders().append(found, [NoteAdded(at=NOW, text=str(notes[0]), by="staff")])
        return found

    monkeypatch.setattr(Orders, "load", noted)
    assert counts(send(call, camt(entry("10.00", "Bestellung 10421"))))["matched"] == 1
    monkeypatch.setattr(Orders, "load", load)
    assert payment(call, "o10421") == "paid"


def test_an_account_that_paid_before_speaks_for_its_customer(call: Caller) -> None:
    """The second payment comes without a number, from the spouse's account."""
    place(call, "10421")
    send(call, camt(entry("10.00", "Bestellung 10421", "Karl Anders")))
    place(call, "10900", "33.33")
    told = send(call, camt(entry("33.33", "vielen Dank", "Karl Anders")))
    assert told.json["matched"] + told.json["suggested"] == 1


def test_a_large_file_goes_on_as_a_job(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """The call says at once where its progress is told; in the end the counts are the same."""
    monkeypatch.setattr(statements, "SMALL", 2)
    place(call, "10421")
    answer = send(call, camt(*[entry(*one) for one in DAY]))
    assert (answer.status, answer.json["state"], answer.json["total"]) == (201, "waiting", 5)
    assert answer.json["url"].endswith(f"/v1/jobs/{answer.json['id']}")
    runner = Runner(jobs=Jobs(), advance=advance, wake=lambda *_, **__: None)
    runner.run({"merchant_id": call.merchant, "job_id": answer.json["id"]})
    done = call.get(f"/v1/jobs/{answer.json['id']}")
    assert (done["state"], done["done"], done["result"]["booked"]) == ("done", 5, 5)
    assert payment(call, "o10421") == "paid"

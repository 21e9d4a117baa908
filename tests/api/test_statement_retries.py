"""What waits is tried again: its order may come, or change, after its money."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.flow.jobs import advance
from chalicelib.payment.awaited import is_awaited
from chalicelib.runtime import clock
from chalicelib.runtime.jobs import Runner
from chalicelib.store.jobs import Jobs
from chalicelib.store.merchants import Merchants
from chalicelib.store.tables import stamp
from tests.api.conftest import Caller
from tests.api.test_statements import camt, entry, listed, payment, place, quiet, send
from tests.events import NOW

__all__ = ["quiet"]  # a fixture of the other tests of statements
pytestmark = [pytest.mark.engine, pytest.mark.usefixtures("aws")]


def again(call: Caller) -> dict[str, int]:
    """Ask for another try and let the worker do it; returns what came of it."""
    answer = call("POST", "/v1/payments/rematch")
    assert answer.status == 202
    runner = Runner(jobs=Jobs(), advance=advance, wake=lambda *_, **__: None)
    asked = {"kind": "rematch_bank", "subject": "bank", "asked_at": stamp(clock.now())}
    runner.run({"merchant_id": call.merchant, "job_id": answer.json["id"], **asked})
    done = call.get(f"/v1/jobs/{answer.json['id']}")
    assert done["state"] == "done"
    result: dict[str, int] = done["result"]
    return result


@pytest.fixture(autouse=True)
def unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no queue start the job: the tests run it."""
    monkeypatch.setattr("chalicelib.store.jobs.wake_standing", lambda *_: None)


@pytest.mark.parametrize(
    ("number", "text", "hit"),
    [
        ("10421", "Bestellung 10421 danke", True),
        ("10421", "Best. 104 21", True),
        ("10421", "Bestellung 910421", False),
        ("10421", "Miete November", False),
    ],
)
def test_an_order_that_comes_in_is_looked_for_among_what_waits(
    call: Caller, number: str, text: str, *, hit: bool
) -> None:
    """By its number, and only while it is new."""
    send(call, camt(entry("77.00", text, "Wer")))
    assert not is_awaited(call.merchant, NOW)
    place(call, number, "50.00")
    assert is_awaited(call.merchant, NOW - timedelta(minutes=5)) is hit
    assert not is_awaited(call.merchant, NOW + timedelta(minutes=5))


def test_money_that_came_before_its_order_is_booked_when_it_is_tried_again(call: Caller) -> None:
    """Once, however often it is tried, with the reasons; the rest goes on waiting."""
    send(call, camt(entry("10.00", "Bestellung 10421"), entry("7.00", "wer weiß", "Otto Fremd")))
    assert len(listed(call, "unmatched")) == 2
    assert again(call) == {"tried": 2, "matched": 0}
    place(call, "10421")
    assert again(call) == {"tried": 2, "matched": 1}
    assert payment(call, "o10421") == "paid"
    assert again(call) == {"tried": 1, "matched": 0}
    [booked] = listed(call, "booked")
    assert "number 10421" in booked["reasons"]
    assert len(call.get("/v1/orders/o10421")["payments"]) == 1
    assert [one["payer"] for one in listed(call, "unmatched")] == ["Otto Fremd"]


def test_a_suggestion_appears_when_its_order_does(call: Caller) -> None:
    """Too little for the order is a question; before there was not even that."""
    send(call, camt(entry("9.00", "10421", "Otto Fremd")))
    place(call, "10421")
    assert again(call) == {"tried": 1, "matched": 0}
    [maybe] = listed(call, "suggested")
    assert maybe["suggestions"][0]["order_id"] == "o10421"


def test_what_a_person_has_taken_back_is_not_booked_by_itself_again(call: Caller) -> None:
    """However well it fits: somebody has looked and said no."""
    place(call, "10421")
    send(call, camt(entry("10.00", "Bestellung 10421")))
    [booked] = listed(call, "booked")
    call("POST", f"/v1/payments/{booked['id']}/undo", {"reason": "wrong"})
    assert again(call) == {"tried": 0, "matched": 0}
    assert payment(call, "o10421") == "unpaid"


def test_every_night_is_another_try(call: Caller) -> None:
    """The sweeper knows of it from the first statement on."""
    send(call, camt(entry("9.00", "10421")))
    [mine] = [one for one in Merchants().registered() if one.id == call.merchant]
    assert ("rematch_bank", "bank") in mine.standing

"""Returns over HTTP: agreed to, taken in, settled; never more pieces than were sent."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.conftest import Answer, Caller
from tests.events import bought, line, paid, reserved
from tests.histories import shipped

pytestmark = pytest.mark.engine


def ship(call: Caller) -> None:
    """Write an order of which two A have left, and one B has not."""
    call.place(
        paid("30.00"), reserved("A", 2), *shipped(1, {"l-A": 2}),
        what=bought(line("A", quantity=2), line("B")),
    )  # fmt: skip


def lines(**counts: int) -> list[dict[str, Any]]:
    """Name pieces of lines."""
    return [{"line_id": f"l-{name}", "quantity": count} for name, count in counts.items()]


def authorize(call: Caller, pieces: Any, **more: Any) -> Answer:
    """Agree to a return."""
    return call("POST", "/v1/returns", {"order_id": "o1", "lines": pieces} | more)


def receive(call: Caller, return_id: str, pieces: Any) -> Answer:
    """Take a return in."""
    return call("POST", f"/v1/returns/{return_id}/receive", {"order_id": "o1", "lines": pieces})


def test_a_return_is_agreed_to_and_taken_in(call: Caller) -> None:
    """Its state and the order's follow; each line says whether it may be sold again."""
    ship(call)
    made = authorize(call, lines(A=2), reason="too small")
    assert (made.status, made.json["id"]) == (201, "R1")
    assert made.json["order"]["states"]["return"] == "authorized"
    told = receive(call, "R1", [{"line_id": "l-A", "quantity": 1, "restock": False}])
    assert told.json["states"]["return"] == "received"
    facts = call.get("/v1/orders/o1/timeline")["items"]
    [line] = facts[-1]["details"]["lines"]
    assert line == {"line_id": "l-A", "quantity": 1, "restock": False, "location": "main"}


@pytest.mark.parametrize(
    ("off", "reason", "told"),
    [
        ("20.01", "worn", (422, "bad_deduction")),
        ("0", "worn", (422, "bad_deduction")),
        ("-1", "worn", (422, "bad_deduction")),
        ("1.005", "worn", (400, "bad_field")),
        ("5.00", " ", (400, "no_deduction_reason")),
        ("5.00", "worn", None),
    ],
)
def test_a_deduction_has_a_reason_and_is_no_more_than_the_price(
    call: Caller, off: str, reason: str, told: tuple[int, str] | None
) -> None:
    """What is refused leaves the return where it is."""
    ship(call)
    authorize(call, lines(A=2))
    body = {
        "order_id": "o1",
        "lines": lines(A=2),
        "deduction": {"amount": off, "currency": "EUR"},
        "deduction_reason": reason,
    }
    answer = call("POST", "/v1/returns/R1/receive", body)
    if told:
        assert answer.problem() == told
        assert answer.json["field"].startswith("deduction")
    state = call.get("/v1/orders/o1")["states"]["return"]
    assert state == ("authorized" if told else "received")


@pytest.mark.parametrize(
    ("pieces", "field"),
    [
        ([], "lines"),
        ("A", "lines"),
        ([{"line_id": "l-A"}], "lines[0]"),
        (lines(A=3), "lines[0].quantity"),
        (lines(A=0), "lines[0].quantity"),
        (lines(A=-1), "lines[0].quantity"),
        (lines(B=1), "lines[0].quantity"),
        (lines(X=1), "lines[0].quantity"),
        ([*lines(A=1), *lines(A=2)], "lines[1].quantity"),
        ([{"line_id": "l-A", "quantity": 1.5}], "lines[0].quantity"),
        ([{"line_id": "l-A", "quantity": None}], "lines[0].quantity"),
    ],
)
def test_only_what_was_sent_can_come_back(call: Caller, pieces: Any, field: str) -> None:
    """More than was sent, less than one, what is still here, and lines named twice."""
    ship(call)
    answer = authorize(call, pieces)
    assert answer.problem()[0] in {400, 422}
    assert answer.json["field"] == field


def test_pieces_on_their_way_back_cannot_be_agreed_to_again(call: Caller) -> None:
    """What did not come with a return that is in can."""
    ship(call)
    authorize(call, lines(A=2))
    assert authorize(call, lines(A=1)).problem() == (422, "bad_quantity")
    receive(call, "R1", lines(A=1))
    assert authorize(call, lines(A=2)).problem() == (422, "bad_quantity")
    assert authorize(call, lines(A=1)).json["id"] == "R2"


def test_a_return_comes_in_once_and_no_more_than_was_agreed(call: Caller) -> None:
    """A second parcel needs a second agreement."""
    ship(call)
    assert receive(call, "R1", lines(A=1)).problem() == (404, "not_found")
    authorize(call, lines(A=1))
    assert receive(call, "R1", lines(A=2)).problem() == (422, "bad_quantity")
    assert receive(call, "R1", lines(A=1)).status == 200
    assert receive(call, "R1", lines(A=1)).problem() == (409, "already_received")


def test_the_money_that_goes_back_settles_the_return(call: Caller) -> None:
    """Recorded with the return's name."""
    ship(call)
    authorize(call, lines(A=1))
    receive(call, "R1", lines(A=1))
    body = {"amount": {"amount": "10.00", "currency": "EUR"}, "return_id": "R1"}
    told = call("POST", "/v1/orders/o1/refunds", body).json
    assert told["states"]["return"] == "refunded"
    assert told["returns"][0]["state"] == "refunded"


def test_an_order_of_which_nothing_has_left_has_nothing_to_return(call: Caller) -> None:
    """It can be cancelled instead."""
    call.place(paid(), reserved())
    assert authorize(call, lines(**{"TEE-1": 1})).problem() == (422, "bad_quantity")

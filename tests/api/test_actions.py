"""What a person may do to an order: each button appends a fact, or says why it cannot."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.api import actions, by_hand
from chalicelib.domain import events
from chalicelib.domain.events import HoldPlaced, NoteAdded, RefundRecorded, ReturnAuthorized
from chalicelib.domain.money import Money
from chalicelib.store.orders import Orders
from tests.api.conftest import Caller
from tests.events import NOW, bought, line, paid, reserved
from tests.histories import authorized_return, cancelled, document, shipped, short

pytestmark = pytest.mark.engine
GONE = [paid(), reserved(), *shipped(1, {"l-TEE-1": 1})]


def euros(amount: str) -> dict[str, str]:
    """Return money as callers write it."""
    return {"amount": amount, "currency": "EUR"}


def codes(told: Any) -> list[str]:
    """Return what stands in the way."""
    return [blocker["code"] for blocker in told["blockers"]]


def test_an_order_can_be_cancelled_until_a_parcel_has_left(call: Caller) -> None:
    """With who and why on record; pressing twice changes nothing."""
    call.place(reserved())
    told = call("POST", "/v1/orders/o1/cancel", {"by": "Ute", "reason": "customer called"}).json
    assert told["states"]["order"] == "cancelled"
    again = call("POST", "/v1/orders/o1/cancel", {"by": "Max"})
    assert again.status == 200
    facts = call.get("/v1/orders/o1/timeline")["items"]
    assert [x["details"]["by"] for x in facts if x["fact"] == "OrderCancelled"] == ["Ute"]
    call.place(*GONE, name="o2")
    assert call("POST", "/v1/orders/o2/cancel", {}).problem() == (422, "already_shipped")


def test_a_hold_stops_the_parcel_until_it_is_released(call: Caller) -> None:
    """It needs a reason; releasing what is not held is refused."""
    call.place(paid(), reserved())
    assert call("POST", "/v1/orders/o1/hold", {"text": "  "}).json["field"] == "text"
    assert codes(call("POST", "/v1/orders/o1/hold", {"text": "Ask Anna"}).json) == ["manual"]
    assert codes(call("POST", "/v1/orders/o1/release", {"by": "Ute"}).json) == []
    assert call("POST", "/v1/orders/o1/release", {}).problem() == (422, "no_such_hold")


@pytest.mark.parametrize("code", ["unpaid", "short_stock", "nonsense", ""])
def test_what_goes_away_by_being_solved_cannot_be_released(call: Caller, code: str) -> None:
    """Nobody presses a button and wonders why nothing happens."""
    call.place(short())
    assert call("POST", "/v1/orders/o1/release", {"code": code}).problem()[0] == 422


def test_releasing_a_difference_accepts_the_order(call: Caller) -> None:
    """A person has compared it with the shop."""
    call.place(paid(), what=bought(line(), total="9.00"), accepted=False)
    told = call("POST", "/v1/orders/o1/release", {"code": "total_mismatch"}).json
    assert told["states"]["order"] == "accepted"
    assert "total_mismatch" not in codes(told)


def test_a_release_lets_every_effect_of_its_code_go_on(call: Caller) -> None:
    """Two mails refused for one reason are one button."""
    for number, effect in enumerate(("mail:a:", "mail:b:")):
        hold = HoldPlaced(at=NOW, code="refused", text="No.", effect=effect)
        if number == 0:
            call.place(hold)
        else:
            found = Orders().load(call.merchant, "o1")
            assert found
            Orders().append(found, [hold])
    assert call.get("/v1/orders/o1")["holds"] == ["refused", "refused"]
    assert call("POST", "/v1/orders/o1/release", {"code": "refused"}).json["holds"] == []


def test_a_payment_by_hand_is_booked_once_per_reference(call: Caller) -> None:
    """A repeated request is the same movement; without a reference each is its own."""
    call.place(what=bought(line(price="30.00")))
    body = {"amount": euros("10.00"), "source": "bank", "reference": "FT-1"}
    for _ in range(2):
        assert call("POST", "/v1/orders/o1/payments", body).status == 201
    assert call.get("/v1/orders/o1")["states"]["payment"] == "partially_paid"
    for _ in range(2):
        told = call("POST", "/v1/orders/o1/payments", {"amount": euros("10.00")}).json
    assert len(told["payments"]) == 3
    assert told["states"]["payment"] == "paid"


def test_a_refund_is_never_more_than_is_left_of_what_was_paid(call: Caller) -> None:
    """To the cent, over several refunds; a repeated request is the same refund."""
    call.place(paid("10.00"))
    body = {"amount": euros("6.00"), "reference": "back-1"}
    for _ in range(2):
        assert call("POST", "/v1/orders/o1/refunds", body).status == 201
    answer = call("POST", "/v1/orders/o1/refunds", {"amount": euros("4.01")})
    assert answer.problem() == (422, "too_much")
    told = call("POST", "/v1/orders/o1/refunds", {"amount": euros("4.00")}).json
    assert told["states"]["payment"] == "refunded"
    assert call("POST", "/v1/orders/o1/refunds", {"amount": euros("0.01")}).status == 422


def test_a_refund_for_a_return_names_one_that_exists(call: Caller) -> None:
    """A slip of the pen would leave the return open for ever."""
    call.place(*GONE, authorized_return(lines={"l-TEE-1": 1}))
    body = {"amount": euros("1.00"), "return_id": "R7"}
    assert call("POST", "/v1/orders/o1/refunds", body).problem() == (422, "no_such_return")
    assert call("POST", "/v1/orders/o1/refunds", body | {"return_id": "R1"}).status == 201


MONEY = [
    ({}, "body"),
    ({"amount": "10.00"}, "amount"),
    ({"amount": {"amount": "10.00"}}, "amount"),
    ({"amount": euros("ten")}, "amount"),
    ({"amount": euros("")}, "amount"),
    ({"amount": euros("0")}, "amount"),
    ({"amount": euros("-1.00")}, "amount"),
    ({"amount": euros("0.001")}, "amount"),
    ({"amount": euros("1.005")}, "amount"),
    ({"amount": euros("NaN")}, "amount"),
    ({"amount": euros("Infinity")}, "amount"),
    ({"amount": {"amount": "1.00", "currency": "XXX"}}, "amount"),
    ({"amount": {"amount": "1.00", "currency": "CHF"}}, "amount"),
]


@pytest.mark.parametrize(("body", "field"), MONEY)
@pytest.mark.parametrize("path", ["payments", "refunds"])
def test_an_amount_that_is_none_names_its_field(
    call: Caller, path: str, body: Any, field: str
) -> None:
    """No number, not above zero, parts of a cent, or the wrong currency."""
    call.place(paid())
    answer = call("POST", f"/v1/orders/o1/{path}", body)
    assert answer.problem()[0] in {400, 422}
    assert answer.json["field"] == field


def test_only_sources_of_our_own_are_booked_by_hand(call: Caller) -> None:
    """Nobody writes a payment into a provider's name."""
    call.place()
    body = {"amount": euros("1.00"), "source": "stripe"}
    assert call("POST", "/v1/orders/o1/payments", body).json["field"] == "source"


def test_notes_tags_and_owners_are_kept(call: Caller) -> None:
    """The newest tags and owner count, every note stays."""
    call.place()
    assert call("POST", "/v1/orders/o1/notes", {"text": " "}).json["field"] == "text"
    call("POST", "/v1/orders/o1/notes", {"text": "called", "by": "Ute"})
    call("POST", "/v1/orders/o1/notes", {"text": "called again", "by": "Ute"})
    call("POST", "/v1/orders/o1/tags", {"tags": ["gift", "fragile"]})
    call("POST", "/v1/orders/o1/tags", {"tags": ["gift"]})
    told = call("POST", "/v1/orders/o1/assign", {"to": "Max"}).json
    assert [note["text"] for note in told["notes"]] == ["called", "called again"]
    assert told["tags"] == ["gift"]
    assert told["assigned_to"] == "Max"


def test_what_was_allowed_is_checked_again_when_others_were_faster(
    call: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two refunds at once: the second sees the first, and is too much."""
    seen = call.place(paid("10.00"))
    one = {"return_id": "", "by": "Ute"}
    by_hand.record_refund(seen, Money.of("8", "EUR"), reference="a", **one)
    with pytest.raises(actions.Problem, match="left"):
        by_hand.record_refund(seen, Money.of("8", "EUR"), reference="b", **one)
    after = by_hand.record_refund(seen, Money.of("2", "EUR"), reference="c", **one)
    assert [fact.reference for fact in after.all(RefundRecorded)] == ["a", "c"]


def test_two_returns_at_once_are_two_returns(call: Caller) -> None:
    """Neither is dropped for having the other's number."""
    seen = call.place(
        paid("20.00"), reserved(quantity=2), *shipped(1, {"l-TEE-1": 2}),
        what=bought(line(quantity=2)),
    )  # fmt: skip
    pieces = [actions.ReturnLine(line_id="l-TEE-1", quantity=1)]
    _, first = actions.authorize_return(seen, pieces, reason="", by="Ute")
    after, second = actions.authorize_return(seen, pieces, reason="", by="Max")
    assert (first, second) == ("R1", "R2")
    assert len(after.all(ReturnAuthorized)) == 2
    with pytest.raises(actions.Problem, match="between 1 and 0"):
        actions.authorize_return(seen, pieces, reason="", by="Eve")


def test_a_parcel_that_left_meanwhile_cannot_be_cancelled(call: Caller) -> None:
    """The page was open for a while."""
    seen = call.place(paid(), reserved())
    Orders().append(seen, shipped(1, {"l-TEE-1": 1}))
    with pytest.raises(actions.Problem, match="left already"):
        actions.cancel(seen, "Ute", "")


def test_a_note_is_added_whatever_others_did_meanwhile(call: Caller) -> None:
    """What needs no permission is just recorded."""
    seen = call.place()
    Orders().append(seen, [cancelled()])
    after = actions.add(seen, [NoteAdded(at=NOW, text="x", by="Ute")])
    assert len(after.all(NoteAdded)) == 1


def test_a_change_in_the_shop_is_taken_over_by_hand(call: Caller) -> None:
    """The order is then what the shop says, once; with an invoice it is refused with a reason."""
    report = events.ShopChangeReported(at=NOW, modified_at=NOW, changes=("total",))
    new = bought(line(quantity=2))
    for name, facts in (("o1", ()), ("o2", (document("invoice"),))):
        one = call.place(*facts, name=name)
        Orders().append(one, [report], reported=new)
    told = call.get("/v1/orders/o1")["pending_change"]
    assert (told["changes"], told["obstacle"]) == (["total"], "")
    answer = call("POST", "/v1/orders/o1/take-over", {"by": "Ute"})
    assert answer.json["totals"]["total"] == euros("20.00")
    assert answer.json["pending_change"] is None
    again = call("POST", "/v1/orders/o1/take-over", {"by": "Ute"})
    assert again.problem() == (422, "nothing_to_take_over")
    [fact] = [x for x in call.get("/v1/orders/o1/timeline")["items"] if x["fact"] == "OrderRevised"]
    assert fact["details"]["by"] == "Ute"
    billed = call("POST", "/v1/orders/o2/take-over", {"by": "Ute"})
    assert billed.problem() == (422, "invoice_issued")
    assert call("POST", "/v1/orders/o2/release", {"code": "changed_in_shop"}).status == 200


def test_how_the_buyer_is_invoiced_is_said_until_there_is_an_invoice(call: Caller) -> None:
    """A Leitweg-ID with a slip in it is refused, not printed; the newest word counts."""
    call.place()
    path = "/v1/orders/o1/invoicing"
    wrong = call("POST", path, {"buyer_reference": "04011000-1234512345-07"})
    assert (wrong.status, wrong.json["field"]) == (400, "buyer_reference")
    assert call("POST", path, {"form": "fax"}).json["field"] == "form"
    assert call("POST", path, {"buyer_reference": "K" * 47}).json["field"] == "buyer_reference"
    assert call("POST", path, {"vat_id": "DE12"}).json["field"] == "vat_id"
    assert call("POST", path, {"vat_id": "4711"}).json["field"] == "vat_id"
    assert call("POST", path, {"order_reference": "K" * 61}).json["field"] == "order_reference"
    own = call("POST", path, {"vat_id": "che-123.456.789", "order_reference": " B  7 "}).json
    assert (own["vat_id"], own["order_reference"]) == ("CHE123456789", "B 7")
    call("POST", path, {"buyer_reference": "K-7"})
    body = {"buyer_reference": "04011000-1234512345-06", "form": "xrechnung_ubl"}
    told = call("POST", path, body).json
    assert (told["buyer_reference"], told["invoice_form"]) == tuple(body.values())
    call.place(document("invoice"), name="o2")
    assert call("POST", path.replace("o1", "o2"), body).problem() == (409, "already_invoiced")

"""Paying money back: by the way it came, never more than came, and each request once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from chalicelib.domain import events
from chalicelib.domain.bank import BankTransaction
from chalicelib.domain.events import HoldPlaced, PaymentReceived, RefundListed, RefundRequested
from chalicelib.domain.order import Order
from chalicelib.runtime.settings import connections_of
from chalicelib.store.bank import Bank, Entry, New, State
from chalicelib.store.orders import Orders
from chalicelib.store.transfers import Transfers
from tests.api.conftest import Caller
from tests.events import NOW, eur

pytestmark = pytest.mark.engine
IBAN = "DE02120300000000202051"
DAY = date(2026, 11, 20)
OTHER = "AT611904300234573201"


def came(amount: str, source: str = "stripe", reference: str = "pi_1") -> PaymentReceived:
    """Return money that came in."""
    return PaymentReceived(
        at=NOW, source=source, reference=reference, amount=eur(amount), booked_at=NOW
    )


def join(call: Caller, **secrets: str) -> None:
    """Join Stripe, with a key that may refund."""
    known = {"webhook_secret": "whsec_12345678", "api_key": "sk_test_12345678", **secrets}
    answer = call("POST", "/v1/connections", {"kind": "stripe", "secrets": known})
    assert answer.status == 201, answer.body
    connections_of.forget()


def transferred(call: Caller, iban: str = IBAN, name: str = "Anna Müller") -> None:
    """Have a transfer of the bank that was booked."""
    transaction = BankTransaction(
        account="DE1", booked_on=DAY, value_on=DAY, amount=eur("20"), iban=iban, name=name
    )
    entry = Entry(id="e1", state=State.BOOKED, transaction=transaction)
    Bank().add(call.merchant, [New(entry=entry)])


def refund(call: Caller, amount: str, **more: Any) -> Any:
    """Ask for a refund of the order `o1`."""
    body = {"amount": {"amount": amount, "currency": more.pop("currency", "EUR")}, **more}
    return call("POST", "/v1/orders/o1/refunds", body)


def requests(call: Caller) -> list[RefundRequested]:
    """Return what was ordered."""
    found: Order | None = Orders().load(call.merchant, "o1")
    assert found
    return list(found.all(RefundRequested))


def test_releasing_one_refused_refund_pays_no_other(call: Caller) -> None:
    """Each is money by itself; where several were refused, which one is meant must be said."""
    names = ("refund:KRONE", "refund:KRTWO")
    call.place(
        *(events.HoldPlaced(at=NOW, code="refund_refused", text="No.", effect=x) for x in names)
    )
    path, code = "/v1/orders/o1/release", "refund_refused"
    assert call("POST", path, {"code": code}).problem() == (422, "which_refund")
    assert call("POST", path, {"code": code, "effect": "x"}).problem() == (422, "no_such_hold")
    assert call("POST", path, {"code": code, "effect": names[1]}).status == 200
    order = Orders().load(call.merchant, "o1")
    assert order
    assert [hold.effect for hold in order.holds()] == [names[0]]
    assert call("POST", path, {"code": code}).json["holds"] == []


def test_money_goes_back_by_the_provider_that_brought_it(call: Caller) -> None:
    """What was ordered is shown, and can not be ordered again."""
    join(call)
    call.place(came("20"))
    told = refund(call, "12", reason="broken").json
    (shown,) = told["refunds"]
    assert (shown["way"], shown["state"], shown["source"]) == ("provider", "ordered", "stripe")
    assert told["refundable"]["amount"] == "8.00"
    (wanted,) = requests(call)
    assert (wanted.payment, wanted.amount, wanted.reason) == ("pi_1", eur("12"), "broken")
    more = refund(call, "8.01")
    assert more.problem() == (422, "too_much")
    assert (more.json["field"], more.json["most"]) == ("amount", "8.00")


def test_without_a_key_it_is_recorded_as_before(call: Caller) -> None:
    """A person has paid it by hand; so has who names what was paid."""
    call.place(came("20"))
    told = refund(call, "5").json
    assert told["refunds"] == []
    assert [x["kind"] for x in told["payments"]] == ["payment", "refund"]
    join(call)
    assert refund(call, "5", reference="by hand").json["refunds"] == []
    assert refund(call, "5", way="record").json["refunds"] == []
    assert len(refund(call, "5").json["refunds"]) == 1


def test_asked_twice_it_is_one_refund(call: Caller) -> None:
    """By `once`, whatever happened in between."""
    join(call)
    call.place(came("20"))
    assert refund(call, "20", once="form-1").status == 201
    assert refund(call, "20", once="form-1").status == 201
    assert len(requests(call)) == 1


def test_a_refund_is_split_over_the_payments_the_newest_first(call: Caller) -> None:
    """Each gives back no more than it brought in."""
    join(call)
    call.place(came("20"), came("10", reference="pi_2"))
    assert refund(call, "25").status == 201
    assert [(x.payment, x.amount) for x in requests(call)] == [
        ("pi_2", eur("10")), ("pi_1", eur("15")),
    ]  # fmt: skip


def test_what_came_by_the_bank_goes_back_to_the_account_it_came_from(call: Caller) -> None:
    """With the name the bank told, and not by the provider of another part."""
    join(call)
    transferred(call)
    call.place(came("20", "bank", "e1"), came("10"))
    assert refund(call, "30").status == 201
    ways = {x.way: (x.amount, x.iban, x.holder) for x in requests(call)}
    assert ways["provider"] == (eur("10"), "", "")
    assert ways["transfer"] == (eur("20"), IBAN, "Anna Müller")


def test_too_much_for_one_way_names_how_much_it_can_be(call: Caller) -> None:
    """The field and the most."""
    join(call)
    transferred(call, iban="")
    call.place(came("20", "bank", "e1"), came("10"))
    told = refund(call, "15", way="provider")
    assert told.problem() == (422, "too_much")
    assert "at most 10.00 EUR" in told.json["detail"]
    told = refund(call, "15", way="transfer")
    assert told.problem() == (422, "no_account")
    assert told.json["field"] == "iban"
    told = refund(call, "15", way="transfer", iban=OTHER, holder="Paul")
    assert {x.iban for x in requests(call)} == {OTHER}


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"way": "cash"}, "way"),
        ({"way": "transfer", "iban": "DE02120300000000202052"}, "iban"),
        ({"return_id": "R9"}, "return_id"),
        ({"currency": "USD"}, "amount"),
    ],
)
def test_bad_input_is_refused_by_its_field(call: Caller, more: Any, field: str) -> None:
    """Nothing is ordered."""
    join(call)
    call.place(came("20"))
    told = refund(call, "5", **more)
    assert told.status in {400, 422}
    assert told.json["field"] == field
    assert refund(call, "-1").json["field"] == "amount"
    assert requests(call) == []


def test_only_what_nobody_has_paid_can_be_withdrawn(call: Caller) -> None:
    """While the provider is asked it may still pay; once refused, it is ours again."""
    join(call)
    order = call.place(came("20"))
    name = refund(call, "20").json["refunds"][0]["id"]
    path = f"/v1/orders/o1/refunds/{name}/withdraw"
    assert call("POST", path, {}).problem() == (409, "under_way")
    held = HoldPlaced(at=NOW, code="refund_refused", text="No.", effect=f"refund:{name}")
    found = Orders().load(call.merchant, order.id)
    assert found
    Orders().record(found, [held])
    told = call("POST", path, {"by": "Ute"}).json
    assert (told["refunds"][0]["state"], told["refundable"]["amount"]) == ("withdrawn", "20.00")
    assert told["holds"] == []
    assert call("POST", "/v1/orders/o1/refunds/KRNONE/withdraw", {}).status == 404


def test_who_does_not_know_whether_it_was_paid_must_say_how_he_does(call: Caller) -> None:
    """After a lost answer that could not be cleared up, a reason is wanted."""
    join(call)
    order = call.place(came("20"))
    name = refund(call, "20").json["refunds"][0]["id"]
    held = HoldPlaced(at=NOW, code="refund_unknown", text="?", effect=f"refund:{name}")
    found = Orders().load(call.merchant, order.id)
    assert found
    Orders().record(found, [held])
    path = f"/v1/orders/o1/refunds/{name}/withdraw"
    assert call("POST", path, {}).json["field"] == "reason"
    assert call("POST", path, {"reason": "Looked at the dashboard"}).status == 200


def test_a_transfer_is_withdrawn_until_it_is_in_a_file(call: Caller) -> None:
    """From then on the file is to be undone first."""
    transferred(call)
    order = call.place(came("20", "bank", "e1"))
    names = [refund(call, "5").json["refunds"][n]["id"] for n in (0, 1)]
    found = Orders().load(call.merchant, order.id)
    assert found
    for request in found.all(RefundRequested):
        Transfers().put(found, request, NOW)
    Orders().record(found, [RefundListed(at=NOW, refund_id=name) for name in names])
    Transfers().claim(call.merchant, names[0], "f1")
    paths = [f"/v1/orders/o1/refunds/{name}/withdraw" for name in names]
    assert call("POST", paths[0], {}).problem() == (409, "in_file")
    assert call("POST", paths[1], {}).status == 200
    assert Transfers().waiting(call.merchant, limit=9) == []
    assert isinstance(found.last(events.RefundRequested), RefundRequested)

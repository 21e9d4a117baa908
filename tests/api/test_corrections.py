"""A wrong invoice is put right over the API: billed to another, or the shop's change taken over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.api import corrections
from chalicelib.domain import buyer, events, revision
from chalicelib.domain.order import Bought, Order
from chalicelib.store.orders import Orders
from tests.api.conftest import Caller
from tests.events import ANNA, NOW, bought, eur, line, paid
from tests.fakes import SETTINGS
from tests.histories import cancelled, document, refund, shipped

PATH = "/v1/orders/o1/correct-invoice"
FIRM = {
    "company": "Beispiel GmbH", "name": "Anna Beispiel", "street": "Lindenallee 5", "zip": "50667",
    "city": "Köln", "country": "de",
}  # fmt: skip
BILLED = (paid(), document("invoice", number="RE-1"))


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A merchant who may write invoices."""
    monkeypatch.setattr(corrections, "settings_of", lambda _: SETTINGS)


def billed(call: Caller, *facts: events.Fact, reported: Bought | None = None) -> Order:
    """Put an order with its invoice into the store, perhaps with an open change of the shop."""
    one = call.place(*BILLED, *facts)
    if reported is None:
        return one
    report = events.ShopChangeReported(at=NOW, modified_at=NOW, changes=("total",))
    return Orders().append(one, [report], reported=reported)


def load(call: Caller) -> Order:
    """Read the order back."""
    found = Orders().load(call.merchant, "o1")
    assert found
    return found


def told(call: Caller, **wish: Any) -> Any:
    """Return what a correction would do."""
    return call("POST", PATH, {"dry_run": True, **wish}).json["preview"]


def test_a_company_name_makes_a_new_invoice(call: Caller) -> None:
    """It is said before; then the invoice is withdrawn, and the order billed to the company."""
    before = billed(call)
    assert told(call, billing_address=FIRM, vat_id="DE 123456789") == {
        "changes": ["billing address", "VAT id"],
        "cancels": "RE-1",
        "cancelled_amount": {"amount": "10.00", "currency": "EUR"},
        "new_total": {"amount": "10.00", "currency": "EUR"},
        "to_be_paid": {"amount": "0.00", "currency": "EUR"},
        "to_be_refunded": {"amount": "0.00", "currency": "EUR"},
        "mail": True,
    }
    assert load(call) == before
    wish = {"billing_address": FIRM, "vat_id": "DE 123456789", "reason": "Firma", "by": "Ute"}
    answer = call("POST", PATH, wish)
    assert answer.json["billing_address"]["company"] == "Beispiel GmbH"
    after = load(call)
    assert (buyer.vat_id(after), after.bought.billing.country) == ("DE123456789", "DE")
    withdrawn = after.last(events.InvoiceWithdrawn)
    assert withdrawn
    assert (withdrawn.number, withdrawn.reason, withdrawn.by) == ("RE-1", "Firma", "Ute")


def test_a_vat_id_is_taken_off_and_an_order_number_put_on(call: Caller) -> None:
    """What is left out stays; nothing else changes."""
    wish = events.InvoicingChosen(at=NOW, vat_id="DE123456789", buyer_reference="K-7")
    billed(call, wish)
    assert told(call, vat_id="", order_reference="PO 7")["changes"] == [
        "VAT id", "order number of the buyer",
    ]  # fmt: skip
    assert call("POST", PATH, {"vat_id": "", "order_reference": "PO 7"}).status == 200
    after = load(call)
    assert (buyer.vat_id(after), buyer.own_order(after), buyer.reference(after)) == (
        "", "PO 7", "K-7",
    )  # fmt: skip


def test_the_shops_change_is_taken_over_and_the_difference_told(call: Caller) -> None:
    """Twice as many: as much again is to be paid."""
    new = bought(line(quantity=2))
    billed(call, reported=new)
    plan = told(call, take_over=True)
    assert plan["new_total"]["amount"] == "20.00"
    assert plan["to_be_paid"]["amount"] == "10.00"
    answer = call("POST", PATH, {"take_over": True})
    assert answer.json["totals"]["total"]["amount"] == "20.00"
    assert answer.json["pending_change"] is None
    assert load(call).has(events.InvoiceWithdrawn)


def test_less_is_to_be_paid_back(call: Caller) -> None:
    """What is paid too much is owed to the customer."""
    billed(call, reported=bought(line(price="7.00")))
    assert told(call, take_over=True)["to_be_refunded"]["amount"] == "3.00"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"billing_address": FIRM | {"country": "Germany"}}, "billing_address.country"),
        ({"billing_address": FIRM | {"street": " "}}, "billing_address.street"),
        ({"billing_address": FIRM | {"company": "", "name": ""}}, "billing_address.name"),
        ({"billing_address": FIRM | {"city": "x" * 201}}, "billing_address.city"),
        ({"vat_id": "DE12"}, "vat_id"),
        ({"buyer_reference": "04011000-1234512345-07"}, "buyer_reference"),
    ],
)
def test_what_is_wrong_is_named(call: Caller, wish: dict[str, Any], field: str) -> None:
    """And nothing is written."""
    before = billed(call)
    answer = call("POST", PATH, wish)
    assert (answer.status, answer.json["field"]) == (400, field)
    assert load(call) == before


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ([cancelled()], "order_cancelled"),
        ([refund("4.00")], "already_corrected"),
        ([refund("4.00"), document("credit_note", "back-4.00")], "already_corrected"),
    ],
)
def test_what_stands_in_the_way_is_said(call: Caller, facts: list[events.Fact], code: str) -> None:
    """An invoice that something has corrected already is not replaced."""
    billed(call, *facts)
    assert call("POST", PATH, {"billing_address": FIRM}).problem() == (409, code)


def test_an_invoice_that_is_being_written_is_waited_for(call: Caller) -> None:
    """Its number may be drawn at this moment."""
    call.place(paid())
    assert call("POST", PATH, {"vat_id": "DE123456789"}).problem() == (409, "invoice_underway")


def test_an_invoice_of_a_parcel_that_is_being_written_is_waited_for_too(call: Caller) -> None:
    """Once there is one, only refunds correct what is billed by delivery."""
    policy = events.Policy(ship_on="acceptance", invoice_on="delivery", partial_shipments=True)
    sent = shipped(1, {"l-TEE-1": 1})
    call.place(*sent, policy=policy, what=bought(line(quantity=2)))
    wish = {"vat_id": "DE123456789"}
    assert call("POST", PATH, wish).problem() == (409, "invoice_underway")
    issued = document("invoice", "parcel:1")
    call.place(*sent, issued, policy=policy, what=bought(line(quantity=2)), name="o2")
    answer = call("POST", PATH.replace("o1", "o2"), wish)
    assert answer.problem() == (409, "billed_by_delivery")


def test_before_the_invoice_only_the_order_changes(call: Caller) -> None:
    """Nothing is withdrawn."""
    call.place()
    assert call("POST", PATH, {"billing_address": FIRM}).status == 200
    after = load(call)
    assert after.bought.billing.company == "Beispiel GmbH"
    assert not after.has(events.InvoiceWithdrawn)
    assert call("POST", PATH, {"billing_address": FIRM}).problem() == (422, "nothing_to_correct")


def test_goods_that_are_packed_stay_in_the_order(call: Caller) -> None:
    """A change that takes them away is refused as ever."""
    billed(call, *shipped(1, {"l-TEE-1": 1}), reported=bought(line("B")))
    assert call("POST", PATH, {"take_over": True}).problem() == (422, "already_packed")


def test_a_new_invoice_that_could_not_be_drawn_is_refused_by_its_field(call: Caller) -> None:
    """Before anything is withdrawn."""
    free = replace(line(rate="0"), tax=eur("0.00"))
    billed(call, reported=bought(free))
    answer = call("POST", PATH, {"take_over": True})
    assert answer.status == 422
    assert not load(call).has(events.InvoiceWithdrawn)


def test_an_outdated_invoice_is_replaced_as_it_stands(call: Caller) -> None:
    """It showed the order before its last change: no other change is needed."""
    hold = events.HoldPlaced(at=NOW, code="invoice_outdated", text="It shows the old one.")
    billed(call, hold)
    assert call("POST", PATH, {}).status == 200
    assert load(call).holds() == ()
    assert load(call).has(events.InvoiceWithdrawn)


def test_the_shops_old_address_does_not_come_back(call: Caller) -> None:
    """Its next version still has it; only when the shop changes it, that counts."""
    billed(call)
    call("POST", PATH, {"billing_address": FIRM})
    call("POST", PATH.replace("correct-invoice", "notes"), {"text": "x"})
    after = load(call)
    again = revision.kept(after, bought(line(quantity=2)))
    assert again.billing == after.bought.billing
    moved = replace(ANNA, city="Bonn")
    assert revision.kept(after, bought(billing=moved)).billing == moved


def test_the_customer_is_told_of_a_credit_balance_once(call: Caller) -> None:
    """Of nothing and twice it is refused."""
    path = "/v1/orders/o1/credit-balance"
    call.place(paid("12.00"), document("invoice"))
    assert call("POST", path, {"by": "Ute"}).status == 200
    told = load(call).last(events.CreditBalanceTold)
    assert told
    assert (told.number, told.amount, told.by) == (1, eur("2.00"), "Ute")
    assert call("POST", path, {}).problem() == (409, "already_told")
    call.place(paid(), name="o2")
    assert call("POST", path.replace("o1", "o2"), {}).problem() == (422, "nothing_held")

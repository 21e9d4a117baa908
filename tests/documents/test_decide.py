"""Which documents an order needs next: each once, at the moment the merchant's policy says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.documents.decide import decide
from chalicelib.domain import bills, events
from chalicelib.domain.commands import IssueDeliveryNote
from chalicelib.domain.events import HoldPlaced, Policy
from chalicelib.domain.order import Order
from tests.events import NOW, bought, eur, line, order, paid, reserved
from tests.histories import (
    authorized_return,
    cancelled,
    document,
    note,
    received_return,
    refund,
    registered,
    shipped,
)

READY = [paid(), reserved()]
BILLED = [*READY, document("invoice")]


def keys(one: Order) -> list[str]:
    """Return the names of what the step asks for."""
    return [command.key for command in decide(one, NOW)]


@pytest.mark.parametrize(
    ("invoice_on", "facts", "is_billed"),
    [
        ("payment", [], False),
        ("payment", [paid("4.00")], False),
        ("payment", [paid()], True),
        ("payment", [paid("12.00")], True),
        ("acceptance", [], True),
        ("shipment", READY, False),
        ("shipment", [*READY, *shipped(1, {"l-TEE-1": 1})], True),
    ],
)
def test_the_invoice_comes_when_the_policy_says(
    invoice_on: str, facts: list[events.Fact], *, is_billed: bool
) -> None:
    """On payment in full, on acceptance, or with the first parcel."""
    one = order(*facts, policy=Policy(invoice_on=invoice_on))
    assert ("IssueInvoice" in keys(one)) is is_billed


def test_a_download_is_billed_though_it_never_ships() -> None:
    """Where the invoice comes with the parcel, it comes with the payment if there is none."""
    what = bought(replace(line("PDF"), ships=False))
    policy = Policy(invoice_on="shipment")
    assert keys(order(what=what, policy=policy)) == []
    assert keys(order(paid(), what=what, policy=policy)) == ["IssueInvoice"]


def test_an_order_is_billed_once() -> None:
    """Whatever is paid or sent after that."""
    assert "IssueInvoice" not in keys(order(*BILLED))


@pytest.mark.parametrize(
    "one",
    [
        order(paid(), accepted=False),
        order(paid(), cancelled()),
        order(what=bought(line(price="0.00"))),
    ],
    ids=["not accepted", "cancelled", "free of charge"],
)
def test_what_is_not_sold_is_not_billed(one: Order) -> None:
    """No number is drawn for what may never be carried out, nor for nothing."""
    assert "IssueInvoice" not in keys(one)


def test_an_order_that_is_ready_gets_a_delivery_note_for_its_parcel() -> None:
    """It names the pieces that are set aside; one parcel at a time."""
    [wish] = [x for x in decide(order(*BILLED), NOW) if isinstance(x, IssueDeliveryNote)]
    assert (wish.shipment, [piece.quantity for piece in wish.lines]) == (1, [1])
    assert keys(order(*BILLED, note(1, {"l-TEE-1": 1}))) == []


@pytest.mark.parametrize("facts", [[paid()], [reserved()], [*READY, cancelled()], [
    *READY, HoldPlaced(at=NOW, code="manual", text="Wait.")]])  # fmt: skip
def test_an_order_that_is_not_ready_gets_none(facts: list[events.Fact]) -> None:
    """Unreserved, unpaid, cancelled or on hold."""
    assert not any(key.startswith("delivery-note") for key in keys(order(*facts)))


def test_a_second_parcel_has_a_note_of_its_own() -> None:
    """Numbered on from those that exist."""
    what = bought(line("A"), line("B"))
    policy = Policy(partial_shipments=True)
    one = order(
        paid("20.00"), document("invoice"), reserved("A"), *shipped(1, {"l-A": 1}), reserved("B"),
        document("label", "1"), what=what, policy=policy,
    )  # fmt: skip
    assert keys(one) == ["delivery-note:2"]


def test_a_label_is_drawn_where_the_carrier_gave_none() -> None:
    """Once per parcel."""
    gone = [*BILLED, note(1, {"l-TEE-1": 1})]
    assert keys(order(*gone, registered(1))) == ["label:1"]
    assert keys(order(*gone, registered(1, has_label=True))) == []
    assert keys(order(*gone, registered(1), document("label", "1"))) == []


def test_every_refund_of_a_billed_order_is_corrected_once() -> None:
    """By a credit note of its own; without an invoice there is nothing to correct."""
    back = [refund("1.00"), refund("2.00")]
    one = order(*BILLED, note(1, {"l-TEE-1": 1}), *back)
    assert keys(one) == ["credit-note:back-1.00", "credit-note:back-2.00"]
    assert keys(one.plus([document("credit_note", "back-1.00")])) == ["credit-note:back-2.00"]
    assert not any(key.startswith("credit-note") for key in keys(order(*READY, *back)))


def test_a_refund_after_the_cancellation_is_still_corrected() -> None:
    """The invoice was issued before; the credit note takes it back."""
    one = order(*BILLED, cancelled(), refund("10.00"))
    assert keys(one) == ["credit-note:back-10.00"]


def test_a_cancelled_order_that_nobody_paid_loses_its_invoice() -> None:
    """The bill is taken back in full, once, and only because the order is off."""
    billed = [document("invoice")]
    assert keys(order(*billed)) == []
    one = order(*billed, cancelled())
    assert keys(one) == ["IssueCancellation"]
    assert keys(one.plus([document("cancellation", "cancelled")])) == []
    assert keys(order(cancelled())) == []


def test_money_that_came_goes_back_before_the_rest_is_cancelled() -> None:
    """Its refund corrects a part, the cancellation what is left of the invoice."""
    one = order(document("invoice"), paid("4.00"), cancelled())
    assert keys(one) == []
    one = one.plus([refund("4.00")])
    assert keys(one) == ["credit-note:back-4.00", "IssueCancellation"]
    bill = bills.last(one)
    assert bill
    assert bills.uncorrected(one, bill) == eur("6.00")


def test_what_was_taken_back_in_full_is_not_corrected_again() -> None:
    """Money that comes late and goes back is no sale that ends a second time."""
    one = order(document("invoice"), cancelled(), document("cancellation", "cancelled"))
    assert keys(one.plus([paid(), refund("10.00")])) == []


def test_a_return_that_was_agreed_to_has_a_slip() -> None:
    """Until the goods are back."""
    gone = [*BILLED, *shipped(1, {"l-TEE-1": 1}), document("label", "1"), authorized_return()]
    assert keys(order(*gone)) == ["return-slip:R1"]
    assert keys(order(*gone, document("return_slip", "R1"))) == []
    assert keys(order(*gone, received_return({"l-TEE-1": 1}))) == []

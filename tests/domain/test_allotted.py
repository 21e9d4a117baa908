"""Money of an order whose parcels have an invoice each: every cent is on one of them."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain import allotted, bills, events
from chalicelib.domain.order import Order
from tests.events import NOW, bought, eur, line, order, paid, reserved
from tests.histories import chargeback, document, failed, refund, shipped, won

POLICY = events.Policy(ship_on="acceptance", invoice_on="delivery", partial_shipments=True)
BASKET = bought(line("A", price="40.00"), line("B", price="60.00"))
GOODS = [reserved("A"), reserved("B"), *shipped(1, {"l-A": 1}), *shipped(2, {"l-B": 1})]
A = replace(document("invoice", "parcel:1", number="RE-1"), amount=eur("40.00"))
B = replace(document("invoice", "parcel:2", number="RE-2"), amount=eur("60.00"))
UNDONE = events.MovementUndone(at=NOW, of_source="stripe", of_reference="ref-100.00", by="anna")


def sold(*facts: events.Fact) -> Order:
    """Return an order of two parcels."""
    return order(*GOODS, *facts, what=BASKET, policy=POLICY)


def shares(*facts: events.Fact) -> list[dict[str, int]]:
    """Return the shares of the movements among facts."""
    one = sold(*facts)
    bill = bills.last(one)
    assert bill
    found = allotted.shares(one, bill)
    moved = [fact for fact in facts if isinstance(fact, events.Movement)]
    assert [sum(x for _, x in found[fact]) for fact in moved] == [x.amount.minor for x in moved]
    assert all(len(found[fact]) == len(dict(found[fact])) for fact in moved)
    return [dict(found[fact]) for fact in moved]


def test_a_payment_pays_the_oldest_invoice_first() -> None:
    """Whenever it came, and what is too much is on the newest."""
    assert shares(A, B, paid("50.00"), paid("45.00"), paid("6.00")) == [
        {"parcel:1": 4000, "parcel:2": 1000},
        {"parcel:2": 4500},
        {"parcel:2": 600},
    ]
    assert shares(paid("100.00"), A, B) == [{"parcel:1": 4000, "parcel:2": 6000}]


def test_what_no_invoice_claims_yet_is_on_none() -> None:
    """The second parcel has not left; what goes back of it is not the first one's."""
    assert shares(A, paid("100.00"), refund("60.00")) == [
        {"parcel:1": 4000, "": 6000},
        {"": 6000},
    ]


def test_a_refund_leaves_the_invoice_that_it_corrects() -> None:
    """A refund that failed comes back there."""
    back, note = refund("10.00"), document("credit_note", "back-10.00", number="RK-1")
    found = shares(A, B, paid("100.00"), back, note, failed("back-10.00"))
    assert found[1:] == [{"parcel:2": 1000}, {"parcel:2": 1000}]


def test_a_dispute_takes_what_was_paid_last_and_brings_it_back_there() -> None:
    """So both ends are on the same invoices."""
    found = shares(A, B, paid("100.00"), chargeback("70.00"), won("70.00"))
    assert found[1:] == [{"parcel:2": 6000, "parcel:1": 1000}] * 2


def test_what_a_person_undoes_pays_nothing() -> None:
    """The next payment finds the invoices open as they were."""
    again = paid("40.00")
    assert shares(A, B, paid("100.00"), UNDONE, again)[1] == {"parcel:1": 4000}


def test_goods_that_came_back_unpaid_are_not_to_be_paid() -> None:
    """The payment is for the invoice that is left."""
    received = events.ReturnReceived(
        at=NOW, return_id="R1", lines=(events.LineQuantity(line_id="l-A", quantity=1),)
    )
    credit = events.ReturnCredited(at=NOW, return_id="R1", amount=eur("40.00"))
    assert shares(A, B, received, credit, paid("60.00")) == [{"parcel:2": 6000}]

"""How much is owed: what was paid for the pieces, shipping when all is back, never too much."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.commands import ComputeRefund, MarkOverdue
from chalicelib.domain.events import RefundDue
from chalicelib.domain.order import LineKind, Order
from chalicelib.returns.perform import amount_due, perform
from tests.events import NOW, bought, eur, line, order, paid
from tests.histories import chargeback, received_return, refund, shipped

POST = line(None, price="4.90", kind=LineKind.SHIPPING, line_id="post")
BASKET = bought(line("A", quantity=3, price="10.00"), line("B", price="25.00"), POST)


def sold(*facts: Any, amount: str = "59.90", what: Any = BASKET) -> Order:
    """Return an order that was paid and shipped, with what happened since."""
    pieces = {item.id: item.quantity for item in what.physical()}
    return order(paid(amount), *shipped(1, pieces), *facts, what=what)


def due(one: Order, return_id: str = "R1") -> str:
    """Return what is owed for a return."""
    return str(amount_due(one, return_id).amount)


def test_the_price_of_the_pieces_is_owed() -> None:
    """Part of the goods: no shipping."""
    assert due(sold(received_return({"l-A": 2}))) == "20.00"
    assert due(sold(received_return({"l-A": 1, "l-B": 1}))) == "35.00"


def test_when_everything_is_back_the_shipping_is_owed_too() -> None:
    """§ 357 (2) BGB; also when it comes back in two parcels, and then with the second."""
    assert due(sold(received_return({"l-A": 3, "l-B": 1}))) == "59.90"
    halves = sold(received_return({"l-A": 3}, "R1"), received_return({"l-B": 1}, "R2"))
    assert due(halves, "R1") == "30.00"
    assert due(halves, "R2") == "29.90"


def test_what_another_return_is_owed_cannot_be_owed_again() -> None:
    """Only 40.00 were paid: the second return gets what the first leaves."""
    halves = sold(received_return({"l-A": 3}, "R1"), received_return({"l-B": 1}, "R2"),
                  amount="40.00")  # fmt: skip
    known = halves.plus([RefundDue(at=NOW, return_id="R1", amount=eur("30.00"))])
    assert due(known, "R2") == "10.00"
    settled = known.plus([refund("30.00", return_id="R1")])
    assert due(settled, "R2") == "10.00"


@pytest.mark.parametrize(
    ("facts", "left"),
    [
        ([refund("50.00")], "9.90"),
        ([refund("59.90")], "0.00"),
        ([chargeback("59.90")], "0.00"),
        ([refund("59.90"), chargeback("59.90")], "0.00"),
    ],
)
def test_money_that_went_back_already_is_not_owed_again(facts: list[Any], left: str) -> None:
    """However it went back, and never less than nothing."""
    assert due(sold(*facts, received_return({"l-A": 3, "l-B": 1}))) == left


def test_nothing_is_owed_for_what_was_never_paid() -> None:
    """An invoice customer who returns everything owes nothing and gets nothing."""
    one = order(*shipped(1, {"l-A": 3, "l-B": 1}), received_return({"l-A": 3}), what=BASKET)
    assert due(one) == "0.00"


def test_a_discount_on_the_order_lowers_every_price() -> None:
    """Ten per cent off the whole order are ten per cent off each piece that comes back."""
    off = replace(line(None, price="-5.50", line_id="off"), kind=LineKind.DISCOUNT, ships=False)
    what = bought(line("A", quantity=3, price="10.00"), line("B", price="25.00"), off)
    assert due(sold(received_return({"l-B": 1}), what=what, amount="49.50")) == "22.50"
    everything = sold(received_return({"l-A": 3, "l-B": 1}), what=what, amount="49.50")
    assert due(everything) == "49.50"


def test_odd_cents_are_given_back_once() -> None:
    """Three for 10.00, one by one: 3.34, 3.33 and 3.33."""
    three = replace(line("A", quantity=3), total=eur("10.00"))
    back = [received_return({"l-A": 1}, f"R{n}") for n in (1, 2, 3)]
    one = sold(*back, what=bought(three), amount="10.00")
    assert [due(one, name) for name in ("R1", "R2", "R3")] == ["3.34", "3.33", "3.33"]


def test_lines_of_another_order_are_worth_nothing() -> None:
    """Whatever a return names, only what was bought here counts."""
    assert due(sold(received_return({"l-elsewhere": 5}))) == "0.00"


def test_the_amount_is_a_fact_of_its_return() -> None:
    """And a wish of another step is no business of this one."""
    one = sold(received_return({"l-B": 1}))
    assert list(perform(one, ComputeRefund(return_id="R1"), NOW)) == [
        RefundDue(at=NOW, return_id="R1", amount=eur("25.00"))
    ]
    assert list(perform(one, MarkOverdue(), NOW)) == []

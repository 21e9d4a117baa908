"""A cancelled order that comes back is to be paid again, as far as its money went back."""

from __future__ import annotations

from chalicelib.domain import balance, books, events, states
from chalicelib.domain.order import Order
from tests.events import NOW, eur, order, paid
from tests.histories import cancelled, failed, refund, shipped

BACK = events.OrderReinstated(at=NOW, modified_at=NOW)


def open_of(one: Order) -> tuple[str, str]:
    """Return what is open by the ledger and by the books."""
    return str(balance.outstanding(one)), str(books.open_item(one))


def test_what_went_back_is_to_be_paid_again() -> None:
    """All of it or a part; then it is paid by what comes in anew."""
    one = order(paid(), cancelled(), refund("10.00"), BACK)
    assert open_of(one) == ("10.00 EUR", "10.00 EUR")
    assert not balance.is_paid(one)
    assert states.payment(one) is states.Payment.UNPAID
    again = one.plus([paid("10.00", source="bank")])
    assert open_of(again) == ("0.00 EUR", "0.00 EUR")
    assert balance.is_paid(again)
    assert not balance.surplus(again)
    assert states.payment(again) is states.Payment.PAID
    assert open_of(order(paid(), cancelled(), refund("4.00"), BACK)) == ("4.00 EUR", "4.00 EUR")


def test_a_refund_that_failed_leaves_the_order_paid() -> None:
    """The money never left."""
    one = order(paid(), cancelled(), refund("10.00"), failed("back-10.00"), BACK)
    assert open_of(one) == ("0.00 EUR", "0.00 EUR")
    assert balance.is_paid(one)


def test_a_refund_before_or_after_the_order_was_off_takes_a_part_of_the_sale_back() -> None:
    """As ever: nobody pays that again."""
    one = order(paid(), refund("4.00"), cancelled(), BACK)
    assert open_of(one) == ("0.00 EUR", "0.00 EUR")
    one = order(paid(), cancelled(), BACK, refund("4.00"))
    assert open_of(one) == ("0.00 EUR", "0.00 EUR")
    gone = order(paid(), *shipped(1, {"l-TEE-1": 1}), cancelled(), refund("4.00"), BACK)
    assert open_of(gone) == ("0.00 EUR", "0.00 EUR")


def test_what_is_paid_too_much_afterwards_goes_back_first() -> None:
    """Of twelve for ten, two are no sale."""
    one = order(paid(), cancelled(), refund("10.00"), BACK, paid("12.00", source="bank"))
    assert balance.surplus(one) == eur("2.00")
    one = one.plus([refund("2.00")])
    assert balance.corrections(one)[0]["back-2.00"] == eur("0.00")
    assert states.invoice(one) is states.Invoice.NONE

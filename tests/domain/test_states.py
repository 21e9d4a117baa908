"""States are read from facts: every axis answers for every order, and late facts turn none back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import balance, events, states
from chalicelib.domain.order import LineKind
from chalicelib.domain.states import Fulfillment, Invoice, Lifecycle, Payment, Return, Stock
from tests.events import NOW, bought, eur, line, order, paid, reserved
from tests.histories import (
    authorized_return,
    cancelled,
    chargeback,
    document,
    failed,
    note,
    received_return,
    refund,
    shipped,
    won,
)


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ([], Payment.UNPAID),
        ([events.PaymentAuthorized], Payment.AUTHORIZED),
        ([paid("4.00")], Payment.PARTIALLY_PAID),
        ([paid("4.00"), paid("6.00")], Payment.PAID),
        ([paid("4.00"), paid("7.00")], Payment.OVERPAID),
        ([paid(), refund("3.00")], Payment.PARTIALLY_REFUNDED),
        ([paid(), refund("10.00")], Payment.REFUNDED),
        ([paid(), refund("3.00", reference="re_1"), failed("re_1")], Payment.PAID),
        ([failed("re_1"), paid(), refund("3.00", reference="re_1")], Payment.PAID),
        ([paid(), failed("re_unknown")], Payment.PAID),
        ([paid(), chargeback()], Payment.CHARGED_BACK),
        ([paid(), chargeback(), won()], Payment.PAID),
        ([paid(), won(), chargeback()], Payment.PAID),
        ([paid(), chargeback(), won("4.00")], Payment.CHARGED_BACK),
        ([paid(source="shop")], Payment.PAID),
        ([paid(source="shop"), paid(source="stripe")], Payment.PAID),
        ([paid("4.00", source="shop"), paid("10.00", source="shop")], Payment.PAID),
    ],
)
def test_the_payment_state_is_arithmetic_over_the_ledger(facts: list[Any], state: Payment) -> None:
    """Ten euros are owed; the shop's word and its provider's are the same money."""
    told = [
        fact
        if isinstance(fact, events.Fact)
        else fact(at=NOW, source="stripe", reference="pi", amount=eur("10"), booked_at=NOW)
        for fact in facts
    ]
    assert states.payment(order(*told)) is state


def test_the_order_of_movements_does_not_matter() -> None:
    """A refund that is told before its payment ends in the same state."""
    assert states.payment(order(refund("3.00"), paid())) is Payment.PARTIALLY_REFUNDED
    assert balance.outstanding(order(paid("12.00"))) == eur("-2.00")


def test_money_that_did_not_arrive_is_kept_and_owed() -> None:
    """A refund that failed and a dispute that was won leave the money here, counted once."""
    one = order(paid(), refund("3.00", reference="re_1"), failed("re_1", "3.00"))
    assert (balance.kept(one), balance.surplus(one)) == (eur("10.00"), eur("3.00"))
    assert balance.kept(order(paid(), chargeback("4.00"))) == eur("6.00")
    assert balance.kept(order(paid(), chargeback("4.00"), won("4.00"))) == eur("10.00")
    other = replace(won("4.00"), reference="another dispute")
    one = order(paid(), chargeback("4.00"), other)
    assert (balance.kept(one), balance.surplus(one)) == (eur("6.00"), eur("0.00"))


@pytest.mark.parametrize("return_id", ["", "R1"])
def test_a_refund_that_is_paid_a_second_time_corrects_the_invoice_once(return_id: str) -> None:
    """The credit note of the one that failed stands; the next one only brings the money."""
    first = refund("3.00", reference="re_1", return_id=return_id)
    again = refund("3.00", reference="re_2", return_id=return_id)
    one = order(paid(), first, failed("re_1", "3.00"), again)
    assert balance.corrections(one) == ({"re_1": eur("3.00"), "re_2": eur("0.00")}, eur("0.00"))
    assert states.payment(one) is Payment.PARTIALLY_REFUNDED


def test_a_return_whose_refund_failed_is_not_settled() -> None:
    """Somebody has to send the money again."""
    back = refund("3.00", reference="re_1", return_id="R1")
    one = order(paid(), authorized_return(), received_return({}), back)
    assert states.return_of(one, "R1") is states.Return.REFUNDED
    assert states.return_of(one.plus([failed("re_1")]), "R1") is states.Return.RECEIVED


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ([], Stock.UNRESERVED),
        ([reserved(quantity=1)], Stock.PARTLY_RESERVED),
        ([reserved(quantity=2)], Stock.RESERVED),
        ([events.StockShort(at=NOW, missing=())], Stock.SHORT),
        ([reserved(quantity=1), events.StockShort(at=NOW, missing=())], Stock.PARTLY_RESERVED),
        ([events.StockShort(at=NOW, missing=()), reserved(quantity=2)], Stock.RESERVED),
    ],
)
def test_the_stock_state_compares_what_is_set_aside_with_what_is_wanted(
    facts: list[events.Fact], state: Stock
) -> None:
    """Two pieces are wanted; a shortage that was mended is forgotten."""
    assert states.stock(order(*facts, what=bought(line(quantity=2)))) is state


def test_what_needs_no_stock_is_reserved_at_once() -> None:
    """Shipping, downloads and lines without a SKU are not counted."""
    what = bought(replace(line("PDF"), ships=False), line(None), line("S", kind=LineKind.SHIPPING))
    assert states.stock(order(what=what)) is Stock.RESERVED


def test_units_that_were_let_go_are_no_longer_set_aside() -> None:
    """Reserved minus released; what has gone out since still counts as served."""
    units = (events.Units(sku="TEE-1", quantity=1),)
    released = order(reserved(), events.StockReleased(at=NOW, units=units))
    issued = order(reserved(), events.StockIssued(at=NOW, shipment=1, units=units))
    assert states.stock(released) is Stock.UNRESERVED
    assert states.stock(issued) is Stock.RESERVED


TWO = bought(line("A", quantity=2), line("B"))


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ([], Fulfillment.UNFULFILLED),
        ([note(1, {"l-A": 2, "l-B": 1})], Fulfillment.UNFULFILLED),
        (shipped(1, {"l-A": 2}), Fulfillment.PARTLY_SHIPPED),
        ([*shipped(1, {"l-A": 2}), *shipped(2, {"l-B": 1})], Fulfillment.SHIPPED),
        ([*shipped(1, {"l-A": 2}), note(2, {"l-B": 1})], Fulfillment.PARTLY_SHIPPED),
        ([*shipped(1, {"l-A": 2, "l-B": 1}), received_return({"l-A": 2})], Fulfillment.SHIPPED),
        (
            [*shipped(1, {"l-A": 2, "l-B": 1}), received_return({"l-A": 2, "l-B": 1})],
            Fulfillment.RETURNED,
        ),
    ],
)
def test_the_fulfillment_state_counts_pieces_in_registered_parcels(
    facts: list[events.Fact], state: Fulfillment
) -> None:
    """A delivery note alone ships nothing; a partial return unships nothing."""
    assert states.fulfillment(order(*facts, what=TWO)) is state


def test_an_order_without_parcels_is_shipped_once_it_is_paid() -> None:
    """Downloads are delivered by the shop, as soon as the money is there."""
    what = bought(replace(line("PDF"), ships=False))
    assert states.fulfillment(order(what=what)) is Fulfillment.UNFULFILLED
    assert states.fulfillment(order(paid(), what=what)) is Fulfillment.SHIPPED


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ([], Invoice.NONE),
        ([document("delivery_note", "1")], Invoice.NONE),
        ([document("invoice")], Invoice.ISSUED),
        ([document("invoice"), document("credit_note", "back")], Invoice.CREDITED),
    ],
)
def test_the_invoice_state_is_read_from_the_archive(
    facts: list[events.Fact], state: Invoice
) -> None:
    """Only issued documents count."""
    assert states.invoice(order(*facts)) is state


def test_the_return_state_is_that_of_the_return_with_most_to_do() -> None:
    """Goods that are in come before goods on their way, and both before what is settled."""
    one, two = authorized_return("R1"), authorized_return("R2")
    settled = [received_return({}, "R1"), refund("1.00", return_id="R1")]
    assert states.returns(order()) is Return.NONE
    assert states.returns(order(one)) is Return.AUTHORIZED
    assert states.returns(order(one, two, received_return({}, "R2"))) is Return.RECEIVED
    assert states.returns(order(one, *settled)) is Return.REFUNDED
    assert states.returns(order(one, two, *settled)) is Return.AUTHORIZED


DONE = [paid(), reserved(), *shipped(1, {"l-TEE-1": 1})]


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ([], Lifecycle.ACCEPTED),
        ([paid(), reserved()], Lifecycle.ACCEPTED),
        (shipped(1, {"l-TEE-1": 1}), Lifecycle.ACCEPTED),
        (DONE, Lifecycle.COMPLETED),
        ([*DONE, authorized_return()], Lifecycle.ACCEPTED),
        ([*DONE, authorized_return(), received_return({"l-TEE-1": 1})], Lifecycle.ACCEPTED),
        (
            [
                *DONE,
                authorized_return(),
                received_return({"l-TEE-1": 1}),
                refund("10.00", return_id="R1"),
            ],
            Lifecycle.COMPLETED,
        ),
        ([cancelled()], Lifecycle.CANCELLED),
        ([*DONE, cancelled()], Lifecycle.COMPLETED),
    ],
)
def test_the_lifecycle_follows_the_facts(facts: list[events.Fact], state: Lifecycle) -> None:
    """Completed is shipped and paid without an open return; a return reopens it."""
    assert states.lifecycle(order(*facts)) is state


def test_an_order_that_does_not_add_up_is_only_received() -> None:
    """Without its acceptance nothing of an order counts."""
    assert states.lifecycle(order(paid(), accepted=False)) is Lifecycle.RECEIVED


def test_a_cancellation_after_the_parcel_has_left_does_not_cancel() -> None:
    """Goods that are on their way come back as a return; the order stays what it was."""
    late = order(*shipped(1, {"l-TEE-1": 1}), cancelled(), paid())
    early = order(cancelled(), *shipped(1, {"l-TEE-1": 1}))
    assert states.lifecycle(late) is Lifecycle.COMPLETED
    assert states.lifecycle(early) is Lifecycle.CANCELLED


def test_every_state_of_the_lifecycle_can_be_reached_from_the_first() -> None:
    """The table has no island and names every state."""
    assert set(states.LIFECYCLE) == set(Lifecycle)
    seen, open_ends = {Lifecycle.RECEIVED}, [Lifecycle.RECEIVED]
    while open_ends:
        for target in states.LIFECYCLE[open_ends.pop()] - seen:
            seen.add(target)
            open_ends.append(target)
    assert seen == set(Lifecycle)


def test_a_fact_of_long_ago_does_not_reopen_anything() -> None:
    """An authorization or a failed capture that comes late leaves a paid order paid."""
    late = events.PaymentAuthorized(
        at=NOW + timedelta(days=3), source="s", reference="pi", amount=eur("10"), booked_at=NOW
    )
    assert states.payment(order(paid(), late)) is Payment.PAID

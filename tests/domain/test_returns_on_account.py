"""Goods on account that come back: what happens to lists, letters and invoices."""

from __future__ import annotations

from datetime import date, timedelta

from chalicelib.documents import dunning_letter
from chalicelib.documents.decide import decide as decide_documents
from chalicelib.domain import balance, billing, books, dunning, events, states, waiting
from chalicelib.domain.commands import IssueInvoice
from chalicelib.domain.order import Order
from chalicelib.payment.dunning import raised
from chalicelib.returns.decide import decide
from chalicelib.returns.perform import perform
from tests.events import NOW, bought, eur, line, order, paid
from tests.fakes import SETTINGS
from tests.histories import authorized_return, document, received_return, shipped

DAY = timedelta(days=1)
ACCOUNT = events.Policy(ship_on="acceptance", invoice_on="shipment")
TWO = bought(line("POT", quantity=2, price="40.00"), payment_method="invoice")


def sent(*facts: events.Fact) -> Order:
    """Return an order over two pots that was sent and billed."""
    first = [*shipped(1, {"l-POT": 2}), document("invoice", number="RE-2026-00042")]
    return order(*first, *facts, what=TWO, policy=ACCOUNT)


def back(one: Order, pieces: int = 1, *, days: int = 0, name: str = "R1") -> Order:
    """Return the order after so many pots came back on a day."""
    lines, then = {"l-POT": pieces}, NOW + days * DAY
    one = one.plus([authorized_return(name, lines), received_return(lines, name)])
    for wish in decide(one, then):
        one = one.plus(perform(one, wish, then))
    return one


def test_the_rest_stays_owed_and_the_customer_gets_time_for_it() -> None:
    """Back after two weeks: payable seven days from then, and reminded of the rest only."""
    overdue = sent(events.PaymentOverdue(at=NOW + 8 * DAY))
    one = back(overdue, days=14)
    assert (balance.outstanding(one), balance.owed(one)) == (eur("40.00"), eur("40.00"))
    assert dunning.due_on(one) == date(2026, 12, 14)
    assert dunning.stopped_by(one) == ""
    assert waiting.worklist(one, NOW + 15 * DAY) == "unpaid"
    assert states.lifecycle(one) is states.Lifecycle.ACCEPTED


def test_a_letter_lists_the_correction_and_asks_for_the_rest() -> None:
    """Its items add up to its total."""
    one = back(sent()).plus([document("credit_note", "return:R1", number="RK-2026-00007")])
    one = one.plus(raised(one, 0, NOW + 11 * DAY))
    (newest,) = one.all(events.DunningRaised)
    letter = dunning_letter.draft(one, SETTINGS, newest)
    assert [(item.text, item.amount) for item in letter.items] == [
        ("Rechnung RE-2026-00042", 8000),
        ("Rechnungskorrektur RK-2026-00007", -4000),
    ]
    assert letter.total == sum(item.amount for item in letter.items) == 4000


def test_a_return_on_its_way_stops_the_letters() -> None:
    """Until it is in."""
    assert dunning.stopped_by(sent(authorized_return("R1", {"l-POT": 1}))) == "coming_back"


def test_the_rest_that_is_paid_completes_the_order() -> None:
    """40.00 for the pot that was kept."""
    one = back(sent()).plus([paid("40.00")])
    assert states.lifecycle(one) is states.Lifecycle.COMPLETED
    assert states.payment(one) is states.Payment.PAID
    assert waiting.worklist(one, NOW) == "shipped"
    assert not books.open_item(one)


def test_what_was_paid_beyond_the_rest_is_the_staffs_task() -> None:
    """Once: as the refund of the return, not as an overpayment too."""
    one = back(sent(paid("60.00")))
    [task] = waiting.blockers(one, NOW)
    assert (task.code, task.text) == ("refund_due", "20.00 EUR are owed for return R1.")
    assert waiting.worklist(one, NOW) == "returns"
    assert one.all(events.RefundDue)[0].amount == eur("20.00")


def test_who_pays_the_whole_invoice_all_the_same_has_paid_too_much() -> None:
    """The transfer and the parcel crossed."""
    one = back(sent()).plus([paid("80.00")])
    [task] = waiting.blockers(one, NOW)
    assert (task.code, balance.surplus(one)) == ("overpaid", eur("40.00"))


def test_a_paid_order_is_refunded_as_ever() -> None:
    """Its invoice is corrected by the refund."""
    one = back(sent(paid("80.00")))
    assert not one.has(events.ReturnCredited)
    assert balance.due_back(one, "R1") == eur("40.00")


def test_a_fee_for_a_letter_stays_owed() -> None:
    """It is on no invoice, so no correction takes it back."""
    fee = events.DunningFeeCharged(
        at=NOW, source="kontor", reference="dunning-2", amount=eur("2.50"), booked_at=NOW
    )
    one = back(sent(fee))
    assert balance.outstanding(one) == books.open_item(one) == eur("42.50")


def test_what_came_back_before_it_was_billed_is_never_billed() -> None:
    """Where invoices wait for the money, goods that are all back need none."""
    late = events.Policy(ship_on="acceptance", invoice_on="payment")
    one = back(order(*shipped(1, {"l-POT": 2}), what=TWO, policy=late), pieces=2)
    assert not billing.is_due(one)
    assert IssueInvoice() not in [*decide_documents(one, NOW)]


def test_a_late_cancellation_is_settled_once_all_is_back() -> None:
    """Nothing is left for staff to do."""
    off = events.OrderCancelled(at=NOW, by="staff")
    assert "cancelled_late" in {x.code for x in waiting.blockers(sent(off), NOW)}
    assert waiting.blockers(back(sent(off), pieces=2), NOW) == []

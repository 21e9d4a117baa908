"""Money adds up, whatever was sold and whatever happened since: to the cent, in every document."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.documents import drafts
from chalicelib.documents.facts import InvoiceFacts
from chalicelib.domain import balance, events, states
from chalicelib.domain.money import Money, tax_within
from chalicelib.domain.order import Order
from chalicelib.returns.perform import amount_due
from tests.events import NOW, order
from tests.fakes import SETTINGS
from tests.histories import authorized_return, document, received_return, refund, shipped
from tests.properties.runs import play, plots, policies
from tests.properties.strategies import any_fact, orders, purchases


def adds_up(facts: InvoiceFacts) -> None:
    """Check that lines, charges, taxes and totals of a document are one sum."""
    shown = sum(line.total for line in facts.lines) + sum(x.amount for x in facts.charges)
    assert shown == (facts.totals.gross if facts.prices_include_tax else facts.totals.net)
    assert facts.totals.net + facts.totals.tax == facts.totals.gross
    assert sum(group.gross for group in facts.taxes) == facts.totals.gross
    assert sum(group.tax for group in facts.taxes) == facts.totals.tax
    assert facts.totals.paid + facts.totals.due == facts.totals.gross
    by_rate: dict[str, int] = defaultdict(int)
    for part, amount in [(x, x.total) for x in facts.lines] + [
        (x, x.amount) for x in facts.charges
    ]:
        by_rate[part.tax_rate] += amount
    for group in facts.taxes:
        assert group.net + group.tax == group.gross
        whole = group.gross if facts.prices_include_tax else group.net
        assert by_rate[group.rate] == whole
        exact = tax_within(Money(minor=group.gross, currency="EUR"), Decimal(group.rate))
        assert exact.minor == group.tax


@given(purchases())
def test_an_invoice_shows_exactly_what_the_customer_paid(what: Any) -> None:
    """Its gross sum is the shop's total, its tax is right for every rate."""
    assume(what.lines and what.total.minor > 0 and not what.difference())
    adds_up(facts := drafts.invoice(order(what=what), SETTINGS, number="RE-1", now=NOW))
    assert facts.totals.gross == what.total.minor


@given(purchases(), st.data())
def test_a_credit_note_gives_back_exactly_the_refunded_sum(what: Any, data: Any) -> None:
    """Any part of the total may go back; the note shows it over the rates of the invoice."""
    assume(what.lines and what.total.minor > 0 and not what.difference())
    minor = data.draw(st.integers(1, what.total.minor))
    back = refund(str(Decimal(minor) / 100))
    billed = order(document("invoice"), back, what=what)
    adds_up(facts := drafts.credit_note(billed, SETTINGS, back, number="RK-1", now=NOW))
    assert facts.totals.gross == minor
    assert {x.rate for x in facts.taxes} <= {str(line.tax_rate) for line in what.lines}


@given(purchases())
def test_a_refund_of_everything_mirrors_the_invoice(what: Any) -> None:
    """When all the money goes back, the credit note shows the taxes of the invoice."""
    assume(what.lines and what.total.minor > 0 and not what.difference())
    back = refund(str(what.total.amount))
    billed = order(document("invoice"), back, what=what)
    bill = drafts.invoice(billed, SETTINGS, number="RE-1", now=NOW)
    note = drafts.credit_note(billed, SETTINGS, back, number="RK-1", now=NOW)
    assert {x.rate: x for x in note.taxes if x.gross} == {x.rate: x for x in bill.taxes if x.gross}


@given(purchases(), st.data())
def test_returns_never_owe_more_than_was_paid(what: Any, data: Any) -> None:
    """Piece by piece or all at once: what is owed in all is never more than what came in."""
    pieces = {line.id: line.quantity for line in what.physical()}
    assume(pieces)
    paid = Money(minor=data.draw(st.integers(0, max(what.total.minor, 1))), currency="EUR")
    one = order(
        events.PaymentReceived(at=NOW, source="bank", reference="b", amount=paid, booked_at=NOW),
        *shipped(1, pieces),
        what=what,
    )
    halves = [{line_id: data.draw(st.integers(0, count)) for line_id, count in pieces.items()}]
    halves.append({line_id: count - halves[0][line_id] for line_id, count in pieces.items()})
    for number, half in enumerate(halves, 1):
        back = {line_id: count for line_id, count in half.items() if count}
        one = one.plus([authorized_return(f"R{number}", back), received_return(back, f"R{number}")])
    dues = []
    for number in (1, 2):
        due = amount_due(one, f"R{number}")
        assert due.minor >= 0
        one = one.plus([events.RefundDue(at=NOW, return_id=f"R{number}", amount=due)])
        dues.append(due.minor)
    assert sum(dues) <= paid.minor


@given(orders(), st.lists(any_fact, max_size=4))
def test_what_is_owed_is_the_total_minus_what_came_in(one: Order, more: list[events.Fact]) -> None:
    """And what was let go; what came in too much and went back pays nothing.

    Payment only ever grows, unless undone or a fee is added.
    """
    came_in = balance.received_amount(one) + balance.forgiven(one) - balance.surplus_back(one)
    least = one.bought.total - balance.credited(one)
    assert balance.outstanding(one) + came_in == balance.owed(one) >= least
    less = events.MovementUndone | events.DunningFeeCharged
    more = [fact for fact in more if not isinstance(fact, less)]
    before = balance.received_amount(one)
    assert balance.received_amount(one.plus(more)) >= before
    if balance.is_settled(one):
        assert balance.is_settled(one.plus(more))


@given(plots, policies)
def test_the_archive_agrees_with_the_ledger(plot: list[str], policy: events.Policy) -> None:
    """In any run: one invoice over the total, a credit note over every refund after it.

    A cancellation takes back what they have left of it.
    """
    world = play(plot, policy)
    for one in world.all_orders():
        frozen = {
            document.frozen["number"]: document.frozen
            for (_, key), document in world.numbers.documents.items()
            if f"#{one.id}#" in key
        }
        issued = [fact for fact in one.all(events.DocumentIssued) if fact.number in frozen]
        assert len(issued) == len(frozen)
        taken_back = 0
        for fact in issued:
            gross = frozen[fact.number]["totals"]["gross"]
            if fact.kind == "invoice":
                assert gross == one.bought.total.minor
                continue
            if fact.refers_to == balance.CANCELLED:
                assert gross == one.bought.total.minor - taken_back
            else:
                assert gross == balance.corrections(one)[0][fact.refers_to].minor
            taken_back += gross
        assert taken_back <= one.bought.total.minor
    numbers = world.numbers.last.items()
    for (_, series), last in numbers:
        prefix = series.removeprefix("SERIES#")
        drawn = sorted(
            document.number for document in world.numbers.documents.values()
            if document.number.startswith(prefix)
        )  # fmt: skip
        assert drawn == [f"{prefix}-{number:05}" for number in range(1, last + 1)]


@pytest.mark.parametrize("quantity", [1, 2, 3])
def test_the_price_of_some_pieces_is_a_fair_share_of_the_line(quantity: int) -> None:
    """Three pieces for 10.00: 3.34, 3.33 and 3.33; together they are the line."""
    what = dataclasses.replace(
        order().bought.lines[0], quantity=3, total=Money(minor=1000, currency="EUR")
    )
    bought = dataclasses.replace(order().bought, lines=(what,))
    one = order(
        events.PaymentReceived(
            at=NOW, source="bank", reference="b", amount=bought.total, booked_at=NOW
        ),
        *shipped(1, {what.id: 3}),
        received_return({what.id: quantity}),
        what=bought,
    )
    assert amount_due(one, "R1").minor == {1: 334, 2: 667, 3: 1000}[quantity]


@given(orders(), st.integers(1, 10**6))
def test_what_a_provider_keeps_is_nobodys_debt(one: Order, minor: int) -> None:
    """A fee changes neither what is owed, received or paid too much, nor any state."""
    fee = Money(minor=minor, currency=one.bought.currency)
    cost = events.FeeCharged(
        at=NOW,
        source="paypal",
        reference="of-this-test",
        amount=fee,
        booked_at=NOW,
        payment="x",
    )
    after = one.plus([cost])
    for told in (balance.owed, balance.received_amount, balance.outstanding, balance.surplus,
                 balance.kept, balance.is_settled, balance.is_promised):  # fmt: skip
        assert told(after) == told(one)
    assert states.payment(after) == states.payment(one)

"""A billed order that is cancelled: its corrections take back the invoice, once and in full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.documents import cancelling, drafts
from chalicelib.documents.decide import decide
from chalicelib.documents.facts import freeze
from chalicelib.documents.filed import amount_of
from chalicelib.domain import balance, bills, books, events
from chalicelib.domain.commands import IssueCancellation, IssueCreditNote
from chalicelib.domain.money import Money
from chalicelib.domain.order import Order
from tests.events import NOW, bought, line, order
from tests.fakes import SETTINGS
from tests.histories import cancelled, document
from tests.properties.test_money_adds_up import adds_up

Act = Callable[[Order], Order]
BASKET = bought(line("A", quantity=3, price="10.01", rate="7"), line("B", price="20.00"))
INVOICE = freeze(drafts.invoice(order(what=BASKET), SETTINGS, number="RE", now=NOW))


class Papers:
    """The documents of one order, and what they take back in all."""

    def __init__(self, *, is_told: bool) -> None:
        """Begin with the invoice alone; of older documents it is not told what they take back."""
        self.taken_back, self.is_told = 0, is_told

    def issue(self, one: Order) -> Order:
        """Issue what is due, until nothing is."""
        while wishes := [
            x for x in decide(one, NOW) if isinstance(x, IssueCreditNote | IssueCancellation)
        ]:
            one = one.plus([self._written(one, wishes[0])])
        return one

    def _written(self, one: Order, wish: IssueCreditNote | IssueCancellation) -> events.Fact:
        if isinstance(wish, IssueCancellation):
            bill, about = bills.last(one), balance.CANCELLED
            assert bill
            facts = cancelling.cancellation(one, SETTINGS, bill, INVOICE, number="RK", now=NOW)
        else:
            cause, about = balance.cause_of(one, wish.refund), wish.refund
            facts = drafts.credit_note(one, SETTINGS, cause, number="RK", now=NOW)
        adds_up(facts)
        self.taken_back += facts.totals.gross
        amount = amount_of(freeze(facts)) if self.is_told else None
        return replace(document("credit_note", about), amount=amount)


def pay(minor: int, name: str) -> Act:
    """Let money come in."""
    amount = Money(minor=minor, currency="EUR")
    fact = events.PaymentReceived(
        at=NOW, source="bank", reference=name, amount=amount, booked_at=NOW
    )
    return lambda one: one.plus([fact])


def give_back(one: Order, most: int) -> Order:
    """Let some of what is there go back."""
    amount = min(balance.kept(one), Money(minor=most, currency="EUR"))
    if not amount:
        return one
    name = f"back-{len(one.facts)}"
    fact = events.RefundRecorded(
        at=NOW, source="bank", reference=name, amount=amount, booked_at=NOW
    )
    return one.plus([fact])


@given(st.data())
def test_an_invoice_is_taken_back_once_whatever_was_paid(data: st.DataObject) -> None:
    """Unpaid, partly paid, overpaid, refunded in parts, before or after it was cancelled."""
    acts: list[Act] = [lambda one: one.plus([cancelled(by="staff")])]
    paid = data.draw(st.lists(st.integers(1, 6000), max_size=2))
    acts += [pay(minor, f"b{number}") for number, minor in enumerate(paid)]
    for _ in range(data.draw(st.integers(0, 2))):
        most = data.draw(st.integers(1, 6000))
        acts.append(lambda one, most=most: give_back(one, most))  # type: ignore[misc]
    one, papers = order(document("invoice"), what=BASKET), Papers(is_told=data.draw(st.booleans()))
    for act in data.draw(st.permutations(acts)):
        one = papers.issue(act(one))
    one = papers.issue(give_back(one, 10**6))
    assert not balance.kept(one)
    assert papers.taken_back == BASKET.total.minor
    assert not books.open_item(one)

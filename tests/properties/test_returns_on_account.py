"""Goods on account that come back: invoice less corrections is what is owed, in any order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.documents import drafts
from chalicelib.documents.decide import decide as decide_documents
from chalicelib.domain import balance, books, events, states, waiting
from chalicelib.domain.commands import ComputeRefund, IssueCreditNote
from chalicelib.domain.events import Policy
from chalicelib.domain.money import Money
from chalicelib.domain.order import LineKind, Order
from chalicelib.returns.decide import decide
from chalicelib.returns.perform import perform
from tests.events import NOW, bought, eur, line, order
from tests.fakes import SETTINGS
from tests.histories import authorized_return, document, received_return, shipped
from tests.properties.test_money_adds_up import adds_up

ACCOUNT = Policy(ship_on="acceptance", invoice_on="acceptance")
BASKET = bought(
    line("A", quantity=3, price="10.01", rate="7"),
    line("B", quantity=2, price="20.00"),
    line(None, price="4.90", kind=LineKind.SHIPPING, line_id="post"),
)
PIECES = {"l-A": 3, "l-B": 2}
Act = Callable[[Order], Order]


def sent() -> Order:
    """Return an order on account that was billed and sent, and nobody has paid."""
    return order(document("invoice"), *shipped(1, PIECES), what=BASKET, policy=ACCOUNT)


def house(one: Order) -> Order:
    """Let the house answer what happened, until it has nothing more to say."""
    while True:
        facts = [fact for wish in decide(one, NOW) for fact in perform(one, wish, NOW)]
        facts += _papers(one)
        after = one.plus(facts)
        if after == one:
            return one
        one = after


def _papers(one: Order) -> list[events.Fact]:
    """Issue the corrections that are due, each with sums and taxes that add up."""
    found: list[events.Fact] = []
    for wish in decide_documents(one, NOW):
        if isinstance(wish, IssueCreditNote):
            cause = balance.cause_of(one, wish.refund)
            facts = drafts.credit_note(one, SETTINGS, cause, number="RK", now=NOW)
            adds_up_settled(facts.totals.gross, balance.corrections(one)[0][wish.refund])
            adds_up(facts)
            found.append(document("credit_note", wish.refund))
    return found


def adds_up_settled(gross: int, part: Money) -> None:
    """Check that a correction is over exactly its part."""
    assert gross == part.minor


def money(minor: int, reference: str) -> Act:
    """Let the customer transfer something."""
    amount = Money(minor=minor, currency="EUR")
    return lambda one: one.plus(
        [
            events.PaymentReceived(
                at=NOW, source="bank", reference=reference, amount=amount, booked_at=NOW
            )
        ]
    )


def back(pieces: dict[str, int], return_id: str) -> Act:
    """Let goods come back that staff have agreed to."""
    return lambda one: one.plus(
        [authorized_return(return_id, pieces), received_return(pieces, return_id)]
    )


def undone(reference: str) -> Act:
    """Let staff find that a payment was another's, if it was booked."""
    fact = events.MovementUndone(at=NOW, of_source="bank", of_reference=reference)
    return lambda one: one.plus([fact])


def pay_back(one: Order) -> Order:
    """Let staff refund what is owed, as the blockers say: for returns first, then what is left."""
    for due in one.all(events.RefundDue):
        left = balance.due_back(one, due.return_id)
        if left:
            one = house(_refunded(one, left, due.return_id))
    over = balance.surplus(one)
    return house(_refunded(one, over, "")) if over else one


def _refunded(one: Order, amount: Money, return_id: str) -> Order:
    reference = f"back-{len(one.facts)}"
    return one.plus(
        [
            events.RefundRecorded(
                at=NOW, source="bank", reference=reference, amount=amount, booked_at=NOW,
                return_id=return_id,
            )
        ]
    )  # fmt: skip


def value(*pieces: dict[str, int]) -> int:
    """Return what pieces cost, with the shipping once all are back."""
    count = {name: sum(some.get(name, 0) for some in pieces) for name in PIECES}
    whole = count["l-A"] * 1001 + count["l-B"] * 2000
    return whole + (490 if count == PIECES else 0)


def settled(one: Order, *, worth: int, paid: int) -> None:
    """Check the books once everything is paid back that is owed."""
    total = BASKET.total.minor
    corrected = sum(part.minor for part in balance.corrections(one)[0].values())
    assert corrected == worth
    left = max(total - worth - paid, 0)
    assert books.open_item(one).minor == left
    assert max(balance.outstanding(one).minor, 0) == left
    assert balance.kept(one).minor == min(paid, total - worth)
    assert total - corrected == balance.kept(one).minor + left
    documents = {x.refers_to for x in one.all(events.DocumentIssued) if x.kind == "credit_note"}
    assert documents == {name for name, part in balance.corrections(one)[0].items() if part}
    assert states.returns(one) in {states.Return.NONE, states.Return.REFUNDED}
    assert {x.code for x in waiting.blockers(one, NOW)} <= {"payment_overdue"}
    is_over = states.lifecycle(one) is states.Lifecycle.COMPLETED
    assert is_over is (left == 0)


some_pieces = st.fixed_dictionaries({"l-A": st.integers(0, 3), "l-B": st.integers(0, 2)})


@given(st.data())
def test_invoice_less_corrections_is_owed_whatever_comes_first(data: st.DataObject) -> None:
    """Two returns and two payments, of any size, in any order, paid back early or late."""
    first = data.draw(some_pieces)
    rest = {name: data.draw(st.integers(0, PIECES[name] - first[name])) for name in PIECES}
    paid = [data.draw(st.integers(1, 9000)) for _ in range(data.draw(st.integers(0, 2)))]
    acts = [back({k: v for k, v in some.items() if v}, f"R{number}")
            for number, some in enumerate((first, rest), 1)]  # fmt: skip
    acts += [money(minor, f"b{number}") for number, minor in enumerate(paid)]
    if data.draw(st.booleans()):
        acts.append(pay_back)
    one = sent()
    for act in data.draw(st.permutations(acts)):
        one = house(act(one))
    settled(pay_back(one), worth=value(first, rest), paid=sum(paid))


@pytest.mark.parametrize("turn", [*permutations(range(4))])
def test_a_payment_that_was_none_leaves_no_return_uncredited(turn: tuple[int, ...]) -> None:
    """Booked by mistake and undone, before or after the goods are back: the rest is owed."""
    acts = [money(7493, "b0"), undone("b0"), back({"l-B": 1}, "R1"), money(3000, "b1")]
    one = sent()
    for number in turn:
        one = house(acts[number](one))
    settled(pay_back(one), worth=2000, paid=3000)


def test_a_dispute_that_is_lost_and_won_changes_what_is_paid_back() -> None:
    """Charged back, nothing is owed for the return but less is asked for; won, it is paid."""
    one = house(back({"l-B": 1}, "R1")(money(7493, "b0")(sent())))
    assert balance.due_back(one, "R1") == eur("20.00")
    dispute = {"at": NOW, "source": "bank", "reference": "b0", "booked_at": NOW,
               "amount": BASKET.total}  # fmt: skip
    lost = events.ChargebackRecorded(**dispute)  # type: ignore[arg-type]
    one = house(one.plus([lost]))
    assert not balance.due_back(one, "R1")
    assert balance.wanted(one) == BASKET.total - eur("20.00")
    won = events.ChargebackReversed(**dispute)  # type: ignore[arg-type]
    one = house(one.plus([won]))
    assert balance.due_back(one, "R1") == eur("20.00")
    settled(pay_back(one), worth=2000, paid=BASKET.total.minor)


def test_goods_that_nobody_paid_leave_nothing_to_pay() -> None:
    """All of them back: completed, on no list of work, and never called paid."""
    one = house(back(PIECES, "R1")(sent()))
    assert states.lifecycle(one) is states.Lifecycle.COMPLETED
    assert waiting.worklist(one, NOW + timedelta(days=99)) == "shipped"
    assert states.payment(one) is states.Payment.UNPAID
    assert not balance.outstanding(one)
    [wish] = [*decide(back({"l-A": 1}, "R2")(one), NOW)]
    assert isinstance(wish, ComputeRefund)

"""What is owed is worked out once for each return that is in."""

from __future__ import annotations

from chalicelib.domain.commands import ComputeRefund
from chalicelib.domain.events import RefundDue
from chalicelib.domain.order import Order
from chalicelib.returns.decide import decide
from tests.events import NOW, eur, order, paid
from tests.histories import authorized_return, received_return, refund


def wishes(one: Order) -> list[str]:
    """Return which returns the step wants to work out."""
    commands = list(decide(one, NOW))
    assert all(isinstance(command, ComputeRefund) for command in commands)
    return [command.key for command in commands]


def test_a_return_that_is_in_is_worked_out() -> None:
    """One that is only agreed to is not."""
    assert wishes(order(paid(), authorized_return())) == []
    assert wishes(order(paid(), authorized_return(), received_return({}))) == ["refund-due:R1"]


def test_it_is_worked_out_once() -> None:
    """Also when the amount was zero."""
    known = RefundDue(at=NOW, return_id="R1", amount=eur("0"))
    assert wishes(order(paid(), authorized_return(), received_return({}), known)) == []


def test_a_return_that_was_settled_by_hand_needs_no_amount() -> None:
    """Whoever has paid already has worked it out."""
    assert wishes(order(paid(), received_return({}), refund("10.00", return_id="R1"))) == []


def test_every_return_is_worked_out_for_itself() -> None:
    """Two returns in, one of them known: one wish."""
    one = order(paid(), received_return({}, "R1"), received_return({}, "R2"))
    assert wishes(one) == ["refund-due:R1", "refund-due:R2"]
    assert wishes(one.plus([RefundDue(at=NOW, return_id="R1", amount=eur("1"))])) == [
        "refund-due:R2"
    ]

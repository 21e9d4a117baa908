"""What may go back, of which payment, and that nothing is promised twice."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain import events, refunding, waiting
from chalicelib.domain.refunding import Progress
from tests.events import NOW, eur, order, paid, reserved
from tests.histories import cancelled, shipped


def came(amount: str, name: str, source: str = "stripe", payment: str = "") -> events.Fact:
    """Return money that came in."""
    return events.PaymentReceived(
        at=NOW, source=source, reference=name, amount=eur(amount), booked_at=NOW, payment=payment
    )


def wanted(amount: str, payment: str, name: str = "KR1", **more: Any) -> events.Fact:
    """Return a refund that was ordered."""
    return events.RefundRequested(
        at=NOW, refund_id=name, amount=eur(amount), way="provider", source="stripe",
        payment=payment, **more,
    )  # fmt: skip


def gone(amount: str, name: str = "re_1", **more: Any) -> events.Fact:
    """Return a refund that left."""
    return events.RefundRecorded(
        at=NOW, source="stripe", reference=name, amount=eur(amount), booked_at=NOW, **more
    )


def left(*facts: events.Fact) -> dict[str, str]:
    """Return what is left of each payment."""
    found = refunding.sources(order(*facts))
    return {one.payment: str(one.left.amount) for one in found}


def test_what_went_back_or_is_to_go_comes_off_its_payment() -> None:
    """The newest payment is the first; one that is given back whole is none."""
    both = (came("20", "pi_1"), came("10", "pi_2"))
    assert list(left(*both).items()) == [("pi_2", "10.00"), ("pi_1", "20.00")]
    assert left(*both, wanted("10", "pi_2")) == {"pi_1": "20.00"}
    assert left(*both, gone("4", payment="pi_1")) == {"pi_2": "10.00", "pi_1": "16.00"}
    assert left(*both, gone("12")) == {"pi_1": "18.00"}  # nobody says of which
    assert left(*both, gone("5"), gone("25", "re_2", payment="pi_1")) == {"pi_2": "5.00"}


def test_a_payment_of_several_captures_is_one() -> None:
    """By the name that the provider refunds it under."""
    assert left(came("5", "cap_1", payment="auth"), came("6", "cap_2", payment="auth")) == {
        "auth": "11.00"
    }
    assert left(came("5", "x", "cash"), came("5", "1", "shop")) == {}


def test_what_is_on_its_way_can_not_be_promised_again() -> None:
    """Until it is withdrawn; what failed is the customer's again."""
    one = order(came("20", "pi_1"), wanted("15", "pi_1"))
    assert refunding.refundable(one) == eur("5")
    paid_out = one.plus([gone("15", refund_id="KR1", payment="pi_1")])
    assert refunding.refundable(paid_out) == eur("5")
    failed = events.RefundFailed(
        at=NOW, source="stripe", reference="re_1", amount=eur("15"), booked_at=NOW
    )
    assert refunding.refundable(paid_out.plus([failed])) == eur("20")
    withdrawn = events.RefundWithdrawn(at=NOW, refund_id="KR1")
    assert refunding.refundable(one.plus([withdrawn])) == eur("20")


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ((), Progress.ORDERED),
        ((events.RefundListed(at=NOW, refund_id="KR1"),), Progress.LISTED),
        ((gone("15", refund_id="KR1"),), Progress.PAID),
        ((gone("15"), events.RefundListed(at=NOW, refund_id="KR1", reference="re_1")),
         Progress.PAID),
        ((gone("15"),), Progress.ORDERED),
        ((events.RefundWithdrawn(at=NOW, refund_id="KR1"),), Progress.WITHDRAWN),
    ],
)  # fmt: skip
def test_how_far_a_refund_is_follows_from_the_facts(facts: Any, state: Progress) -> None:
    """Also where the provider told of it before we could."""
    one = order(came("20", "pi_1"), wanted("15", "pi_1"), *facts)
    (request,) = one.all(events.RefundRequested)
    assert refunding.progress(one, request) is state


def test_a_refund_of_ours_knows_what_was_ordered_whoever_tells_of_it() -> None:
    """So the return is settled and the payment named."""
    one = order(came("20", "pi_1"), wanted("15", "pi_1", return_id="R1", by="Ute"))
    (told,) = (refunding.explained(one, fact) for fact in (gone("15", refund_id="KR1"),))
    assert isinstance(told, events.RefundRecorded)
    assert (told.return_id, told.payment, told.by) == ("R1", "pi_1", "Ute")
    for other in (gone("15", refund_id="KR9"), gone("15"), came("1", "x")):
        assert refunding.explained(one, other) is other


def test_an_order_whose_refund_is_on_its_way_is_on_a_list_and_no_task() -> None:
    """It is looked at now and then, until the money has left."""
    off = (paid("10"), cancelled())
    assert [x.code for x in waiting.blockers(order(*off), NOW)] == ["refund_due"]
    under_way = order(*off, wanted("10", "ref-10"))
    assert waiting.blockers(under_way, NOW) == []
    assert waiting.worklist(under_way, NOW) == "returns"
    assert waiting.worklist(under_way.plus([gone("10", refund_id="KR1")]), NOW) == "cancelled"


def test_a_refund_that_failed_is_a_task_until_something_is_done() -> None:
    """A new refund, or the word that it stays so."""
    failed = events.RefundFailed(
        at=NOW, source="stripe", reference="re_1", amount=eur("2"), booked_at=NOW
    )
    sent = (paid("10"), reserved(), *shipped(1, {"l-TEE-1": 1}))
    one = order(*sent, gone("2"), failed)
    assert "refund_failed" in [x.code for x in waiting.blockers(one, NOW)]
    release = events.HoldReleased(at=NOW, code="refund_failed", by="Ute")
    for done in (release, wanted("2", "ref-10")):
        after = one.plus([done])
        assert "refund_failed" not in [x.code for x in waiting.blockers(after, NOW)]

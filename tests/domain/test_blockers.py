"""Blockers: every reason why an order stands still, with its owner, its age and what comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain import events, waiting
from chalicelib.domain.events import HoldPlaced, HoldReleased, Policy
from chalicelib.domain.order import Address, Order
from tests.events import NOW, bought, eur, line, order, paid, reserved
from tests.histories import (
    authorized_return,
    cancelled,
    chargeback,
    received_return,
    refund,
    shipped,
    short,
)

DAY = timedelta(days=1)
READY = [paid(), reserved()]
GONE = [*READY, *shipped(1, {"l-TEE-1": 1})]


def codes(one: Order) -> list[str]:
    """Return the codes of what stands in an order's way."""
    return [blocker.code for blocker in waiting.blockers(one, NOW + DAY)]


def released(code: str) -> HoldReleased:
    """Return a person's word to go on in spite of a problem."""
    return HoldReleased(at=NOW + DAY, code=code, by="staff")


def test_nothing_stands_in_the_way_of_a_paid_and_reserved_order() -> None:
    """No reason, and so no answer."""
    assert codes(order(*READY)) == []


PROBLEMS = {
    "unpaid": order(reserved()),
    "payment_overdue": order(
        reserved(), events.PaymentOverdue(at=NOW), policy=events.Policy(dunning_levels=0)
    ),
    "short_stock": order(paid(), short()),
    "unknown_sku": order(paid(), short(available=None)),
    "total_mismatch": order(*READY, what=bought(line(), total="9.00"), accepted=False),
    "no_lines": order(what=replace(bought(total="0"), lines=()), accepted=False),
    "missing_sku": order(paid(), what=bought(line(None))),
    "missing_address": order(*READY, what=bought(shipping=Address())),
    "manual": order(*READY, HoldPlaced(at=NOW, code="manual", text="Ask Anna first.")),
    "changed_in_shop": order(
        *READY, events.ShopChangeReported(at=NOW, modified_at=NOW, changes=("delivery address",))
    ),
    "charged_back": order(*READY, chargeback()),
    "refunded": order(*READY, refund("10.00")),
    "cancelled_late": order(*GONE, cancelled()),
}


@pytest.mark.parametrize("code", PROBLEMS)
def test_every_problem_is_named_with_owner_age_and_way_out(code: str) -> None:
    """Staff, API and customer read the same sentence: what, whose, since when, what next."""
    [blocker] = [b for b in waiting.blockers(PROBLEMS[code], NOW + DAY) if b.code == code]
    assert blocker.owner == ("customer" if code == "unpaid" else "staff")
    assert blocker.since == NOW
    assert blocker.text.endswith((".", ")."))
    assert blocker.next.endswith(".")


@pytest.mark.parametrize("code", sorted(set(PROBLEMS) - {"cancelled_late", "no_lines"}))
def test_no_problem_lets_a_parcel_go(code: str) -> None:
    """Whatever is named stops the parcel."""
    assert not waiting.is_ready_to_ship(PROBLEMS[code], NOW + DAY)


@pytest.mark.parametrize(
    "code",
    [
        "total_mismatch",
        "no_lines",
        "missing_sku",
        "missing_address",
        "manual",
        "changed_in_shop",
        "charged_back",
        "refunded",
        "cancelled_late",
    ],
)
def test_a_person_may_go_on_in_spite_of_it(code: str) -> None:
    """A release takes exactly this problem away."""
    problem = PROBLEMS[code]
    assert codes(problem.plus([released(code)])) == [c for c in codes(problem) if c != code]


def test_a_release_of_yesterday_does_not_answer_the_change_of_today() -> None:
    """What the shop changed after the release is a new problem."""
    later = NOW + 2 * DAY
    change = events.ShopChangeReported(at=later, modified_at=later, changes=("total",))
    assert codes(order(*READY, released("changed_in_shop"), change)) == ["changed_in_shop"]


def test_the_texts_name_the_figures() -> None:
    """A person sees amounts, names and pieces, without opening another page."""
    texts = {code: waiting.blockers(one, NOW + DAY)[0].text for code, one in PROBLEMS.items()}
    assert "10.00 EUR of 10.00 EUR" in texts["unpaid"]
    assert "(1 days)" in texts["unpaid"]
    assert "1 wanted, 0 available" in texts["short_stock"]
    assert "-1.00 EUR" in texts["total_mismatch"]
    assert "Article None" in texts["missing_sku"]
    assert "delivery address" in texts["changed_in_shop"]


def test_the_staffs_own_tasks_come_first() -> None:
    """What only waits for the customer stands last."""
    both = order(HoldPlaced(at=NOW, code="manual", text="Wait."))
    assert codes(both) == ["manual", "unpaid"]


def test_a_short_sku_that_has_come_in_since_is_no_reason_any_more() -> None:
    """Only what is still missing is named, the newest look at the shelf counts."""
    assert codes(order(paid(), short(), reserved())) == []
    later = replace(short(available=3, wanted=5), at=NOW + timedelta(hours=1))
    [blocker] = waiting.blockers(order(paid(), short(), later), NOW + DAY)
    assert blocker.since == later.at
    assert "5 wanted, 3 available" in blocker.text


def test_a_refund_owed_for_a_return_is_a_task_until_it_is_recorded() -> None:
    """The amount that is due stays visible until somebody paid it."""
    due = events.RefundDue(at=NOW, return_id="R1", amount=eur("10"))
    back = order(*GONE, authorized_return(), received_return({"l-TEE-1": 1}), due)
    assert codes(back) == ["refund_due"]
    assert codes(back.plus([refund("10.00", return_id="R1")])) == []


def test_money_of_a_cancelled_order_is_a_task_until_it_is_back() -> None:
    """Nobody keeps money for nothing: neither paid before nor after the cancellation."""
    assert codes(order(cancelled())) == []
    assert codes(order(paid(), cancelled())) == ["refund_due"]
    assert codes(order(cancelled(), paid())) == ["refund_due"]
    assert codes(order(paid(), cancelled(), refund("4.00"))) == ["refund_due"]
    assert codes(order(paid(), cancelled(), refund("10.00"))) == []


def test_a_late_cancellation_is_settled_by_paying_everything_back() -> None:
    """When all the money went back there is nothing left to decide."""
    assert codes(order(*GONE, cancelled(), refund("10.00"))) == []


def test_a_cancelled_order_waits_for_nothing_else() -> None:
    """Neither payment nor stock nor address matter any more."""
    assert codes(order(short(), cancelled(), what=bought(shipping=Address()))) == []


def test_invoice_customers_are_not_waited_for() -> None:
    """Who ships on acceptance is not stopped by an open invoice."""
    policy = Policy(ship_on="acceptance")
    assert codes(order(reserved(), policy=policy)) == []
    assert waiting.is_ready_to_ship(order(reserved(), policy=policy), NOW)


def test_a_hold_on_one_effect_does_not_stop_the_parcel() -> None:
    """A refused mail is a task beside the parcel; the same trouble with the parcel is not."""
    mail = HoldPlaced(at=NOW, code="refused", text="No such mailbox.", effect="mail:x:")
    one = order(*READY, mail)
    assert codes(one) == ["refused"]
    assert waiting.is_ready_to_ship(one, NOW)
    both = one.plus([HoldPlaced(at=NOW, code="refused", text="No parcels to there.")])
    assert not waiting.is_ready_to_ship(both, NOW)

"""Until when an order is to be paid, who is reminded, and what money that is lost means."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.domain import balance, billing, dunning, events, states, waiting
from chalicelib.domain.events import Policy
from chalicelib.domain.order import Order
from chalicelib.store.orders import head_of
from tests.console.samples import LOST, dunned
from tests.events import NOW, bought, eur, order, paid, reserved
from tests.histories import (
    authorized_return,
    cancelled,
    chargeback,
    document,
    shipped,
)

DAY = timedelta(days=1)
BY_BANK = bought(payment_method="Vorkasse")
ACCOUNT = Policy(ship_on="acceptance", invoice_on="shipment")


def unpaid(*facts: events.Fact, method: str = "Vorkasse", **policy: Any) -> Order:
    """Return an order to be paid by transfer."""
    return order(*facts, what=bought(payment_method=method), policy=Policy(**policy))


def test_prepayment_is_due_from_the_order_on() -> None:
    """Seven days by default, whatever the merchant says otherwise."""
    assert dunning.due_on(unpaid()) == date(2026, 11, 30)
    assert dunning.due_on(unpaid(payment_days=14)) == date(2026, 12, 7)


def test_on_account_nothing_is_due_before_the_invoice() -> None:
    """And then from its day on, however long the parcel took."""
    one = order(reserved(), what=BY_BANK, policy=ACCOUNT)
    assert dunning.due_on(one) is None
    assert dunning.next_at(one) is None
    later = NOW + 10 * DAY
    billed = one.plus([document("invoice", at=later)])
    assert dunning.due_on(billed) == date(2026, 12, 10)


@pytest.mark.parametrize(
    ("one", "why"),
    [
        (unpaid(), ""),
        (unpaid(paid("4.00")), ""),
        (unpaid(paid("10.00")), "paid"),
        (unpaid(cancelled()), "not_open"),
        (order(what=BY_BANK, accepted=False), "not_open"),
        (unpaid(method="Klarna Rechnung"), "not_by_transfer"),
        (unpaid(method="PayPal"), "not_by_transfer"),
        (unpaid(method="Bankeinzug"), "not_by_transfer"),
        (unpaid(method="SEPA Direct Debit"), "not_by_transfer"),
        (unpaid(method=""), ""),
        (unpaid(events.PaymentAuthorized(
            at=NOW, source="stripe", reference="pi", amount=eur("10"), booked_at=NOW)),
         "not_by_transfer"),
        (unpaid(paid("4.00"), chargeback("1.00")), "disputed"),
        (unpaid(events.HoldPlaced(at=NOW, code="manual", text="x.")), "held"),
        (unpaid(events.HoldPlaced(at=NOW, code="mail_bounced", text="x.",
                                  effect="mail:order_confirmation:")), ""),
        (unpaid(events.HoldPlaced(at=NOW, code="x", text="x.", effect="dunning")), "stopped"),
        (unpaid(events.ShopChangeReported(at=NOW, modified_at=NOW, changes=("total",))),
         "changed_in_shop"),
        (dunned(), ""),
        (dunned(authorized_return(lines={"l-TEE-1": 1})), "coming_back"),
        (dunned(events.CollectionHandedOver(at=NOW, by="staff")), "in_collection"),
    ],
)  # fmt: skip
def test_nobody_is_reminded_who_should_not_be(one: Order, why: str) -> None:
    """The reason is a code that the console has words for."""
    assert dunning.stopped_by(one) == why
    assert (dunning.next_at(one) is None) == bool(why)


def test_no_letters_are_no_cancellation_either() -> None:
    """Who was never asked again is not in default."""
    one = unpaid(dunning_levels=0)
    assert dunning.next_at(one) is None


def test_a_loss_settles_the_books_and_sends_no_goods() -> None:
    """Neither parcel nor invoice nor thanks; a discount that was granted is another matter."""
    lost = order(reserved(), LOST)
    assert balance.is_settled(lost)
    assert not balance.is_paid(lost)
    assert states.payment(lost) is states.Payment.UNPAID
    assert not billing.is_due(lost)
    assert not waiting.is_ready_to_ship(lost, NOW + DAY)
    (blocker,) = waiting.blockers(lost, NOW + DAY)
    assert (blocker.code, blocker.owner) == ("written_off", "staff")
    assert waiting.worklist(lost, NOW + DAY) == "on_hold"
    assert json.loads(head_of(lost, NOW).summary)["owed"] == 0


def test_what_was_sent_and_is_lost_is_over() -> None:
    """On account the goods are gone: the order is complete once nothing is expected any more."""
    facts = [reserved(), document("invoice"), *shipped(1, {"l-TEE-1": 1})]
    one = order(*facts, what=BY_BANK, policy=ACCOUNT)
    assert states.lifecycle(one) is states.Lifecycle.ACCEPTED
    over = one.plus([LOST])
    assert states.lifecycle(over) is states.Lifecycle.COMPLETED
    assert waiting.blockers(over, NOW + DAY) == []
    assert waiting.worklist(over, NOW + DAY) == "shipped"


def test_a_dunning_fee_holds_no_parcel_up() -> None:
    """What was bought is paid, so it leaves; the fee is a matter of its own."""
    fee = events.DunningFeeCharged(
        at=NOW, source="dunning", reference="level-2", amount=eur("2.50"), booked_at=NOW
    )
    one = unpaid(reserved(), fee, paid("10.00"), waive_fees_on_payment=False)
    assert not balance.is_settled(one)
    assert waiting.is_ready_to_ship(one, NOW + DAY)


def test_whose_turn_it_is_follows_the_letters() -> None:
    """The customer's while something comes by itself, then staff's, then the agency's."""
    late = events.PaymentOverdue(at=NOW)
    assert owner(unpaid(late)) == ("payment_overdue", "customer")
    assert owner(unpaid(late, dunning_levels=0)) == ("payment_overdue", "staff")
    assert owner(unpaid(late, method="PayPal")) == ("payment_overdue", "staff")
    assert owner(dunned(), NOW + 20 * DAY) == ("payment_overdue", "customer")
    assert owner(dunned(), NOW + 40 * DAY) == ("collection_due", "staff")
    handed = events.CollectionHandedOver(at=NOW, by="staff")
    assert owner(dunned(handed), NOW + 40 * DAY) == ("in_collection", "customer")


def owner(one: Order, now: Any = NOW) -> tuple[str, str]:
    """Return the code and the owner of the one blocker."""
    (blocker,) = (x for x in waiting.blockers(one, now) if x.code != "missing_sku")
    return blocker.code, blocker.owner


def test_what_has_left_is_never_cancelled_by_itself() -> None:
    """A prepaid order whose payment was taken back after its parcel had left is for collection."""
    letters = [events.DunningRaised(at=NOW, level=x, due_on=NOW.date()) for x in range(3)]
    undone = events.MovementUndone(at=NOW, of_source="stripe", of_reference="ref-10.00")
    one = unpaid(paid(), reserved(), *shipped(1, {"l-TEE-1": 1}), undone, *letters)
    assert balance.outstanding(one) == eur("10.00")
    assert not dunning.is_to_cancel(one)
    assert dunning.is_for_collection(one, NOW + 40 * DAY)
    bare = unpaid(*letters)
    assert dunning.is_to_cancel(bare)

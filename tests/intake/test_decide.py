"""What a shop's order means for what we know, whatever order its deliveries come in."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import balance, states, waiting
from chalicelib.domain.events import (
    Fact,
    OrderAccepted,
    OrderCancelled,
    OrderRevised,
    PaymentReceived,
    Policy,
    ShopChangeReported,
    ShopTold,
)
from chalicelib.domain.order import Address, Order
from chalicelib.intake.decide import decide, first_facts
from chalicelib.intake.port import Snapshot
from tests.contracts.stores import kinds
from tests.events import ANNA, NOW, bought, eur, line, order, paid, reserved
from tests.histories import document, shipped
from tests.intake.snapshots import snapshot

LATER = NOW + timedelta(hours=1)
BILLED = (document("invoice"),)


def first(told: Snapshot) -> Order:
    """Return the order that a first delivery makes."""
    facts = first_facts(told, NOW, delivery_id="d1", policy=Policy(), access_token="t")
    return Order(merchant_id="demo", id="o1", bought=told.bought).plus(facts)


def then(one: Order, told: Snapshot) -> Order:
    """Return the order after a further delivery."""
    news = decide(one, told, LATER)
    return one.plus(news.facts, bought=news.bought, reported=news.reported)


def test_an_order_that_adds_up_is_accepted_at_once() -> None:
    """Nobody needs to look at it."""
    assert kinds(first(snapshot()).facts) == ["OrderReceived", "OrderAccepted"]


def test_the_rules_and_the_delivery_are_frozen_into_the_order() -> None:
    """What the merchant changes later is for later orders."""
    policy = Policy(ship_on="acceptance", payment_days=30)
    facts = first_facts(snapshot(), NOW, delivery_id="d7", policy=policy, access_token="t7")
    received = next(facts)
    assert (received.policy, received.delivery_id, received.access_token) == (policy, "d7", "t7")  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (snapshot(total="10.01"), "total_mismatch"),
        (replace(snapshot(), bought=replace(bought(total="0"), lines=())), "no_lines"),
    ],
)
def test_an_order_that_does_not_add_up_waits_for_a_person(told: Snapshot, code: str) -> None:
    """It is kept with the difference named, and nothing is done with it."""
    one = first(told)
    assert states.lifecycle(one) is states.Lifecycle.RECEIVED
    assert code in {blocker.code for blocker in waiting.blockers(one, NOW)}


def test_an_order_that_arrives_paid_is_paid() -> None:
    """By the shop's word, under the name the shop gives the payment."""
    one = first(snapshot(paid="10.00", reference="pi_1"))
    [payment] = one.all(PaymentReceived)
    assert (payment.source, payment.reference, payment.amount) == ("shop", "pi_1", eur("10"))
    assert states.payment(one) is states.Payment.PAID


def test_an_order_that_arrives_cancelled_is_only_kept() -> None:
    """Neither accepted nor carried out."""
    one = first(snapshot(cancelled=True))
    assert kinds(one.facts) == ["OrderReceived", "OrderCancelled"]
    assert states.lifecycle(one) is states.Lifecycle.CANCELLED


def test_an_order_that_was_sent_before_we_knew_it_is_not_sent_again() -> None:
    """Nor confirmed: its customer has the goods. A person may take it on all the same."""
    one = first(snapshot(paid="10.00", fulfilled=True))
    assert not one.has(OrderAccepted)
    assert one.is_held("mail:order_confirmation:")
    assert {hold.code for hold in one.holds()} == {"fulfilled_in_shop"}


def test_the_same_delivery_again_adds_nothing() -> None:
    """Whatever it said, it is known."""
    for told in (snapshot(), snapshot(paid="10.00"), snapshot(cancelled=True)):
        one = first(told)
        assert then(one, told) is one


def test_a_later_delivery_brings_payment_and_cancellation() -> None:
    """Each once, however often it is told."""
    one = then(first(snapshot()), snapshot(paid="10.00", minutes=1))
    assert balance.is_settled(one)
    assert then(one, snapshot(paid="10.00", minutes=2)) is one
    gone = then(one, snapshot(paid="10.00", cancelled=True, minutes=3))
    assert kinds(gone.facts[3:]) == ["OrderCancelled"]
    assert then(gone, snapshot(paid="10.00", cancelled=True, minutes=3)) is gone


def test_what_an_older_delivery_claims_still_counts() -> None:
    """Deliveries overtake each other: a payment is no less true for being told late."""
    newest = first(snapshot(minutes=5))
    one = then(newest, snapshot(paid="10.00", minutes=1))
    assert balance.is_settled(one)
    assert not one.has(ShopChangeReported)


CHANGES: list[tuple[dict[str, Any], str]] = [
    ({"total": "12.00"}, "total 10.00 EUR → 12.00 EUR"),
    ({"shipping": replace(ANNA, street="Seestr. 1")}, "delivery address"),
    ({"billing": Address()}, "billing address"),
    ({"email": "ute@example.com"}, "e-mail address"),
    ({"vat_id": "DE136695976"}, "VAT id"),
    ({"buyer_reference": "991-33333TEST-33"}, "buyer reference"),
    ({"invoice_form": "xrechnung_ubl"}, "form of the invoice"),
    ({"number": "1043"}, "order number 1042 → 1043"),
]


@pytest.mark.parametrize(("what", "said"), CHANGES)
def test_a_newer_version_that_differs_is_taken_over(what: dict[str, Any], said: str) -> None:
    """Nothing is issued yet, so the order is what the shop says now; what changed is on record."""
    told = snapshot(minutes=1, **what)
    one = then(first(snapshot()), told)
    [revised] = one.all(OrderRevised)
    assert revised.changes == (said,)
    assert one.bought == told.bought
    assert not one.has(ShopChangeReported)


def test_changed_lines_are_named() -> None:
    """Added, removed, and more or fewer pieces."""
    old = first(snapshot(line("A"), line("B"), line("C", quantity=2)))
    new = snapshot(line("B"), line("C", quantity=1), line("D", quantity=3), minutes=1)
    [revised] = then(old, new).all(OrderRevised)
    assert revised.changes[1:] == (
        "line removed: 1 × Article A",
        "quantity of Article C: 2 → 1",
        "line added: 3 × Article D",
    )


@pytest.mark.parametrize(("facts", "kind"), [((), OrderRevised), (BILLED, ShopChangeReported)])
def test_every_version_counts_once_and_older_ones_never(
    facts: tuple[Fact, ...], kind: type[Fact]
) -> None:
    """The second change is what is newer than the first."""
    one = then(first(snapshot(minutes=1)).plus(facts), snapshot(minutes=3, total="12.00"))
    assert then(one, snapshot(minutes=3, total="12.00")) is one
    assert then(one, snapshot(minutes=2, total="11.00")) is one
    two = then(one, snapshot(minutes=4, total="13.00"))
    assert len(two.all(kind)) == 2


def test_a_newer_version_with_the_same_content_is_no_news() -> None:
    """Shops touch their orders all the time."""
    one = first(snapshot())
    assert then(one, snapshot(minutes=9, payment_method="Karte", locale="de")) is one


def test_goods_that_the_shop_sent_itself_are_not_sent_by_us() -> None:
    """The order is held, once, unless our own parcels have taken everything."""
    one = then(order(paid(), reserved()), snapshot(fulfilled=True))
    assert [hold.code for hold in one.holds()] == ["fulfilled_in_shop"]
    assert then(one, snapshot(fulfilled=True, minutes=1)) is one
    ours = order(paid(), reserved(), *shipped(1, {"l-TEE-1": 1}))
    assert then(ours, snapshot(fulfilled=True)) is ours


def test_a_shop_that_knows_no_part_of_an_order_is_not_taken_at_its_word() -> None:
    """Its "all sent" after our first parcel is only our own word come back."""
    told = ShopTold(at=NOW, what="shipped:1", reference="5500000001")
    one = order(paid(), reserved(), told)
    sent = replace(snapshot(fulfilled=True), is_sent_by_first=True)
    assert then(one, sent) is one
    assert then(one, snapshot(fulfilled=True)).holds()
    assert then(order(paid(), reserved()), sent).holds()


def test_a_cancellation_after_the_parcel_left_is_a_task() -> None:
    """It is on record, the order stays shipped, and staff is told."""
    gone = order(paid(), reserved(), *shipped(1, {"l-TEE-1": 1}))
    one = then(gone, snapshot(cancelled=True))
    assert one.has(OrderCancelled)
    assert states.lifecycle(one) is states.Lifecycle.COMPLETED
    assert [blocker.code for blocker in waiting.blockers(one, LATER)] == ["cancelled_late"]

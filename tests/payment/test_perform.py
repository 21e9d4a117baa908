"""The ledger: a movement is booked once on its order, or waits visibly until the order is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.deliveries import Delivery
from chalicelib.domain.errors import Retryable
from chalicelib.domain.events import (
    AuthorizationVoided,
    ChargebackRecorded,
    ChargebackReversed,
    FeeCharged,
    PaymentAuthorized,
    PaymentReceived,
    RefundFailed,
    RefundRecorded,
)
from chalicelib.domain.order import Order, order_id
from chalicelib.payment.perform import Ledger, movement, payment_id
from chalicelib.payment.port import MovementKind, Notice
from chalicelib.store.payments import ParkedPayment
from tests.events import NOW, bought, eur, line, order, stripe_succeeded
from tests.fakes import Database, FakeInbox, FakeOrders, FakeParking, Fuse
from tests.histories import cancelled
from tests.recorded.reading import delivery, recorded

PI = "stripe:received:pi_1"


class House:
    """Inbox, orders and parking in memory, and two shops."""

    def __init__(self) -> None:
        fuse = Fuse()
        self.inbox, self.parking = FakeInbox(fuse), FakeParking(fuse)
        self.orders = FakeOrders(Database(), fuse)
        self.numbers: dict[str, list[str]] = {}
        self.announced: list[tuple[Any, ...]] = []
        self.ledger = Ledger(
            inbox=self.inbox,
            orders=self.orders,
            parking=self.parking,
            shops_of=lambda _: ["demo-woo", "demo-shopify"],
            numbered=lambda _, number: self.numbers.get(number, []),
            trust=lambda delivery: delivery,
            announce=lambda *told: self.announced.append(told),
        )

    def place(self, shop: str = "demo-woo", external_id: str = "727", **what: Any) -> Order:
        """Create an order of a shop, to pay 38.92."""
        name = order_id(shop, external_id)
        sold = {"connection_id": shop, "external_id": external_id} | what
        one = order(what=bought(line(price="38.92"), **sold))
        empty = Order(merchant_id="demo", id=name, bought=one.bought)
        return self.orders.create(empty, one.facts)

    def told(self, key: str = "evt_1", **event: Any) -> str:
        """Put an event of Stripe into the inbox."""
        name = f"demo-stripe/{key}"
        self.inbox.deliveries[name] = Delivery(
            merchant_id="demo", connection_id="demo-stripe", kind="stripe", id=name,
            received_at=NOW, headers={}, body=stripe_succeeded(event=key, **event),
        )  # fmt: skip
        return name

    def disputed(self) -> None:
        """Put a dispute about `pi_1` into the inbox that names no order."""
        event = recorded("stripe", "dispute-created")
        event["data"]["object"]["payment_intent"] = "pi_1"
        name = "demo-stripe/evt_d"
        self.inbox.deliveries[name] = replace(delivery("stripe", event), id=name)

    def take(self, name: str = "demo-stripe/evt_1", *, merchant: str = "demo") -> None:
        """Process a delivery."""
        self.ledger.take(merchant, name, NOW)

    def payments(self, one: Order) -> list[str]:
        """Return the references that are booked on an order."""
        found = self.orders.load("demo", one.id)
        assert found
        return [fact.reference for fact in found.all(PaymentReceived)]


def test_a_payment_is_booked_on_the_order_it_names() -> None:
    """Once, however often the provider tells it, and under whatever event."""
    house = House()
    one = house.place()
    for key in ("evt_1", "evt_1", "evt_2"):
        house.take(house.told(key))
    assert house.payments(one) == ["pi_1"]
    assert house.parking.known == {}


def test_the_order_is_found_by_the_shops_id_before_its_number() -> None:
    """Ids are unique in a shop, numbers are what people see."""
    house = House()
    by_id, by_number = house.place(external_id="727"), house.place(external_id="1")
    house.numbers = {"727": [by_number.id]}
    house.take(house.told())
    assert (house.payments(by_id), house.payments(by_number)) == (["pi_1"], [])


def test_without_such_an_id_the_number_counts() -> None:
    """As long as it names one order."""
    house = House()
    one = house.place(external_id="9")
    house.numbers = {"727": [one.id]}
    house.take(house.told())
    assert house.payments(one) == ["pi_1"]


@pytest.mark.parametrize("by", ["id", "number"])
def test_two_orders_of_one_name_are_for_a_person_to_tell_apart(by: str) -> None:
    """Nothing is booked on a guess."""
    house = House()
    if by == "id":
        orders = [house.place("demo-woo"), house.place("demo-shopify")]
    else:
        orders = [house.place(external_id="1"), house.place(external_id="2")]
        house.numbers = {"727": [one.id for one in orders]}
    house.take(house.told())
    assert [house.payments(one) for one in orders] == [[], []]
    [waiting] = house.parking.parked("demo")[0]
    assert (waiting.id, waiting.reason) == (PI, "several")


def test_what_a_person_has_put_aside_is_booked_by_nobody() -> None:
    """Neither when it is told again nor when its order comes; undone, it is booked."""
    house = House()
    house.take(house.told())
    [waiting] = house.parking.parked("demo")[0]
    house.parking.known["demo", waiting.id] = replace(waiting, aside="not ours")
    order = house.place()
    house.take(house.told())
    assert house.payments(order) == []
    house.parking.known["demo", waiting.id] = waiting
    house.take(house.told())
    assert house.payments(order) == ["pi_1"]


def test_a_payment_without_a_known_order_waits_and_is_booked_when_it_comes() -> None:
    """The order may be told later than its payment; then nothing waits any more."""
    house = House()
    house.take(house.told())
    [waiting] = house.parking.parked("demo")[0]
    assert (waiting.amount, waiting.order_reference) == (eur("38.92"), "727")
    assert waiting.reason == "unknown"
    assert waiting.delivery_id == "demo-stripe/evt_1"
    one = house.place()
    house.ledger.retry("demo", PI, NOW)
    assert house.payments(one) == ["pi_1"]
    assert house.parking.parked("demo")[0] == []
    assert house.parking.known["demo", PI].order_id == one.id


def test_a_payment_that_names_no_order_waits() -> None:
    """An empty name finds nothing, not even an order without one."""
    house = House()
    house.place(external_id="")
    house.take(house.told(order_reference=""))
    assert [waiting.reason for waiting in house.parking.parked("demo")[0]] == ["unnamed"]


def test_a_payment_in_another_currency_waits_for_a_person() -> None:
    """Sums of different currencies are never mixed."""
    house = House()
    one = house.place()
    name = house.told()
    body = house.inbox.deliveries[name].body.replace(b'"eur"', b'"chf"')
    house.inbox.deliveries[name] = replace(house.inbox.deliveries[name], body=body)
    house.take(name)
    assert house.payments(one) == []
    assert [waiting.reason for waiting in house.parking.parked("demo")[0]] == ["currency"]


def test_an_order_that_comes_in_just_then_is_not_missed() -> None:
    """Whoever parks looks once more: the order was written while nothing waited for it yet."""
    house = House()
    park, placed = house.parking.park, list[Order]()

    def slowly(merchant_id: str, payment: ParkedPayment, now: datetime) -> None:
        placed.append(house.place())
        park(merchant_id, payment, now)

    house.parking.park = slowly  # type: ignore[method-assign]
    house.take(house.told())
    assert house.payments(placed[0]) == ["pi_1"]
    assert house.parking.parked("demo")[0] == []


def test_what_was_lost_on_the_way_is_not_tried() -> None:
    """A wake-up for a movement that is not there is nothing."""
    House().ledger.retry("demo", PI, NOW)


def test_what_a_person_decided_counts_more_than_what_the_provider_says() -> None:
    """A movement that was given to another order is booked there, and nowhere else."""
    house = House()
    house.take(house.told())
    named, chosen = house.place(external_id="727"), house.place(external_id="1")
    house.parking.claim("demo", PI, chosen.id)
    house.take()
    assert (house.payments(named), house.payments(chosen)) == ([], ["pi_1"])
    assert house.parking.parked("demo")[0] == []


def test_a_late_payment_of_a_cancelled_order_is_booked_all_the_same() -> None:
    """Money that came in is money that came in; a task to pay it back follows from it."""
    house = House()
    one = house.place()
    house.orders.record(one, [cancelled()])
    house.take(house.told())
    assert house.payments(one) == ["pi_1"]


def test_what_cannot_be_read_is_kept_for_a_person() -> None:
    """With the field and the reason; nothing is booked."""
    house = House()
    name = house.told(amount=-5)
    house.take(name)
    assert house.inbox.failures[name][0] == "bad_payload"
    assert house.parking.known == {}


def test_a_dispute_that_names_no_order_is_booked_where_its_payment_is() -> None:
    """Before the payment is known it waits; then it finds the order without anybody's help."""
    house = House()
    one = house.place()
    house.disputed()
    house.take("demo-stripe/evt_d")
    assert len(house.parking.parked("demo")[0]) == 1
    house.take(house.told())
    found = house.orders.load("demo", one.id)
    assert found
    assert [fact.reference for fact in found.all(ChargebackRecorded)] == ["du_1Test"]
    assert house.parking.parked("demo")[0] == []


def test_the_dispute_of_another_merchants_payment_finds_nothing() -> None:
    """Payments are remembered for each merchant alone."""
    house = House()
    house.parking.remember("other", "stripe", "pi_1", house.place().id)
    house.disputed()
    house.take("demo-stripe/evt_d")
    assert len(house.parking.parked("demo")[0]) == 1


def test_events_that_move_no_money_are_passed_over() -> None:
    """Nobody is bothered."""
    house = House()
    name = house.told()
    body = house.inbox.deliveries[name].body.replace(b"succeeded", b"created")
    house.inbox.deliveries[name] = replace(house.inbox.deliveries[name], body=body)
    house.take(name)
    assert (house.inbox.failures, house.parking.known) == ({}, {})


def test_no_merchant_books_anothers_delivery() -> None:
    """The wake-up's merchant must be the delivery's."""
    house = House()
    one = house.place()
    house.told()
    house.take(merchant="other")
    assert house.payments(one) == []


def test_trouble_of_the_database_flies_before_anything_is_settled() -> None:
    """The payment stays on the list until it is really booked."""
    house = House()
    house.take(house.told())
    house.place()

    def away(*_: Any) -> Any:
        raise Retryable("database", "away")

    house.orders.append = away  # type: ignore[method-assign]
    with pytest.raises(Retryable):
        house.take()
    assert len(house.parking.parked("demo")[0]) == 1


@pytest.mark.parametrize(
    ("kind", "fact"),
    [
        (MovementKind.AUTHORIZED, PaymentAuthorized),
        (MovementKind.RECEIVED, PaymentReceived),
        (MovementKind.REFUNDED, RefundRecorded),
        (MovementKind.REFUND_FAILED, RefundFailed),
        (MovementKind.CHARGED_BACK, ChargebackRecorded),
        (MovementKind.CHARGEBACK_REVERSED, ChargebackReversed),
        (MovementKind.AUTHORIZATION_VOIDED, AuthorizationVoided),
        (MovementKind.FEE, FeeCharged),
    ],
)
def test_every_kind_of_movement_is_a_fact_of_its_own(kind: MovementKind, fact: type) -> None:
    """With the provider's reference and the time it was booked there."""
    at = NOW - timedelta(hours=1)
    notice = Notice(kind=kind, reference="x1", order_reference="727", amount=eur("5"), booked_at=at)
    made = movement(notice, "stripe", NOW)
    assert type(made) is fact
    assert (made.source, made.reference, made.amount, made.booked_at) == (
        "stripe", "x1", eur("5"), at,
    )  # fmt: skip
    assert payment_id("stripe", notice) == f"stripe:{kind}:x1"


def test_the_kinds_of_movements_have_names_of_their_own() -> None:
    """A refund and a payment of the same reference are parked side by side."""
    house = House()
    base = ParkedPayment(
        id="", kind="", source="stripe", reference="x1", order_reference="", payer="",
        amount=eur("1"), booked_at=NOW, delivery_id="",
    )  # fmt: skip
    for kind in MovementKind:
        notice = Notice(
            kind=kind, reference="x1", order_reference="", amount=eur("1"), booked_at=NOW
        )
        house.parking.park("demo", replace(base, id=payment_id("stripe", notice)), NOW)
    assert len(house.parking.known) == len(MovementKind)


def test_a_report_that_is_ready_is_noted_for_the_night() -> None:
    """By the name that Adyen has signed, if it is of the account whose reports we may read."""
    house = House()
    body = recorded("adyen", "report-available")
    for account, told in (("BlattwerkECOM", 1), ("AnotherPOS", 1)):
        headers = {"x-kontor-setting-merchant_account": account}
        one = replace(delivery("adyen", body), id=account, headers=headers)
        house.inbox.deliveries[account] = one
        house.ledger.take("demo", account, NOW)
        assert len(house.announced) == told
    assert house.announced[0][2] == "settlement_detail_report_batch_7.csv"

"""Taking in a delivery: one order however often it comes, and nothing unreadable is lost."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import balance, events, states
from chalicelib.domain.deliveries import VERDICT, Delivery
from chalicelib.domain.errors import Conflict, Retryable
from chalicelib.domain.order import Order, order_id
from chalicelib.intake.perform import perform, take_in
from tests.events import NOW, woocommerce_order
from tests.fakes import Database, FakeInbox, FakeOrders, Fuse
from tests.intake.snapshots import snapshot

ORDER = order_id("demo-woo", "727")


class House:
    """Inbox and orders in memory, with what one merchant's rules are."""

    def __init__(self) -> None:
        self.fuse = Fuse()
        self.inbox, self.database = FakeInbox(self.fuse), Database()
        self.orders = FakeOrders(self.database, self.fuse)
        self.policy = events.Policy()
        self.read_now: list[tuple[str, str]] = []
        self.tells: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)

    def deliver(
        self, body: bytes, key: str = "k1", topic: str = "order.created", merchant: str = "demo"
    ) -> str:
        """Put a delivery into the inbox."""
        name = f"{merchant}-woo/{key}"
        self.inbox.deliveries[name] = Delivery(
            merchant_id=merchant, connection_id=f"{merchant}-woo", kind="woocommerce", id=name,
            received_at=NOW, headers={"x-wc-webhook-topic": topic}, body=body,
        )  # fmt: skip
        return name

    def take(self, name: str, *, merchant: str = "demo", minutes: int = 0) -> None:
        """Process a delivery."""
        perform(
            merchant, name, NOW + timedelta(minutes=minutes),
            inbox=self.inbox, orders=self.orders, policy_of=lambda _: self.policy,
            read_now=lambda *names: self.read_now.append(names),
            tells_of=self.tells.__getitem__,
        )  # fmt: skip

    @property
    def order(self) -> Order | None:
        """The order of these tests."""
        return self.orders.load("demo", ORDER)


def test_what_its_shop_is_to_be_told_is_frozen_into_the_order() -> None:
    """What the merchant changes later is for later orders, as with all his rules."""
    house = House()
    house.tells["demo-woo"] = ("ship",)
    body = woocommerce_order(status="pending")
    house.take(house.deliver(body))
    house.tells["demo-woo"] = ()
    house.take(house.deliver(body, "k2", "order.updated"))
    assert house.order
    assert house.order.received.tells == ("ship",)


def test_a_shops_order_becomes_ours() -> None:
    """Under a name that comes from connection and the shop's own id."""
    house = House()
    house.take(house.deliver(woocommerce_order()))
    assert house.order
    assert house.order.bought.number == "727"
    assert house.order.received.delivery_id == "demo-woo/k1"
    assert not house.order.bought.difference()


def test_a_repeated_delivery_changes_nothing() -> None:
    """Also when the repeat comes under another key, or much later."""
    house = House()
    house.take(house.deliver(woocommerce_order()))
    before = house.order
    house.take("demo-woo/k1", minutes=60)
    house.take(house.deliver(woocommerce_order(), "k2"), minutes=61)
    assert house.order == before


def test_the_customers_page_has_a_secret_that_nobody_guesses() -> None:
    """Every order its own, of at least 128 bits, and never written anew."""
    tokens = set()
    for number in range(5):
        house = House()
        house.take(house.deliver(woocommerce_order(number=number + 1)))
        order = house.orders.load("demo", order_id("demo-woo", f"{number + 1}"))
        assert order
        tokens.add(order.received.access_token)
    assert len(tokens) == 5
    assert min(map(len, tokens)) >= 22


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"not json", "body"),
        (b"[]", "body"),
        (b"{}", "currency"),
        (json.dumps({"id": 1, "currency": "XXX"}).encode(), "currency"),
        (woocommerce_order(quantity=-1), "line_items[0].quantity"),
    ],
)
def test_what_cannot_be_understood_is_kept_with_field_and_reason(body: bytes, field: str) -> None:
    """The message is done with; the raw body waits for a person."""
    house = House()
    name = house.deliver(body)
    house.take(name)
    code, text = house.inbox.failures[name]
    assert code == "bad_payload"
    assert text.startswith(f"{field}:")
    assert house.inbox.deliveries[name].body == body
    assert house.database.rows == {}


def test_what_is_not_about_orders_is_passed_over() -> None:
    """Nothing is made of it, and nobody is bothered."""
    house = House()
    house.take(house.deliver(b'{"id": 5}', topic="product.updated"))
    assert house.inbox.failures == {}
    assert house.database.rows == {}


def test_a_wake_up_for_nothing_is_nothing() -> None:
    """A delivery that is gone, or another merchant's."""
    house = House()
    house.deliver(woocommerce_order())
    house.take("demo-woo/k9")
    house.take("demo-woo/k1", merchant="other")
    assert house.database.rows == {}


def test_an_order_that_was_deleted_before_we_knew_it_is_not_made() -> None:
    """There is nothing to keep of it but its id, and that the shop has deleted it."""
    house = House()
    house.take(house.deliver(b'{"id": 727}', topic="order.deleted"))
    assert house.order is None
    assert house.orders.find("demo", ORDER).deleted_at == NOW
    assert house.inbox.failures == {}


def test_an_order_whose_deletion_overtook_it_is_made_cancelled() -> None:
    """It is there to be seen, with the reason, and nothing is done with it however often told."""
    house = House()
    house.take(house.deliver(b'{"id": 727}', "k2", topic="order.deleted"))
    for minutes in (1, 2):
        house.take(house.deliver(woocommerce_order(status="processing")), minutes=minutes)
        house.take("demo-woo/k2", minutes=minutes)
        assert house.order
        assert states.lifecycle(house.order) is states.Lifecycle.CANCELLED
    [fact] = house.order.all(events.OrderCancelled)
    assert (fact.by, fact.reason) == ("shop", "deleted or cancelled in the shop before it came")


def test_an_order_that_is_made_while_its_deletion_is_noted_is_cancelled_at_the_next_look() -> None:
    """Both workers have seen nothing; whoever looks again sees both."""
    house = House()
    house.take(house.deliver(woocommerce_order()))
    house.orders.bury("demo", ORDER, NOW)
    house.take("demo-woo/k1", minutes=5)
    assert house.order
    assert states.lifecycle(house.order) is states.Lifecycle.CANCELLED


def test_an_order_that_is_deleted_in_the_shop_is_cancelled_here() -> None:
    """What was bought stays as it was."""
    house = House()
    house.take(house.deliver(woocommerce_order()))
    house.take(house.deliver(b'{"id": 727}', "k2", topic="order.deleted"))
    assert house.order
    assert states.lifecycle(house.order) is states.Lifecycle.CANCELLED
    assert house.order.bought.lines


def test_when_another_worker_makes_the_order_first_ours_is_added_to_it() -> None:
    """Two first deliveries at once: one creates, the other's news is not lost."""
    house = House()
    create = house.orders.create

    def beaten(order: Any, facts: Any) -> Order:
        create(order, [fact for fact in facts if not isinstance(fact, events.PaymentReceived)])
        raise Conflict("conflict", "somebody else was faster")

    house.orders.create = beaten  # type: ignore[method-assign]
    house.take(house.deliver(woocommerce_order(status="processing")))
    assert house.order
    assert balance.is_settled(house.order)


def test_a_crash_before_the_lists_knew_the_order_is_mended_by_the_second_look() -> None:
    """The head that the router never wrote is written when the delivery is read again."""
    house = House()
    house.take(house.deliver(woocommerce_order()))
    assert house.database.heads == {}
    house.take("demo-woo/k1", minutes=5)
    [(head, wake_at)] = house.database.heads.values()
    assert head.worklist == "unpaid"
    assert wake_at


def test_trouble_of_the_database_flies() -> None:
    """The queue brings the delivery back; it is not counted as bad."""
    house = House()
    name = house.deliver(woocommerce_order())

    def away(*_: Any) -> Any:
        raise Retryable("database", "away")

    house.orders.find = away  # type: ignore[method-assign]
    with pytest.raises(Retryable):
        house.take(name)
    assert house.inbox.failures == {}


def test_the_rules_of_the_day_are_asked_for_new_orders_only() -> None:
    """A known order keeps its own."""
    house, asked = House(), []

    def policy_of(merchant: str) -> events.Policy:
        asked.append(merchant)
        return house.policy

    for minutes in (0, 1):
        take_in(
            "demo", snapshot(minutes=minutes), NOW,
            delivery_id="d", orders=house.orders, policy_of=policy_of,
        )  # fmt: skip
    assert asked == ["demo"]


def test_a_hint_has_the_shop_read_at_once() -> None:
    """An event that only names an order makes none; the order does not wait for the next poll."""
    house = House()
    written = {"entity": "order", "operation": "update", "primaryKey": "a1"}
    body = {"data": {"event": "order.written", "payload": [written]}, "source": {"shopId": "x"}}
    name = "demo-sw/k1"
    house.inbox.deliveries[name] = Delivery(
        merchant_id="demo", connection_id="demo-sw", kind="shopware", id=name,
        received_at=NOW, headers={}, body=json.dumps(body).encode(),
    )  # fmt: skip
    house.take(name)
    assert house.read_now == [("demo", "demo-sw")]
    assert house.orders.load("demo", order_id("demo-sw", "a1")) is None
    assert not house.inbox.failures


def test_a_delivery_that_nobody_has_checked_is_not_read() -> None:
    """Whoever forgets to have it checked changes no order by it."""
    house = House()
    name = house.deliver(woocommerce_order())
    given = house.inbox.deliveries[name]
    house.inbox.deliveries[name] = replace(given, headers={**given.headers, VERDICT: "unverified"})
    house.take(name)
    assert house.inbox.failures[name][0] == "bad_signature"
    assert house.database.rows == {}

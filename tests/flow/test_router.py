"""Router: new rows wake the steps they concern; no row, however broken, stops the others."""

from __future__ import annotations

import zlib
from base64 import b64encode
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.domain import events
from chalicelib.domain.commands import WakeUp
from chalicelib.domain.errors import Retryable
from chalicelib.domain.order import Order
from chalicelib.flow.router import handle, route
from chalicelib.flow.steps import STEPS, due
from chalicelib.runtime.batch import delivery_in, order_in
from chalicelib.store.orders import Head
from chalicelib.store.tables import stamp
from tests.events import NOW, bought, order, paid, reserved
from tests.fakes import World
from tests.flow.stream import Sent, appended, delivered, record
from tests.histories import authorized_return, document, received_return, shipped


class Shelved:
    """Orders by name; some cannot be read just now, some never."""

    def __init__(self, *orders: Order, away: str = "-", broken: str = "-") -> None:
        self.orders = {one.id: one for one in orders}
        self.away, self.broken = away, broken
        self.loads: list[str] = []
        self.projected: list[str] = []

    def follow(
        self, merchant_id: str, order_id: str, images: Sequence[dict[str, Any]], now: datetime
    ) -> tuple[Order | None, Head | None]:
        """Read an order."""
        self.loads.append(order_id)
        if order_id == self.away:
            raise Retryable("database", "away")
        if order_id == self.broken:
            raise KeyError("FactOfTomorrow")
        return self.orders.get(order_id), None

    def project(self, order: Order, head: Head | None, now: datetime) -> None:
        """Bring the lists up to date."""
        self.projected.append(order.id)


def named(name: str, *facts: events.Fact) -> Order:
    """Return an order with a name of its own."""
    one = order(*facts)
    return Order(merchant_id="demo", id=name, bought=one.bought, facts=one.facts)


def no_failures(answer: dict[str, Any]) -> bool:
    """Tell whether the whole batch is done with."""
    return answer == {"batchItemFailures": []}


@pytest.mark.parametrize(
    ("facts", "steps"),
    [
        ([], ["stock", "notification"]),
        ([reserved()], ["notification"]),
        ([reserved(), paid()], ["documents", "notification"]),
        ([reserved(), paid(), document("invoice"), *shipped(1, {"l-TEE-1": 1})],
         ["stock", "documents", "notification"]),
        ([paid(), authorized_return(), received_return({"l-TEE-1": 1})],
         ["stock", "returns", "documents", "notification"]),
    ],
)  # fmt: skip
def test_the_first_step_that_has_something_to_do_is_woken(
    facts: list[events.Fact], steps: list[str]
) -> None:
    """Its message names the order; its facts bring the next one."""
    queues, one = Sent(), named("o1", *facts)
    assert list(due(one, NOW)) == steps
    assert no_failures(handle([appended("demo#o1")], Shelved(one), queues))
    assert [(wake.step, wake.merchant_id, wake.order_id) for wake in queues.wakes] == [
        (steps[0], "demo", "o1")
    ]


def test_a_step_that_has_stopped_keeps_no_other_waiting() -> None:
    """After a dead letter the step stands still by its hold, and the next one is woken."""
    stopped = events.HoldPlaced(at=NOW, code="stock_failed", text="It failed five times.")
    queues = Sent()
    handle([appended("demo#o1")], Shelved(named("o1", stopped)), queues)
    assert [wake.step for wake in queues.wakes] == ["notification"]


def test_the_shop_and_the_customer_are_told_at_the_same_time() -> None:
    """A shop that is away keeps no customer from the mail, and one that wants nothing is quiet."""
    whole = [reserved(), paid(), document("invoice"), *shipped(1, {"l-TEE-1": 1})]
    done = [
        *whole,
        document("label", "1"),
        events.StockIssued(at=NOW, shipment=1, units=()),
    ]
    one = named("o1", *done)
    wants = replace(one, facts=(replace(one.received, tells=("ship",)), *one.facts[1:]))
    for told, steps in ((wants, ["writeback", "notification"]), (one, ["notification"])):
        queues = Sent()
        handle([appended("demo#o1")], Shelved(told), queues)
        assert [wake.step for wake in queues.wakes] == steps


def test_the_lists_are_brought_up_to_date_with_every_new_row() -> None:
    """A head follows its order, also when no step has anything to do."""
    orders = Shelved(named("o1"))
    handle([appended("demo#o1")], orders, Sent())
    assert orders.projected == ["o1"]


def test_an_order_is_routed_once_for_all_its_rows_of_a_batch() -> None:
    """What it needs is decided with the newest of them, and asked for once."""
    orders, queues = Shelved(named("o1"), named("o2")), Sent()
    batch = [appended("demo#o1", 1), appended("demo#o2", 1, number=2), appended("demo#o1", 2)]
    assert no_failures(handle(batch, orders, queues))
    assert orders.loads == ["o1", "o2"]


def test_a_delivery_wakes_the_step_that_reads_it() -> None:
    """Intake for shops, payment for providers; each delivery by its own name."""
    queues = Sent()
    batch = [
        delivered("demo#demo-woo", "k1", "intake"),
        delivered("demo#demo-woo", "k2", "intake"),
        delivered("demo#demo-stripe", "k1", "payment"),
    ]
    assert no_failures(handle(batch, Shelved(), queues))
    assert queues.names == {
        ("intake", "demo-woo/k1"),
        ("intake", "demo-woo/k2"),
        ("payment", "demo-stripe/k1"),
    }


def test_a_broken_row_is_parked_and_the_rest_of_the_batch_goes_on() -> None:
    """What we fail on becomes a dead letter, and so a hold; the router never raises."""
    orders, queues = Shelved(named("o1"), named("o2"), broken="bad"), Sent()
    batch = [appended(f"demo#{name}", number=n) for n, name in enumerate(("o1", "bad", "o2"), 1)]
    assert no_failures(handle(batch, orders, queues))
    assert ("dead_letters", "bad") in queues.names
    assert {name for _, name in queues.names} == {"o1", "bad", "o2"}


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"NewImage": {}},
        {"NewImage": {"pk": {"S": ""}}},
        {"NewImage": {"pk": {"S": "no-order-here"}, "sk": {"S": "EVENT#0001"}}},
        {"NewImage": {"pk": {"N": "1"}, "sk": {"S": "EVENT#0001"}}},
        {"NewImage": {"pk": {"S": "demo#demo-woo"}, "step": {"S": "intake"}}},
    ],
)
def test_a_record_of_no_known_shape_stops_nobody(odd: dict[str, Any]) -> None:
    """Whatever the stream carries, the orders beside it are routed."""
    queues = Sent()
    batch = [record({}, 1) | {"dynamodb": {"SequenceNumber": "1", **odd}}, appended("demo#o1")]
    assert no_failures(handle(batch, Shelved(named("o1")), queues))
    assert ("stock", "o1") in queues.names


def test_trouble_of_the_database_is_reported_from_the_first_row_it_met() -> None:
    """Lambda brings back that row and all after it; what came before is sent and done."""
    orders, queues = Shelved(named("o1"), named("o3"), away="o2"), Sent()
    batch = [appended(f"demo#o{number}", number=number) for number in (1, 2, 3)]
    assert handle(batch, orders, queues) == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert {name for _, name in queues.names} == {"o1"}


def test_when_the_queues_take_nothing_the_whole_batch_comes_back() -> None:
    """Nothing may be counted as done before its wake-ups are on their way."""
    with pytest.raises(Retryable):
        handle([appended("demo#o1")], Shelved(named("o1")), Sent(refuses=True))


def test_an_order_that_is_gone_wakes_nobody() -> None:
    """Erased or another stage's: there is nothing to do and nothing to complain of."""
    assert route(Shelved(), "demo#o9", [], NOW) == []


def test_a_step_whose_effect_is_held_is_not_woken() -> None:
    """Only a release brings it back; waking it would change nothing."""
    hold = events.HoldPlaced(at=NOW, code="x", text="x.", effect="mail:order_confirmation:")
    orders = Shelved(named("o1", reserved(), hold))
    assert route(orders, "demo#o1", [], NOW) == []
    release = events.HoldReleased(at=NOW, code="x", by="staff", effect="mail:order_confirmation:")
    again = Shelved(named("o1", reserved(), hold, release))
    assert [wake.step for wake in route(again, "demo#o1", [], NOW)] == ["notification"]


def test_the_router_asks_every_step_there_is() -> None:
    """No step is forgotten in the table that the router walks."""
    assert set(STEPS) == set(World().steps)


def test_one_merchant_never_wakes_anothers_order() -> None:
    """The merchant of a wake-up is that of the row."""
    queues = Sent()
    handle([appended("other#o1")], Shelved(named("o1")), queues)
    assert {wake.merchant_id for wake in queues.wakes} == {"other"}


def test_an_order_of_nothing_has_an_end() -> None:
    """An order without lines wakes no step but the one that writes to the customer."""
    empty = order(what=bought(total="0"), accepted=False)
    one = Order(merchant_id="demo", id="o1", bought=empty.bought, facts=empty.facts)
    assert {wake.step for wake in route(Shelved(one), "demo#o1", [], NOW)} <= {"notification"}


def test_payments_that_came_before_their_order_are_looked_at_with_its_first_row() -> None:
    """And with no other row; trouble with them is the row's trouble."""
    asked = []

    def early(order: Order) -> list[WakeUp]:
        asked.append(order.id)
        return [WakeUp(step="payment", merchant_id=order.merchant_id, payment_id="stripe:r:1")]

    queues = Sent()
    batch = [appended("demo#o1", 1, number=1), appended("demo#o2", 7, number=2)]
    handle(batch, Shelved(named("o1"), named("o2")), queues, early)
    assert asked == ["o1"]
    assert [wake.payment_id for wake in queues.wakes if wake.payment_id] == ["stripe:r:1"]

    def away(order: Order) -> list[WakeUp]:
        raise Retryable("database", "away")

    answer = handle(batch, Shelved(named("o1"), named("o2")), Sent(), away)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "1"}]}


@pytest.mark.parametrize(
    ("facts", "step", "is_hinted"),
    [
        ([], "stock", True),
        ([reserved()], "notification", True),
        ([reserved(), paid()], "documents", False),
    ],
)
def test_steps_that_append_before_they_act_are_told_what_the_router_knows(
    facts: list[events.Fact], step: str, *, is_hinted: bool
) -> None:
    """The others read the order themselves: their work cannot be refused by a version."""
    queues, one = Sent(), named("o1", *facts)
    handle([appended("demo#o1")], Shelved(one), queues)
    [wake] = queues.wakes
    assert (wake.step, order_in(wake)) == (step, one if is_hinted else None)


def test_a_delivery_comes_with_its_wake_up() -> None:
    """As the row's image has it; where that has none, it is read."""
    body = {"B": b64encode(zlib.compress(b'{"a": "b"}\n{}')).decode()}
    told = {"kind": {"S": "woocommerce"}, "received_at": {"S": stamp(NOW)}, "body": body}
    bare = delivered("demo#demo-woo", "k1", "intake")
    for more, is_there in ((told, True), ({}, False)):
        queues, one = Sent(), deepcopy(bare)
        one["dynamodb"]["NewImage"] |= more
        handle([one], Shelved(), queues)
        [wake] = queues.wakes
        found = delivery_in(wake)
        assert (found is not None) == is_there
        if found:
            assert (found.id, found.merchant_id, found.body) == ("demo-woo/k1", "demo", b"{}")
            assert found.headers == {"a": "b"}

"""Sweeper: what time or a lost wake-up has left behind is looked at again, in every order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.commands import WakeUp
from chalicelib.domain.errors import Retryable
from chalicelib.domain.events import MessageSent
from chalicelib.domain.order import Order
from chalicelib.flow.sweeper import EVERY, OVERLAP, SECOND_LOOK, Sweep, sweep
from chalicelib.store.documents import Counter
from chalicelib.store.merchants import Drawn, Registered
from chalicelib.store.register import Drawing
from tests.events import NOW, order, paid, reserved
from tests.flow.stream import Sent


class House:
    """The stores a sweep looks into: orders that are due, deliveries and parked payments."""

    def __init__(self, **orders: Order) -> None:
        self.orders = orders
        self.deliveries: list[tuple[str, str, datetime]] = []
        self.waiting: list[str] = []
        self.postponed: list[str] = []
        self.last: datetime | None = None
        self.standing: frozenset[tuple[str, str]] = frozenset()
        self.asked: list[tuple[str, str, str]] = []
        self.noted: datetime | None = None
        self.series: dict[str, int] = {}
        self.drawn: Mapping[str, Drawn] | None = None
        self.unreadable: dict[str, Exception] = {}
        self.awaits = False
        self.looked_since: list[datetime] = []

    def due(self, merchant_id: str, now: datetime) -> list[str]:
        """Return the ids of orders whose time has come."""
        return [*self.unreadable, *self.orders] if merchant_id == "demo" else []

    def load(self, merchant_id: str, order_id: str) -> Order | None:
        """Read an order."""
        if order_id in self.unreadable:
            raise self.unreadable[order_id]
        return self.orders.get(order_id)

    def postpone(self, order: Order, now: datetime) -> None:
        """Say when to look next."""
        self.postponed.append(order.id)

    def received_between(
        self, merchant_id: str, start: datetime, end: datetime
    ) -> Iterator[tuple[str, str]]:
        """Yield what came in."""
        if merchant_id == "away":
            raise Retryable("database", "away")
        yield from ((name, step) for name, step, at in self.deliveries if start <= at <= end)

    def ask(self, merchant_id: str, kind: str, subject: str, now: datetime) -> None:
        """Note that a standing job was asked for."""
        self.asked.append((merchant_id, kind, subject))

    def is_awaited(self, merchant_id: str, since: datetime) -> bool:
        """Tell whether money has waited for a new order."""
        self.looked_since.append(since)
        return self.awaits

    def note_sweep(self, merchant_id: str, now: datetime, drawn: Mapping[str, Drawn]) -> None:
        """Remember that one is done."""
        self.noted, self.drawn = now, drawn

    def counters(self, merchant_id: str) -> dict[str, Counter]:
        """Return how far each series is."""
        return {name: Counter(last=last) for name, last in self.series.items()}

    def unfiled(self, merchant_id: str, drawing: Drawing) -> list[str]:
        """Return the order of each number, all of which are without a document."""
        assert [drawing.days[0], drawing.days[-1]] == ["2026-11-22", "2026-11-23"]
        return [f"{drawing.series}-{x}" for x in range(drawing.first, drawing.last + 1)]

    def to_retry(self, merchant_id: str, last: datetime, now: datetime) -> list[str]:
        """List the movements that are to be tried again; asked for all since the last sweep."""
        assert now - last >= OVERLAP
        return self.waiting


def named(name: str, one: Order) -> Order:
    """Return the order under another name."""
    return Order(merchant_id="demo", id=name, bought=one.bought, facts=one.facts)


def swept(house: House, queues: Sent, *merchants: str, now: datetime = NOW) -> None:
    """Sweep some merchants, `demo` if none is named."""
    stores: Any = house
    one = Sweep(
        orders=stores,
        worklists=stores,
        inbox=stores,
        payments=stores,
        merchants=stores,
        register=stores,
        queues=queues,
        ask=house.ask,
        is_awaited=house.is_awaited,
    )
    known = [
        Registered(id=name, swept_at=house.last, standing=house.standing, drawn=house.drawn)
        for name in merchants or ("demo",)
    ]
    sweep(now, known, one)


def test_every_sweep_asks_the_shops_for_their_orders() -> None:
    """Those that lose calls, and those that make none; where nothing stands, nothing is asked."""
    house = House()
    swept(house, Sent())
    assert house.asked == []
    house.standing = frozenset({("poll", "demo-a"), ("poll", "demo-b")})
    swept(house, Sent())
    assert house.asked == [("demo", "poll", "demo-a"), ("demo", "poll", "demo-b")]


def test_money_that_came_before_its_order_is_matched_once_the_order_is_there() -> None:
    """Only where bank statements come in, something new did, and a transaction names it."""
    house, new = House(), NOW - SECOND_LOOK - timedelta(minutes=1)
    house.standing, house.awaits = frozenset({("rematch_bank", "bank")}), True
    house.last = NOW - EVERY
    swept(house, Sent())
    assert (house.asked, house.looked_since) == ([], [])
    house.deliveries = [("d1", "intake", new), ("d2", "payment", new)]
    swept(house, Sent())
    assert house.asked == [("demo", "rematch_bank", "bank")]
    assert house.looked_since[0] <= new - EVERY
    house.awaits = False
    swept(house, Sent())
    house.awaits, house.standing = True, frozenset()
    swept(house, Sent())
    assert len(house.asked) == 1


@pytest.mark.parametrize(
    ("last", "now", "times"),
    [
        (datetime(2026, 11, 23, 1, 55, tzinfo=UTC), datetime(2026, 11, 23, 2, 0, tzinfo=UTC), 1),
        (datetime(2026, 11, 23, 1, 55, tzinfo=UTC), datetime(2026, 11, 23, 9, 0, tzinfo=UTC), 1),
        (datetime(2026, 11, 23, 2, 0, tzinfo=UTC), datetime(2026, 11, 23, 2, 5, tzinfo=UTC), 0),
        (datetime(2026, 11, 22, 23, 0, tzinfo=UTC), datetime(2026, 11, 23, 1, 0, tzinfo=UTC), 0),
        (None, datetime(2026, 11, 23, 2, 0, tzinfo=UTC), 0),
    ],
)
def test_what_is_done_at_night_is_done_once_a_night(
    last: datetime | None, now: datetime, times: int
) -> None:
    """Also when the sweep of two o'clock did not happen; the books of every merchant, too."""
    house = House()
    house.last, house.standing = last, frozenset({("push_levels", "demo-a")})
    swept(house, Sent(), now=now)
    assert [kind for _, kind, _ in house.asked] == [
        "push_levels", "reconcile", "check_archive",
    ] * times  # fmt: skip


def test_an_order_that_is_due_wakes_its_steps_and_is_looked_at_later() -> None:
    """A wake-up that got lost is made up for; the next look comes later."""
    house, queues = House(o1=named("o1", order(reserved(), paid()))), Sent()
    swept(house, queues)
    assert {step for step, _ in queues.names} == {"documents", "notification"}
    assert house.postponed == ["o1"]


def test_an_order_with_nothing_to_do_is_only_postponed() -> None:
    """Waiting costs no message."""
    confirmed = order(reserved()).plus(_confirmation())
    house, queues = House(o1=named("o1", confirmed)), Sent()
    swept(house, queues)
    assert queues.wakes == []
    assert house.postponed == ["o1"]


def _confirmation() -> list[Any]:
    return [MessageSent(at=NOW, kind="order_confirmation", to="a@b.example", message_id="m")]


def test_nothing_is_postponed_before_its_wake_ups_are_on_their_way() -> None:
    """Had the queues refused them, the order would wait a day for nothing."""
    house = House(o1=named("o1", order()))
    swept(house, Sent(refuses=True))
    assert house.postponed == []


@pytest.mark.parametrize("error", [KeyError("FactOfTomorrow"), ValueError("bad row")])
def test_one_unreadable_order_keeps_no_other_waiting(error: Exception) -> None:
    """The oldest comes first, so a broken one would stop all the rest for ever."""
    house, queues = House(o2=named("o2", order())), Sent()
    house.unreadable["o1"] = error
    swept(house, queues)
    assert house.postponed == ["o2"]
    assert {name for _, name in queues.names} == {"o2"}


def test_trouble_with_one_merchant_stops_nobody() -> None:
    """Every merchant has its own sweep."""
    house, queues = House(o1=named("o1", order())), Sent()
    swept(house, queues, "away", "demo")
    assert house.postponed == ["o1"]


def test_every_delivery_is_looked_at_a_second_time() -> None:
    """Five minutes after it came in, when the stream should have brought it long ago."""
    house, queues = House(), Sent()
    house.deliveries = [
        ("demo-woo/new", "intake", NOW - timedelta(minutes=4)),
        ("demo-woo/due", "intake", NOW - timedelta(minutes=6)),
        ("demo-stripe/due", "payment", NOW - timedelta(minutes=14)),
        ("demo-woo/old", "intake", NOW - timedelta(minutes=16)),
    ]
    swept(house, queues)
    assert queues.names == {("intake", "demo-woo/due"), ("payment", "demo-stripe/due")}


def test_after_a_long_stop_everything_since_the_last_sweep_is_looked_at() -> None:
    """What was answered 2xx is not forgotten, however long the house stood still."""
    house, queues = House(), Sent()
    house.deliveries = [
        ("demo-woo/lost", "intake", NOW - timedelta(hours=5)),
        ("demo-woo/done", "intake", NOW - timedelta(hours=7)),
    ]
    house.last = NOW - timedelta(hours=6)
    swept(house, queues)
    assert queues.names == {("intake", "demo-woo/lost")}
    assert house.noted == NOW


def test_a_sweep_that_failed_is_not_taken_for_done() -> None:
    """The next one starts from where the last good one was."""
    house = House(o1=named("o1", order()))
    swept(house, Sent(refuses=True))
    assert house.noted is None


def test_a_skipped_sweep_leaves_no_hole() -> None:
    """Two sweeps overlap, so every moment is looked at by at least two of them."""
    assert OVERLAP >= 2 * EVERY
    assert timedelta(minutes=1) <= SECOND_LOOK <= timedelta(minutes=15)


def test_a_number_that_was_drawn_before_the_last_sweep_is_looked_at_once() -> None:
    """A sweep or two later, when it should be filed; numbers from before there was this are not."""
    house = House()
    house.series = {"RE": 40}
    seen = list[set[tuple[str, str]]]()
    for last in (40, 42, 42, 42):
        house.series["RE"] = last
        queues = Sent()
        swept(house, queues)
        seen.append(queues.names)
    assert seen == [set(), set(), {("documents", "RE-41"), ("documents", "RE-42")}, set()]
    house.series["RK"] = 1
    swept(house, Sent())
    queues = Sent()
    swept(house, queues)
    assert queues.names == {("documents", "RK-1")}


def test_a_parked_payment_is_tried_again() -> None:
    """Its order may have come in since; nothing of its delivery is read again."""
    house, queues = House(), Sent()
    house.waiting = ["stripe:received:pi_1"]
    swept(house, queues)
    assert queues.wakes == [
        WakeUp(step="payment", merchant_id="demo", payment_id="stripe:received:pi_1")
    ]

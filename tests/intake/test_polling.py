"""Polling: no order between two polls is missed, none is saved for nothing, none comes twice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from chalicelib.domain.deliveries import Delivery
from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.intake import polling, woocommerce
from chalicelib.intake.polling import AHEAD, BEFORE, OVERLAP, REMEMBERED, Poller
from chalicelib.shops.port import Page
from chalicelib.shops.reach import Reached
from chalicelib.store.connections import Connection
from chalicelib.store.inbox import short
from chalicelib.store.jobs import Job, new_job
from tests.events import NOW

SHOP = Connection(
    merchant_id="demo", id="demo-woo", kind="woocommerce", name="Blattwerk", created_at=NOW
)
PER_PAGE = 2


@dataclass
class Shop:
    """A shop that answers with the orders changed in a span, two to a page."""

    changed: dict[str, datetime] = field(default_factory=dict)
    asked: list[tuple[datetime, datetime, str]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    def orders(self, api: Any, *, since: datetime, until: datetime, cursor: str = "") -> Page:
        """Return a page of what was changed."""
        self.asked.append((since, until, cursor))
        if self.fails:
            raise self.fails.pop()
        found = sorted((at, name) for name, at in self.changed.items() if since <= at <= until)
        return self._page([name for _, name in found], cursor)

    def open_orders(self, api: Any, *, cursor: str = "") -> Page:
        """Return a page of all of them."""
        return self._page(sorted(self.changed), cursor)

    def _page(self, names: list[str], cursor: str) -> Page:
        first = int(cursor or 0)
        bodies = tuple(
            f"{name} {self.changed[name]}".encode() for name in names[first : first + PER_PAGE]
        )
        following = str(first + PER_PAGE) if len(names) > first + PER_PAGE else ""
        return Page(
            bodies=bodies,
            headers={"x-wc-webhook-topic": "order.updated"},
            cursor=following,
            total=None if cursor else len(names),
        )


@dataclass
class Letterbox:
    """An inbox that counts how often it is asked to save."""

    kept: dict[str, Delivery] = field(default_factory=dict)
    saves: int = 0
    fails: list[Exception] = field(default_factory=list)

    def save(self, delivery: Delivery, *, step: str) -> bool:
        """Keep a delivery."""
        assert step == "intake"
        self.saves += 1
        if self.fails:
            raise self.fails.pop()
        is_new = delivery.id not in self.kept
        self.kept.setdefault(delivery.id, delivery)
        return is_new

    def names(self) -> list[str]:
        """Return the orders that were saved."""
        return sorted(delivery.body.decode().split()[0] for delivery in self.kept.values())


@dataclass
class House:
    """A shop, an inbox, and a job between them."""

    shop: Shop = field(default_factory=Shop)
    inbox: Letterbox = field(default_factory=Letterbox)
    connection: Connection | None = SHOP
    job: Job = field(
        default_factory=lambda: new_job("demo", "poll", NOW, subject="demo-woo", is_standing=True)
    )

    def slice(self, now: datetime) -> Job:
        """Do one slice."""
        poller = Poller(
            connection_of=lambda _: self.connection,
            enter=lambda _: Reached(shop=self.shop, api=SimpleNamespace()),
            inbox=self.inbox,
        )
        self.job = poller.advance(self.job, now)
        return self.job

    def poll(self, now: datetime) -> Job:
        """Poll to the end, as the runner does."""
        self.job = replace(self.job, state="running", cursor={}, done=0, total=None)
        for minute in self._minutes():
            if self.slice(now + minute).is_over:
                break
        return self.job

    def _minutes(self) -> Iterator[timedelta]:
        for minute in range(1000):
            yield timedelta(minutes=minute)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    """Return an empty shop that can be asked for everything."""
    monkeypatch.setattr(polling, "can", lambda kind, what: kind == "woocommerce")
    return House()


def test_the_first_poll_begins_a_day_before_the_connection_was_made(house: House) -> None:
    """Orders of the evening before are taken in; those of last year are for the import."""
    house.shop.changed = {"old": NOW - timedelta(days=3), "new": NOW - timedelta(hours=5)}
    house.poll(NOW + timedelta(minutes=5))
    assert house.shop.asked[0][0] == NOW - BEFORE - OVERLAP
    assert house.inbox.names() == ["new"]


def test_what_is_saved_looks_like_a_delivery_of_the_connection(house: House) -> None:
    """Intake reads it as it reads a webhook."""
    house.shop.changed = {"o1": NOW}
    house.poll(NOW + timedelta(minutes=5))
    [kept] = house.inbox.kept.values()
    assert (kept.merchant_id, kept.connection_id, kept.kind) == ("demo", "demo-woo", "woocommerce")
    key = woocommerce.delivery_key(kept.body, kept.headers)
    assert kept.id == f"demo-woo/{short(key)}", "known, if a webhook has brought it"
    assert kept.headers == {"x-wc-webhook-topic": "order.updated"}
    assert kept.body.startswith(b"o1 ")


def test_many_pages_are_read_one_a_slice_with_their_progress(house: House) -> None:
    """A thousand orders are no trouble for a function that has minutes."""
    house.shop.changed = {f"o{n}": NOW + timedelta(seconds=n) for n in range(5)}
    done = [house.slice(NOW + timedelta(minutes=5)).done for _ in range(3)]
    assert done == [2, 4, 5]
    assert (house.job.state, house.job.total) == ("done", 5)
    assert house.job.result == {"polled_at": "2026-11-23T08:05:00.000Z", "orders": 5}
    assert len({until for _, until, _ in house.shop.asked}) == 1, "one span for all pages"


def test_each_poll_begins_where_the_last_one_ended_less_the_overlap(house: House) -> None:
    """Clocks differ, and an order may show a little after its time."""
    house.poll(NOW + timedelta(minutes=5))
    house.poll(NOW + timedelta(minutes=10))
    assert house.shop.asked[1][:2] == (
        NOW + timedelta(minutes=5) - OVERLAP, NOW + timedelta(minutes=10) + AHEAD,
    )  # fmt: skip


def test_what_changed_in_this_very_second_or_by_a_clock_ahead_is_seen(house: House) -> None:
    """A shop tells us of a change and is asked at once: its answer must hold it."""
    house.shop.changed = {"now": NOW, "ahead": NOW + timedelta(minutes=3)}
    house.poll(NOW)
    assert house.inbox.names() == ["ahead", "now"]


def test_a_poll_that_fails_begins_again_where_the_last_good_one_ended(house: House) -> None:
    """However long the shop was away: nothing between is skipped."""
    house.poll(NOW)
    house.shop.changed = {"lost": NOW + timedelta(minutes=3)}
    house.shop.fails = [Retryable("outside_down", "away")] * 3
    for hour in range(3):
        with pytest.raises(Retryable):
            house.poll(NOW + timedelta(hours=hour, minutes=5))
    house.poll(NOW + timedelta(hours=9))
    assert house.inbox.names() == ["lost"]


@pytest.mark.parametrize("dies_at", range(1, 6))
def test_what_was_not_saved_is_never_behind_us(house: House, dies_at: int) -> None:
    """A database that fails in the middle of a page leaves the page to be read again."""
    house.shop.changed = {f"o{n}": NOW + timedelta(seconds=n) for n in range(5)}
    real = house.inbox.save

    def save(delivery: Delivery, *, step: str) -> bool:
        if house.inbox.saves + 1 == dies_at:
            house.inbox.saves += 1
            raise Retryable("database", "away")
        return real(delivery, step=step)

    house.inbox.save = save  # type: ignore[method-assign]
    with pytest.raises(Retryable):
        house.poll(NOW + timedelta(minutes=5))
    # The span goes on as it was, and the next poll is an hour later.
    for _ in range(3):
        if house.slice(NOW + timedelta(hours=1)).is_over:
            break
    assert house.inbox.names() == [f"o{n}" for n in range(5)]


def test_an_unchanged_order_costs_no_write_with_the_next_poll(house: House) -> None:
    """Polls overlap, so each order is seen two or three times; a changed one is saved again."""
    house.shop.changed = {"o1": NOW, "o2": NOW}
    house.poll(NOW + timedelta(minutes=1))
    house.poll(NOW + timedelta(minutes=6))
    assert house.inbox.saves == 2
    house.shop.changed["o2"] = NOW + timedelta(minutes=7)
    house.poll(NOW + timedelta(minutes=11))
    assert house.inbox.saves == 3
    house.poll(NOW + timedelta(hours=5))
    house.poll(NOW + timedelta(hours=6))
    assert house.inbox.saves == 3
    assert house.job.memory["seen"] == [], "only what may be seen again is remembered"


def test_what_is_remembered_stays_small(house: House) -> None:
    """The job's row holds names of bodies, not thousands of them."""
    house.shop.changed = {f"o{n:04}": NOW + timedelta(seconds=n / 10) for n in range(900)}
    house.poll(NOW + timedelta(minutes=5))
    assert len(house.job.memory["seen"]) == REMEMBERED
    assert len(house.inbox.kept) == 900


def test_the_import_reads_all_open_orders_and_knows_how_many(house: House) -> None:
    """Once, from the first page to the last; asked again it begins anew."""
    house.shop.changed = {f"o{n}": NOW - timedelta(days=90) for n in range(5)}
    house.job = new_job("demo", "import_open", NOW, subject="demo-woo", is_standing=True)
    assert house.slice(NOW).total == 5
    assert house.poll(NOW).state == "done"
    assert house.inbox.names() == [f"o{n}" for n in range(5)]


@pytest.mark.parametrize(
    ("connection", "code"),
    [
        (None, "unknown_connection"),
        (replace(SHOP, merchant_id="other"), "unknown_connection"),
        (replace(SHOP, kind="generic"), "not_offered"),
    ],
)
def test_a_connection_that_is_gone_or_can_not_be_asked_ends_the_job(
    house: House, connection: Connection | None, code: str
) -> None:
    """With its reason; and never with another merchant's orders."""
    house.connection = connection
    with pytest.raises(Permanent) as error:
        house.slice(NOW)
    assert error.value.code == code
    assert house.inbox.saves == 0

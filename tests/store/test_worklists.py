"""Work lists: pages without holes or twins, by number, and what is due, each merchant's own."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain import events
from chalicelib.domain.order import Order
from chalicelib.store.order_rows import OrderRow
from chalicelib.store.orders import FIRST_WAKE, LAST_WAKE, Orders
from chalicelib.store.worklists import BLANK, Worklists
from tests.events import NOW, bought, order, paid, reserved
from tests.histories import cancelled, shipped

pytestmark = pytest.mark.engine
GONE = [paid(), reserved(), *shipped(1, {"l-TEE-1": 1})]


def place(merchant: str, number: int, *facts: events.Fact, name: str = "") -> Order:
    """Write an order with its head, received as many minutes after eight as its number says."""
    at = NOW + timedelta(minutes=number)
    what = bought(number=name or f"{1000 + number}", external_id=f"{number}")
    first = order(*facts, what=what)
    received = replace(first.facts[0], at=at)
    empty = Order(merchant_id=merchant, id=f"o{number}", bought=what)
    created = Orders().create(empty, (received, *first.facts[1:]))
    Orders().project(created, None, NOW)
    return created


def walk(merchant: str, worklist: str, limit: int, *, newest: bool = False) -> list[list[str]]:
    """Return the pages of a list."""
    pages: list[list[str]] = []
    start: dict[str, Any] | None = None
    for _ in range(20):
        page = Worklists().page(merchant, worklist, limit=limit, start=start, newest=newest)
        pages.append([listed.order_id for listed in page.items])
        if (start := page.next) is None:
            break
    return pages


def test_a_list_is_read_page_by_page_oldest_first(merchant: str) -> None:
    """Every order once, in the order they came in."""
    for number in (3, 1, 5, 2, 4):
        place(merchant, number)
    pages = walk(merchant, "unpaid", 2)
    assert [name for page in pages for name in page] == ["o1", "o2", "o3", "o4", "o5"]
    assert max(map(len, pages)) == 2
    assert Worklists().count(merchant, "unpaid") == 5


def test_history_is_read_newest_first(merchant: str) -> None:
    """Nobody looks for the first parcel ever sent."""
    for number in (1, 2, 3):
        place(merchant, number, *GONE)
    assert walk(merchant, "shipped", 10, newest=True)[0] == ["o3", "o2", "o1"]


def test_an_order_lies_on_one_list_and_moves(merchant: str) -> None:
    """Paid, it leaves the list of the unpaid."""
    one = place(merchant, 1)
    _, head = Orders().load_with_head(merchant, "o1")
    Orders().project(Orders().append(one, [paid()]), head, NOW)
    assert walk(merchant, "unpaid", 10) == [[]]
    assert walk(merchant, "to_ship", 10) == [["o1"]]


def test_a_listed_order_shows_what_a_list_needs(merchant: str) -> None:
    """Name, sum, states and reasons, without reading the order."""
    place(merchant, 1)
    [listed] = Worklists().page(merchant, "unpaid", limit=5, start=None, newest=False).items
    assert (listed.number, listed.worklist) == ("1001", "unpaid")
    assert listed.summary["name"] == "Anna Beispiel"
    assert listed.summary["total"] == {"minor": 1000, "currency": "EUR"}
    assert listed.summary["blockers"] == ["unpaid"]


def test_orders_are_found_by_the_beginning_of_their_number(merchant: str) -> None:
    """As people type it, the exact one first."""
    place(merchant, 1, name="104")
    place(merchant, 2, name="1042")
    place(merchant, 3, name="999")
    found = [listed.number for listed in Worklists().by_number(merchant, "104")]
    assert found == ["104", "1042"]
    assert Worklists().by_number(merchant, "5") == []


def test_heads_are_found_by_id(merchant: str) -> None:
    """Those that exist; unknown ones are left out."""
    place(merchant, 1)
    found = Worklists().find(merchant, ["o1", "o2"])
    assert [listed.order_id for listed in found] == ["o1"]
    assert Worklists().find(merchant, []) == []


def test_open_orders_come_due_and_closed_ones_never(merchant: str) -> None:
    """The first look comes a quarter of an hour after the head was written."""
    place(merchant, 1)
    place(merchant, 2, *GONE)
    place(merchant, 3, cancelled())
    soon = NOW + FIRST_WAKE
    assert Worklists().due(merchant, soon - timedelta(milliseconds=1)) == []
    assert Worklists().due(merchant, soon) == ["o1"]


def test_after_a_look_the_next_comes_later_and_later(merchant: str) -> None:
    """Young orders are looked at often, old ones once a day."""
    one = place(merchant, 1)
    Orders().postpone(one, NOW + timedelta(minutes=1))
    assert Worklists().due(merchant, NOW + timedelta(minutes=1) + FIRST_WAKE) == ["o1"]
    late = NOW + timedelta(days=9)
    Orders().postpone(one, late)
    assert Worklists().due(merchant, late + LAST_WAKE - timedelta(seconds=1)) == []
    assert Worklists().due(merchant, late + LAST_WAKE) == ["o1"]


def test_a_new_fact_does_not_put_the_next_look_off(merchant: str) -> None:
    """An order that is busy is still looked at in time."""
    one = place(merchant, 1)
    _, head = Orders().load_with_head(merchant, "o1")
    Orders().project(Orders().append(one, [paid()]), head, NOW + timedelta(minutes=14))
    assert Worklists().due(merchant, NOW + FIRST_WAKE) == ["o1"]


def test_a_head_that_would_look_the_same_is_not_written(merchant: str) -> None:
    """Facts that no list shows cost no write."""
    one = place(merchant, 1)
    _, before = Orders().load_with_head(merchant, "o1")
    sent = events.MessageSent(at=NOW, kind="order_confirmation", to="a@b.example", message_id="m")
    Orders().project(Orders().append(one, [sent]), before, NOW)
    _, after = Orders().load_with_head(merchant, "o1")
    assert after == before


def test_no_list_shows_another_merchants_orders(merchant: str) -> None:
    """Not by name, number, id, time, nor by a merchant whose name begins the same."""
    place(merchant, 1)
    for other in ("other", merchant[:-1], f"{merchant}x", f"{merchant}#o1", "%", "*"):
        assert walk(other, "unpaid", 10) == [[]]
        assert Worklists().count(other, "unpaid") == 0
        assert Worklists().by_number(other, "1") == []
        assert Worklists().find(other, ["o1"]) == []
        assert Worklists().due(other, NOW + timedelta(days=99)) == []


def test_a_head_of_before_is_listed_like_one_of_today(merchant: str) -> None:
    """An order that nobody has touched since an update must not break the list it stands on."""
    place(merchant, 1)
    row = next(iter(OrderRow.query(f"{merchant}#o1", OrderRow.sk == "HEAD")))
    told = json.loads(row.summary)
    for name in BLANK:
        told.pop(name)
    row.update([OrderRow.summary.set(json.dumps(told))])
    [listed] = Worklists().page(merchant, "unpaid", limit=5, start=None, newest=False).items
    assert listed.summary == told | BLANK

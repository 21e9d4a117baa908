"""Many at once on the real engine: one wins, nobody is lost, nothing is sold or numbered twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest

from chalicelib.domain.errors import Conflict
from chalicelib.domain.events import NoteAdded, StockIssued, StockReserved, Units
from chalicelib.domain.levels import Cause
from chalicelib.store.allocation import StockOrders
from chalicelib.store.orders import Orders
from chalicelib.store.stock import Shelf
from tests.contracts.stores import Stores, real_stores
from tests.contracts.test_stores_documents import draw
from tests.contracts.test_stores_inbox import delivery
from tests.events import NOW, paid

pytestmark = pytest.mark.engine
T = TypeVar("T")


@pytest.fixture
def stores(merchant: str) -> Stores:
    """Return the stores of the product."""
    return real_stores(merchant)


def at_once(count: int, work: Callable[[int], T]) -> list[T]:
    """Do something in as many threads."""
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


def won(work: Callable[[int], Any]) -> Callable[[int], bool]:
    """Tell whether somebody's work was the one that counted."""

    def attempt(number: int) -> bool:
        try:
            work(number)
        except Conflict:
            return False
        return True

    return attempt


def note(number: int) -> NoteAdded:
    """Return somebody's own note."""
    return NoteAdded(at=NOW + timedelta(milliseconds=number), text=f"{number}", by="staff")


def test_ten_deliveries_of_one_order_make_one_order(stores: Stores) -> None:
    """One creates it, nine are told that it is there."""
    assert sum(at_once(10, won(lambda n: stores.place(note(n))))) == 1
    assert len(stores.load().all(NoteAdded)) == 1


def test_ten_appends_to_the_same_version_are_one(stores: Stores) -> None:
    """Of ten who have seen the same order one appends."""
    seen = stores.place()
    assert sum(at_once(10, won(lambda n: Orders().append(seen, [note(n)])))) == 1
    assert stores.load().version == 2


def test_ten_records_at_once_are_ten_facts(stores: Stores) -> None:
    """What has happened is never lost, however many tell something else at the same time."""
    seen = stores.place()

    def tell(number: int) -> None:
        done = False
        while not done:  # a crowd of ten may need the queue's second try
            done = won(lambda n: Orders().record(seen, [note(n)]))(number)

    at_once(10, tell)
    assert {fact.text for fact in stores.load().all(NoteAdded)} == {f"{n}" for n in range(10)}
    assert stores.load().version == 11


def test_the_same_movement_told_ten_times_at_once_is_booked_once(stores: Stores) -> None:
    """Ten webhooks of one payment: one fact."""
    seen = stores.place()
    at_once(10, lambda n: Orders().record(seen, [replace(paid(), at=note(n).at)]))
    assert len(stores.load().facts) == 3


def test_eight_clerks_draw_numbers_without_gap_or_twin(stores: Stores) -> None:
    """Forty documents in eight threads: numbers one to forty, each once."""

    def clerk(number: int) -> list[str]:
        return [_draw(stores, f"{number}-{one}") for one in range(5)]

    drawn = [number for numbers in at_once(8, clerk) for number in numbers]
    assert sorted(drawn) == [f"RE-{number:05}" for number in range(1, 41)]


def _draw(stores: Stores, about: str) -> str:
    for _ in range(20):  # where eight crowd, the queue brings some back
        try:
            return draw(stores, about)
        except Conflict:
            continue
    raise AssertionError(about)


def test_one_document_wanted_by_eight_has_one_number(stores: Stores) -> None:
    """Eight workers issue the same invoice: the first draws, the others read."""
    assert at_once(8, lambda _: _draw(stores, "")) == ["RE-00001"] * 8
    assert _draw(stores, "next") == "RE-00002"


def test_twenty_orders_on_seven_units_sell_seven(stores: Stores) -> None:
    """Nobody oversells, and who came too late has moved nothing."""
    stores.shelve("A", 7)
    fact = StockReserved(at=NOW, units=(Units(sku="A", quantity=1),))

    def order(number: int) -> bool:
        one = stores.place(name=f"o{number}")
        for _ in range(30):
            try:
                StockOrders().record(one, [fact])
            except Conflict:
                if stores.level("A")[0] < 1:
                    return False
            else:
                return True
        raise AssertionError(number)

    assert sum(at_once(20, order)) == 7
    assert stores.level("A") == (0, 7)
    reserved = [stores.load(f"o{number}").has(StockReserved) for number in range(20)]
    assert sum(reserved) == 7


@pytest.mark.parametrize("moved", ["reserved", "sent", "sold elsewhere"])
def test_a_count_of_the_shelf_that_is_out_of_date_is_refused(stores: Stores, moved: str) -> None:
    """Units moved while somebody counted: what was counted must not undo it."""
    stores.shelve("A", 7)
    units = (Units(sku="A", quantity=2),)
    one = StockOrders().record(stores.place(), [StockReserved(at=NOW, units=units)])
    seen = Shelf().products(stores.merchant, ["A"], ["main"])["A"].at("main")
    counted = Cause(kind="count", at=NOW)
    if moved == "reserved":
        later = StockReserved(at=NOW + timedelta(minutes=1), units=units)
        StockOrders().record(one, [later])
    elif moved == "sent":
        StockOrders().record(one, [StockIssued(at=NOW, shipment=1, units=units)])
    else:
        Shelf().adjust(stores.merchant, "A", "main", -2, counted)
    before = stores.level("A")
    with pytest.raises(Conflict):
        Shelf().count(stores.merchant, "A", seen, 9, counted)
    assert stores.level("A") == before


def test_a_delivery_that_comes_ten_times_at_once_is_saved_once(stores: Stores) -> None:
    """One webhook is new, nine are known."""
    saved = at_once(10, lambda _: stores.inbox.save(delivery(stores), step="intake"))
    assert sum(saved) == 1


def test_two_lists_at_once_keep_the_newest_head(stores: Stores) -> None:
    """Whatever the order of arrival, the head with the most facts stays."""
    versions = [stores.place()]
    for number in range(8):
        versions.append(Orders().append(versions[-1], [note(number)]))
    at_once(9, lambda n: Orders().project(versions[n], None, NOW))
    _, head = Orders().load_with_head(stores.merchant, "o1")
    assert head
    assert head.version == versions[-1].version

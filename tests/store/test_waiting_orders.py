"""Who waits for a SKU, in the order in which they came; and which products are below minimum."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.events import StockShort
from chalicelib.domain.levels import Cause
from chalicelib.domain.product import Product
from chalicelib.stock import arriving
from chalicelib.store.products import Products
from chalicelib.store.stock import StockRow, stock_key
from chalicelib.store.waiting_orders import Waiter, WaitingOrders, waiters_of
from tests.contracts.stores import real_stores
from tests.events import NOW, order
from tests.histories import short

pytestmark = pytest.mark.engine


def waiter(name: str, since: int = 0, sku: str = "A") -> Waiter:
    """Return an order that waits."""
    return Waiter(sku=sku, since=f"2026-11-23T08:00:{since:02}.000Z", order_id=name)


def test_a_shortage_queues_the_order_up_by_the_time_it_was_received(merchant: str) -> None:
    """With the fact, under each SKU that is missing."""
    stores = real_stores(merchant)
    one = stores.place()
    stores.stock_orders.record(one, [short("A"), replace(short("B"), at=NOW + timedelta(hours=1))])
    [found] = WaitingOrders().page(merchant, "A", limit=9)
    assert found == Waiter(sku="A", since="2026-11-23T08:00:00.000Z", order_id="o1")
    assert [x.order_id for x in WaitingOrders().page(merchant, "B", limit=9)] == ["o1"]
    assert WaitingOrders().page("other", "A", limit=9) == []


def test_who_waits_is_read_page_by_page_oldest_first(merchant: str) -> None:
    """A SKU that begins like another is another; twice in the queue is once."""
    queue = WaitingOrders()
    first, second, third = waiter("z", 1), waiter("y", 2), waiter("x", 3)
    others = [waiter("w", 0, "A B"), waiter("v", 0, "A#2"), waiter("u", 0, "A%232")]
    queue.add(merchant, [third, first, second, *others])
    queue.add(merchant, [first])
    assert queue.page(merchant, "A", limit=2) == [first, second]
    assert queue.page(merchant, "A", limit=2, after=second.key) == [third]
    queue.remove(merchant, [first, third])
    assert queue.page(merchant, "A", limit=9) == [second]
    assert [queue.page(merchant, x.sku, limit=9) for x in others] == [[x] for x in others]


def test_only_shortages_queue_up() -> None:
    """Each SKU once, however often it is told."""
    assert waiters_of(order(), [StockShort(at=NOW, missing=())]) == []
    assert [x.sku for x in waiters_of(order(), [short("A"), short("A")])] == ["A"]


def is_marked(merchant: str) -> bool:
    """Tell whether product A stands on the list of what is low."""
    row = StockRow.get(merchant, stock_key("A"), consistent_read=True)
    return row.merchant_low is not None


def test_a_product_below_its_minimum_is_marked_and_unmarked(merchant: str) -> None:
    """By what may still be sold; no minimum, no mark; archived, no mark."""
    stores = real_stores(merchant)
    stores.shelve("A", 5)
    products, counted = Products(), Cause(kind="count", at=NOW)
    products.note_low(merchant, "A")
    assert not is_marked(merchant)
    products.put(merchant, Product(sku="A", min_stock=6))
    products.note_low(merchant, "A")
    assert is_marked(merchant)
    stores.shelf.adjust(merchant, "A", "main", 1, counted)
    products.note_low(merchant, "A")
    assert not is_marked(merchant)
    stores.shelf.adjust(merchant, "A", "main", -1, counted)
    products.note_low(merchant, "A")
    products.put(merchant, Product(sku="A", min_stock=6, archived=True))
    products.note_low(merchant, "A")
    assert not is_marked(merchant)
    products.note_low(merchant, "nobody")


def test_many_products_are_looked_after_together(merchant: str) -> None:
    """Marked, unmarked, without a minimum, unknown: each as if it were looked at alone."""
    stores = real_stores(merchant)
    products = Products()
    stores.shelve("A", 5)
    products.put(merchant, Product(sku="A", min_stock=6))
    products.put(merchant, Product(sku="B"))
    products.note_lows(merchant, ["A", "B", "nobody"], ["main"])
    assert is_marked(merchant)
    products.put(merchant, Product(sku="A"))
    products.note_lows(merchant, ["A"], ["main"])
    assert not is_marked(merchant)
    products.note_lows(merchant, [], ["main"])


def test_goods_that_nobody_waits_for_wake_nobody(
    merchant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One look for a whole batch; a SKU that somebody once waited for is looked at by itself."""
    woken: list[str] = []
    monkeypatch.setattr(arriving, "wake_standing", lambda _, __, sku, ___: woken.append(sku))
    queue = WaitingOrders()
    arriving.all_arrived(merchant, [])
    arriving.all_arrived(merchant, ["A", "B"])
    assert woken == []
    queue.add(merchant, [waiter("o1", sku="B"), waiter("o2", sku="B")])
    assert queue.ever(merchant, ["A", "B"]) == ["B"]
    arriving.all_arrived(merchant, ["A", "B"])
    assert woken == ["B"]
    queue.remove(merchant, queue.page(merchant, "B", limit=9))
    arriving.all_arrived(merchant, ["A", "B"])
    assert woken == ["B"]

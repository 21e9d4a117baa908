"""What a write of many orders promises: all of it or nothing, and who stood in the way."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain import events
from chalicelib.domain.order import Order
from chalicelib.store.allocation import AT_ONCE, Append, RefusedError, append_of
from tests.contracts.stores import Stores, kinds
from tests.contracts.test_stores_stock import issued, reserved, units
from tests.events import NOW
from tests.histories import short


def told(order: Order, *facts: events.Fact) -> Append:
    """Return what is told of an order."""
    append = append_of(order, facts)
    assert append
    return append


def test_many_orders_move_a_level_once_by_all_their_units(stores: Stores) -> None:
    """Each order has its fact; the level is what is left after all of them."""
    stores.shelve("A", 10)
    stores.shelve("B", 1)
    orders = [stores.place(name=f"o{number}") for number in range(4)]
    appends = [told(one, reserved(A=2)) for one in orders[:3]]
    stores.stock_orders.record_many([*appends, told(orders[3], reserved(A=1, B=1))])
    assert (stores.level("A"), stores.level("B")) == ((3, 7), (0, 1))
    for append in appends:
        assert stores.load(append.order.id) == append.order


def test_what_one_order_frees_another_takes_in_the_same_write(stores: Stores) -> None:
    """Only the sum must be there: a cancelled order's units go to the next one at once."""
    stores.shelve("A", 2)
    first = stores.stock_orders.record(stores.place(name="o1"), [reserved(A=2)])
    second = stores.place(name="o2")
    let_go = events.StockReleased(at=NOW + timedelta(minutes=1), units=units(A=2))
    stores.stock_orders.record_many([told(first, let_go), told(second, reserved(A=2))])
    assert stores.level("A") == (0, 2)
    assert kinds(stores.load("o1").facts[-1:]) == ["StockReleased"]
    assert kinds(stores.load("o2").facts[-1:]) == ["StockReserved"]


def test_a_level_says_why_it_changed_and_for_how_many(stores: Stores) -> None:
    """Of one kind of happening the kind is told, of several that they were several."""
    stores.shelve("A", 10)
    orders = [stores.place(name=f"o{number}") for number in range(4)]
    stores.stock_orders.record_many([told(one, reserved(A=2)) for one in orders[:3]])
    assert why(stores) == ("reservation", 3, "")
    first = stores.load("o0")
    stores.stock_orders.record_many([told(first, issued(A=2)), told(orders[3], reserved(A=1))])
    assert why(stores) == ("several", 2, "")
    stores.stock_orders.record_many([told(stores.load("o1"), issued(A=2))])
    assert why(stores) == ("sale", 1, "o1")


def why(stores: Stores) -> tuple[str, int, str]:
    """Return kind, number of orders and order of the newest change of A."""
    cause = stores.shelf.products(stores.merchant, ["A"], ["main"])["A"].at("main").cause
    return cause.kind, cause.orders, cause.order_id


def test_too_few_units_for_all_are_refused_for_all(stores: Stores) -> None:
    """Nothing moves, nobody is named: the levels must be read again."""
    stores.shelve("A", 5)
    orders = [stores.place(name=f"o{number}") for number in range(3)]
    with pytest.raises(RefusedError) as refused:
        stores.stock_orders.record_many([told(one, reserved(A=2)) for one in orders])
    assert refused.value.moved == frozenset()
    assert stores.level("A") == (5, 0)
    assert [stores.load(one.id) for one in orders] == orders


def test_an_order_that_moved_on_is_named(stores: Stores) -> None:
    """Nothing moves; whoever wrote to the order meanwhile is not overwritten."""
    stores.shelve("A", 5)
    orders = [stores.place(name=f"o{number}") for number in range(3)]
    noted = stores.orders.append(orders[1], [events.NoteAdded(at=NOW, text="x", by="staff")])
    with pytest.raises(RefusedError) as refused:
        stores.stock_orders.record_many([told(one, reserved(A=1)) for one in orders])
    assert refused.value.moved == {"o1"}
    assert stores.level("A") == (5, 0)
    assert [stores.load(f"o{number}") for number in range(3)] == [orders[0], noted, orders[2]]


def test_shortages_are_written_beside_reservations(stores: Stores) -> None:
    """A fact without units touches no level."""
    stores.shelve("A", 1)
    orders = [stores.place(name=f"o{number}") for number in range(2)]
    stores.stock_orders.record_many([told(orders[0], reserved(A=1)), told(orders[1], short("A"))])
    assert stores.level("A") == (0, 1)
    assert kinds(stores.load("o1").facts[-1:]) == ["StockShort"]


def test_one_write_takes_as_many_orders_as_it_says(stores: Stores) -> None:
    """With one level there is room for 99 orders."""
    stores.shelve("A", AT_ONCE)
    orders = [stores.place(name=f"o{number:02}") for number in range(AT_ONCE - 1)]
    stores.stock_orders.record_many([told(one, reserved(A=1)) for one in orders])
    assert stores.level("A") == (1, AT_ONCE - 1)


def test_more_cannot_go_out_in_sum_than_was_set_aside(stores: Stores) -> None:
    """The condition is that of a single order."""
    stores.shelve("A", 5)
    first = stores.stock_orders.record(stores.place(name="o1"), [reserved(A=1)])
    second = stores.place(name="o2")
    with pytest.raises(RefusedError):
        stores.stock_orders.record_many([told(first, issued(A=1)), told(second, issued(A=1))])
    assert stores.level("A") == (4, 1)

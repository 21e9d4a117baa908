"""What becomes of a paper whose order has changed while it was being written."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.documents.filing import Filing
from chalicelib.domain import events
from chalicelib.domain.errors import Conflict
from chalicelib.domain.order import Bought, Order
from tests.contracts.stores import kinds
from tests.events import ANNA, NOW, bought, line, order
from tests.fakes import Database, FakeOrders, Fuse
from tests.histories import document, note

INVOICE, NOTE = document("invoice"), note(1, {"l-TEE-1": 1})
MOVED = bought(shipping=replace(ANNA, street="Seestr. 1"))
MORE = bought(line(), line("B"))


def house() -> tuple[FakeOrders, Order]:
    """Return a store with one order, as the documents step has read it."""
    orders = FakeOrders(Database(), Fuse())
    one = order()
    return orders, orders.create(replace(one, facts=(), version=0), one.facts)


def edited(what: Bought) -> tuple[FakeOrders, Order]:
    """Return a store whose order was edited after the step has read it."""
    orders, seen = house()
    revised = events.OrderRevised(at=NOW, modified_at=NOW, changes=("x",))
    orders.append(seen, [revised], bought=what)
    return orders, seen


def load(orders: FakeOrders) -> Order:
    """Read the order."""
    found = orders.load("demo", "o1")
    assert found
    return found


def test_what_nobody_has_touched_is_recorded() -> None:
    """In one write, and nothing for nothing."""
    orders, seen = house()
    after = Filing(orders).record(seen, [INVOICE, NOTE])
    assert kinds(after.facts[2:]) == ["DocumentIssued", "DocumentIssued"]
    assert Filing(orders).record(after, []) is after


def test_another_fact_meanwhile_is_no_obstacle() -> None:
    """Only another version of what was bought makes a paper untrue."""
    orders, seen = house()
    orders.append(seen, [events.NoteAdded(at=NOW, text="x", by="Ute")])
    Filing(orders).record(seen, [NOTE])
    assert load(orders).has(events.DocumentIssued)


@pytest.mark.parametrize(("what", "is_held"), [(MORE, True), (MOVED, False)])
def test_an_invoice_is_kept_and_named_if_it_is_untrue(what: Bought, *, is_held: bool) -> None:
    """Its number is drawn; a new delivery address makes no invoice untrue."""
    orders, seen = edited(what)
    with pytest.raises(Conflict):
        Filing(orders).record(seen, [INVOICE, NOTE])
    after = load(orders)
    assert [fact.kind for fact in after.all(events.DocumentIssued)] == ["invoice"]
    assert [hold.code for hold in after.holds()] == ["invoice_outdated"] * is_held
    assert after.bought == what


def test_a_delivery_note_of_an_order_that_has_moved_is_written_anew() -> None:
    """Nothing is packed that is no longer wanted, or goes elsewhere now."""
    orders, seen = edited(MOVED)
    with pytest.raises(Conflict):
        Filing(orders).record(seen, [NOTE])
    assert not load(orders).has(events.DocumentIssued)

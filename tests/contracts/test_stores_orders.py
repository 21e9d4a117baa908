"""What every store of orders promises, in memory and on the engine."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from hashlib import shake_256

import pytest

from chalicelib.domain.errors import Conflict
from chalicelib.domain.events import (
    HoldPlaced,
    NoteAdded,
    OrderReceived,
    OrderRevised,
    Policy,
    ShopChangeReported,
)
from chalicelib.store.orders import event_row
from tests.contracts.stores import Stores, kinds
from tests.events import NOW, bought, line, paid, reserved

MINUTE = timedelta(minutes=1)
REVISED = OrderRevised(at=NOW, modified_at=NOW + MINUTE, changes=("total",))
REPORTED = ShopChangeReported(at=NOW, modified_at=NOW + 2 * MINUTE, changes=("total",))
RECEIVED = OrderReceived(at=NOW, delivery_id="d1", policy=Policy(), access_token="t")
HOLD = HoldPlaced(at=NOW, code="manual", text="Ask Anna first.")


def note(text: str) -> NoteAdded:
    """Return a note."""
    return NoteAdded(at=NOW, text=text, by="staff")


def test_an_order_is_read_as_it_was_written(stores: Stores) -> None:
    """Every fact and everything that was bought, equal to the last field."""
    created = stores.place(paid(), reserved())
    assert stores.load() == created
    assert created.version == 1


def test_an_order_is_created_once(stores: Stores) -> None:
    """Whoever comes second gets a conflict and changes nothing."""
    first = stores.place()
    with pytest.raises(Conflict):
        stores.place(paid())
    assert stores.load() == first


def test_an_append_adds_to_the_order_as_it_was_loaded(stores: Stores) -> None:
    """Facts keep their order over several appends."""
    one = stores.place()
    one = stores.orders.append(one, [paid("4.00"), reserved()])
    one = stores.orders.append(one, [paid("6.00")])
    assert stores.load() == one
    assert kinds(one.facts[2:]) == ["PaymentReceived", "StockReserved", "PaymentReceived"]
    assert one.version == 3


def test_an_append_to_an_order_that_has_moved_on_is_a_conflict(stores: Stores) -> None:
    """The version is the lock: nobody overwrites what they have not seen."""
    seen = stores.place()
    stores.orders.append(seen, [note("first")])
    with pytest.raises(Conflict):
        stores.orders.append(seen, [note("second")])
    assert [fact.text for fact in stores.load().all(NoteAdded)] == ["first"]


def test_what_has_happened_is_recorded_whoever_came_first(stores: Stores) -> None:
    """A record is never refused: it is added to what the order has become."""
    seen = stores.place()
    stores.orders.append(seen, [note("first")])
    after = stores.orders.record(seen, [note("second")])
    assert [fact.text for fact in after.all(NoteAdded)] == ["first", "second"]
    assert stores.load() == after


def test_recording_what_is_known_writes_nothing(stores: Stores) -> None:
    """Also when the caller has not seen that it is known."""
    seen = stores.place()
    first = stores.orders.record(seen, [paid()])
    assert stores.orders.record(seen, [replace(paid(), at=NOW + MINUTE)]) == first
    assert stores.orders.append(first, []) is first
    assert stores.load() == first


def test_another_merchant_does_not_see_the_order(stores: Stores) -> None:
    """Not by its id, and not by a name that looks like a key."""
    stores.place()
    assert stores.orders.load("other", "o1") is None
    assert stores.orders.load(f"{stores.merchant}#o1", "") is None
    assert stores.orders.load("", f"{stores.merchant}#o1") is None
    assert stores.orders.load(stores.merchant, "o2") is None


def test_what_was_bought_is_kept_with_its_decimals(stores: Stores) -> None:
    """Rates like 5.5 and prices without a SKU come back as they were."""
    what = bought(line(None, rate="5.5"), line("A", quantity=3, price="0.99"), note="Grüße 🌱")
    one = stores.orders.create(replace(stores.place(), id="o2", bought=what, version=0), ())
    assert stores.load("o2").bought == what == one.bought


def test_the_head_follows_its_order(stores: Stores) -> None:
    """The lists show it as it is after each projection."""
    one = stores.place()
    assert stores.orders.load_with_head(stores.merchant, "o1") == (one, None)
    stores.orders.project(one, None, NOW)
    _, head = stores.orders.load_with_head(stores.merchant, "o1")
    assert (head.worklist, head.number, head.is_open) == ("unpaid", "1042", True)
    held = stores.orders.append(one, [HOLD])
    stores.orders.project(held, head, NOW)
    _, head = stores.orders.load_with_head(stores.merchant, "o1")
    assert (head.worklist, head.version) == ("on_hold", 2)


def test_a_late_projection_never_moves_the_head_back(stores: Stores) -> None:
    """Two routers at once: the one that has seen less does not win."""
    one = stores.place()
    held = stores.orders.append(one, [HOLD])
    stores.orders.project(held, None, NOW)
    stores.orders.project(one, None, NOW)
    _, head = stores.orders.load_with_head(stores.merchant, "o1")
    assert (head.worklist, head.version) == ("on_hold", 2)


def test_a_head_alone_is_no_order(stores: Stores) -> None:
    """What the lists show never makes up for facts that are not there."""
    one = replace(stores.place(), id="o7")
    stores.orders.project(one, None, NOW)
    order, head = stores.orders.load_with_head(stores.merchant, "o7")
    assert order is None
    assert head


def test_a_newer_version_is_what_was_bought(stores: Stores) -> None:
    """It lies in the row of the fact that tells of it; what is only reported stays beside it."""
    one = stores.place()
    newer, newest = bought(line("B")), bought(line("C", quantity=2))
    one = stores.orders.append(one, [REVISED], bought=newer)
    one = stores.orders.append(one, [note("in between")])
    assert (stores.load().bought, stores.load().reported) == (newer, None)
    one = stores.orders.append(one, [REPORTED], reported=newest)
    assert stores.load() == one
    assert (one.bought, one.reported) == (newer, newest)
    assert stores.orders.append(one, [REVISED], bought=newest) is one


def test_a_deleted_order_leaves_a_word_in_its_place(stores: Stores) -> None:
    """Read with the order, told once, and no order by itself."""
    stores.orders.bury(stores.merchant, "o1", NOW)
    stores.orders.bury(stores.merchant, "o1", NOW + MINUTE)
    found = stores.orders.find(stores.merchant, "o1")
    assert (found.order, found.deleted_at) == (None, NOW)
    one = stores.place()
    found = stores.orders.find(stores.merchant, "o1")
    assert (found.order, found.deleted_at) == (one, NOW)


def test_five_hundred_lines_with_long_names_fit(stores: Stores) -> None:
    """Bought, and another version beside it, in one row of at most 400 KB."""
    names = [f"🎁 ÄÖÜ {shake_256(str(n).encode()).hexdigest(245)}" for n in range(500)]
    lines = [replace(line(f"SKU-{n:04}"), name=name) for n, name in enumerate(names)]
    what = bought(*lines, note="🎁" * 2000)
    other = replace(what, lines=tuple(reversed(what.lines)))
    empty = replace(stores.place(), id="o9", bought=what, facts=(), version=0)
    one = stores.orders.create(empty, [RECEIVED])
    one = stores.orders.append(one, [REVISED, REPORTED], bought=other, reported=what)
    assert stores.load("o9") == one
    row = event_row(one, [REVISED, REPORTED], bought=other, reported=what)
    assert len(row.bought) + len(row.reported) + len(row.facts or row.told) < 400_000

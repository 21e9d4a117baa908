"""What the router knows of an order: it reads one only when a row between is missing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from chalicelib.domain import events
from chalicelib.domain.order import Order
from chalicelib.flow.known import FRESH, LARGEST, MOST, Known
from tests.events import NOW, bought, order, paid, reserved
from tests.fakes import Database, FakeOrders, Fuse

LATER = NOW + FRESH


class House:
    """One order's rows, the router's process that follows them, and what it asked the table."""

    def __init__(self, name: str = "o1") -> None:
        """Take the order in."""
        self.fuse = Fuse()
        self.orders = FakeOrders(Database(), self.fuse)
        self.known = Known(self.orders)
        self.order = self.create(name)

    def create(self, name: str) -> Order:
        """Write an order's first row."""
        one = order()
        new = Order(merchant_id="demo", id=name, bought=one.bought)
        return self.orders.create(new, one.facts)

    def append(self, *facts: events.Fact, **versions: Any) -> None:
        """Write its next row."""
        self.order = self.orders.append(self.order, facts, **versions)

    def follow(self, *rows: int, now: Any = NOW, name: str = "o1") -> Order:
        """Give the router's process these rows, and let it bring the lists up to date."""
        images = [self.orders.database.rows[f"demo#{name}", row].to_dynamodb_dict() for row in rows]
        self.fuse.touches.clear()
        found, head = self.known.follow("demo", name, images, now)
        assert found
        self.known.project(found, head, now)
        return found

    @property
    def reads(self) -> int:
        """How often the last call read the table."""
        return self.fuse.touches.count("orders.load")

    @property
    def writes(self) -> int:
        """How often the last call wrote what the lists show."""
        return self.fuse.touches.count("orders.head")


def test_a_new_order_and_what_follows_row_by_row_is_never_read() -> None:
    """The rows themselves say all there is to know."""
    house = House()
    assert (house.follow(1), house.reads) == (house.order, 0)
    house.append(reserved())
    house.append(paid())
    assert (house.follow(2, 3), house.reads) == (house.order, 0)


def test_a_missing_row_is_read() -> None:
    """Rows that wake nobody do not come by the stream."""
    house = House()
    house.follow(1)
    house.append(events.EffectIntended(at=NOW, effect="mail:order_confirmation:"))
    house.append(paid())
    assert (house.follow(3), house.reads) == (house.order, 1)
    house.append(reserved())
    assert (house.follow(4), house.reads) == (house.order, 0)


def test_a_row_that_comes_again_finds_the_order_as_it_is_known() -> None:
    """A batch that is repeated is decided again, on no less than before."""
    house = House()
    house.append(paid())
    whole = house.follow(1, 2)
    assert (house.follow(1), house.reads) == (whole, 0)
    assert (house.follow(2), house.reads) == (whole, 0)


def test_a_version_of_the_shop_comes_with_its_row() -> None:
    """What was edited, and what a person has to look at, is in the image too."""
    house = House()
    house.follow(1)
    newer = replace(bought(), note="Please ring")
    house.append(events.OrderRevised(at=NOW, modified_at=NOW), bought=newer)
    house.append(
        events.ShopChangeReported(at=NOW, modified_at=NOW, changes=("note",)),
        reported=replace(newer, note="Do not ring"),
    )
    found = house.follow(2, 3)
    assert (found, house.reads) == (house.order, 0)
    assert (found.bought.note, found.reported and found.reported.note) == (
        "Please ring",
        "Do not ring",
    )


def test_the_lists_are_written_only_when_they_would_look_different() -> None:
    """What this process wrote last is what they show."""
    house = House()
    house.follow(1)
    assert house.writes == 1
    house.append(events.NoteAdded(at=NOW, text="Hello", by="staff"))
    house.follow(2)
    assert house.writes == 0
    house.append(paid())
    house.follow(3)
    assert house.writes == 1


def test_what_could_not_be_written_is_written_with_the_next_row() -> None:
    """A process that stumbled over the lists does not take them for right."""
    house = House()
    image = house.orders.database.rows["demo#o1", 1].to_dynamodb_dict()
    house.known.follow("demo", "o1", [image], NOW)  # and fails before it projects
    house.append(events.NoteAdded(at=NOW, text="Hello", by="staff"))
    house.follow(2)
    assert (house.reads, house.writes) == (0, 1)
    assert house.orders.database.heads["demo#o1"][0].version == 2


def test_who_was_overtaken_forgets_the_order() -> None:
    """The lists show more than this process knows, so it reads before it compares again."""
    house = House()
    old = house.order
    house.append(paid())
    house.append(reserved())
    house.orders.project(house.order, None, NOW)
    house.follow(1)
    assert house.orders.database.heads["demo#o1"][0].version == old.version + 2
    house.follow(2)
    assert house.reads == 1


def test_nothing_is_known_for_longer_than_nobody_else_looks() -> None:
    """The sweeper may have changed what the lists show; so may intake's second look."""
    house = House()
    house.follow(1)
    house.append(reserved())
    house.follow(2, now=LATER - timedelta(seconds=1))
    assert house.reads == 0
    house.append(paid())
    house.follow(3, now=LATER)
    assert house.reads == 1


def test_an_order_that_the_sweeper_is_about_to_look_at_is_read_after_it() -> None:
    """Its own time to be looked at counts, where that comes sooner."""
    house = House()
    house.orders.project(house.order, None, NOW - timedelta(minutes=14))  # to be seen in a minute
    house.append(reserved())
    house.follow(2)
    assert house.reads == 1
    house.append(paid())
    house.follow(3, now=NOW + timedelta(minutes=1))
    assert house.reads == 1


def test_an_image_that_cannot_be_read_is_read_from_the_table() -> None:
    """What the stream tells strangely costs a read, and no more."""
    house = House()
    image = house.orders.database.rows["demo#o1", 1].to_dynamodb_dict()
    for odd in (
        {**image, "told": {"B": "no base64!"}},
        {"pk": image["pk"], "sk": image["sk"]},
        {"pk": image["pk"], "sk": {"S": "HEAD"}},
        {"pk": image["pk"]},
    ):
        known = Known(house.orders)
        assert known.follow("demo", "o1", [odd], NOW)[0] == house.order


def test_the_process_keeps_so_many_orders_and_none_of_a_very_large_one() -> None:
    """The longest unseen goes first; memory has an end."""
    house = House("first")
    house.follow(1, name="first")
    for number in range(MOST):
        house.create(f"o{number}")
        house.follow(1, name=f"o{number}")
    house.follow(1, name=f"o{MOST - 1}")
    assert len(house.known._seen) == MOST
    assert "demo#first" not in house.known._seen
    notes = [events.NoteAdded(at=NOW, text=str(n), by="staff") for n in range(LARGEST)]
    house.order = house.orders.load("demo", "o1") or house.order
    house.append(*notes)
    house.follow(2)
    assert "demo#o1" not in house.known._seen


def test_two_merchants_orders_of_one_name_are_two() -> None:
    """Nothing of one merchant is ever shown to another."""
    house = House()
    house.follow(1)
    assert house.known.follow("other", "o1", [], NOW) == (None, None)

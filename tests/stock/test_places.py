"""One order from several locations: two parcels with their papers, and bundles in one place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.documents.parcel_papers import delivery_note
from chalicelib.domain import events, goods
from chalicelib.domain.events import Location, Part, Policy
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.events import NOW, bought, line, paid
from tests.events import order as some_order
from tests.fakes import SETTINGS, World

NORTH = Location(id="north", name="Nordlager", street="Kai 1", zip="20457", city="Hamburg")
SOUTH = Location(id="south", priority=2)
HOUSE = replace(SETTINGS, locations=(NORTH, SOUTH))


def world(policy: Policy, order: Order) -> World:
    """Return a house with two locations and a paid order."""
    house = World(settings=HOUSE)
    received = replace(order.received, policy=policy)
    facts = (received, *order.facts[1:])
    house.orders.create(replace(order, facts=(), version=0), facts)
    return house


def level(house: World, sku: str, location: str) -> tuple[int, int]:
    """Return available and reserved."""
    found = house.database.levels["demo", sku, location]
    return found.available, found.reserved


def two() -> Order:
    """Return a paid order of three A and one B."""
    return some_order(paid(amount="40.00"), what=bought(line("A", quantity=3), line("B")))


def test_a_split_order_is_two_parcels_with_their_own_papers() -> None:
    """Two delivery notes, two labels, and each shelf gives what it had."""
    house = world(Policy(split=True), two())
    house.database.shelve("demo", Product(sku="A", weight_g=100), 2, "north")
    house.database.shelve("demo", Product(sku="A", weight_g=100), 9, "south")
    house.database.shelve("demo", Product(sku="B", weight_g=50), 4, "south")
    house.settle()
    [one] = house.all_orders()
    notes = goods.delivery_notes(one)
    assert {
        n: [(x.line_id, x.quantity, x.location) for x in note.lines] for n, note in notes.items()
    } == {
        1: [("l-A", 2, "north")],
        2: [("l-A", 1, "south"), ("l-B", 1, "south")],
    }
    assert {n: parcel.weight_g for n, parcel in goods.shipments(one).items()} == {1: 200, 2: 150}
    labels = [x.refers_to for x in one.all(events.DocumentIssued) if x.kind == "label"]
    assert labels == ["1", "2"]
    assert goods.is_all_shipped(one)
    assert [level(house, *key) for key in (("A", "north"), ("A", "south"), ("B", "south"))] == [
        (0, 0), (8, 0), (3, 0),
    ]  # fmt: skip


def test_without_splitting_all_comes_from_where_all_is() -> None:
    """The second location has everything, so it packs one parcel."""
    house = world(Policy(), two())
    house.database.shelve("demo", Product(sku="A"), 9, "north")
    house.database.shelve("demo", Product(sku="A"), 3, "south")
    house.database.shelve("demo", Product(sku="B"), 1, "south")
    house.settle()
    [one] = house.all_orders()
    assert len(goods.shipments(one)) == 1
    assert goods.reserved(one) == {("A", "south"): 3, ("B", "south"): 1}


def test_without_a_second_choice_the_order_waits() -> None:
    """A merchant who says so ships from the first location only."""
    house = world(Policy(fallback=False), two())
    house.database.shelve("demo", Product(sku="A"), 2, "north")
    house.database.shelve("demo", Product(sku="A"), 9, "south")
    house.database.shelve("demo", Product(sku="B"), 9, "south")
    house.settle()
    [one] = house.all_orders()
    short = one.last(events.StockShort)
    assert short
    assert [(x.sku, x.wanted, x.available) for x in short.missing] == [("A", 3, 2), ("B", 1, 0)]


def test_what_comes_back_is_put_where_it_came_from() -> None:
    """Pieces of both parcels, in the order in which they had left."""
    house = world(Policy(split=True), two())
    house.database.shelve("demo", Product(sku="A"), 2, "north")
    house.database.shelve("demo", Product(sku="A"), 1, "south")
    house.database.shelve("demo", Product(sku="B"), 1, "south")
    house.settle()
    [one] = house.all_orders()
    back = (
        events.LineQuantity(line_id="l-A", quantity=3, restock=True),
        events.LineQuantity(line_id="l-B", quantity=1, restock=False),
    )
    house.orders.record(one, [
        events.ReturnAuthorized(at=NOW, return_id="R1", lines=back),
        events.ReturnReceived(at=NOW, return_id="R1", lines=back),
    ])  # fmt: skip
    house.settle()
    assert level(house, "A", "north") == (2, 0)
    assert level(house, "A", "south") == (1, 0)
    assert level(house, "B", "south") == (0, 0)


def set_of(*parts: Part) -> Order:
    """Return a paid order of two bundles."""
    return some_order(paid(amount="20.00"), what=bought(line("SET", quantity=2)))


@pytest.fixture
def house() -> World:
    """Return a house that sells a bundle of two A and one B."""
    made = world(Policy(), set_of())
    parts = (Part(sku="A", quantity=2), Part(sku="B"))
    made.database.products["demo", "SET"] = Product(sku="SET", parts=parts)
    return made


def test_a_bundle_draws_its_parts(house: World) -> None:
    """Set aside, sent and weighed by its parts, which stay as they were when it was bought."""
    house.database.shelve("demo", Product(sku="A", name="Tasse", weight_g=300), 5, "north")
    house.database.shelve("demo", Product(sku="B", name="Kanne", weight_g=900), 5, "north")
    house.settle()
    [one] = house.all_orders()
    [opened] = one.all(events.BundleOpened)
    assert opened.parts == (Part(sku="A", quantity=2, name="Tasse"), Part(sku="B", name="Kanne"))
    assert level(house, "A", "north") == (1, 0)
    assert level(house, "B", "north") == (3, 0)
    assert goods.shipments(one)[1].weight_g == 2 * (2 * 300 + 900)
    note = delivery_note(one, HOUSE, goods.delivery_notes(one)[1].lines, number="n", now=NOW)
    assert [(x.sku, x.quantity, x.details) for x in note.lines] == [
        ("SET", 2, "4 × Tasse (A), 2 × Kanne (B)")
    ]


def test_a_bundle_with_a_part_missing_waits_for_that_part(house: World) -> None:
    """The shortage names the part, not the bundle, and what is there stays free for others."""
    house.database.shelve("demo", Product(sku="A"), 5, "north")
    house.database.shelve("demo", Product(sku="B"), 1, "north")
    house.settle()
    [one] = house.all_orders()
    short = one.last(events.StockShort)
    assert short
    assert [(x.sku, x.wanted, x.available) for x in short.missing] == [("B", 2, 1)]
    assert level(house, "A", "north") == (5, 0)


def test_what_a_bundle_is_made_of_later_changes_no_order(house: World) -> None:
    """The parts are frozen with the first look at the shelf."""
    house.database.shelve("demo", Product(sku="A"), 4, "north")
    house.database.shelve("demo", Product(sku="B"), 0, "north")
    house.settle()
    house.database.products["demo", "SET"] = Product(sku="SET", parts=(Part(sku="C"),))
    house.database.shelve("demo", Product(sku="B"), 2, "north")
    house.sweep()
    [one] = house.all_orders()
    assert goods.is_all_shipped(one)
    assert level(house, "A", "north") == (0, 0)


def test_the_rest_of_an_unsplit_order_comes_from_where_its_first_part_lies() -> None:
    """Plenty elsewhere does not make two parcels of one."""
    policy = Policy(partial_reservation=True)
    three = some_order(paid(amount="30.00"), what=bought(line("A", quantity=3)))
    house = world(policy, three)
    house.database.shelve("demo", Product(sku="A"), 2, "north")
    house.settle()
    house.database.shelve("demo", Product(sku="A"), 9, "south")
    house.sweep()
    [one] = house.all_orders()
    assert goods.reserved(one) == {("A", "north"): 2}
    north = house.database.levels["demo", "A", "north"]
    house.database.levels["demo", "A", "north"] = replace(north, available=1)
    house.sweep()
    [one] = house.all_orders()
    assert goods.reserved(one) == {("A", "north"): 3}
    assert len(goods.shipments(one)) == 1

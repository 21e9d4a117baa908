"""What a shop was told, and what may be sold, on the real table."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.errors import Conflict
from chalicelib.domain.levels import Cause, Movement
from chalicelib.domain.product import Part, Product
from chalicelib.store.connections import Connection, Connections, LevelTrouble
from chalicelib.store.movements import Movements
from chalicelib.store.offers import Offers, Parts
from chalicelib.store.products import Products
from chalicelib.store.stock import Shelf
from chalicelib.store.told import Told, ToldLevels
from tests.events import NOW

pytestmark = pytest.mark.engine
SHOP = "m-shop"


def places(_: str) -> tuple[str, ...]:
    """Return where every merchant of these tests sells from."""
    return ("main", "wien")


def told(sku: str = "A", available: int | None = 3, turn: int = 1) -> Told:
    """Return a telling."""
    return Told(sku=sku, available=available, turn=turn, at=NOW)


def test_the_newest_telling_is_remembered_for_each_shop(merchant: str) -> None:
    """A SKU with any sign in it; what was never told is missing."""
    memory, name = ToldLevels(), "Café groß/1"
    memory.keep(merchant, SHOP, told(name))
    memory.keep(merchant, SHOP, told(name, 2, 2))
    memory.keep(merchant, "m-other", told(name, None))
    assert memory.load(merchant, SHOP, [name, "B"]) == {name: told(name, 2, 2)}
    assert memory.load(merchant, "m-other", [name])[name].available is None
    assert memory.load(merchant, SHOP, []) == {}
    assert memory.load("other", SHOP, [name]) == {}
    shown = memory.of(merchant, name, [SHOP, "m-other", "m-none"])
    assert {shop: one.turn for shop, one in shown.items()} == {SHOP: 2, "m-other": 1}


@pytest.mark.parametrize("turn", [1, 3])
def test_who_was_overtaken_is_told_so(merchant: str, turn: int) -> None:
    """The turn that he wants to take was taken, or nobody took the one before."""
    memory = ToldLevels()
    memory.keep(merchant, SHOP, told(turn=1))
    with pytest.raises(Conflict):
        memory.keep(merchant, SHOP, told(turn=turn))
    assert memory.load(merchant, SHOP, ["A"])["A"].turn == 1


def test_an_offer_is_read_over_all_locations(merchant: str) -> None:
    """A product beside it whose SKU begins the same way is another one."""
    cause = Cause(kind="receipt", at=NOW)
    for sku in ("A", "A1"):
        Products().put(merchant, Product(sku=sku))
        for location in ("main", "wien"):
            Shelf().adjust(merchant, sku, location, 4, cause)
    for now in (False, True):
        offers = Offers(places).of(merchant, ["A", "A", "B"], now=now)
        assert {sku: offer.available for sku, offer in offers.items()} == {"A": 8}


def test_what_lies_where_nothing_is_sold_from_is_not_offered(merchant: str) -> None:
    """Orders would not find it; however many products are asked for at once."""
    for sku in "ABCDE":
        Products().put(merchant, Product(sku=sku))
        for location in ("main", "closed"):
            Shelf().adjust(merchant, sku, location, 4, Cause(kind="receipt", at=NOW))
    for asked in ("A", "ABCDEX"):
        for now in (False, True):
            offers = Offers(lambda _: ["main"]).of(merchant, asked, now=now)
            assert {sku: offer.available for sku, offer in offers.items()} == {
                sku: 4 for sku in asked if sku != "X"
            }


def test_what_is_no_longer_sold_is_offered_as_nothing(merchant: str) -> None:
    """Whatever lies there."""
    Shelf().adjust(merchant, "A", "main", 4, Cause(kind="receipt", at=NOW))
    Products().put(merchant, Product(sku="A", archived=True, backorder=True))
    offer = Offers(places).of(merchant, ["A"])["A"]
    assert (offer.available, offer.backorder) == (0, False)


def test_a_bundle_waits_for_the_last_of_its_parts(merchant: str) -> None:
    """Unless it says itself when it comes."""
    for sku, days in (("A", 3), ("B", 5)):
        day = NOW.date() + timedelta(days=days)
        Products().put(merchant, Product(sku=sku, expected_on=day))
    parts = (Part(sku="A"), Part(sku="B"))
    Products().put(merchant, Product(sku="SET", parts=parts))
    offer = Offers(places).of(merchant, ["SET"])["SET"]
    assert (offer.available, offer.expected_on) == (0, NOW.date() + timedelta(days=5))


def test_a_part_knows_the_bundles_around_it(merchant: str) -> None:
    """Also those around them, though not one that it was taken out of; a circle has an end."""
    known = Parts()
    known.note(merchant, "SET", {"A", "B"}, ())
    known.note(merchant, "BOX", {"SET"}, {"A"})
    assert known.bundles_with(merchant, ["A"]) == ["SET", "BOX"]
    known.note(merchant, "SET", {"B"}, {"A", "B"})
    assert known.bundles_with(merchant, ["A"]) == []
    assert known.bundles_with(merchant, ["B"]) == ["SET", "BOX"]
    known.note(merchant, "SET", {"BOX"}, ())
    assert set(known.bundles_with(merchant, ["B"])) == {"SET", "BOX"}


def test_a_bundle_that_contains_itself_cannot_be_packed(merchant: str) -> None:
    """It is offered as nothing until somebody mends it."""
    Products().put(merchant, Product(sku="SET", parts=(Part(sku="SET"),)))
    assert Offers(places).of(merchant, ["SET"])["SET"].available == 0


def test_many_movements_are_kept_at_once_and_once(merchant: str) -> None:
    """More than one call takes; told twice they stay as they are."""
    moved = [
        Movement(
            sku="A", location="main", kind="receipt", quantity=1, held=0, on_hand=seq,
            reserved=0, at=NOW + timedelta(seconds=seq), seq=seq,
        )
        for seq in range(1, 61)
    ]  # fmt: skip
    for _ in range(2):
        Movements().write_all(merchant, [*moved, moved[0]])
    found = Movements().page(merchant, "A", {"main": 0}, limit=100)
    assert found == moved[::-1]


def test_trouble_with_levels_is_kept_with_the_connection(merchant: str) -> None:
    """Until it is over; a connection that was cut is not written again."""
    one = Connection(
        merchant_id=merchant, id=f"{merchant}-shop", kind="woocommerce", name="x", created_at=NOW
    )
    trouble = LevelTrouble(at=NOW, refused={"A": "no stock is kept"})
    Connections().note_levels(one, trouble)
    assert Connections().load(one.id) is None
    Connections().create(one)
    Connections().note_levels(one, trouble)
    found = Connections().load(one.id)
    assert found
    assert found.levels == trouble
    Connections().note_levels(one, None)
    assert Connections().load(one.id) == one

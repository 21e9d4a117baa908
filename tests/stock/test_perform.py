"""What becomes of a wish for units: a reservation, a part of it, or a shortage that is a fact."""

from __future__ import annotations

import pytest

from chalicelib.domain import waiting
from chalicelib.domain.commands import IssueStock, PutAwayReturn, ReleaseStock, ReserveStock
from chalicelib.domain.events import (
    Fact,
    Location,
    Policy,
    Shortage,
    StockIssued,
    StockReleased,
    StockReserved,
    StockReturned,
    StockShort,
    Units,
)
from chalicelib.domain.levels import Level
from chalicelib.domain.product import Product
from chalicelib.stock.perform import perform
from tests.events import NOW, bought, line, order
from tests.fakes import Database, FakeShelf, Fuse

PARTS = Policy(partial_reservation=True)
TWO = bought(line("A", quantity=2), line("B"))
WANTED = (Units(sku="A", quantity=2), Units(sku="B", quantity=1))


def here(merchant_id: str) -> tuple[Location, ...]:
    """Return the one location that a merchant has at first."""
    return (Location(),)


def reserve(policy: Policy | None = None, **available: int) -> list[Fact]:
    """Reserve two A and one B on a shelf with so many units."""
    database = Database()
    for sku, count in available.items():
        database.shelve("demo", Product(sku=sku, weight_g=250), count)
    shelf = FakeShelf(database, Fuse())
    one = order(what=TWO, policy=policy)
    return list(perform(one, ReserveStock(units=WANTED), NOW, shelf=shelf, locations_of=here))


def weighed(**counts: int) -> tuple[Units, ...]:
    """Return units with the weight that the shelf knows."""
    return tuple(Units(sku=sku, quantity=count, weight_g=250) for sku, count in counts.items())


@pytest.mark.parametrize("policy", [None, PARTS])
def test_what_is_there_is_set_aside_with_its_weight(policy: Policy | None) -> None:
    """The weight is frozen, so that the parcel's is known later."""
    assert reserve(policy, A=2, B=9) == [StockReserved(at=NOW, units=weighed(A=2, B=1))]


@pytest.mark.parametrize(
    ("available", "missing"),
    [
        ({"A": 1, "B": 1}, [("A", 2, 1)]),
        ({"A": 0, "B": 0}, [("A", 2, 0), ("B", 1, 0)]),
        ({"A": 2}, [("B", 1, None)]),
        ({"A": -3, "B": 1}, [("A", 2, 0)]),
    ],
)
def test_all_or_nothing_is_set_aside(
    available: dict[str, int], missing: list[tuple[str, int, int | None]]
) -> None:
    """A shortage is a fact that names each SKU; an unknown one is told from an empty one."""
    shortages = tuple(Shortage(sku=s, wanted=w, available=a) for s, w, a in missing)
    assert reserve(None, **available) == [StockShort(at=NOW, missing=shortages)]


def test_where_the_merchant_allows_parts_what_is_there_is_set_aside() -> None:
    """The rest is named as missing, in the same breath."""
    assert reserve(PARTS, A=1, B=1) == [
        StockReserved(at=NOW, units=weighed(A=1, B=1)),
        StockShort(at=NOW, missing=(Shortage(sku="A", wanted=2, available=1),)),
    ]
    assert reserve(PARTS, A=0) == [
        StockShort(
            at=NOW,
            missing=(
                Shortage(sku="A", wanted=2, available=0),
                Shortage(sku="B", wanted=1, available=None),
            ),
        )
    ]


def test_the_other_wishes_are_facts_as_they_are() -> None:
    """Letting go, taking out and putting back need no look at the shelf."""
    fuse = Fuse()
    shelf, one, units = FakeShelf(Database(), fuse), order(what=TWO), weighed(A=1)
    back = PutAwayReturn(return_id="R1", units=units)
    told = [
        *perform(one, ReleaseStock(units=units), NOW, shelf=shelf, locations_of=here),
        *perform(one, IssueStock(shipment=1, units=units), NOW, shelf=shelf, locations_of=here),
        *perform(one, back, NOW, shelf=shelf, locations_of=here),
    ]
    assert told == [
        StockReleased(at=NOW, units=units),
        StockIssued(at=NOW, shipment=1, units=units),
        StockReturned(at=NOW, return_id="R1", units=units),
    ]
    assert fuse.touches == []


def test_units_that_others_hold_are_not_there() -> None:
    """Only what is available counts, whatever lies on the shelf."""
    database = Database()
    database.shelve("demo", Product(sku="A"), 0)
    database.levels["demo", "A", "main"] = Level(available=1, reserved=8, seq=2)
    [fact] = perform(
        order(what=TWO),
        ReserveStock(units=WANTED[:1]),
        NOW,
        shelf=FakeShelf(database, Fuse()),
        locations_of=here,
    )
    assert isinstance(fact, StockShort)


@pytest.mark.parametrize("spelled", ["tee-1", " TEE-1 ", "Tee-1", "TEE -1"])
def test_a_sku_that_is_known_in_another_spelling_is_named(spelled: str) -> None:
    """The exact one always wins; a near one is only asked for, never taken."""
    database = Database()
    database.shelve("demo", Product(sku="TEE-1"), 5)
    shelf = FakeShelf(database, Fuse())
    one = order(what=bought(line(spelled)))
    [short] = perform(one, ReserveStock(units=()), NOW, shelf=shelf, locations_of=here)
    assert short == StockShort(
        at=NOW,
        missing=(Shortage(sku=spelled, wanted=1, available=None, suggestion="TEE-1"),),
    )
    [blocker] = [x for x in waiting.blockers(one.plus([short]), NOW) if x.code == "unknown_sku"]
    assert blocker.text == f"SKU {spelled} is not known in stock; did you mean TEE-1?"
    database.shelve("demo", Product(sku=spelled), 5)
    [reserved] = perform(one, ReserveStock(units=()), NOW, shelf=shelf, locations_of=here)
    assert isinstance(reserved, StockReserved)


def test_nothing_more_is_read_while_every_sku_is_known() -> None:
    """Looking for other spellings costs only where it may help."""
    database, fuse = Database(), Fuse()
    database.shelve("demo", Product(sku="A"), 0)
    shelf = FakeShelf(database, fuse)
    one = order(what=bought(line("A")))
    list(perform(one, ReserveStock(units=()), NOW, shelf=shelf, locations_of=here))
    assert fuse.touches == ["stock.read"]

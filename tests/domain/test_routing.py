"""From which location units come: by priority or nearness, from one place or from several."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.events import Location, Part, Policy
from chalicelib.domain.order import Address
from chalicelib.domain.routing import Demand, allocate, ranked, units

COLOGNE = Address(zip="50667", country="DE")
LEIPZIG = Location(id="leipzig", zip="04109", priority=1)
BONN = Location(id="bonn", zip="53111", priority=3)
VIENNA = Location(id="vienna", zip="5066", country="AT", priority=2)
ALL = (LEIPZIG, VIENNA, BONN)


def demand(sku: str, quantity: int, *parts: Part) -> Demand:
    """Return a wish for pieces of a product or a bundle."""
    return Demand(sku=sku, quantity=quantity, parts=parts or (Part(sku=sku),))


def taken(
    wishes: list[Demand], there: dict[tuple[str, str], int], at: str, *, split: bool = False
) -> dict[tuple[str, str], int]:
    """Return what would be taken from the locations named by their letters."""
    return dict(units(allocate(wishes, there, list(at), split=split)))


@pytest.mark.parametrize(
    ("policy", "names"),
    [
        (Policy(), ["leipzig", "vienna", "bonn"]),
        (Policy(fallback=False), ["leipzig"]),
        (Policy(routing="nearest"), ["bonn", "leipzig", "vienna"]),
        (Policy(routing="nearest", fallback=False), ["bonn"]),
    ],
)
def test_locations_are_asked_in_the_merchants_order(policy: Policy, names: list[str]) -> None:
    """By priority, or the customer's country first and then the most like postcode."""
    assert ranked(ALL, policy, COLOGNE) == names


def test_where_nobody_is_near_priority_decides() -> None:
    """An address abroad, or none at all, is as far from everywhere."""
    assert ranked(ALL, Policy(routing="nearest"), Address()) == ["leipzig", "vienna", "bonn"]
    blanks = Location(id="x", zip="sw1a 1aa", country="GB", priority=9)
    london = Address(zip="SW1A1AA", country="GB")
    assert ranked((*ALL, blanks), Policy(routing="nearest"), london)[0] == "x"


def test_all_comes_from_the_first_location_that_has_everything() -> None:
    """Without splitting a later location is better than two parcels."""
    there = {("A", "x"): 2, ("B", "x"): 0, ("A", "y"): 2, ("B", "y"): 1}
    assert taken([demand("A", 2), demand("B", 1)], there, "xy") == {("A", "y"): 2, ("B", "y"): 1}
    both = {("A", "x"): 2, ("A", "y"): 9}
    assert taken([demand("A", 2)], both, "xy") == {("A", "x"): 2}


def test_where_nobody_has_everything_the_most_is_offered() -> None:
    """The caller decides whether a part is enough; the first location wins a draw."""
    assert taken([demand("A", 5)], {("A", "x"): 1, ("A", "y"): 3}, "xy") == {("A", "y"): 3}
    assert taken([demand("A", 5)], {("A", "x"): 3, ("A", "y"): 3}, "xy") == {("A", "x"): 3}
    assert taken([demand("A", 5)], {}, "xy") == {}


def test_a_split_order_takes_what_each_location_has() -> None:
    """In their order, so that the first is emptied first."""
    there = {("A", "x"): 1, ("A", "y"): 3}
    assert taken([demand("A", 3)], there, "xy", split=True) == {("A", "x"): 1, ("A", "y"): 2}


def test_a_bundle_is_packed_in_one_place() -> None:
    """Its parts never come from two locations, whatever may be split."""
    box = demand("BOX", 1, Part(sku="A", quantity=2), Part(sku="B"))
    apart = {("A", "x"): 9, ("B", "y"): 9}
    assert taken([box], apart, "xy", split=True) == {}
    together = apart | {("A", "y"): 2}
    assert taken([box], together, "xy", split=True) == {("A", "y"): 2, ("B", "y"): 1}


counts = st.integers(0, 5)
boxes = st.just((Part(sku="A", quantity=2), Part(sku="B"))) | st.just((Part(sku="C"),))


@given(
    st.lists(st.builds(demand, st.sampled_from("ABC"), counts), max_size=3),
    st.lists(counts, min_size=6, max_size=6),
    boxes,
    st.sampled_from((True, False)),
)
def test_never_more_is_taken_than_wanted_or_there(
    singles: list[Demand], stock: list[int], parts: tuple[Part, ...], split: Any
) -> None:
    """Whatever is wanted and wherever it lies; and what could be taken whole is taken whole."""
    there = dict(zip([(sku, at) for sku in "ABC" for at in "xy"], stock, strict=True))
    wishes = [*singles, demand("BOX", 2, *parts)]
    picks = allocate(wishes, there, ["x", "y"], split=split)
    for key, count in units(picks).items():
        assert 0 < count <= there[key]
    for wish in wishes:
        assert sum(x.quantity for x in picks if x.demand is wish) <= wish.quantity
    if not split:
        assert len({pick.location for pick in picks}) <= 1
    need = units(allocate(wishes, dict.fromkeys(there, 99), ["x"], split=False))
    for at in "xy":
        if all(there[sku, at] >= count for (sku, _), count in need.items()):
            assert sum(x.quantity for x in picks) == sum(x.quantity for x in wishes)

"""Pick lists: every unit once, by bin, and in the box of the order that wants it."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from chalicelib.documents import picking
from chalicelib.documents.facts import freeze
from chalicelib.documents.papers import Pick
from chalicelib.documents.pdf import render
from chalicelib.documents.pick_lists import pick_list
from chalicelib.domain.bins import bin_at
from chalicelib.domain.order import Order
from chalicelib.domain.product import Product
from tests.documents import paper_samples, reading
from tests.events import NOW, bought, line, order, paid, reserved
from tests.fakes import SETTINGS
from tests.histories import shipped

PRODUCTS = {
    "TEE-1": Product(sku="TEE-1", name="Assam", bin="A-10-1", ean="4006381333931"),
    "TEE-2": Product(sku="TEE-2", name="Sencha", bin="main: A-2-1, wien: B-1"),
}


def wants(number: str, **pieces: int) -> Order:
    """Return an order that has all its units set aside."""
    lines = [line(sku.replace("_", "-"), quantity=count) for sku, count in pieces.items()]
    one = order(paid("1000.00"), what=bought(*lines, number=number))
    held = [reserved(each.sku or "", each.quantity) for each in lines]
    return replace(one, facts=(*one.facts, *held))


def made(*orders: Order, location: str = "") -> picking.PickListFacts:
    """Make the pick list of orders."""
    return pick_list(orders, PRODUCTS, SETTINGS, number="7", location=location, now=NOW)


def test_units_are_added_up_and_split_over_the_boxes() -> None:
    """What is fetched in all is what goes into the boxes, order by order."""
    facts = made(wants("1", TEE_1=2, TEE_2=1), wants("2", TEE_1=3))
    found = {pick.sku: pick for pick in facts.picks}
    assert found["TEE-1"].quantity == 5
    assert [(one.box, one.quantity) for one in found["TEE-1"].shares] == [(1, 2), (2, 3)]
    boxed = Counter[str]()
    for box in facts.boxes:
        boxed.update({one.sku: one.quantity for one in box.lines})
    assert boxed == {pick.sku: pick.quantity for pick in facts.picks}
    assert found["TEE-1"].ean == "4006381333931"


def test_bins_come_as_people_walk() -> None:
    """A-2 is before A-10, and what has no bin is last."""
    data = picking.pick_list("pick_list", made(wants("1", TEE_1=1, TEE_2=1, TEE_3=1)))
    assert [row["bin"] for row in data["lines"]] == ["A-2-1", "A-10-1", "–"]


def test_what_is_on_a_delivery_note_is_fetched_too() -> None:
    """The label is printed at once; the goods still lie on the shelf."""
    one = wants("1", TEE_1=2)
    one = replace(one, facts=(*one.facts, *shipped(1, {"l-TEE-1": 2})))
    assert [(pick.sku, pick.quantity) for pick in made(one).picks] == [("TEE-1", 2)]


def test_another_location_has_nothing_to_fetch() -> None:
    """Who picks in Vienna does not look for what lies in the main store."""
    assert made(wants("1", TEE_1=2), location="wien").boxes == ()


@pytest.mark.parametrize(
    ("text", "location", "found"),
    [
        ("A-1", "main", "A-1"),
        ("main: A-1, wien: B-2", "wien", "B-2"),
        ("A-1, wien: B-2", "main", "A-1"),
        ("wien: B-2", "main", ""),
        ("", "main", ""),
    ],
)
def test_a_bin_may_differ_by_location(text: str, location: str, found: str) -> None:
    """One field holds the bin, or one for each location."""
    assert bin_at(text, location) == found


def test_the_codes_of_a_pick_list_scan() -> None:
    """The order's code and those of its articles are read back from the paper."""
    pdf = render("pick_list", freeze(paper_samples.pick_list(1)))
    found = reading.all_codes(pdf)
    assert {"10042", "TEE-ASSAM-250-0"} <= found


def test_sixty_orders_are_one_list() -> None:
    """Every order has its box, and every article stands once above them."""
    pdf = render("pick_list", freeze(paper_samples.pick_list(80, 60)))
    text = reading.text_of(pdf)
    assert all(f"Bestellnummer {10042 + place}" in text for place in range(60))
    assert "Kisten packen" in text


def test_a_long_name_wraps_and_a_sku_too_long_for_a_code_has_none() -> None:
    """Nothing is cut off, and no code is printed that no scanner could read."""
    name = "Wort " * 79 + "Ende"
    pick = Pick(sku="X" * 80, name=name, quantity=1, shares=())
    pdf = render("pick_list", freeze(paper_samples.pick_list(1, picks=(pick,))))
    text = " ".join(reading.text_of(pdf).split())
    assert name in text
    assert "X" * 80 in text.replace(" ", "")

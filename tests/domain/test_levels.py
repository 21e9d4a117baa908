"""What happened between two levels of the shelf."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.domain.levels import Cause, Level, Movement, movement
from chalicelib.domain.product import Product
from tests.events import NOW

SALE = Cause(kind="sale", at=NOW, order_id="o1", reason="parcel 1", by="kontor", lot="L7")


def test_a_movement_says_what_changed_and_what_was_there_then() -> None:
    """Units on the shelf and units set aside, each with its difference."""
    before = Level(location="berlin", available=3, reserved=2, seq=7)
    after = Level(location="berlin", available=3, reserved=0, seq=8, cause=SALE)
    assert movement("A", before, after) == Movement(
        sku="A", location="berlin", kind="sale", quantity=-2, held=-2, on_hand=3, reserved=0,
        at=NOW, seq=8, reason="parcel 1", by="kontor", order_id="o1", lot="L7",
    )  # fmt: skip


def test_setting_units_aside_moves_none_off_the_shelf() -> None:
    """What is on hand stays, what is set aside grows."""
    kept = Cause(kind="reservation", at=NOW)
    told = movement(
        "A", Level(available=3, seq=1), Level(available=1, reserved=2, seq=2, cause=kept)
    )
    assert told
    assert (told.quantity, told.held, told.on_hand) == (0, 2, 3)


def test_the_first_level_is_a_movement_from_nothing() -> None:
    """So that the sum of all movements is what lies there."""
    told = movement("A", None, Level(available=5, seq=1, cause=replace(SALE, kind="receipt")))
    assert told
    assert (told.quantity, told.on_hand) == (5, 5)


@pytest.mark.parametrize("cause", [None, SALE])
def test_a_row_that_changed_otherwise_is_no_movement(cause: Cause | None) -> None:
    """Nothing was counted on."""
    same = Level(available=5, seq=3, cause=cause)
    assert movement("A", same, same) is None


def test_a_product_adds_up_its_locations() -> None:
    """A level below zero takes nothing from another place."""
    product = Product(
        sku="A",
        levels=(Level(location="a", available=-2, reserved=1), Level(location="b", available=4)),
    )
    assert (product.available, product.reserved, product.on_hand) == (4, 1, 3)
    assert product.at("b").available == 4
    assert product.at("c") == Level(location="c")

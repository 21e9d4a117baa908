"""Products made of others: what they take from the shelf, how deep, and how many there are."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from chalicelib.domain.bundles import available, contents, unfold
from chalicelib.domain.errors import NeedsHuman
from chalicelib.domain.events import Part
from chalicelib.domain.levels import Level
from chalicelib.domain.product import Product


def bundle(sku: str, **parts: int) -> Product:
    """Return a product made of others."""
    return Product(sku=sku, parts=tuple(Part(sku=x, quantity=n) for x, n in parts.items()))


def product(sku: str, **levels: int) -> Product:
    """Return a product with units at locations."""
    there = tuple(Level(location=at, available=count) for at, count in levels.items())
    return Product(sku=sku, name=sku.lower(), levels=there)


def known(*products: Product) -> dict[str, Product]:
    """Return products by SKU."""
    return {one.sku: one for one in products}


SHELF = known(
    bundle("GIFT", TEA=2, BOX=1), bundle("TEA", LEAF=3, BAG=1), product("LEAF", x=20, y=6),
    product("BAG", x=9, y=9), product("BOX", x=2, y=5),
)  # fmt: skip


def test_a_bundle_takes_the_parts_of_its_parts() -> None:
    """Multiplied, each once, with the names they had."""
    assert contents("GIFT", SHELF) == [
        Part(sku="BAG", quantity=2, name="bag"),
        Part(sku="BOX", quantity=1, name="box"),
        Part(sku="LEAF", quantity=6, name="leaf"),
    ]
    assert contents("BOX", SHELF) == [Part(sku="BOX", name="box")]
    assert contents("NOBODY", SHELF) == [Part(sku="NOBODY")]


def test_there_are_as_many_bundles_as_one_place_has_parts_for() -> None:
    """Parts that lie apart make none: a bundle is packed in one place."""
    assert available("GIFT", SHELF) == 2 + 1
    assert available("BOX", SHELF) == 7
    apart = known(bundle("SET", A=1, B=1), product("A", x=5), product("B", y=5))
    assert available("SET", apart) == 0
    assert available("SET", known(bundle("SET", A=1))) == 0
    below = known(product("A", x=-2, y=3))
    assert available("A", below) == 3


@pytest.mark.parametrize(
    ("products", "code"),
    [
        (known(bundle("A", A=1)), "bundle_circle"),
        (known(bundle("A", B=1), bundle("B", C=1), bundle("C", A=1)), "bundle_circle"),
        (
            known(bundle("A", B=1), bundle("B", C=1), bundle("C", D=1), bundle("D", E=1)),
            "bundle_depth",
        ),
    ],
)
def test_bundles_without_an_end_are_refused_by_name(
    products: dict[str, Product], code: str
) -> None:
    """A circle, or more than three bundles within each other; the way there is told."""
    with pytest.raises(NeedsHuman) as told:
        contents("A", products)
    assert told.value.code == code
    assert "A → " in told.value.text


def test_three_bundles_within_each_other_are_fine() -> None:
    """The deepest that a merchant may build."""
    deep = known(bundle("A", B=2), bundle("B", C=2), bundle("C", D=2))
    assert contents("A", deep) == [Part(sku="D", quantity=8)]


def test_products_are_read_with_all_they_are_made_of() -> None:
    """One read a depth, and an end even where they go round in a circle."""
    reads: list[set[str]] = []

    def read(skus: Collection[str]) -> dict[str, Product]:
        reads.append(set(skus))
        return {sku: SHELF[sku] for sku in skus if sku in SHELF}

    assert unfold(["GIFT", "NOBODY"], read).keys() == SHELF.keys()
    assert reads == [{"GIFT", "NOBODY"}, {"TEA", "BOX"}, {"LEAF", "BAG"}]
    circle = known(bundle("A", B=1), bundle("B", A=1))
    assert unfold(["A"], lambda skus: {sku: circle[sku] for sku in skus}) == circle

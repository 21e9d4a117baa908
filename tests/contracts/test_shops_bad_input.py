"""What every shop connector does with input that is odd, but whose meaning is clear."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.domain.errors import Permanent
from chalicelib.domain.order import Bought, order_id
from chalicelib.intake.port import PROVIDERS, Snapshot, shop
from tests.recorded.reading import delivery, recorded
from tests.recorded.shapes import SHAPES

KINDS = sorted(PROVIDERS)
any_kind = pytest.mark.parametrize("kind", KINDS)


def plain(kind: str) -> dict[str, Any]:
    """Return a recorded order without anything to settle."""
    return recorded(kind, SHAPES[kind].plain)


def read(kind: str, body: object) -> Bought:
    """Translate a body that must be an order."""
    found = shop(kind).translate(delivery(kind, body))
    assert isinstance(found, Snapshot)
    return found.bought


@any_kind
@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<script>alert(1)</script>Hut", ("<script>alert(1)</script>Hut", "alert(1)Hut")),
        ("Hut\x00\x07\u202eblau", ("Hutblau",)),
        ("  Hut \n\t blau ", ("Hut blau",)),
        ("Kochbuch 👩\u200d🍳", ("Kochbuch 👩\u200d🍳",)),
        ("Größe ½ – „XL“", ("Größe ½ – „XL“",)),
    ],
)
def test_a_name_is_text_whatever_it_looks_like(
    kind: str, given: str, kept: tuple[str, ...]
) -> None:
    """Markup is kept or taken out, never run; signs that cannot be printed are left out."""
    body = SHAPES[kind].with_name(plain(kind), given)
    name = read(kind, body).lines[0].name
    assert any(name == each or name.startswith(f"{each} - ") for each in kept)


@any_kind
def test_a_moment_without_a_zone_is_meant_as_utc(kind: str) -> None:
    """Some shops leave it out; none may end an hour early."""
    changed = SHAPES[kind].changed
    body = {**plain(kind), changed: "2026-11-23T08:15:00"}
    assert read(kind, body).modified_at == datetime(2026, 11, 23, 8, 15, tzinfo=UTC)


@any_kind
@pytest.mark.parametrize("moment", ["gestern", "2026-13-45T00:00:00Z", "23.11.2026", [1], "0"])
def test_a_moment_that_is_none_is_named(kind: str, moment: Any) -> None:
    """By its field; nothing is guessed."""
    changed = SHAPES[kind].changed
    with pytest.raises(Permanent, match=rf"{changed}: must be") as caught:
        shop(kind).translate(delivery(kind, {**plain(kind), changed: moment}))
    assert caught.value.code == "bad_payload"


@any_kind
def test_numbers_may_be_text_and_text_may_be_numbers(kind: str) -> None:
    """PHP and its plugins write either; a whole number may have a point."""
    body, shape = plain(kind), SHAPES[kind]
    expected = read(kind, plain(kind))
    line = body[shape.lines][0]
    told = line[shape.quantity]
    for quantity in (str(told), float(told)):
        line[shape.quantity] = quantity
        assert read(kind, body) == expected
    for total in (float(shape.told(body)), str(shape.told(body))):
        assert read(kind, shape.with_total(body, total)) == expected


@any_kind
def test_a_sku_is_kept_as_it_is_spelled(kind: str) -> None:
    """`a-1` and `A-1` may be two articles; blanks around it never mean anything."""
    lines = SHAPES[kind].lines
    body = json.loads(json.dumps(plain(kind)).replace("MUETZE-G", " Mütze-g "))
    found = {line.sku for line in read(kind, body).lines if line.sku}
    assert all(sku == sku.strip() for sku in found)
    if "MUETZE-G" in json.dumps(plain(kind)[lines]):
        assert "Mütze-g" in found


@any_kind
def test_the_same_number_in_two_shops_is_two_orders(kind: str) -> None:
    """An order is known by its connection and the shop's own id."""
    number = read(kind, plain(kind)).external_id
    names = {order_id(connection, number) for connection in ("demo-one", "demo-two")}
    assert len(names) == 2

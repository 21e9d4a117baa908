"""Somebody was faster, or one order is broken: no order spoils the write for the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from chalicelib.domain import events
from chalicelib.domain.commands import Command
from chalicelib.domain.errors import Retryable
from chalicelib.domain.order import Order
from chalicelib.stock.decide import decide
from chalicelib.stock.together import TRIES
from chalicelib.store.allocation import RefusedError
from tests.events import NOW, reserved
from tests.fakes import Killed
from tests.histories import cancelled, shipped
from tests.stock.house import House, Meddler


@pytest.fixture
def house() -> House:
    """Return a house with three A in which somebody may be faster."""
    house = House(A=3)
    house.book = Meddler(house.database, house.fuse)
    return house


def faster(house: House, *deeds: Callable[[], Any]) -> None:
    """Let these happen, each right before the next write."""
    assert isinstance(house.book, Meddler)
    house.book.before = list(deeds)


def take(house: House, count: int) -> Callable[[], None]:
    """Return a deed that sells A elsewhere."""

    def deed() -> None:
        level = house.database.levels["demo", "A", "main"]
        house.database.levels["demo", "A", "main"] = replace(
            level, available=level.available - count
        )

    return deed


def test_units_that_are_gone_meanwhile_are_not_sold(house: House) -> None:
    """The levels are read again, the orders are not; who came first still is."""
    wakes = [house.order(f"o{number}", after=number, A=1) for number in range(3)]
    faster(house, take(house, 1))
    assert house.run(*wakes) == []
    assert (house.count("stock.read"), house.count("orders.load")) == (2, 3)
    assert house.pauses == [1]
    assert house.reserved("o0", "o1", "o2") == ["o0", "o1"]
    assert house.level("A") == (0, 2)


def test_an_order_that_moved_on_keeps_its_place(house: House) -> None:
    """Only this one is loaded again, and it is still the first."""
    wakes = [house.order(f"o{number}", after=number, A=2) for number in range(2)]
    noted = events.NoteAdded(at=NOW, text="x", by="staff")
    faster(house, lambda: house.book.append(house.book.load("demo", "o0"), [noted]))  # type: ignore[arg-type]
    assert house.run(*wakes) == []
    assert house.reserved("o0", "o1") == ["o0"]
    assert house.count("stock.transact") == 2


def test_an_order_cancelled_meanwhile_takes_nothing(house: House) -> None:
    """What it would have had goes to the next."""
    wakes = [house.order(f"o{number}", after=number, A=2) for number in range(2)]
    faster(house, lambda: house.book.append(house.book.load("demo", "o0"), [cancelled()]))  # type: ignore[arg-type]
    house.run(*wakes)
    assert house.reserved("o0", "o1") == ["o1"]


def refuse() -> None:
    """Stand in the way of a write."""
    raise RefusedError


def test_who_is_refused_too_often_comes_back(house: House) -> None:
    """Bounded tries with pauses between them; nothing is written, nothing is lost."""
    wakes = [house.order(f"o{number}", A=1) for number in range(2)]
    faster(house, *[refuse] * TRIES)
    assert sorted(house.run(*wakes)) == ["o0", "o1"]
    assert house.pauses == list(range(1, TRIES + 1))
    assert house.level("A") == (3, 0)
    assert house.run(*wakes) == []
    assert house.level("A") == (1, 2)


def break_one(house: House, name: str) -> None:
    """Let the step have a bug with one order."""

    def broken(order: Order, now: datetime) -> Iterator[Command]:
        if order.id == name:
            msg = "a bug"
            raise ZeroDivisionError(msg)
        yield from decide(order, now)

    house.decide = broken


def unreadable(house: House, name: str) -> None:
    """Let one order's row be damaged."""
    row = house.database.rows[f"demo#{name}", 1]
    row.facts, row.told = "no json", None


def sent_unreserved(house: House, name: str) -> None:
    """Let more of an order have gone out than the shelf knows of."""
    one = house.load(name)
    house.book.append(one, [reserved("A", 3), *shipped(1, {"l-A": 3})])


@pytest.mark.parametrize("spoil", [break_one, unreadable, sent_unreserved])
def test_an_order_that_fails_keeps_no_other_from_its_units(
    house: House, spoil: Callable[[House, str], None]
) -> None:
    """It runs alone after the others, and comes back alone."""
    wakes = [house.order(f"o{number}", after=number, A=1) for number in range(3)]
    spoil(house, "o0")
    assert house.run(*wakes) == ["o0"]
    assert house.reserved("o1", "o2") == ["o1", "o2"]
    assert house.level("A") == (1, 2)
    assert house.count("stock.transact") == (6 if spoil is sent_unreserved else 1)


def test_a_write_that_fails_for_all_is_tried_for_each(house: House) -> None:
    """The answer does not say which order is to blame; each order's own run does."""
    wakes = [house.order(f"o{number}", A=1) for number in range(3)]

    def fail() -> None:
        code = "database"
        raise Retryable(code, "a row is too large")

    faster(house, fail)
    assert house.run(*wakes) == []
    assert house.level("A") == (0, 3)
    assert house.count("stock.transact") == 3


def test_a_lost_answer_is_not_written_again(house: House) -> None:
    """The write took effect, its answer was lost: the next look finds the facts."""
    wakes = [house.order(f"o{number}", A=1) for number in range(2)]
    house.fuse.at, house.fuse.after = 4, True  # two loads, the levels, the write
    with pytest.raises(Killed):
        house.run(*wakes)
    house.fuse.at = None
    assert house.level("A") == (1, 2)
    assert house.run(*wakes) == []
    assert house.level("A") == (1, 2)

"""Telling the shops what may be sold: once, as it is now, and what happens if they will not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.stock.availability import Crier, handle
from chalicelib.store.connections import Connection
from tests.events import NOW
from tests.stock.shops import KeepingShop, Memory, Notes, Shelf, connection


class Town:
    """A crier with his shelf, his memory and the notes on the shop."""

    def __init__(self, found: Connection | None = None, **available: int) -> None:
        self.shelf, self.memory = Shelf(available=available), Memory()
        self.notes = Notes(found or connection())
        self.secrets = {"key": "k"}
        self.crier = Crier(
            connections=self.notes,
            secrets_of=lambda *_: self.secrets,
            shelf=self.shelf,
            memory=self.memory,
            now=lambda: NOW,
        )

    def tell(self, *skus: str, again: bool = False) -> None:
        """Tell the shop of SKUs."""
        self.crier.tell("demo-woo", skus, skus if again else ())


def test_a_shop_is_told_the_level_of_now_in_one_call(shop: KeepingShop) -> None:
    """Whatever made the message, and however many SKUs it names."""
    shop.levels["B"] = 9
    town = Town(A=3, B=4)
    town.tell("A", "B", "A")
    assert shop.calls == [{"A": 3, "B": 4}]
    assert shop.levels == {"A": 3, "B": 4}
    assert town.notes.connection.levels is None


def test_what_the_shop_knows_is_not_told_again(shop: KeepingShop) -> None:
    """A hundred messages about one level are one call, unless all of it is wanted again."""
    town = Town(A=3)
    for _ in range(100):
        town.tell("A")
    assert len(shop.calls) == 1
    town.tell("A", again=True)
    assert len(shop.calls) == 2


def test_a_sku_that_the_shop_does_not_have_is_asked_once(shop: KeepingShop) -> None:
    """Not on every change; the nightly push looks again."""
    town = Town(X=3)
    town.tell("X")
    town.shelf.available["X"] = 2
    town.tell("X")
    assert shop.calls == [{"X": 3}]
    shop.levels["X"] = 0
    town.tell("X", again=True)
    assert shop.levels["X"] == 2


def test_a_sku_that_we_do_not_have_is_left_to_the_shop(shop: KeepingShop) -> None:
    """It may sell things that we know nothing of."""
    Town().tell("A")
    assert (shop.calls, shop.levels) == ([], {"A": 0})


@pytest.mark.parametrize(("units", "told"), [("2", 1), ("9", 0), ("", 3), ("-2", 3), ("some", 3)])
def test_units_held_back_are_never_offered(shop: KeepingShop, units: str, told: int) -> None:
    """The merchant's safety stock for this shop; what is no number holds back nothing."""
    Town(connection(reserve_units=units), A=3).tell("A")
    assert shop.levels["A"] == told


def test_nothing_is_told_to_a_shop_that_was_cut_or_wants_nothing(shop: KeepingShop) -> None:
    """A message may be older than the setting."""
    for found in (connection(push_stock="off"), connection("generic")):
        Town(found, A=3).tell("A")
    Town(A=3).crier.tell("demo-gone", ["A"])
    assert shop.calls == []


def test_a_level_that_changed_in_the_shop_is_read_anew_and_told_once_more(
    shop: KeepingShop,
) -> None:
    """With what stands there now, so that a sale in between is found out again."""
    shop.compares = True
    town = Town(A=5)
    town.tell("A")
    shop.levels["A"] = 4  # sold there; its order is on the way to us
    town.shelf.available["A"] = 4
    town.shelf.available["A"] = 7
    town.tell("A")
    assert shop.levels["A"] == 7
    assert len(shop.calls) == 3
    assert town.notes.connection.levels is None


def test_a_level_that_keeps_changing_in_the_shop_is_shown(shop: KeepingShop) -> None:
    """Tried twice, then visible, until a later change goes through."""
    shop.compares = True
    town = Town(A=5)
    town.tell("A")
    shop.levels["A"] = 1

    def sell(what: str) -> None:
        shop.levels["A"] += 1 if what == "tell" else 0

    shop.step = sell
    town.shelf.available["A"] = 9
    town.tell("A")
    trouble = town.notes.connection.levels
    assert trouble
    assert "A" in trouble.refused
    assert len(shop.calls) == 3


def test_a_refused_sku_keeps_no_other_from_its_level(shop: KeepingShop) -> None:
    """The shop's reason is shown by SKU until it takes it."""
    shop.levels["B"] = 0
    shop.refused = {"A": "no stock is kept"}
    town = Town(A=3, B=4)
    town.tell("A", "B")
    assert shop.levels == {"A": 0, "B": 4}
    trouble = town.notes.connection.levels
    assert trouble
    assert trouble.refused == {"A": "no stock is kept"}
    town.shelf.available["B"] = 5
    town.tell("B")
    assert town.notes.connection.levels == trouble
    assert town.notes.written == 1
    shop.refused = {}
    town.tell("A")
    assert shop.levels == {"A": 3, "B": 5}
    assert town.notes.connection.levels is None


def test_a_level_of_which_the_shop_says_nothing_is_told_again(shop: KeepingShop) -> None:
    """Who takes silence for a yes goes on selling what is gone."""
    shop.is_silent = True
    town = Town(A=3)
    town.tell("A")
    trouble = town.notes.connection.levels
    assert trouble
    assert "does not say" in trouble.refused["A"]
    assert town.memory.rows == {}
    shop.is_silent = False
    town.tell("A")
    assert (len(shop.calls), town.notes.connection.levels) == (2, None)


def test_a_shop_that_refuses_the_call_is_shown_and_tried_with_the_next_change(
    shop: KeepingShop,
) -> None:
    """A wrong password is nothing that a queue can mend."""
    shop.error = Permanent("outside_refused", "401: who are you?")
    town = Town(A=3)
    town.tell("A")
    town.tell("A")
    trouble = town.notes.connection.levels
    assert trouble
    assert (trouble.code, trouble.text) == ("outside_refused", "401: who are you?")
    assert town.notes.written == 1
    shop.error = None
    town.tell("A")
    assert (shop.levels["A"], town.notes.connection.levels) == (3, None)


def test_missing_credentials_are_shown(shop: KeepingShop) -> None:
    """The merchant asked for levels and gave no key."""
    town = Town(A=3)
    town.secrets = {}
    town.tell("A")
    trouble = town.notes.connection.levels
    assert trouble
    assert trouble.code == "not_set_up"


def test_a_shop_that_is_away_is_told_later(shop: KeepingShop) -> None:
    """The message comes back; nothing is remembered as told, and people see why."""
    shop.error = Retryable("outside_down", "503")
    town = Town(A=3)
    for _ in range(2):
        with pytest.raises(Retryable):
            town.tell("A")
    assert town.memory.rows == {}
    trouble = town.notes.connection.levels
    assert trouble
    assert (trouble.code, trouble.text, town.notes.written) == ("outside_down", "503", 1)
    shop.error = None
    town.tell("A")
    assert (shop.levels["A"], town.notes.connection.levels) == (3, None)


def message(name: str, connection_id: str, *skus: str, **more: Any) -> dict[str, Any]:
    """Return a message of the queue."""
    body = {"merchant_id": "demo", "connection_id": connection_id, "skus": skus, **more}
    return {"messageId": name, "body": json.dumps(body)}


class Deaf(Crier):
    """A crier who only writes down what he shall tell; one shop is away."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []

    def tell(self, connection_id: str, skus: Any, again: Any = ()) -> None:
        """Write it down."""
        self.told.append((connection_id, tuple(skus), tuple(again)))
        if connection_id == "demo-away":
            raise Retryable("outside_down", "503")


def test_the_messages_of_a_batch_are_one_telling_for_each_shop() -> None:
    """What comes back are the messages of the shop that is away, in their order."""
    deaf = Deaf()
    answer = handle(
        [
            message("1", "demo-woo", "A"),
            message("2", "demo-away", "A"),
            message("3", "demo-woo", "A", "B", again=True),
            message("4", "demo-away", "B"),
        ],
        deaf,
    )
    assert deaf.told == [
        ("demo-woo", ("A", "A", "B"), ("A", "B")),
        ("demo-away", ("A", "B"), ()),
    ]
    assert answer == {"batchItemFailures": [{"itemIdentifier": "2"}, {"itemIdentifier": "4"}]}

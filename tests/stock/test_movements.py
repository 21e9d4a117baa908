"""The stream of levels: movements are kept, and the shops that keep levels hear of it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from chalicelib.domain.errors import Retryable
from chalicelib.domain.levels import Movement
from chalicelib.runtime.changes import Change
from chalicelib.stock.movements import Herald
from chalicelib.store.connections import Connection
from tests.stock.shops import KeepingShop, connection

CAUSE = json.dumps({"kind": "receipt", "at": "2026-11-23T08:00:00Z"})


def level(sku: str, seq: int, available: int, reserved: int = 0, at: str = "main") -> Any:
    """Return the image of a level."""
    return {
        "pk": {"S": "demo"},
        "sk": {"S": f"SKU#{sku}#{at}"},
        "available": {"N": str(available)},
        "reserved": {"N": str(reserved)},
        "seq": {"N": str(seq)},
        "cause": {"S": CAUSE},
    }


def product(sku: str, **data: Any) -> Any:
    """Return the image of a product."""
    return {"pk": {"S": "demo"}, "sk": {"S": f"SKU#{sku}#"}, "data": {"S": json.dumps(data)}}


def changed(old: Any, new: Any, number: str = "1") -> dict[str, Any]:
    """Return a record of the stream."""
    keys = {name: (new or old)[name] for name in ("pk", "sk")}
    images = {"Keys": keys, "SequenceNumber": number}
    images |= {"OldImage": old} if old else {}
    images |= {"NewImage": new} if new else {}
    return {"eventName": "MODIFY", "dynamodb": images}


@dataclass
class Street:
    """What the herald keeps and sends."""

    connections: list[Connection] = field(default_factory=lambda: [connection()])
    bundles: dict[str, list[str]] = field(default_factory=dict)
    kept: list[Movement] = field(default_factory=list)
    sent: list[tuple[Change, str]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    noted: list[tuple[str, set[str], set[str]]] = field(default_factory=list)
    is_away: bool = False
    looked_at: list[str] = field(default_factory=list)
    came_in: list[str] = field(default_factory=list)

    def write_all(self, merchant_id: str, moved: Iterable[Movement]) -> None:
        """Keep movements."""
        self.kept += moved

    def bundles_with(self, merchant_id: str, skus: Iterable[str]) -> list[str]:
        """Look parts up."""
        self.asked += skus
        return [name for sku in skus for name in self.bundles.get(sku, [])]

    def note(self, merchant_id: str, bundle: str, parts: Any, gone: Any) -> None:
        """Remember what a bundle is made of."""
        self.noted.append((bundle, set(parts), set(gone) - set(parts)))

    def announce(self, changes: Iterable[Change], occasion: str) -> None:
        """Send word."""
        if self.is_away:
            raise Retryable("queue", "away")
        self.sent += [(change, occasion) for change in changes]

    def take(self, *records: dict[str, Any]) -> list[str]:
        """Take a batch and return what comes back of it."""
        herald = Herald(
            movements=self,  # type: ignore[arg-type]
            parts=self,  # type: ignore[arg-type]
            connections_of=lambda _: self.connections,
            announce=self.announce,
            note_low=lambda _, skus: self.looked_at.extend(skus),
            arrived=lambda _, skus: self.came_in.extend(skus),
        )
        answer = herald.take(list(records))
        return [failed["itemIdentifier"] for failed in answer["batchItemFailures"]]

    def skus(self) -> list[tuple[str, ...]]:
        """Return the SKUs of each message."""
        return [change.skus for change, _ in self.sent]


@pytest.fixture
def street(shop: KeepingShop) -> Street:
    """Return a street with one shop that keeps levels."""
    return Street()


def test_a_change_is_a_movement_and_a_word_to_the_shop(street: Street) -> None:
    """By how much, why, and where it then stood; the word names the SKU and no level."""
    assert street.take(changed(level("A", 1, 5), level("A", 2, 3, 2))) == []
    [moved] = street.kept
    assert (moved.sku, moved.seq, moved.quantity, moved.held) == ("A", 2, 0, 2)
    [(change, occasion)] = street.sent
    assert change == Change(merchant_id="demo", connection_id="demo-woo", skus=("A",))
    assert occasion == "1-1"


def test_a_hundred_changes_of_a_batch_are_one_word(street: Street) -> None:
    """And a hundred movements."""
    street.take(*(changed(level("A", n, 200 - n), level("A", n + 1, 199 - n)) for n in range(100)))
    assert len(street.kept) == 100
    assert street.skus() == [("A",)]


def test_a_batch_that_comes_back_grown_is_another_occasion(street: Street) -> None:
    """The same SKU again, but changed since: the queue must not drop the word as a repetition."""
    first = changed(None, level("A", 1, 5), "7")
    street.take(first)
    street.take(first, changed(level("A", 1, 5), level("A", 2, 4), "8"))
    street.take(first)
    occasions = [occasion for _, occasion in street.sent]
    assert occasions == ["7-7", "7-8", "7-7"]


def test_many_skus_share_messages(street: Street) -> None:
    """So an import of a catalogue is some hundred messages."""
    street.take(*(changed(None, level(f"S{n}", 1, 1)) for n in range(100)))
    assert [len(skus) for skus in street.skus()] == [50, 50]


def test_what_does_not_change_the_offer_is_a_movement_only(street: Street) -> None:
    """A parcel that leaves takes units that were set aside long ago."""
    street.take(changed(level("A", 1, 5, 2), level("A", 2, 5, 0)))
    assert len(street.kept) == 1
    assert street.sent == []


@pytest.mark.parametrize(
    "connections",
    [[], [connection(push_stock="off")], [connection("generic")], [connection(push_stock="")]],
)
def test_a_merchant_without_such_a_shop_pays_for_no_message(
    street: Street, connections: list[Connection]
) -> None:
    """Nor for a look at its bundles."""
    street.connections = connections
    street.take(changed(None, level("A", 1, 5)))
    assert len(street.kept) == 1
    assert (street.sent, street.asked) == ([], [])


def test_bundles_change_with_their_parts(street: Street) -> None:
    """Each once, however many of its parts moved."""
    street.bundles = {"A": ["SET-1", "SET-2"], "B": ["SET-1"]}
    street.take(changed(None, level("A", 1, 5)), changed(None, level("B", 1, 5)))
    assert street.skus() == [("A", "B", "SET-1", "SET-2")]


def test_what_a_bundle_is_made_of_is_remembered(street: Street) -> None:
    """So that its parts are found to be in it, and those that were taken out no longer are."""

    def made_of(*skus: str) -> Any:
        return product("SET", parts=[{"sku": sku} for sku in skus])

    street.take(changed(None, made_of("A", "B")))
    street.take(
        changed(made_of("A", "B"), made_of("B", "C")), changed(made_of("B", "C"), made_of("C", "D"))
    )
    street.take(changed(made_of("C"), None), changed(made_of("A"), made_of("A")))
    assert street.noted == [
        ("SET", {"A", "B"}, set()),
        ("SET", {"C", "D"}, {"A", "B"}),
        ("SET", set(), {"C"}),
    ]


def test_a_product_that_is_described_anew_may_be_offered_differently(street: Street) -> None:
    """Its parts, or that it is no longer sold; a row written as it was is no news."""
    street.take(changed(product("A"), product("A", archived=True)))
    street.take(changed(product("A", name="x"), product("A", name="x")))
    assert (street.kept, street.skus()) == ([], [("A",)])


def test_a_level_that_is_gone_is_told(street: Street) -> None:
    """The units of a location that is given up are not there any more."""
    street.take(changed(level("A", 4, 5), None))
    assert (street.kept, street.skus()) == ([], [("A",)])


def test_what_cannot_be_sent_comes_back_as_a_whole(street: Street) -> None:
    """Keeping a movement twice changes nothing."""
    street.is_away = True
    assert street.take(changed(None, level("A", 1, 5), "77")) == ["77"]


def test_a_row_that_we_fail_on_keeps_no_other_waiting(street: Street) -> None:
    """It is in the log; the audit shows the gap."""
    broken = level("B", 1, 1) | {"cause": {"S": "{"}}
    assert street.take(changed(None, broken), changed(None, level("A", 1, 5))) == []
    assert [moved.sku for moved in street.kept] == ["A"]
    assert street.skus() == [("B", "A")]


def test_goods_that_come_in_are_told_to_those_who_wait_and_nothing_else_is() -> None:
    """A receipt, a return, a release: whatever makes more of it available, each SKU once."""
    street = Street()
    street.take(
        changed(None, level("A", 1, 5)),
        changed(level("A", 1, 5), level("A", 2, 6)),
        changed(level("B", 1, 5), level("B", 2, 3, reserved=2)),
        changed(level("C", 4, 1, reserved=3), level("C", 5, 1, reserved=1)),
        changed(product("D"), product("D", name="Tee")),
    )
    assert street.came_in == ["A"]


def test_whoever_watches_the_minimum_looks_at_what_has_changed() -> None:
    """Another level or another minimum; parcels that leave change neither."""
    street = Street()
    street.take(
        changed(level("B", 1, 5), level("B", 2, 3, reserved=2)),
        changed(level("C", 4, 1, reserved=3), level("C", 5, 1, reserved=1)),
        changed(product("D"), product("D", min_stock=3)),
    )
    assert street.looked_at == ["B", "D"]

"""Telling the carrier: the same reference every time, the right sender, recipient and weight."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain import articles
from chalicelib.domain.commands import MarkOverdue, RegisterShipment
from chalicelib.domain.errors import Permanent
from chalicelib.domain.events import DocumentIssued, Fact, Policy, ShipmentRegistered
from chalicelib.shipping import perform as performing
from chalicelib.shipping.perform import Counter
from chalicelib.shipping.port import PROVIDERS, Parcel, Registered
from chalicelib.store.connections import Connection
from tests.events import ANNA, NOW, bought, line, order, reserved
from tests.fakes import SETTINGS, FakeArchive, Fuse
from tests.histories import pieces

WISH = RegisterShipment(shipment=1, lines=pieces({"l-TEE-1": 2}))


def connection(name: str = "carrier", kind: str = "local") -> Connection:
    """Return a connection of the merchant."""
    return Connection(merchant_id="demo", id=f"demo-{name}", kind=kind, name=name, created_at=NOW)


class Desk:
    """A counter with its surroundings."""

    def __init__(self, *connections: Connection) -> None:
        self.archive = FakeArchive(Fuse())
        self.counter = Counter(
            settings_of=lambda _: SETTINGS,
            connections_of=lambda _: [connection("woo", "woocommerce"), *connections],
            secrets_of=lambda merchant, name: {"tracking_key": f"key of {merchant} {name}"},
            archive=self.archive,
            public_url=lambda: "https://kontor.example",
        )

    def perform(self, policy: Policy | None = None, wish: Any = WISH) -> list[Fact]:
        """Register the parcel of an order of two pieces."""
        one = order(reserved(quantity=2), what=bought(line(quantity=2)), policy=policy)
        return list(self.counter.perform(one, wish, NOW))


class Far:
    """A carrier that draws its own labels and remembers what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[Parcel, Any, str]] = []

    def register(self, parcel: Parcel, secrets: Any, page: str) -> Registered:
        """Take a parcel."""
        self.told.append((parcel, secrets, page))
        return Registered(tracking_number="F1", tracking_url="https://far/F1", label=b"%PDF far")


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> Far:
    """Let `far` be a carrier."""
    carrier = Far()
    monkeypatch.setitem(PROVIDERS, "far", "tests.shipping.far")
    monkeypatch.setattr(performing, "carrier", lambda kind: {"far": carrier}[kind])
    return carrier


def test_a_parcel_is_registered_with_number_link_and_weight() -> None:
    """The local carrier draws no label, so the documents step will."""
    [fact] = Desk(connection()).perform()
    assert isinstance(fact, ShipmentRegistered)
    assert (fact.shipment, fact.carrier, fact.weight_g) == (1, "local", 500)
    assert not fact.has_label
    assert fact.tracking_url.endswith(fact.tracking_number)
    assert fact.tracking_url.startswith("https://kontor.example/")


def test_registering_again_gives_the_same_parcel() -> None:
    """After a lost answer the same number comes back."""
    desk = Desk(connection())
    assert desk.perform() == desk.perform()


def test_the_carrier_gets_reference_addresses_and_its_own_secrets(far: Far) -> None:
    """The reference is unique over all merchants, and the same in every attempt."""
    Desk(connection("far", "far")).perform(Policy(carrier="far"))
    [(parcel, secrets, _)] = far.told
    assert parcel.reference == "demo-o1-1"
    assert parcel.recipient == ANNA
    assert (parcel.sender.company, parcel.sender.city) == ("Blattwerk", "Leipzig")
    assert secrets == {"tracking_key": "key of demo demo-far"}


def test_a_carriers_own_label_is_filed_before_the_parcel_counts(far: Far) -> None:
    """Whoever sees the parcel finds its label, with the hash of its bytes."""
    desk = Desk(connection("far", "far"))
    label, parcel = desk.perform(Policy(carrier="far"))
    assert isinstance(label, DocumentIssued)
    assert isinstance(parcel, ShipmentRegistered)
    assert (label.kind, label.refers_to, parcel.has_label) == ("label", "1", True)
    assert desk.archive.objects == {label.key: b"%PDF far"}
    assert label.key.startswith("demo/2026/")
    assert label.sha256 == hashlib.sha256(b"%PDF far").hexdigest()


@pytest.mark.parametrize("policy", [Policy(carrier="far"), Policy(carrier="demo-far")])
def test_the_merchant_chooses_the_carrier_by_kind_or_connection(far: Far, policy: Policy) -> None:
    """With two carriers set up the policy says which."""
    Desk(connection(), connection("far", "far")).perform(policy)
    assert len(far.told) == 1


@pytest.mark.parametrize("wanted", ["dhl", "woocommerce", "demo-woo", ""])
def test_without_the_wanted_carrier_a_person_is_asked(wanted: str) -> None:
    """No other carrier is taken instead."""
    with pytest.raises(Permanent) as caught:
        Desk(connection()).perform(Policy(carrier=wanted))
    assert caught.value.code == "no_carrier"


def test_a_wish_of_another_step_is_no_business_of_this_one() -> None:
    """It does nothing and tells nothing."""
    assert Desk(connection()).perform(wish=MarkOverdue()) == []


def test_the_weight_is_what_the_units_weighed_when_they_were_set_aside() -> None:
    """Lines without a SKU and units of unknown weight weigh nothing."""
    what = bought(line("A", quantity=2), line("B"), line(None, line_id="x"))
    heavy = replace(reserved("A", 2), units=tuple(
        replace(unit, weight_g=400) for unit in reserved("A", 2).units  # type: ignore[attr-defined]
    ))  # fmt: skip
    one = order(heavy, reserved("B"), what=what)
    assert articles.weight(one, pieces({"l-A": 2, "l-B": 1, "x": 1})) == 1050
    assert articles.weight(order(what=what), pieces({"l-A": 2})) == 0

"""Which parcels a carrier is told of: those with a delivery note, once each."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from chalicelib.domain.commands import Command, NumberShipment
from chalicelib.domain.events import EffectIntended
from chalicelib.domain.order import SETTLE, Order
from chalicelib.shipping.decide import decide
from tests.events import NOW, order, paid, reserved
from tests.histories import cancelled, note, pieces, registered

NOTED = [paid(), reserved(), note(1, {"l-TEE-1": 1})]


def wishes(one: Order, *, later: timedelta = timedelta()) -> list[Command]:
    """Return what the step asks for."""
    return list(decide(one, NOW + later))


def test_a_parcel_with_a_delivery_note_is_registered_once() -> None:
    """With the pieces of its note; the carrier's answer ends it."""
    one = order(*NOTED)
    assert wishes(one) == [NumberShipment(shipment=1, lines=pieces({"l-TEE-1": 1}))]
    assert wishes(one.plus([registered(1)])) == []


def test_only_the_merchants_own_delivery_needs_no_call_outside() -> None:
    """Its number is derived; any other carrier's is intended before it is asked for."""
    own = order(*NOTED)
    other = order(*NOTED, policy=replace(own.policy, carrier="demo-dhl"))
    assert [wish.is_outside for wish in wishes(own) + wishes(other)] == [False, True]


def test_without_a_delivery_note_there_is_no_parcel() -> None:
    """Paid and reserved is not packed yet."""
    assert wishes(order(paid(), reserved())) == []


def test_every_parcel_of_an_order_is_one_of_its_own() -> None:
    """Numbered by shipment, so that their effects have different names."""
    two = order(*NOTED, note(2, {"l-TEE-1": 1}))
    assert [wish.key for wish in wishes(two)] == ["shipment:1", "shipment:2"]
    assert [wish.key for wish in wishes(two.plus([registered(1)]))] == ["shipment:2"]


def test_a_parcel_under_way_to_the_carrier_is_left_alone() -> None:
    """After a lost answer it is asked for again only when it had time to settle."""
    tried = order(*NOTED, EffectIntended(at=NOW, effect="shipment:1"))
    assert wishes(tried) == []
    assert len(wishes(tried, later=SETTLE)) == 1


def test_a_cancelled_order_sends_nothing() -> None:
    """Not even what is packed already."""
    assert wishes(order(*NOTED, cancelled())) == []

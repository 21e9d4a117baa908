"""Facts: every kind can be stored, is told apart from its repeat, and wakes whom it concerns."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from chalicelib.domain import events
from chalicelib.domain.events import FACTS, SILENT, Fact, wakes
from tests.events import NOW, eur, paid

LATER = NOW + timedelta(seconds=1)
ABSTRACT = {"Fact", "StockFact", "Movement"}


def kinds(base: type[Fact] = Fact) -> set[type[Fact]]:
    """Return every kind of fact that the module defines."""
    below = {kind for child in base.__subclasses__() for kind in kinds(child)}
    return below | {base}


def test_every_kind_of_fact_can_be_stored_and_read_again() -> None:
    """A fact missing in FACTS could be written and never read: the order would be lost."""
    # Slotted dataclasses leave their unslotted twin among the subclasses, so names are compared.
    assert {kind.__name__ for kind in kinds()} - ABSTRACT == set(FACTS)
    assert all(name == kind.__name__ for name, kind in FACTS.items())


def test_facts_are_frozen_and_know_their_moment() -> None:
    """Nobody rewrites history, and every fact says when."""
    for kind in FACTS.values():
        assert kind.__dataclass_params__.frozen, kind  # type: ignore[attr-defined]
        assert "at" in {field.name for field in dataclasses.fields(kind)}, kind


ONCE = [
    events.OrderAccepted,
    lambda at: events.OrderCancelled(at=at, by="shop"),
    lambda at: events.StockIssued(at=at, shipment=1, units=()),
    lambda at: events.StockReturned(at=at, return_id="R1", units=()),
    lambda at: paid("10.00", at=at),
    lambda at: events.PaymentOverdue(at=at),
    lambda at: events.CollectionHandedOver(at=at, by="staff", reference=f"{at}"),
    lambda at: events.DunningRaised(at=at, level=1, due_on=at.date()),
    lambda at: events.DocumentIssued(
        at=at, kind="invoice", number=f"RE-{at.second}", issued_on=at.date(), key="k", sha256="s"
    ),
    lambda at: events.ShipmentRegistered(
        at=at, shipment=1, carrier="local", tracking_number=f"{at}", tracking_url=""
    ),
    lambda at: events.ShopTold(at=at, what="shipped:1", reference=f"{at}"),
    lambda at: events.MessageSent(at=at, kind="order_confirmation", to="a", message_id=f"{at}"),
    lambda at: events.ReturnAuthorized(at=at, return_id="R1", lines=()),
    lambda at: events.ReturnReceived(at=at, return_id="R1", lines=()),
    lambda at: events.RefundDue(at=at, return_id="R1", amount=eur("1")),
    lambda at: events.ReturnCredited(at=at, return_id="R1", amount=eur("1")),
]


@pytest.mark.parametrize(
    "fact",
    [lambda at: events.OrderAccepted(at=at), *ONCE[1:]],
    ids=lambda make: type(make(NOW)).__name__,
)
def test_what_happens_once_is_the_same_fact_whenever_it_is_told(fact: object) -> None:
    """A repeat at another moment, even with another answer, is the same happening."""
    assert fact(NOW).identity == fact(LATER).identity  # type: ignore[operator]


MANY = [
    lambda at: events.HoldPlaced(at=at, code="manual", text="wait"),
    lambda at: events.HoldReleased(at=at, code="manual", by="staff"),
    lambda at: events.EffectIntended(at=at, effect="mail:x:"),
    lambda at: events.StockReserved(at=at, units=()),
    lambda at: events.StockShort(at=at, missing=()),
    lambda at: events.NoteAdded(at=at, text="x", by="staff"),
]


@pytest.mark.parametrize("fact", MANY, ids=lambda make: type(make(NOW)).__name__)
def test_what_may_happen_again_is_a_new_fact_at_another_moment(fact: object) -> None:
    """Holds come back, notes are written again, stock is reserved in parts."""
    assert fact(NOW).identity != fact(LATER).identity  # type: ignore[operator]


def test_movements_are_told_apart_by_kind_source_and_reference() -> None:
    """The same reference of two providers, or as payment and refund, are different movements."""
    bank, stripe = paid("10.00", source="bank"), paid("10.00", source="stripe")
    refund = events.RefundRecorded(
        at=NOW, source="stripe", reference="ref-10.00", amount=eur("10"), booked_at=NOW
    )
    assert len({bank.identity, stripe.identity, refund.identity}) == 3


def test_a_refund_is_one_whoever_tells_it() -> None:
    """Recorded by hand and told by the provider under one reference: the money went back once."""
    told = events.RefundRecorded(
        at=NOW, source="stripe", reference="re_1", amount=eur("10"), booked_at=NOW
    )
    assert told.identity == dataclasses.replace(told, source="manual").identity
    assert told.identity != dataclasses.replace(told, reference="re_2").identity


def test_the_shops_word_is_new_when_its_sum_is() -> None:
    """A shop tells how much came in so far; a higher sum under the same name is news."""
    first = events.PaymentReceived(
        at=NOW, source="shop", reference="r", amount=eur("5"), booked_at=NOW
    )
    assert dataclasses.replace(first, at=LATER).identity == first.identity
    assert dataclasses.replace(first, amount=eur("10")).identity != first.identity


def test_two_notes_of_the_same_moment_are_two_notes() -> None:
    """Two people may press their buttons in the same millisecond; neither is forgotten."""
    one = events.NoteAdded(at=NOW, text="call back", by="Ute")
    assert one.identity != dataclasses.replace(one, text="wrap as a gift").identity
    released = events.HoldReleased(at=NOW, code="manual", by="Ute")
    assert released.identity != dataclasses.replace(released, effect="shipment:1").identity


def test_silent_facts_are_those_that_no_step_and_no_list_answers() -> None:
    """A silent fact must be a known kind, and never one that people or other steps wait for."""
    assert set(FACTS.values()) >= SILENT
    loud = {
        events.OrderReceived,
        events.OrderAccepted,
        events.OrderCancelled,
        events.HoldPlaced,
        events.HoldReleased,
        events.StockReserved,
        events.StockShort,
        events.StockArrived,
        events.PaymentReceived,
        events.RefundRecorded,
        events.ChargebackRecorded,
        events.ChargebackReversed,
        events.RefundFailed,
        events.DocumentIssued,
        events.ShipmentRegistered,
        events.ReturnAuthorized,
        events.ReturnReceived,
        events.RefundDue,
        events.ReturnCredited,
        events.ShopChangeReported,
    }
    assert not loud & SILENT


def test_a_row_wakes_if_any_of_its_facts_does() -> None:
    """One loud fact among silent ones is enough; only silence wakes nobody."""
    silent = events.NoteAdded(at=NOW, text="x", by="y")
    assert not wakes([])
    assert not wakes([silent, silent])
    assert wakes([silent, paid()])

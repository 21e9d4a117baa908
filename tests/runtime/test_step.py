"""One run of a step: decide, perform, append; whatever fails, nothing done is forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.domain.errors import Conflict, NeedsHuman, Permanent, Retryable
from chalicelib.domain.events import EffectIntended, HoldReleased, NoteAdded, OrderCancelled
from chalicelib.domain.order import SETTLE
from chalicelib.runtime.step import TRIES, run
from tests.events import NOW
from tests.runtime.steps import Firm, House, Inside, Outside, Scripted, noted

A, B = Inside(name="a"), Inside(name="b")
MAIL, PARCEL = Outside(name="mail"), Outside(name="parcel")


def go(house: House) -> None:
    """Run the step for the order."""
    run(house.step, "demo", "o1")


def test_what_was_decided_is_performed_and_recorded() -> None:
    """Two wishes inside the house are one append."""
    house = House(Scripted((A, B)))
    go(house)
    assert house.names() == ["NoteAdded", "NoteAdded"]
    assert house.order.version == 2


def test_running_again_changes_nothing() -> None:
    """A doubled message finds nothing to do."""
    house = House(Scripted((A, MAIL)))
    go(house)
    before, touched = house.order, len(house.fuse.touches)
    go(house)
    assert house.order == before
    assert house.fuse.touches[touched:] == ["orders.load", "orders.load"]
    assert house.script.tried == ["a", "mail"]


def test_an_unknown_order_is_nothing_to_do() -> None:
    """A wake-up may outlive its order."""
    house = House(Scripted((A,)))
    run(house.step, "demo", "o9")
    run(house.step, "other", "o1")
    assert house.script.tried == []


def test_an_effect_outside_is_intended_before_it_is_tried() -> None:
    """The intent is on record when the call goes out, together with what was done before it."""
    house = House(Scripted((A, MAIL)))
    seen: list[list[str]] = []
    house.script.on_try = lambda _: seen.append(house.names())
    go(house)
    assert seen == [[], ["NoteAdded", "EffectIntended"]]
    assert house.names() == ["NoteAdded", "EffectIntended", "NoteAdded"]


@pytest.mark.parametrize("error", [Permanent("refused", "No."), NeedsHuman("unclear", "Which?")])
@pytest.mark.parametrize("wish", [A, MAIL])
def test_a_refusal_becomes_a_hold_in_the_providers_words(
    error: Permanent | NeedsHuman, wish: Inside
) -> None:
    """The message is done with; a person sees code and text, and the effect is stopped."""
    house = House(Scripted((wish, B), trouble={(wish.key, 1): error}))
    go(house)
    [hold] = house.order.holds()
    assert (hold.code, hold.text, hold.effect) == (error.code, error.text, wish.key)
    assert noted(house.order, "b")


def test_a_held_effect_is_left_alone_until_it_is_released() -> None:
    """Only a person's release tries it again, and then at once."""
    house = House(Scripted((MAIL, B), trouble={("mail", 1): Permanent("refused", "No.")}))
    go(house)
    house.clock.now += timedelta(days=1)
    go(house)
    assert house.script.tried == ["mail", "b"]
    house.append(HoldReleased(at=house.clock(), code="refused", by="staff", effect="mail"))
    go(house)
    assert house.script.tried == ["mail", "b", "mail"]
    assert noted(house.order, "mail")
    intents = [(x.effect, x.attempt) for x in house.order.all(EffectIntended)]
    assert intents == [("mail", 1), ("mail", 1)]


@pytest.mark.parametrize("error", [Retryable("away", "later"), ValueError("a bug of ours")])
def test_trouble_flies_after_what_was_done_is_recorded(error: Exception) -> None:
    """The queue brings the message back; what was done before is not done again."""
    house = House(Scripted((A, B), trouble={("b", 1): error}))
    with pytest.raises(type(error)):
        go(house)
    assert noted(house.order, "a")
    go(house)
    assert house.script.tried == ["a", "b", "b"]
    assert noted(house.order, "b")


def test_an_effect_whose_answer_was_lost_waits_until_it_settles() -> None:
    """Unknown is not failed: nothing is repeated before the outside had time to tell."""
    house = House(Scripted((MAIL,), trouble={("mail", 1): Retryable("away", "later")}))
    with pytest.raises(Retryable):
        go(house)
    assert house.names() == ["EffectIntended"]
    house.clock.now += SETTLE - timedelta(milliseconds=1)
    go(house)
    assert house.script.tried == ["mail"]
    house.clock.now += timedelta(milliseconds=1)
    go(house)
    assert house.script.tried == ["mail", "mail"]
    assert [x.attempt for x in house.order.all(EffectIntended)] == [1, 2]
    assert noted(house.order, "mail")


def test_whoever_loses_the_race_decides_again() -> None:
    """Somebody else appended first: the order is loaded and decided about anew."""
    house = House(Scripted((MAIL,)))
    original, lost = house.step.orders.append, []

    def slower(order: object, facts: object) -> object:
        if not lost:
            lost.append(1)
            house.append(NoteAdded(at=NOW, text="mail", by="somebody else"))
        return original(order, facts)  # type: ignore[arg-type]

    house.orders.append = slower  # type: ignore[method-assign, assignment]
    run(house.step, "demo", "o1")
    assert house.script.tried == []
    assert house.names() == ["NoteAdded"]


def test_what_was_decided_on_an_old_order_is_not_recorded() -> None:
    """The first wish was performed inside, then the race was lost: all is decided anew."""
    script = Scripted((A, MAIL))
    house = House(script)
    original = house.orders.append

    def slower(order: object, facts: object) -> object:
        script.wants = ()
        house.orders.append = original  # type: ignore[method-assign]
        house.append(NoteAdded(at=NOW, text="cancelled", by="staff"))
        return original(order, facts)  # type: ignore[arg-type]

    house.orders.append = slower  # type: ignore[method-assign, assignment]
    go(house)
    assert script.tried == ["a"]
    assert not noted(house.order, "a")


def test_a_race_that_does_not_end_comes_back_with_the_queue() -> None:
    """After a few tries the conflict flies like any other trouble."""
    house = House(Scripted((A,), trouble={("a", n): Conflict("c", "busy") for n in range(1, 9)}))
    with pytest.raises(Conflict):
        go(house)
    assert len(house.script.tried) == TRIES


def test_what_happened_is_recorded_even_when_somebody_appended_meanwhile() -> None:
    """The parcel is registered: no other fact makes that untrue."""
    house = House(Scripted((PARCEL,)))
    house.script.on_try = lambda _: house.append(NoteAdded(at=NOW, text="hello", by="staff"))
    go(house)
    assert house.names() == ["EffectIntended", "NoteAdded", "NoteAdded"]
    assert noted(house.order, "parcel")


def test_what_is_firm_does_not_count_on_an_order_that_moved_meanwhile() -> None:
    """Cancelled while its parcel got a number: it is looked at again, and nothing is sent."""
    script = Scripted((Firm(name="number"),))
    decide = script.decide

    def unless_cancelled(order: object, now: object) -> object:
        return iter(()) if order.has(OrderCancelled) else decide(order, now)  # type: ignore[attr-defined, arg-type]

    script.decide = unless_cancelled  # type: ignore[method-assign, assignment]
    house = House(script)
    script.on_try = lambda _: house.append(OrderCancelled(at=NOW, by="customer"))
    go(house)
    assert house.names() == ["OrderCancelled"]
    assert script.tried == ["number"]


def test_what_is_firm_does_not_count_where_something_else_fails_after_it() -> None:
    """Nobody has looked whether the order had moved, so it is left for the next try."""
    house = House(
        Scripted((Firm(name="number"), A), trouble={("a", 1): Retryable("busy", "Later.")})
    )
    house.script.on_try = lambda _: house.append(OrderCancelled(at=NOW, by="customer"))
    with pytest.raises(Retryable):
        go(house)
    assert not noted(house.order, "number")


def test_after_a_cancellation_in_between_nothing_more_leaves() -> None:
    """While the first mail went out the order was cancelled: the parcel must not be registered."""
    script = Scripted((MAIL, PARCEL))
    decide = script.decide

    def unless_cancelled(order: object, now: object) -> object:
        return iter(()) if order.has(OrderCancelled) else decide(order, now)  # type: ignore[attr-defined, arg-type]

    script.decide = unless_cancelled  # type: ignore[method-assign, assignment]
    house = House(script)
    script.on_try = lambda _: house.append(OrderCancelled(at=NOW, by="customer"))
    go(house)
    assert script.tried == ["mail"]


def test_the_answer_of_one_effect_and_the_intent_of_the_next_are_one_append() -> None:
    """Two mails are three rows, and each intent is on record before its call."""
    house = House(Scripted((MAIL, PARCEL)))
    seen: list[list[str]] = []
    house.script.on_try = lambda _: seen.append(house.names())
    go(house)
    assert seen == [
        ["EffectIntended"],
        ["EffectIntended", "NoteAdded", "EffectIntended"],
    ]
    assert house.names() == ["EffectIntended", "NoteAdded", "EffectIntended", "NoteAdded"]
    assert house.order.version == 4


@pytest.mark.parametrize("error", [Retryable("away", "later"), ValueError("a bug of ours")])
def test_an_answer_is_kept_when_the_next_effect_fails(error: Exception) -> None:
    """The first mail is out, whatever becomes of the parcel."""
    house = House(Scripted((MAIL, B, PARCEL), trouble={("b", 1): error}))
    with pytest.raises(type(error)):
        go(house)
    assert noted(house.order, "mail")
    assert house.script.tried == ["mail", "b"]


def test_an_answer_is_kept_when_the_race_for_the_next_intent_is_lost() -> None:
    """Somebody else appended while the mail went out: it is recorded, then all is decided anew."""
    script = Scripted((MAIL, PARCEL))
    house = House(script)
    others = iter([NoteAdded(at=NOW, text="hello", by="staff")])

    def meanwhile(effect: str) -> None:
        for note in others if effect == "mail" else ():
            house.append(note)

    script.on_try = meanwhile
    go(house)
    assert script.tried == ["mail", "parcel"]
    assert house.names() == [
        "EffectIntended", "NoteAdded", "NoteAdded", "EffectIntended", "NoteAdded",
    ]  # fmt: skip


def test_a_known_order_that_has_moved_on_is_read_before_anything_leaves() -> None:
    """The intent on an old version is refused, so nothing is done that was only due then."""
    house = House(Scripted((MAIL,)))
    old = house.order
    house.append(NoteAdded(at=NOW, text="mail", by="somebody else"))
    run(house.step, "demo", "o1", old)
    assert house.script.tried == []
    assert house.names() == ["NoteAdded"]

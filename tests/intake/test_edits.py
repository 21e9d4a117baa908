"""What becomes of a change in the shop: each kind of change at each stage has a defined end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain import events, goods, states, waiting
from chalicelib.domain.events import Fact
from chalicelib.domain.order import Order
from chalicelib.intake.decide import decide
from chalicelib.intake.port import Snapshot
from tests.events import ANNA, NOW, bought, line, order, paid, reserved
from tests.histories import document, note, shipped
from tests.intake.snapshots import snapshot

LATER = NOW + timedelta(hours=1)
ELSEWHERE = replace(ANNA, street="Seestr. 1")
TWO = (line("A", quantity=2), line("B"))
PAID = (paid("30.00"), reserved("A", 2), reserved("B"))
Edit = Callable[[], Snapshot]


def then(one: Order, told: Snapshot, now: datetime = LATER) -> Order:
    """Return the order after a further delivery."""
    news = decide(one, told, now)
    return one.plus(news.facts, bought=news.bought, reported=news.reported)


def at_stage(*facts: Fact) -> Order:
    """Return an order of two articles at some stage."""
    return order(*facts, what=bought(*TWO))


def codes(one: Order) -> set[str]:
    """Return why it waits."""
    return {blocker.code for blocker in waiting.blockers(one, LATER)}


STAGES: dict[str, tuple[Fact, ...]] = {
    "accepted": (),
    "reserved": PAID[1:],
    "paid": PAID,
    "billed": (*PAID, document("invoice")),
    "packed": (*PAID, document("invoice"), note(1, {"l-A": 2, "l-B": 1})),
    "labelled": (
        *PAID, document("invoice"), *shipped(1, {"l-A": 2, "l-B": 1}), document("label", "1")
    ),
    "partly sent": (*PAID, *shipped(1, {"l-A": 2}), document("label", "1")),
    "partly packed": (*PAID, note(1, {"l-A": 2})),
}  # fmt: skip
FREE = {"accepted", "reserved", "paid"}
EDITS: dict[str, tuple[Any, ...]] = {
    "added": (*TWO, line("C")),
    "removed": TWO[:1],
    "fewer": (line("A"), TWO[1]),
    "dearer": (line("A", quantity=2, price="11.00"), TWO[1]),
}


@pytest.mark.parametrize("stage", STAGES)
@pytest.mark.parametrize("edit", EDITS)
def test_lines_are_taken_over_until_something_is_issued(stage: str, edit: str) -> None:
    """After it they are held, nothing in a parcel changes, and the shop's version is kept."""
    one = at_stage(*STAGES[stage])
    told = snapshot(*EDITS[edit], minutes=1)
    after = then(one, told)
    if stage in FREE:
        assert after.bought == told.bought
        assert "changed_in_shop" not in codes(after)
        assert after.all(events.OrderRevised)[0].is_about_goods
    else:
        assert after.bought == one.bought
        assert after.reported == told.bought
        assert "changed_in_shop" in codes(after)
        assert not waiting.is_ready_to_ship(after, LATER)
    assert goods.assigned(after) == goods.assigned(one)
    assert then(after, told) is after


@pytest.mark.parametrize("stage", STAGES)
def test_a_new_delivery_address_is_for_the_parcels_to_come(stage: str) -> None:
    """It is taken over unless a parcel is packed and not yet labelled, or none is to come."""
    told = snapshot(*TWO, minutes=1, shipping=ELSEWHERE)
    after = then(at_stage(*STAGES[stage]), told)
    is_taken = stage in FREE | {"billed", "partly sent"}
    assert (after.bought.shipping == ELSEWHERE) == is_taken
    assert ("changed_in_shop" in codes(after)) == (not is_taken)
    assert not any(fact.is_about_goods for fact in after.all(events.OrderRevised))


@pytest.mark.parametrize("stage", STAGES)
def test_how_the_customer_is_reached_is_always_taken_over(stage: str) -> None:
    """A mail address that was wrong is wrong for every mail to come."""
    after = then(at_stage(*STAGES[stage]), snapshot(*TWO, minutes=1, email="ute@example.com"))
    assert after.bought.email == "ute@example.com"
    assert "changed_in_shop" not in codes(after)


def test_with_an_invoice_the_address_goes_over_and_the_lines_wait() -> None:
    """One version of the shop, parted: what binds nobody is taken."""
    told = snapshot(*EDITS["added"], minutes=1, shipping=ELSEWHERE, billing=ELSEWHERE)
    after = then(at_stage(*STAGES["billed"]), told)
    [revised], [report] = after.all(events.OrderRevised), after.all(events.ShopChangeReported)
    assert revised.changes == ("delivery address",)
    assert report.changes == (
        "total 30.00 EUR → 40.00 EUR", "billing address", "line added: 1 × Article C",
    )  # fmt: skip
    assert (after.bought.shipping, after.bought.billing) == (ELSEWHERE, ANNA)


def test_a_shop_that_touches_a_held_order_again_does_not_ask_again() -> None:
    """Who released it once is asked only for another change, or the same one made anew."""
    held = then(at_stage(*STAGES["billed"]), snapshot(*EDITS["added"], minutes=1))
    released = held.plus([events.HoldReleased(at=LATER, code="changed_in_shop", by="Ute")])
    assert "changed_in_shop" not in codes(released)
    assert then(released, snapshot(*EDITS["added"], minutes=2)) is released
    back = then(released, snapshot(*TWO, minutes=3))
    assert "changed_in_shop" not in codes(back)
    much_later = LATER + timedelta(hours=1)
    again = then(back, snapshot(*EDITS["added"], minutes=4), much_later)
    assert "changed_in_shop" in codes(again)


def test_a_shop_that_takes_its_change_back_solves_it() -> None:
    """Both agree again: nothing is left to release, and the customer is told nothing."""
    held = then(at_stage(*STAGES["billed"]), snapshot(*EDITS["added"], minutes=1))
    after = then(held, snapshot(*TWO, minutes=2))
    assert "changed_in_shop" not in codes(after)
    assert not any(fact.is_about_goods for fact in after.all(events.OrderRevised))
    assert after.bought.lines == TWO


def test_an_edit_that_makes_the_order_add_up_begins_it() -> None:
    """The merchant corrects it in the shop, as we ask them to; nobody needs to release it here."""
    wrong = order(what=bought(total="11.00"), accepted=False)
    assert "total_mismatch" in codes(wrong)
    assert states.lifecycle(then(wrong, snapshot(minutes=1))) is states.Lifecycle.ACCEPTED


def test_a_release_counts_for_the_version_it_was_given_for() -> None:
    """Another edit that does not add up is another question."""
    wrong = order(what=bought(total="11.00"), accepted=False)
    release = events.HoldReleased(at=NOW, code="total_mismatch", by="Ute")
    released = wrong.plus([release, events.OrderAccepted(at=NOW, by="Ute")])
    assert "total_mismatch" not in codes(released)
    assert "total_mismatch" in codes(then(released, snapshot(minutes=1, total="12.00")))


# ---- cancelled and taken back ----------------------------------------------------------------


def test_an_order_that_is_reopened_in_the_shop_goes_on() -> None:
    """With what the newest version says, accepted anew if it never was."""
    gone = then(at_stage(), snapshot(*TWO, minutes=1, cancelled=True))
    assert states.lifecycle(gone) is states.Lifecycle.CANCELLED
    back = then(gone, snapshot(*EDITS["added"], minutes=2))
    assert states.lifecycle(back) is states.Lifecycle.ACCEPTED
    assert len(back.bought.lines) == 3
    assert then(back, snapshot(*TWO, minutes=1, cancelled=True)) is back
    assert states.is_cancelled(then(back, snapshot(*TWO, minutes=3, cancelled=True)))


def test_an_older_version_never_reopens_an_order() -> None:
    """Nor one as old as the cancellation, nor one between two cancellations."""
    gone = then(at_stage(), snapshot(*TWO, minutes=2, cancelled=True))
    for minutes in (0, 1, 2):
        assert then(gone, snapshot(*TWO, minutes=minutes)) is gone
    twice = then(gone, snapshot(*TWO, minutes=4, cancelled=True))
    assert states.is_cancelled(then(twice, snapshot(*TWO, minutes=3)))


def test_an_older_cancellation_does_not_stop_an_order_that_lives_again() -> None:
    """The reopening came first; the cancellation before it was on its way for longer."""
    one = then(at_stage(), snapshot(*EDITS["added"], minutes=3))
    assert then(one, snapshot(*TWO, minutes=2, cancelled=True)) is one


def test_what_a_person_has_cancelled_stays_cancelled() -> None:
    """Whatever the shop says afterwards, or has said before."""
    by_staff = events.OrderCancelled(at=NOW, by="Ute")
    assert states.is_cancelled(then(at_stage(by_staff), snapshot(*TWO, minutes=9)))
    gone = then(at_stage(), snapshot(*TWO, minutes=1, cancelled=True)).plus([by_staff])
    assert states.is_cancelled(then(gone, snapshot(*TWO, minutes=9)))


def test_a_cancelled_order_is_not_edited() -> None:
    """There is nothing to take over, and nobody to ask."""
    gone = at_stage(events.OrderCancelled(at=NOW, by="Ute"))
    assert then(gone, snapshot(*EDITS["added"], minutes=9)) is gone


# ---- remarks -----------------------------------------------------------------------------------


def remarked(*texts: str, minutes: int = 0) -> Snapshot:
    """Return a version of the shop with remarks."""
    return replace(snapshot(*TWO, minutes=minutes), remarks=texts)


def test_remarks_wait_for_a_person_and_none_is_lost_or_repeated() -> None:
    """Two at once are both read; the same one again is known, a new one asks anew."""
    one = then(at_stage(*PAID), remarked("A test order.", "Paid in dollars."))
    [blocker] = [x for x in waiting.blockers(one, LATER) if x.code == "shop_remark"]
    assert blocker.text == "A test order. Paid in dollars."
    assert not waiting.is_ready_to_ship(one, LATER)
    assert then(one, remarked("Paid in dollars.", minutes=1)) is one
    seen = one.plus([events.HoldReleased(at=LATER, code="shop_remark", by="Ute")])
    assert waiting.is_ready_to_ship(seen, LATER)
    assert then(seen, remarked("A test order.", minutes=2)) is seen
    more = then(seen, remarked("5.00 EUR refunded in the shop.", minutes=3))
    [blocker] = [x for x in waiting.blockers(more, LATER) if x.code == "shop_remark"]
    assert blocker.text == "5.00 EUR refunded in the shop."


def test_a_remark_is_read_whatever_the_order_has_become() -> None:
    """Also after all was sent; only a cancellation by then answers it."""
    gone = at_stage(*STAGES["labelled"])
    assert "shop_remark" in codes(then(gone, remarked("Refunded.")))
    off = then(at_stage(), remarked("A test order.")).plus(
        [events.OrderCancelled(at=LATER, by="Ute")]
    )
    assert "shop_remark" not in codes(off)

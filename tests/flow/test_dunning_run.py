"""An order that nobody pays, from its confirmation to its end, day by day through the house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from chalicelib.domain import balance, events, waiting
from chalicelib.domain.dunning import LETTERS
from chalicelib.domain.errors import Conflict
from chalicelib.domain.order import Order
from chalicelib.payment.decide import decide
from tests.events import bought, eur, line, paid
from tests.fakes import SETTINGS, Fuse, Killed, World

SWEEP = timedelta(minutes=40)  # of the world's own time
PREPAID = bought(line(price="10.00"), payment_method="bacs")


def ordered(policy: events.Policy | None = None, fuse: Fuse | None = None) -> World:
    """Receive an order to be paid beforehand, with goods in stock."""
    world = World(fuse, settings=replace(SETTINGS, policy=policy or events.Policy()))
    world.shelve("TEE-1", 10)
    received = events.OrderReceived(
        at=world.clock(), delivery_id="d", policy=world.settings.policy, access_token="t"
    )
    empty = Order(merchant_id="demo", id="o1", bought=PREPAID)
    with suppress(Killed, Conflict):
        world.orders.create(empty, [received, events.OrderAccepted(at=world.clock())])
    with suppress(Killed, Conflict):  # whoever brings it comes again
        world.orders.create(empty, [received, events.OrderAccepted(at=world.clock())])
    world.settle()
    return world


def wait(world: World, days: int) -> Order:
    """Let days pass, with the sweeper at work every few hours."""
    for _ in range(days * 4):
        world.clock.now += timedelta(hours=6) - SWEEP
        world.sweep()
    return world.all_orders()[0]


def mails(world: World) -> list[str]:
    """Return which mails went out, in their order."""
    return [mail.tags["kind"] for mail in world.post.sent]


def test_who_does_not_pay_beforehand_is_reminded_on_the_day() -> None:
    """Seven days to pay and three for the transfer: the reminder goes out on the eleventh."""
    world = ordered()
    wait(world, 10)
    assert mails(world) == ["order_confirmation"]
    one = wait(world, 1)
    assert mails(world) == ["order_confirmation", "payment_reminder"]
    (letter,) = one.all(events.DunningRaised)
    assert letter.level == 0
    reminder = world.post.sent[-1]
    assert "10,00" in reminder.text
    assert "girocode" in [enclosure.content_id for enclosure in reminder.enclosures]


def test_letter_follows_letter_and_then_the_goods_are_free_again() -> None:
    """Three letters with their documents, then the order is cancelled and the stock let go."""
    world = ordered()
    one = wait(world, 40)
    assert mails(world)[1:] == ["payment_reminder", "dunning_1", "dunning_2"]
    assert [fact.kind for fact in one.all(events.DocumentIssued)] == [*LETTERS]
    assert world.database.levels["demo", "TEE-1", "main"].reserved == 1
    one = wait(world, 5)
    assert mails(world)[-1] == "order_cancelled"
    (off,) = one.all(events.OrderCancelled)
    assert (off.by, off.reason) == ("kontor", "not paid in time")
    assert world.database.levels["demo", "TEE-1", "main"].reserved == 0


def test_each_letter_carries_its_document_and_the_sum_with_its_fee() -> None:
    """The last one costs 2.50 by default, and its mail and its paper say so."""
    world = ordered()
    wait(world, 40)
    last = next(mail for mail in world.post.sent if mail.tags["kind"] == "dunning_2")
    assert "12,50" in last.text
    assert "2,50" in last.text
    assert "stornieren" in last.text
    names = [enclosure.name for enclosure in last.enclosures]
    assert names == ["girocode.png", "2-Mahnung-1042-M2.pdf"]


def test_who_pays_after_the_first_letter_hears_no_more_of_it() -> None:
    """The goods leave, and no letter follows."""
    world = ordered()
    one = wait(world, 23)
    world.orders.record(one, [paid("10.00", source="bank", at=world.clock())])
    world.settle()
    one = wait(world, 30)
    assert len(one.all(events.DunningRaised)) == 2
    assert mails(world)[-2:] == ["payment_received", "shipping_confirmation"]


def test_who_pays_all_but_the_fee_owes_nothing() -> None:
    """The fee is let go with its reason, and the order goes on."""
    world = ordered()
    one = wait(world, 35)
    assert balance.outstanding(one) == eur("12.50")
    world.orders.record(one, [paid("10.00", source="bank", at=world.clock())])
    world.settle()
    (one,) = world.all_orders()
    assert balance.outstanding(one) == eur("0")
    (undone,) = one.all(events.MovementUndone)
    assert (undone.of_source, undone.reason) == ("dunning", "all but the fees is paid")


def test_of_a_fee_that_was_paid_in_part_the_rest_is_let_go() -> None:
    """Nobody is paid a surplus for it, and nobody is asked for one euro fifty."""
    world = ordered()
    one = wait(world, 35)
    world.orders.record(one, [paid("11.00", source="bank", at=world.clock())])
    world.settle()
    (one,) = world.all_orders()
    assert balance.outstanding(one) == balance.surplus(one) == eur("0")


def paid_late(world: World, amount: str, name: str) -> Order:
    """Book money of the bank, and let the steps answer."""
    one, now = world.all_orders()[0], world.clock()
    fact = replace(paid(amount, source="bank", at=now), reference=name)
    world.orders.record(one, [fact])
    world.settle()
    return world.all_orders()[0]


def test_after_a_payment_was_undone_another_rest_is_let_go() -> None:
    """Each rest has its own name, so that the second is not taken for the first."""
    world = ordered()
    wait(world, 35)
    one = paid_late(world, "12.00", "b1")
    assert balance.outstanding(one) == eur("0")
    undone = events.MovementUndone(at=world.clock(), of_source="bank", of_reference="b1")
    world.orders.record(one, [undone])
    one = paid_late(world, "11.00", "b2")
    assert balance.outstanding(one) == balance.surplus(one) == eur("0")
    assert [str(fact.amount) for fact in one.all(events.WriteOffRecorded)] == [
        "0.50 EUR",
        "1.00 EUR",
    ]


def test_a_waiver_that_a_person_takes_back_is_not_repeated_at_once() -> None:
    """Only when more money comes in is the rest looked at again."""
    world = ordered()
    wait(world, 35)
    one = paid_late(world, "11.00", "b1")
    (rest,) = one.all(events.WriteOffRecorded)
    undone = events.MovementUndone(
        at=world.clock(), of_source=rest.source, of_reference=rest.reference, by="staff"
    )
    world.orders.record(one, [undone])
    one = wait(world, 2)
    assert balance.outstanding(one) == eur("1.50")
    one = paid_late(world, "1.00", "b2")
    assert balance.outstanding(one) == eur("0")


def test_before_an_order_is_cancelled_the_providers_are_asked() -> None:
    """Money that one of them knows of is booked instead, and the goods leave."""
    world = ordered()
    world.at_providers = [paid("12.50", source="stripe")]
    one = wait(world, 50)
    assert not one.has(events.OrderCancelled)
    assert mails(world)[-1] == "shipping_confirmation"


def test_money_that_comes_while_the_providers_are_asked_saves_the_order() -> None:
    """The cancellation is for the order as it was looked at, and it is not so any more."""
    world = ordered()
    wait(world, 40)

    class Late(list[events.Fact]):
        """What the providers know: nothing, but the bank books meanwhile."""

        def __iter__(self) -> Iterator[events.Fact]:
            (one,) = world.all_orders()
            world.orders.record(one, [paid("10.00", source="bank", at=world.clock())])
            return iter(())

    world.at_providers = Late()
    one = wait(world, 5)
    assert not one.has(events.OrderCancelled)
    assert mails(world)[-1] == "shipping_confirmation"


def test_who_paid_a_part_is_never_cancelled_by_itself() -> None:
    """After the last letter a person decides."""
    world = ordered()
    world.orders.record(world.all_orders()[0], [paid("4.00", source="bank", at=world.clock())])
    one = wait(world, 60)
    assert not one.has(events.OrderCancelled)
    assert len(one.all(events.DunningRaised)) == 3
    assert waiting.worklist(one, world.clock()) == "on_hold"


def test_nobody_is_reminded_while_a_person_holds_the_order() -> None:
    """When it is released the letters go on where they stopped."""
    world = ordered()
    hold = events.HoldPlaced(at=world.clock(), code="manual", text="Calls back.")
    world.orders.record(world.all_orders()[0], [hold])
    one = wait(world, 20)
    assert not one.has(events.DunningRaised)
    go_on = events.HoldReleased(at=world.clock(), code="manual", by="staff")
    world.orders.record(one, [go_on])
    world.settle()
    assert mails(world)[-1] == "payment_reminder"


def test_who_buys_on_account_is_asked_from_the_invoice_on_and_ends_in_collection() -> None:
    """Nothing is cancelled: the goods are with the customer."""
    world = ordered(events.Policy(ship_on="acceptance", invoice_on="shipment"))
    one = wait(world, 50)
    assert [x.level for x in one.all(events.DunningRaised)] == [0, 1, 2]
    assert not one.has(events.OrderCancelled)
    codes = [(x.code, x.owner) for x in waiting.blockers(one, world.clock())]
    assert codes == [("collection_due", "staff")]
    handed = events.CollectionHandedOver(at=world.clock(), by="staff", reference="INK-7")
    one = one.plus([handed])
    assert waiting.worklist(one, world.clock()) == "unpaid"
    assert [*decide(one, world.clock() + timedelta(days=99))] == []

"""Which mails a customer gets, and which they never get."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.domain import events
from chalicelib.domain.commands import SendMail
from chalicelib.domain.events import Fact, MessageSent, Policy
from chalicelib.domain.order import SETTLE, LineKind, Order
from chalicelib.notification.decide import PATIENCE, decide
from tests.events import NOW, bought, eur, line, order, paid
from tests.histories import (
    authorized_return,
    cancelled,
    document,
    received_return,
    refund,
    shipped,
)

LATER = NOW + timedelta(hours=1)
SEPARATE = Policy(merge_payment_mail=False)


def asked(one: Order, now: datetime = LATER) -> list[tuple[str, str]]:
    """Return the mails that are wanted now, as (kind, refers to)."""
    mails = [command for command in decide(one, now) if isinstance(command, SendMail)]
    return [(mail.kind, mail.refers_to) for mail in mails]


def sent(kind: str, refers_to: str = "") -> MessageSent:
    """Return the fact that a mail went out."""
    return MessageSent(
        at=NOW, kind=kind, to="anna@example.com", message_id="m1", refers_to=refers_to
    )


def invoice() -> events.DocumentIssued:
    """Return the fact that the order is billed."""
    return events.DocumentIssued(
        at=NOW, kind="invoice", number="RE-1", issued_on=NOW.date(), key="k", sha256="s"
    )


def credit_note(about: str) -> events.DocumentIssued:
    """Return the fact that a refund has its credit note."""
    return replace(invoice(), kind="credit_note", number="RK-1", refers_to=about)


def intended(key: str, at: datetime = NOW) -> Fact:
    """Return the fact that an effect was begun and its answer is not known."""
    return events.EffectIntended(at=at, effect=key)


def test_a_new_order_is_confirmed_at_once() -> None:
    """The law wants the receipt of an order confirmed without delay, paid or not (§ 312i BGB)."""
    assert asked(order()) == [("order_confirmation", "")]


def test_an_order_that_does_not_add_up_is_confirmed_all_the_same() -> None:
    """Our questions about an order are none of its customer's."""
    assert asked(order(what=bought(total="99.00"), accepted=False)) == [("order_confirmation", "")]


def test_without_an_address_nobody_is_written_to() -> None:
    """A guest who left no e-mail address gets no mails, and nothing is stuck because of it."""
    one = order(paid(at=LATER), *shipped(1, {"l-TEE-1": 1}), what=bought(email=""))
    assert asked(one) == []


def test_a_mail_that_was_sent_is_not_asked_for_again() -> None:
    """Each mail goes out once."""
    assert asked(order(sent("order_confirmation"))) == []


def test_an_order_that_arrives_paid_gets_one_mail_for_both() -> None:
    """One mail says that order and payment have arrived."""
    assert asked(order(paid(source="shop"))) == [("order_confirmation", "")]


def test_a_merchant_may_want_two_mails_even_then() -> None:
    """The policy `merge_payment_mail` decides."""
    one = order(paid(source="shop"), policy=SEPARATE)
    assert asked(one) == [("order_confirmation", ""), ("payment_received", "")]


def test_money_that_comes_later_is_confirmed_by_itself() -> None:
    """Who pays by bank transfer hears when the money is there."""
    one = order(sent("order_confirmation"), paid(at=LATER))
    assert asked(one) == [("payment_received", "")]


def test_a_part_of_the_money_is_not_confirmed() -> None:
    """Only the whole sum lets the order go on."""
    assert asked(order(sent("order_confirmation"), paid("4.00", at=LATER))) == []


def test_an_order_over_nothing_has_no_payment_to_confirm() -> None:
    """A free sample is confirmed, not paid."""
    one = order(sent("order_confirmation"), what=bought(line(price="0.00")))
    assert asked(one) == []


@pytest.mark.parametrize("mode", ["refund", "chargeback"])
def test_money_that_went_back_is_never_confirmed(mode: str) -> None:
    """A payment mail that comes late must not say what is no longer true."""
    if mode == "refund":
        back = refund("10.00", at=LATER)
    else:
        back = events.ChargebackRecorded(
            at=LATER, source="stripe", reference="dp_1", amount=eur("10.00"), booked_at=LATER
        )
    one = order(sent("order_confirmation"), paid(at=LATER), back)
    assert "payment_received" not in dict(asked(one))


def test_each_parcel_is_announced() -> None:
    """One mail per shipment, named by its number."""
    two = bought(line("A"), line("B"))
    one = order(
        paid("20.00", at=LATER),
        sent("order_confirmation"),
        sent("payment_received"),
        invoice(),
        *shipped(1, {"l-A": 1}),
        *shipped(2, {"l-B": 1}),
        what=two,
    )
    assert asked(one) == [("shipping_confirmation", "1"), ("shipping_confirmation", "2")]


def test_the_parcel_mail_waits_a_moment_for_the_invoice() -> None:
    """The invoice travels with it; after ten minutes the news of the parcel matters more."""
    parcel = shipped(1, {"l-TEE-1": 1})
    told = [sent("order_confirmation"), sent("payment_received")]
    one = order(paid(), *told, *parcel)
    gone = max(fact.at for fact in parcel)
    assert asked(one, gone) == []
    assert asked(one, gone + PATIENCE) == [("shipping_confirmation", "1")]
    assert asked(one.plus([invoice()]), gone) == [("shipping_confirmation", "1")]


def test_nobody_waits_for_an_invoice_that_is_not_due() -> None:
    """A parcel that a person let go before it was paid is told of at once."""
    policy = Policy(ship_on="payment", invoice_on="payment")
    one = order(sent("order_confirmation"), *shipped(1, {"l-TEE-1": 1}), policy=policy)
    assert asked(one, NOW) == [("shipping_confirmation", "1")]


def test_the_mail_about_downloads_waits_for_the_invoice_too() -> None:
    """Where nothing is shipped, the payment mail brings the invoice."""
    licence = replace(line(kind=LineKind.PRODUCT), ships=False)
    one = order(sent("order_confirmation"), paid(at=LATER), what=bought(licence))
    assert asked(one, LATER) == []
    assert asked(one.plus([invoice()]), LATER) == [("payment_received", "")]


def test_a_cancelled_order_is_called_off_and_not_confirmed() -> None:
    """Even if the confirmation had not gone out yet, it would say the opposite of the truth."""
    one = order(paid(at=LATER), cancelled(at=LATER))
    assert asked(one) == [("order_cancelled", "")]


def test_the_mail_of_a_cancellation_waits_a_moment_for_its_document() -> None:
    """Until it is there, and never longer than the customer may wait."""
    one = order(invoice(), cancelled(at=LATER))
    assert asked(one, LATER) == []
    assert asked(one, LATER + PATIENCE) == [("order_cancelled", "")]
    paper = document("cancellation", "cancelled", at=LATER)
    assert asked(one.plus([paper]), LATER) == [("order_cancelled", "")]


def test_an_order_that_came_in_cancelled_is_not_called_off_by_us() -> None:
    """Its customer knows from the shop; an import of old orders writes to nobody."""
    assert asked(order(cancelled(at=NOW))) == []


def revised(minutes: int = 0, *, is_about_goods: bool = True) -> events.OrderRevised:
    """Return the fact that a newer version of the shop was taken over."""
    at = NOW + timedelta(minutes=minutes)
    return events.OrderRevised(
        at=at, modified_at=at, changes=("total",), is_about_goods=is_about_goods
    )


CONFIRMED = (intended("mail:order_confirmation:"), sent("order_confirmation"))


def test_a_change_of_what_was_confirmed_is_told_once_and_only_the_newest() -> None:
    """One mail for each revision; who has not read the older one need not."""
    one = order(*CONFIRMED, revised(1))
    assert asked(one) == [("order_changed", "1")]
    assert asked(one.plus([sent("order_changed", "1")])) == []
    two = one.plus([revised(2)])
    assert asked(two) == [("order_changed", "2")]


def test_a_confirmation_under_way_may_say_what_was_true_before() -> None:
    """It was begun with the old order; its answer comes after the change."""
    one = order(CONFIRMED[0], revised(1), CONFIRMED[1])
    assert asked(one) == [("order_changed", "1")]


def test_a_change_that_the_confirmation_says_already_is_not_told() -> None:
    """Nor one of the address alone, nor any if the merchant's shop writes itself."""
    assert asked(order(revised(1), *CONFIRMED)) == []
    assert asked(order(*CONFIRMED, revised(1, is_about_goods=False))) == []
    quiet = Policy(mail_on_change=False)
    assert asked(order(*CONFIRMED, revised(1), policy=quiet)) == []


def test_whoever_was_told_of_a_cancellation_is_told_that_it_does_not_hold() -> None:
    """And of the next one too."""
    off = replace(cancelled(at=LATER), modified_at=LATER)
    back = events.OrderReinstated(at=LATER, modified_at=LATER + timedelta(minutes=1))
    told = (intended("mail:order_cancelled:"), sent("order_cancelled"))
    one = order(*CONFIRMED, off, *told, back)
    assert asked(one) == [("order_reinstated", "1")]
    assert asked(order(*CONFIRMED, off, back)) == []
    again = replace(off, modified_at=LATER + timedelta(minutes=2))
    assert asked(one.plus([again])) == [("order_cancelled", "1")]


def test_a_return_is_explained_until_it_is_in() -> None:
    """With the slip for the parcel; nobody is told how to send goods that have arrived."""
    before = [sent("order_confirmation"), invoice(), *shipped(1, {"l-TEE-1": 1})]
    told = [*before, paid(), sent("shipping_confirmation", "1"), authorized_return()]
    assert asked(order(*told), NOW) == []
    told.append(document("return_slip", "R1"))
    assert asked(order(*told)) == [("return_authorized", "R1")]
    assert asked(order(*told, received_return({"l-TEE-1": 1}))) == []


def test_a_refund_mail_waits_for_its_credit_note() -> None:
    """The document travels with the mail, if there was an invoice that it corrects."""
    done = [sent("order_confirmation"), paid(), refund("4.00")]
    reference = order(*done).all(events.RefundRecorded)[0].reference
    assert ("refund_confirmation", reference) in asked(order(*done))
    assert asked(order(*done, invoice())) == []
    billed = order(*done, invoice(), credit_note(reference))
    assert asked(billed) == [("refund_confirmation", reference)]


def test_while_an_answer_is_awaited_nothing_is_sent_again() -> None:
    """A mail whose answer was lost may be out; it is asked for again only after it had time."""
    one = order(intended("mail:order_confirmation:"))
    assert asked(one, NOW + SETTLE / 2) == []
    assert asked(one, NOW + SETTLE) == [("order_confirmation", "")]


def test_a_held_mail_stays_where_it_is_until_a_person_releases_it() -> None:
    """A refused address is not tried for ever; releasing it tries once more at once."""
    key = "mail:order_confirmation:"
    stuck = [
        intended(key),
        events.HoldPlaced(at=NOW, code="bad_address", text="nobody there", effect=key),
    ]
    assert asked(order(*stuck)) == []
    released = events.HoldReleased(at=LATER, code="bad_address", by="staff", effect=key)
    assert asked(order(*stuck, released), LATER) == [("order_confirmation", "")]


def test_a_hold_on_the_order_keeps_no_mail_back() -> None:
    """Holds stop parcels; customers are still told that their order has arrived."""
    held = events.HoldPlaced(at=NOW, code="manual", text="call first")
    assert asked(order(held)) == [("order_confirmation", "")]


def test_everything_is_said_once_it_was_sent() -> None:
    """Settling: record what was asked for, and nothing is asked for."""
    one = order(paid(at=LATER), invoice(), *shipped(1, {"l-TEE-1": 1}), authorized_return())
    told = [sent(kind, about) for kind, about in asked(one)]
    assert len(told) == 4
    assert asked(one.plus(told)) == []

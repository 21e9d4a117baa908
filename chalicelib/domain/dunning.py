"""Until when an order is to be paid, and what happens next when it is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from chalicelib.domain import balance, bills, events, revision, states
from chalicelib.domain.formats import HOME
from chalicelib.domain.money import Money
from chalicelib.domain.order import Order
from chalicelib.domain.transfers import is_by_transfer, is_prepaid

if TYPE_CHECKING:
    from datetime import date

# What the letters are called, as mails and as documents, by their level.
LETTERS = ("payment_reminder", "dunning_1", "dunning_2")
# A hold on this effect stops the letters, and nothing else.
EFFECT = "dunning"
# Where fees and their waivers come from, and what the rest of a fee is called that is let go.
SOURCE, REST = "dunning", "rest"
# Nobody is reminded in the middle of the night.
MORNING = time(8)
COMING_BACK = frozenset({states.Return.AUTHORIZED, states.Return.RECEIVED})


def day(moment: datetime) -> date:
    """Return the calendar day of a moment where the merchant is."""
    return moment.astimezone(HOME).date()


def due_since(order: Order) -> datetime | None:
    """Return when the time for payment began: with the order, on account with the invoice."""
    edits = [fact.at for fact in order.all(events.OrderRevised) if fact.is_about_goods]
    begin = order.received.at
    if not is_prepaid(order):
        invoice = bills.standing(order)
        if invoice is None or not bills.is_all_billed(order):
            return None
        begin = invoice.at
    # What costs something else since an edit or a return may be paid from then on.
    returned = [fact.at for fact in order.all(events.ReturnCredited)]
    return max([begin, *edits, *returned])


def due_on(order: Order) -> date | None:
    """Return the last day for payment; None as long as nothing is due."""
    since = due_since(order)
    return day(since) + timedelta(days=order.policy.payment_days) if since else None


def last_raised(order: Order) -> events.DunningRaised | None:
    """Return the sternest letter that was decided on."""
    return max(order.all(events.DunningRaised), key=lambda fact: fact.level, default=None)


def deadline(order: Order) -> date | None:
    """Return the day by which the customer shall pay, as the last letter says."""
    due, letter = due_on(order), last_raised(order)
    return max(due, letter.due_on) if due and letter else due


def next_level(order: Order) -> int | None:
    """Return the level of the next letter; None when all were sent."""
    letter = last_raised(order)
    level = letter.level + 1 if letter else 0
    return level if level < min(order.policy.dunning_levels, len(LETTERS)) else None


def next_at(order: Order) -> datetime | None:
    """Return when the next letter, or what follows the last one, is due; None if nothing is."""
    last = deadline(order)
    if last is None or not order.policy.dunning_levels or stopped_by(order):
        return None
    # A transfer takes some days: whoever pays on the last one gets no letter.
    after = last + timedelta(days=order.policy.reminder_days + 1)
    return datetime.combine(after, MORNING, tzinfo=HOME)


def stopped_by(order: Order) -> str:
    """Return why the customer is not reminded now, as a code; empty if nothing stands against."""
    return next((name for name, is_so in REASONS.items() if is_so(order)), "")


# Why nobody is reminded, the first that is true.
REASONS: dict[str, Callable[[Order], bool]] = {
    "paid": balance.is_settled,
    "not_open": lambda order: states.lifecycle(order) is not states.Lifecycle.ACCEPTED,
    "not_by_transfer": lambda order: not is_by_transfer(order),
    "disputed": lambda order: bool(balance.disputed(order)),
    "stopped": lambda order: order.is_held(EFFECT),
    "held": lambda order: order.is_held(""),
    "changed_in_shop": lambda order: revision.open_report(order) is not None,
    "in_collection": lambda order: order.has(events.CollectionHandedOver),
    "coming_back": lambda order: states.returns(order) in COMING_BACK,
}


def letter(order: Order) -> events.DunningRaised | None:
    """Return the newest letter if what it says is still true, so that it may go out."""
    newest = last_raised(order)
    return newest if newest and not stopped_by(order) else None


def fees(order: Order) -> tuple[events.DunningFeeCharged, ...]:
    """Return the fees that nobody has waived."""
    return balance.standing(order, events.DunningFeeCharged)


def fees_amount(order: Order) -> Money:
    """Return what the fees come to that nobody has waived and no refund has given back."""
    return balance.dunning_fees(order)


def consequence(order: Order) -> str:
    """Return what follows the last letter: `cancel`, or `collection` of what was sent; or nothing.

    Also a prepaid order may be sent and open: its payment was booked wrongly and taken back.
    """
    if next_level(order) is not None:
        return ""
    if not is_prepaid(order) or order.has(events.ShipmentRegistered):
        return "collection"
    is_off = order.policy.cancel_unpaid and not balance.received_amount(order)
    return "cancel" if is_off else ""


def is_in_hand(order: Order) -> bool:
    """Tell whether something still comes by itself: a letter, or what follows the last one."""
    if not order.policy.dunning_levels or not is_by_transfer(order):
        return False
    return next_level(order) is not None or bool(consequence(order))


def is_for_collection(order: Order, now: datetime) -> bool:
    """Tell whether the last deadline of who bought on account is over."""
    at = next_at(order)
    return at is not None and now >= at and consequence(order) == "collection"


def is_collectable(order: Order) -> bool:
    """Tell whether something is owed that an agency could collect: for goods that were sent."""
    is_open = balance.outstanding(order).minor > 0 and not order.has(events.CollectionHandedOver)
    return is_open and (not is_prepaid(order) or order.has(events.ShipmentRegistered))


def idle_fees(order: Order) -> tuple[events.DunningFeeCharged, ...]:
    """Return the fees that alone are left to pay and that the merchant lets go, newest first."""
    left, charged = balance.outstanding(order), fees(order)
    is_left = Money.zero(left.currency) < left <= fees_amount(order)
    is_let_go = order.policy.waive_fees_on_payment and balance.received_amount(order)
    return charged[::-1] if is_left and is_let_go and not _is_wanted(order) else ()


def rests(order: Order) -> tuple[events.WriteOffRecorded, ...]:
    """Return the rests of fees that were let go, those among them that were undone since."""
    return tuple(fact for fact in order.all(events.WriteOffRecorded) if fact.source == SOURCE)


def _is_wanted(order: Order) -> bool:
    """Tell whether a person has undone the waiver of a rest, and no money came in since."""
    names = {fact.reference for fact in rests(order)}
    since: tuple[events.Fact, ...] = ()
    for fact in order.facts:
        since = () if isinstance(fact, events.PaymentReceived) else (*since, fact)
    undone = (fact for fact in since if isinstance(fact, events.MovementUndone))
    return any(fact.of_source == SOURCE and fact.of_reference in names for fact in undone)


def is_to_cancel(order: Order) -> bool:
    """Tell whether an order that nobody pays is to be cancelled once the last deadline is over.

    Only one that was to be paid beforehand and for which nothing came in; and not while its last
    letter could not be delivered.
    """
    is_undelivered = any(hold.effect.startswith("mail:") for hold in order.holds())
    return consequence(order) == "cancel" and not is_undelivered

"""What a shop's order means for what we know: pure, whatever order the deliveries come in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.domain import billing, goods, revision, states
from chalicelib.domain.events import (
    AuthorizationVoided,
    Fact,
    HoldPlaced,
    OrderAccepted,
    OrderCancelled,
    OrderReceived,
    OrderReinstated,
    OrderRevised,
    PaymentAuthorized,
    PaymentReceived,
    Policy,
    ShopChangeReported,
    ShopRemarked,
    ShopTold,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from chalicelib.domain.order import Bought, Order
    from chalicelib.intake.port import Snapshot

PROMISES = (PaymentAuthorized, AuthorizationVoided)
DELETED = "deleted or cancelled in the shop before it came"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a delivery adds; `bought` was taken over of it, `reported` waits for a person."""

    facts: tuple[Fact, ...] = ()
    bought: Bought | None = None
    reported: Bought | None = None


def first_facts(
    snapshot: Snapshot,
    now: datetime,
    *,
    delivery_id: str,
    policy: Policy,
    access_token: str,
    tells: tuple[str, ...] = (),
    deleted_at: datetime | None = None,
) -> Iterator[Fact]:
    """Return the facts of an order we see for the first time; one that adds up is accepted.

    `deleted_at` is when the shop deleted it, if that overtook the order itself.
    """
    bought = snapshot.bought
    yield OrderReceived(
        at=now, delivery_id=delivery_id, policy=policy, access_token=access_token, tells=tells
    )
    if snapshot.fulfilled and bought.physical():
        yield from _sent_before(now)
    elif _is_fit(bought) and not snapshot.cancelled and deleted_at is None:
        yield OrderAccepted(at=now)
    if deleted_at:
        yield OrderCancelled(at=now, by="shop", reason=DELETED, modified_at=deleted_at)
    elif snapshot.cancelled:
        yield _cancellation(snapshot, now)
    yield from _promise((), snapshot, now)
    yield from _payment(snapshot, now)
    yield from _remarks(snapshot, now)


def _is_fit(bought: Bought) -> bool:
    return bool(bought.lines) and not bought.difference()


def _sent_before(now: datetime) -> Iterator[Fact]:
    """Hold an order that had left before we knew it: it must not be sent or confirmed again."""
    text = "The shop says that this order was sent before Kontor knew it."
    for effect in ("", "mail:order_confirmation:"):
        yield HoldPlaced(at=now, code="fulfilled_in_shop", text=text, effect=effect)


def decide(
    order: Order, snapshot: Snapshot, now: datetime, *, deleted_at: datetime | None = None
) -> News:
    """Return what a further delivery of a known order adds; an older or equal one adds nothing.

    Facts that are known already carry the same identity, so the store leaves them out.
    """
    lost = [*_deletion(order, deleted_at, now)]
    if snapshot.cancelled:
        facts = [*lost, *_cancelled(order, snapshot, now), *_further(order, snapshot, now)]
        return News(facts=tuple(facts))
    back = [*_reinstated(order, snapshot, now)]
    alive = order.plus([*lost, *back])
    is_newer = snapshot.bought.modified_at > revision.newest(order)
    is_open = is_newer and not states.is_cancelled(alive)
    edit = _edited(alive, snapshot, now) if is_open else News()
    after = alive.plus(edit.facts, bought=edit.bought)
    facts = [*lost, *back, *edit.facts, *_accepted(after, now), *_further(after, snapshot, now)]
    return News(facts=tuple(facts), bought=edit.bought, reported=edit.reported)


def untimely(order: Order, news: News) -> bool:
    """Tell whether news would make an invoice untrue whose number may be drawn at this moment.

    It is read again when the invoice is on record, and stands against it then.
    """
    is_edit = news.bought is not None and revision.binds(order.bought, news.bought)
    return billing.is_under_way(order) and (
        is_edit or any(isinstance(x, OrderCancelled) for x in news.facts)
    )


def _deletion(order: Order, deleted_at: datetime | None, now: datetime) -> Iterator[Fact]:
    """Cancel an order that was made while the shop's word of its deletion was being written."""
    told = [fact.modified_at for fact in order.all(OrderCancelled) if fact.modified_at]
    if deleted_at and all(moment < deleted_at for moment in told):
        yield OrderCancelled(at=now, by="shop", reason=DELETED, modified_at=deleted_at)


def _cancelled(order: Order, snapshot: Snapshot, now: datetime) -> Iterator[Fact]:
    """Note a cancellation unless a newer version is alive; a bare one has no version."""
    is_first = snapshot.is_bare and not order.has(OrderCancelled)
    if snapshot.bought.modified_at >= revision.newest(order) or is_first:
        yield _cancellation(snapshot, now)


def _cancellation(snapshot: Snapshot, now: datetime) -> OrderCancelled:
    at = snapshot.bought.modified_at
    return OrderCancelled(at=now, by="shop", reason=snapshot.cancel_reason, modified_at=at)


def _reinstated(order: Order, snapshot: Snapshot, now: datetime) -> Iterator[Fact]:
    """Take a cancellation back: only the shop's own, and only for a newer word of the shop."""
    standing = states.cancellations(order)
    is_final = any(fact.by != "shop" or fact.modified_at is None for fact in standing)
    at = snapshot.bought.modified_at
    if standing and not is_final and at > revision.newest(order):
        yield OrderReinstated(at=now, modified_at=at)


def _accepted(order: Order, now: datetime) -> Iterator[Fact]:
    """Begin with an order that did not add up, or was off, and now is as it should be."""
    is_waiting = states.lifecycle(order) is states.Lifecycle.RECEIVED
    is_sent = any(hold.code == "fulfilled_in_shop" for hold in order.all(HoldPlaced))
    is_news = order.has(OrderRevised) or order.has(OrderReinstated)
    if is_waiting and is_news and not is_sent and _is_fit(order.bought):
        yield OrderAccepted(at=now)


def _edited(order: Order, snapshot: Snapshot, now: datetime) -> News:
    """Take over what nothing stands against, and report the rest, each version once."""
    new, old = revision.kept(order, snapshot.bought), order.bought
    taken = revision.takeable(order, new)
    what, rest = revision.changes(old, taken), revision.changes(taken, new)
    is_known = not what and order.reported is not None and not revision.changes(order.reported, new)
    if rest and is_known and revision.last_report(order):
        return News()
    facts: list[Fact] = []
    if what or (not rest and revision.last_report(order)):
        is_about_goods = revision.is_about_goods(old, taken)
        at = new.modified_at
        facts.append(
            OrderRevised(at=now, modified_at=at, changes=what, is_about_goods=is_about_goods)
        )
    if rest:
        facts.append(ShopChangeReported(at=now, modified_at=new.modified_at, changes=rest))
    return News(facts=tuple(facts), bought=taken if what else None, reported=new if rest else None)


def _further(order: Order, snapshot: Snapshot, now: datetime) -> Iterator[Fact]:
    """Yield what counts however old it is: money, parcels and what a person must look at."""
    if _is_new_money(order, snapshot):
        yield from _payment(snapshot, now)
    yield from _promise(order.facts, snapshot, now)
    is_our_word = snapshot.is_sent_by_first and _has_heard(order)
    if snapshot.fulfilled and not is_our_word and not goods.is_all_shipped(order):
        yield from _once(order, "fulfilled_in_shop", "The shop says that all goods are sent.", now)
    yield from _remarks(snapshot, now)


def _has_heard(order: Order) -> bool:
    """Tell whether the shop has heard from us of a parcel."""
    return any(fact.what.startswith("shipped:") for fact in order.all(ShopTold))


def _is_new_money(order: Order, snapshot: Snapshot) -> bool:
    """Tell whether the shop means money that we have not counted.

    A shop that only says "paid" says so of the new total too after an edit: the moment of the
    payment gives it away.
    """
    if snapshot.paid is None or snapshot.paid.currency != order.bought.currency:
        return False
    told = [x for x in order.all(PaymentReceived) if x.source == "shop"]
    return snapshot.paid_at is None or all(x.booked_at != snapshot.paid_at for x in told)


def _payment(snapshot: Snapshot, now: datetime) -> Iterator[Fact]:
    if snapshot.paid:
        yield PaymentReceived(
            at=now,
            source="shop",
            reference=snapshot.payment_reference,
            amount=snapshot.paid,
            booked_at=snapshot.paid_at or now,
        )


def _promise(facts: Iterable[Fact], snapshot: Snapshot, now: datetime) -> Iterator[Fact]:
    """Note that a shop's money is authorized, or is no more, each newer word of the shop once."""
    at = snapshot.bought.modified_at
    told = [x for x in facts if isinstance(x, PROMISES) and x.source == "shop"]
    last = max(told, key=lambda fact: fact.booked_at, default=None)
    held = last if isinstance(last, PaymentAuthorized) else None
    is_news = snapshot.is_promised is not None and snapshot.is_promised != bool(held)
    if not is_news or (last and at <= last.booked_at):
        return
    if held:
        yield AuthorizationVoided(
            at=now, source="shop", reference=held.reference, amount=held.amount, booked_at=at
        )
    elif amount := snapshot.bought.total:
        count = sum(isinstance(fact, PaymentAuthorized) for fact in told)
        yield PaymentAuthorized(
            at=now, source="shop", reference=f"promise:{count + 1}", amount=amount, booked_at=at
        )


def _remarks(snapshot: Snapshot, now: datetime) -> Iterator[Fact]:
    yield from (ShopRemarked(at=now, text=text) for text in snapshot.remarks)


def _once(order: Order, code: str, text: str, now: datetime) -> Iterator[Fact]:
    """Hold an order for a reason, unless it was held for it before."""
    if all(hold.code != code for hold in order.all(HoldPlaced)):
        yield HoldPlaced(at=now, code=code, text=text)

"""Sweeper: looks at every open order once in a while, and at every delivery a second time."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Rate

from chalicelib.domain.commands import WakeUp
from chalicelib.domain.errors import Retryable
from chalicelib.flow import unfiled
from chalicelib.flow.queues import Queues, StepQueues
from chalicelib.flow.steps import due
from chalicelib.payment.awaited import is_awaited
from chalicelib.runtime import clock
from chalicelib.runtime.logging import log
from chalicelib.store.inbox import Inbox
from chalicelib.store.jobs import wake_standing
from chalicelib.store.merchants import Merchants
from chalicelib.store.orders import Orders
from chalicelib.store.payments import Payments
from chalicelib.store.register import Register
from chalicelib.store.worklists import Worklists

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order
    from chalicelib.flow.unfiled import Drawings
    from chalicelib.store.merchants import Registered

    Ask = Callable[[str, str, str, datetime], None]

bp = Blueprint(__name__)

EVERY = timedelta(minutes=5)
# A delivery is looked at again when it is this old: long after the stream should have brought it.
SECOND_LOOK = timedelta(minutes=5)
# Two sweeps overlap, so that one that was skipped leaves no hole.
OVERLAP = timedelta(minutes=10)
# How far a sweep goes back after a stop: what came in since the last one, at most of a day.
LONGEST = timedelta(days=1)
# Standing jobs that are started once a day, at this hour (UTC); the others with every sweep.
NIGHTLY = frozenset({"payouts", "push_levels", "rematch_bank"})
NIGHT = 2
# Also started when an order has come in that a transaction of the bank has waited for.
REMATCH = ("rematch_bank", "bank")
# Of every merchant, whatever is connected: the kind of the job and what it is about.
EVERY_NIGHT = (("reconcile", "ledger"), ("check_archive", "day"))


class Sweep:
    """One sweep over one merchant."""

    def __init__(
        self,
        *,
        orders: Orders,
        worklists: Worklists,
        inbox: Inbox,
        payments: Payments,
        merchants: Merchants,
        register: Drawings,
        queues: Queues,
        ask: Ask,
        is_awaited: Callable[[str, datetime], bool] = lambda *_: False,
    ) -> None:
        """Take the stores it looks into, where wake-ups go, and who starts standing jobs.

        `is_awaited` tells whether money has waited for an order that came in since a moment.
        """
        self._ask, self._register, self._is_awaited = ask, register, is_awaited
        self._orders, self._worklists, self._queues = orders, worklists, queues
        self._inbox, self._payments, self._merchants = inbox, payments, merchants

    def wake(self, merchant: Registered, now: datetime) -> None:
        """Wake what waits: lost deliveries, parked payments and the orders whose time has come."""
        merchant_id = merchant.id
        for kind, subject in sorted(merchant.standing):
            if kind not in NIGHTLY or _is_night_between(merchant.swept_at or now, now):
                self._ask(merchant_id, kind, subject, now)
        if _is_night_between(merchant.swept_at or now, now):
            for kind, subject in EVERY_NIGHT:
                self._ask(merchant_id, kind, subject, now)
        deliveries = list(self._deliveries(merchant, now))
        self._queues.send(deliveries)
        if REMATCH in merchant.standing and any(one.step == "intake" for one in deliveries):
            self._rematch(merchant, now)
        writers, drawn = unfiled.look(self._register, merchant, now)
        self._queues.send(writers)
        looked = list(self._orders_due(merchant_id, now))
        self._queues.send(
            WakeUp(step=step, merchant_id=merchant_id, order_id=order.id)
            for order in looked
            for step in due(order, now)
        )
        # Only now: had the queues not taken them, the orders would wait for a day.
        for order in looked:
            self._orders.postpone(order, now)
        self._merchants.note_sweep(merchant_id, now, drawn)

    def _rematch(self, merchant: Registered, now: datetime) -> None:
        """Have what waits at the bank matched again if an order has come in that it names."""
        start, _ = _second_look(merchant, now)
        if self._is_awaited(merchant.id, start):
            self._ask(merchant.id, *REMATCH, now)

    def _deliveries(self, merchant: Registered, now: datetime) -> Iterator[WakeUp]:
        merchant_id, last = merchant.id, merchant.swept_at or now
        start, end = _second_look(merchant, now)
        for delivery_id, step in self._inbox.received_between(merchant_id, start, end):
            yield WakeUp(step=step, merchant_id=merchant_id, delivery_id=delivery_id)
        for payment in self._payments.to_retry(merchant_id, last - OVERLAP, now):
            yield WakeUp(step="payment", merchant_id=merchant_id, payment_id=payment)

    def _orders_due(self, merchant_id: str, now: datetime) -> Iterator[Order]:
        for order_id in self._worklists.due(merchant_id, now):
            try:
                order = self._orders.load(merchant_id, order_id)
            except Retryable:
                raise
            except Exception:  # noqa: BLE001 - one unreadable order keeps no other waiting
                log.exception("cannot look at it", step="sweeper", order=order_id)
                continue
            if order:
                yield order


def _second_look(merchant: Registered, now: datetime) -> tuple[datetime, datetime]:
    """Return from when to when the deliveries came in that are looked at once more."""
    end, last = now - SECOND_LOOK, merchant.swept_at or now
    return max(min(end, last - SECOND_LOOK) - OVERLAP, now - LONGEST), end


def _is_night_between(last: datetime, now: datetime) -> bool:
    """Tell whether the hour of the night's work has come since the last sweep."""
    hour = now.replace(hour=NIGHT, minute=0, second=0, microsecond=0)
    return last < hour <= now


def sweep(now: datetime, merchants: Iterable[Registered], one: Sweep) -> None:
    """Sweep all merchants; trouble with one does not keep the others waiting."""
    for merchant in merchants:
        try:
            one.wake(merchant, now)
        except Exception:  # noqa: BLE001 - one merchant in trouble stops nobody
            log.exception("sweep failed", step="sweeper", merchant=merchant.id)


@bp.schedule(Rate(5, unit=Rate.MINUTES), name="sweeper")
def sweeper(event: Any) -> None:  # noqa: ANN401, ARG001 - Chalice is untyped
    """Wake what time or a lost wake-up has left behind."""
    merchants = Merchants()
    one = Sweep(
        orders=Orders(),
        worklists=Worklists(),
        inbox=Inbox(),
        payments=Payments(),
        merchants=merchants,
        register=Register(),
        queues=StepQueues(),
        ask=wake_standing,
        is_awaited=is_awaited,
    )
    sweep(clock.now(), merchants.registered(), one)

"""Turns what providers tell of money into movements of the order it belongs to."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from chalicelib.domain import refunding
from chalicelib.domain.errors import NeedsHuman, Permanent
from chalicelib.domain.events import (
    AuthorizationVoided,
    ChargebackRecorded,
    ChargebackReversed,
    Fact,
    FeeCharged,
    Movement,
    PaymentAuthorized,
    PaymentReceived,
    RefundFailed,
    RefundRecorded,
)
from chalicelib.domain.order import order_id
from chalicelib.payment.captures import record
from chalicelib.payment.port import Ignored, MovementKind, Notice, read
from chalicelib.runtime.logging import log
from chalicelib.store.payments import ParkedPayment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from chalicelib.domain.deliveries import Delivery
    from chalicelib.domain.order import Order

FACT_OF: dict[MovementKind, type[Movement]] = {
    MovementKind.AUTHORIZED: PaymentAuthorized,
    MovementKind.RECEIVED: PaymentReceived,
    MovementKind.REFUNDED: RefundRecorded,
    MovementKind.REFUND_FAILED: RefundFailed,
    MovementKind.CHARGED_BACK: ChargebackRecorded,
    MovementKind.CHARGEBACK_REVERSED: ChargebackReversed,
    MovementKind.AUTHORIZATION_VOIDED: AuthorizationVoided,
    MovementKind.FEE: FeeCharged,
}

# What money comes in with: refunds, disputes and fees may have waited for it.
BRINGING = frozenset({MovementKind.AUTHORIZED, MovementKind.RECEIVED})


class PaymentInbox(Protocol):
    """What the step needs of the inbox."""

    def load(self, merchant_id: str, wanted: str) -> Delivery | None:
        """Read a delivery."""
        ...

    def fail(self, merchant_id: str, wanted: str, code: str, text: str) -> None:
        """Keep a delivery for a person to see."""
        ...


class PaymentOrders(Protocol):
    """What the step needs of the orders."""

    def load(self, merchant_id: str, order_id: str) -> Order | None:
        """Read an order."""
        ...

    def append(self, order: Order, facts: Iterable[Fact]) -> Order:
        """Add facts to the order as it was loaded; Conflict if anybody was faster."""
        ...


class Parking(Protocol):
    """Where movements wait that no order explains yet."""

    def park(self, merchant_id: str, payment: ParkedPayment, now: datetime) -> None:
        """Keep a movement."""
        ...

    def load(self, merchant_id: str, payment_id: str) -> ParkedPayment | None:
        """Read one."""
        ...

    def claim(self, merchant_id: str, payment_id: str, order_id: str) -> None:
        """Give it to one order; Conflict if another has it."""
        ...

    def settle(self, merchant_id: str, payment_id: str) -> None:
        """Note that it is booked."""
        ...

    def awaiting(self, merchant_id: str, *, order: str = "", source: str = "") -> list[str]:
        """Return what waits for an order, or for a payment of a source."""
        ...

    def remember(self, merchant_id: str, source: str, payment: str, order_id: str) -> None:
        """Note on which order a payment is booked."""
        ...

    def order_of(self, merchant_id: str, source: str, payment: str) -> str:
        """Return the order a payment is booked on; empty if none is known."""
        ...


class Ledger:
    """Books what providers tell."""

    def __init__(
        self,
        *,
        inbox: PaymentInbox,
        orders: PaymentOrders,
        parking: Parking,
        shops_of: Callable[[str], Iterable[str]],
        numbered: Callable[[str, str], Iterable[str]],
        trust: Callable[[Delivery], Delivery],
        announce: Callable[[str, str, str, datetime], None],
    ) -> None:
        """Take the stores, how to find an order by a shop's id or number, and what may be read.

        `announce` notes a provider's report that is ready, for the night.
        """
        self._trust, self._announce = trust, announce
        self._inbox, self._orders, self._parking = inbox, orders, parking
        self._shops_of, self._numbered = shops_of, numbered

    def take(
        self, merchant_id: str, delivery_id: str, now: datetime, known: Delivery | None = None
    ) -> None:
        """Book one delivery; a movement whose order is not known yet is parked."""
        delivery = known or self._inbox.load(merchant_id, delivery_id)
        if delivery is None:
            return
        try:
            found = read(self._trust(delivery))
        except (Permanent, NeedsHuman) as error:
            self._inbox.fail(merchant_id, delivery_id, error.code, error.text)
            return
        for each in found:
            if isinstance(each, Ignored):
                log.info("ignored", reason=each.reason, delivery=delivery_id)
                if each.report:
                    self._announce(merchant_id, delivery.connection_id, each.report, now)
            else:
                self._book(merchant_id, parked(delivery, each), now)

    def retry(self, merchant_id: str, payment_id: str, now: datetime) -> None:
        """Look again for the order of a movement that waits."""
        payment = self._parking.load(merchant_id, payment_id)
        if payment:
            self._book(merchant_id, payment, now)

    def _book(self, merchant_id: str, payment: ParkedPayment, now: datetime) -> None:
        waiting = self._parking.load(merchant_id, payment.id)
        if waiting and waiting.aside is not None:
            return  # a person has said that it belongs to no order
        order, reason = self._find(merchant_id, waiting or payment)
        if order is None and waiting is None:
            waiting = replace(payment, reason=reason)
            self._parking.park(merchant_id, waiting, now)
            # It may have come in while nothing waited for it yet.
            order, _ = self._find(merchant_id, waiting)
        if order is None:
            return
        if waiting:
            self._parking.claim(merchant_id, payment.id, order.id)
        notice = notice_of(payment)
        fact = explained(order, movement(notice, payment.source, now), notice)
        record(self._orders, order, fact, notice.earlier)
        name = payment_of(notice)
        self._parking.remember(merchant_id, payment.source, name, order.id)
        if waiting:
            self._parking.settle(merchant_id, payment.id)
        if notice.kind in BRINGING:
            for each in self._parking.awaiting(merchant_id, source=payment.source, order=name):
                self.retry(merchant_id, each, now)

    def _find(self, merchant_id: str, payment: ParkedPayment) -> tuple[Order | None, str]:
        """Return the order of a movement, or why it waits."""
        # Whom a person gave it to counts more than what the provider says.
        given = payment.order_id or (
            payment.payment and self._parking.order_of(merchant_id, payment.source, payment.payment)
        )
        found = [order] if given and (order := self._orders.load(merchant_id, given)) else []
        found = found or self._orders_of(merchant_id, payment.order_reference)
        # Two shops may use the same number; which one is meant is for a person to say.
        if len(found) != 1:
            return None, "several" if found else "unknown" if payment.order_reference else "unnamed"
        if found[0].bought.currency != payment.amount.currency:
            return None, "currency"
        return found[0], ""

    def _orders_of(self, merchant_id: str, reference: str) -> list[Order]:
        if not reference:
            return []
        by_id = {order_id(shop, reference) for shop in self._shops_of(merchant_id)}
        found = [self._orders.load(merchant_id, name) for name in sorted(by_id)]
        if not any(found):
            names = self._numbered(merchant_id, reference)
            found = [self._orders.load(merchant_id, name) for name in names]
        return [order for order in found if order]


def movement(notice: Notice, source: str, now: datetime) -> Movement:
    """Return the fact of a notice."""
    kind = FACT_OF[notice.kind]
    has_payment = kind in {PaymentReceived, RefundRecorded, FeeCharged}
    named = {"payment": notice.payment} if has_payment else {}
    return kind(
        at=now,
        source=source,
        reference=notice.reference,
        amount=notice.amount,
        booked_at=notice.booked_at,
        **named,
    )


def explained(order: Order, fact: Movement, notice: Notice) -> Movement:
    """Return a refund that we have ordered with what was ordered; any other fact as it is."""
    is_ours = notice.refund and refunding.request_of(order, notice.refund)
    if not is_ours or not isinstance(fact, RefundRecorded):
        return fact
    return refunding.explained(order, replace(fact, refund_id=notice.refund))


def payment_of(notice: Notice) -> str:
    """Return the provider's name of the payment: a payment that is its own has its own."""
    return notice.payment or notice.reference


def payment_id(source: str, notice: Notice) -> str:
    """Name a movement: its source, kind and reference."""
    return f"{source}:{notice.kind}:{notice.reference}"


def parked(delivery: Delivery, notice: Notice) -> ParkedPayment:
    """Return a movement as it waits, should no order explain it."""
    return ParkedPayment(
        id=payment_id(delivery.kind, notice),
        kind=notice.kind,
        source=delivery.kind,
        reference=notice.reference,
        order_reference=notice.order_reference,
        payment=notice.payment,
        refund=notice.refund,
        earlier=notice.earlier,
        payer=notice.payer,
        amount=notice.amount,
        booked_at=notice.booked_at,
        delivery_id=delivery.id,
    )


def notice_of(payment: ParkedPayment) -> Notice:
    """Return what the provider told, of a movement that waited."""
    return Notice(
        kind=MovementKind(payment.kind),
        reference=payment.reference,
        order_reference=payment.order_reference,
        payment=payment.payment,
        refund=payment.refund,
        earlier=payment.earlier,
        amount=payment.amount,
        booked_at=payment.booked_at,
        payer=payment.payer,
    )

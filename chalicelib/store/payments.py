"""Movements of money that no order explains yet; they wait here, visible, until one does."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from pynamodb.attributes import NumberAttribute, UnicodeAttribute, UnicodeSetAttribute
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex, KeysOnlyProjection

from chalicelib.domain.errors import Conflict
from chalicelib.domain.money import Money
from chalicelib.store.tables import REGION, Row, cursor_of, moment, stamp, table_name, translated

if TYPE_CHECKING:
    from typing import Any

    from pynamodb.expressions.update import Action

# How long a movement has waited whenever its order is looked for again, without being called.
TRIES = (*(timedelta(minutes=10 * 4**step) for step in range(7)), timedelta(days=30))
MOST = 100  # movements at once, of one name or age


class Parked(GlobalSecondaryIndex["PaymentRow"]):
    """The movements that still wait for an order."""

    class Meta:
        """The index as the template makes it."""

        index_name = "parked"
        projection = AllProjection()

    parked_of = UnicodeAttribute(hash_key=True)
    since = UnicodeAttribute(range_key=True)


class Awaiting(GlobalSecondaryIndex["PaymentRow"]):
    """The movements that still wait, by the order or payment that would explain them."""

    class Meta:
        """The index as the template makes it."""

        index_name = "awaiting"
        projection = KeysOnlyProjection()

    waits_for = UnicodeAttribute(hash_key=True)


class PaymentRow(Row):
    """One movement, by its source and reference; `BANK#…` a bank's, `IBAN#…` who pays from it."""

    class Meta:
        """The table as the template makes it."""

        table_name = table_name("payments")
        region = REGION

    kind = UnicodeAttribute()
    source = UnicodeAttribute()
    reference = UnicodeAttribute()
    order_reference = UnicodeAttribute(default="")
    payment = UnicodeAttribute(default="")
    payer = UnicodeAttribute(default="")
    amount = UnicodeAttribute()
    currency = UnicodeAttribute()
    booked_at = UnicodeAttribute()
    delivery_id = UnicodeAttribute(default="")
    refund = UnicodeAttribute(default="")
    # Of a part that was captured of a payment: what was captured of it before.
    earlier = UnicodeAttribute(null=True)
    reason = UnicodeAttribute(default="")
    waits_for = UnicodeAttribute(null=True)
    parked_of = UnicodeAttribute(null=True)
    since = UnicodeAttribute(null=True)
    order_id = UnicodeAttribute(null=True)
    # Of a bank's transaction: all that is known of it, and how often that has changed.
    detail = UnicodeAttribute(null=True)
    version = NumberAttribute(null=True)
    # Of a payment that is booked: in which payout it was.
    payout = UnicodeAttribute(null=True)
    # Of an account that money comes from: who has paid from it.
    customers = UnicodeSetAttribute(null=True)
    parked = Parked()
    awaiting = Awaiting()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParkedPayment:
    """A movement as a source told it; `order_reference` is what the source knows of the order.

    `reason` says why it waits: `unnamed`, `unknown`, `several` or `currency`; `aside` why a person
    has put it aside, if one has.
    """

    id: str
    kind: str
    source: str
    reference: str
    order_reference: str
    payer: str
    amount: Money
    booked_at: datetime
    delivery_id: str
    order_id: str = ""
    payment: str = ""
    refund: str = ""
    earlier: Money | None = None
    reason: str = ""
    aside: str | None = None


class Payments:
    """The movements without an order, of all merchants."""

    def park(self, merchant_id: str, payment: ParkedPayment, now: datetime) -> None:
        """Keep a movement until its order is known; keeping it again changes nothing."""
        row = PaymentRow(
            merchant_id,
            payment.id,
            kind=payment.kind,
            source=payment.source,
            reference=payment.reference,
            order_reference=payment.order_reference,
            payment=payment.payment,
            payer=payment.payer,
            amount=str(payment.amount.minor),
            currency=payment.amount.currency,
            booked_at=stamp(payment.booked_at),
            delivery_id=payment.delivery_id,
            refund=payment.refund,
            earlier=str(payment.earlier.minor) if payment.earlier is not None else None,
            reason=payment.reason,
            waits_for=awaited_by(merchant_id, payment),
            parked_of=merchant_id,
            since=stamp(now),
        )
        with suppress(Conflict), translated():
            row.save(condition=PaymentRow.pk.does_not_exist())

    def claim(self, merchant_id: str, payment_id: str, order_id: str) -> None:
        """Give a parked movement to one order, before it is booked; Conflict if another has it."""
        free = PaymentRow.order_id.does_not_exist() | (PaymentRow.order_id == order_id)
        with translated():
            PaymentRow(merchant_id, payment_id).update(
                [PaymentRow.order_id.set(order_id)], condition=PaymentRow.pk.exists() & free
            )

    def settle(self, merchant_id: str, payment_id: str) -> None:
        """Take a movement that is booked off the list of those that wait."""
        done: list[Action] = [PaymentRow.parked_of.remove(), PaymentRow.waits_for.remove()]
        with translated():
            PaymentRow(merchant_id, payment_id).update(done, condition=PaymentRow.pk.exists())

    def awaiting(self, merchant_id: str, *, order: str = "", source: str = "") -> list[str]:
        """Return what waits for an order by its id or number; with a source, for its payment."""
        place = _place(merchant_id, source, order)
        with translated():
            return [row.sk for row in PaymentRow.awaiting.query(place, limit=MOST)]

    def to_retry(self, merchant_id: str, last: datetime, now: datetime) -> list[str]:
        """Return what is to be tried again since the last time: seldomer the longer it waits.

        After a month a movement is only shown.
        """
        with translated():
            if not next(PaymentRow.parked.query(merchant_id, limit=1), None):
                return []
            found: list[str] = []
            for age in TRIES:
                span = PaymentRow.since.between(stamp(last - age), stamp(now - age))
                found += [row.sk for row in PaymentRow.parked.query(merchant_id, span, limit=MOST)]
        return list(dict.fromkeys(found))

    def remember(self, merchant_id: str, source: str, payment: str, order_id: str) -> None:
        """Note on which order a payment is booked; the first word counts."""
        row = PaymentRow(
            merchant_id,
            booked_key(source, payment),
            kind="booked",
            source=source,
            reference=payment,
            amount="",
            currency="",
            booked_at="",
            order_id=order_id,
        )
        with suppress(Conflict), translated():
            row.save(condition=PaymentRow.pk.does_not_exist())

    def order_of(self, merchant_id: str, source: str, payment: str) -> str:
        """Return the order a payment is booked on; empty if none is known."""
        key = booked_key(source, payment)
        with translated():
            try:
                row = PaymentRow.get(merchant_id, key, consistent_read=True)
            except PaymentRow.DoesNotExist:
                return ""
        return row.order_id or ""

    def load(self, merchant_id: str, payment_id: str) -> ParkedPayment | None:
        """Read one movement."""
        with translated():
            try:
                return _payment(PaymentRow.get(merchant_id, payment_id, consistent_read=True))
            except PaymentRow.DoesNotExist:
                return None

    def parked(
        self,
        merchant_id: str,
        *,
        limit: int = 100,
        start: dict[str, Any] | None = None,
        since: datetime | None = None,
        newest_first: bool = False,
        place: str = "",
    ) -> tuple[list[ParkedPayment], dict[str, Any] | None]:
        """List the movements that wait, or are at another place, oldest first; and the next key."""
        newer = PaymentRow.since >= stamp(since) if since else None
        with translated():
            found = PaymentRow.parked.query(
                place or merchant_id, newer, limit=limit, page_size=limit,
                last_evaluated_key=start, scan_index_forward=not newest_first,
            )  # fmt: skip
            return [_payment(row) for row in found], cursor_of(found)


def awaited_by(merchant_id: str, payment: ParkedPayment) -> str | None:
    """Name what would explain a movement: the order that it names, else the payment."""
    if payment.order_reference:
        return _place(merchant_id, "", payment.order_reference)
    return _place(merchant_id, payment.source, payment.payment) if payment.payment else None


def _place(merchant_id: str, source: str, name: str) -> str:
    """Name what is waited for; short, whatever somebody has written for the name of an order."""
    return f"{merchant_id}#{source}#{hashlib.sha256(name.encode()).hexdigest()[:32]}"


def booked_key(source: str, payment: str) -> str:
    """Name the row that says on which order a payment is booked."""
    return f"REF#{source}#{payment}"


def _payment(row: PaymentRow) -> ParkedPayment:
    return ParkedPayment(
        id=row.sk,
        kind=row.kind,
        source=row.source,
        reference=row.reference,
        order_reference=row.order_reference,
        payment=row.payment,
        refund=row.refund,
        earlier=Money(minor=int(row.earlier), currency=row.currency) if row.earlier else None,
        reason=row.reason,
        payer=row.payer,
        amount=Money(minor=int(row.amount), currency=row.currency),
        booked_at=moment(row.booked_at),
        delivery_id=row.delivery_id,
        order_id=row.order_id or "",
        aside=row.detail,
    )

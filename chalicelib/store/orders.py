"""Orders: one row per append, one head per order for the work lists (ADR 0001, 0002)."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pynamodb.expressions.update import Action

from chalicelib.domain import balance, dunning, events, states, waiting
from chalicelib.domain.errors import Conflict
from chalicelib.domain.order import Bought, Order
from chalicelib.store import codec
from chalicelib.store.order_rows import OrderRow, event_row, facts_in, key_of
from chalicelib.store.tables import moment, stamp, translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TRIES = 8
FIRST_ROW = "EVENT#0001"
DELETED = "DELETED"
FIRST_WAKE = timedelta(minutes=15)
LAST_WAKE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the lists show of an order."""

    worklist: str
    since: str
    number: str
    is_open: bool
    summary: str
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All that is kept of an order; `wake_at` is when the sweeper looks at it next.

    `deleted_at` is when the shop deleted it before we had it.
    """

    order: Order | None = None
    head: Head | None = None
    wake_at: datetime | None = None
    deleted_at: datetime | None = None


def head_of(order: Order, now: datetime) -> Head:
    """Compute what the lists shall show of an order."""
    reasons = waiting.blockers(order, now)
    listed = waiting.worklist(order, now, reasons)
    summary = {
        "name": order.bought.shipping.name or order.bought.billing.name or order.bought.email,
        "total": codec.plain(order.bought.total),
        "placed_at": stamp(order.bought.placed_at),
        "payment": states.payment(order),
        "fulfillment": states.fulfillment(order),
        "blockers": [blocker.code for blocker in reasons],
        "external_id": order.bought.external_id,
        "connection_id": order.bought.connection_id,
        "tags": tags.tags if (tags := order.last(events.TagsChanged)) else (),
        "assigned_to": given.to if (given := order.last(events.OrderAssigned)) else "",
        **_owed(order),
    }
    return Head(
        worklist=listed,
        since=stamp(order.received.at),
        number=order.bought.number,
        is_open=listed in waiting.OPEN,
        summary=json.dumps(summary, separators=(",", ":"), ensure_ascii=False),
        version=order.version,
    )


def _owed(order: Order) -> dict[str, object]:
    """Return what a payment is known by, of an order that still waits for one; and disputes."""
    left, bought = balance.outstanding(order).minor, order.bought
    disputed = balance.disputed(order).minor
    if left <= 0 and not disputed:
        # Where nothing is said, all of an unpaid order is owed: what is written off as lost is not.
        return {} if balance.is_paid(order) else {"owed": 0}
    if states.is_cancelled(order):
        return {"owed": 0, **({"disputed": disputed} if disputed else {})}
    overdue = order.last(events.PaymentOverdue)
    people = (bought.billing.name, bought.billing.company, bought.shipping.name)
    invoices = [x for x in order.all(events.DocumentIssued) if x.kind == "invoice"]
    email = bought.email.strip().lower()
    return {
        "owed": max(left, 0),
        **({"fees": fees.minor} if (fees := dunning.fees_amount(order)) else {}),
        "names": [*dict.fromkeys(name for name in people if name)],
        "invoices": [one.number for one in invoices],
        **_terms(invoices[-1:]),
        # Heads of before the cancelled were left out do not say so, and are not booked on unseen.
        "may_be_paid": True,
        "customer": hashlib.sha256(email.encode()).hexdigest()[:16] if email else "",
        **({"late": stamp(overdue.at)} if overdue else {}),
        **({"disputed": disputed} if disputed else {}),
    }


def _terms(invoice: list[events.DocumentIssued]) -> dict[str, object]:
    """Return from when an invoice is to be paid, and what it grants who pays early."""
    found: dict[str, object] = {}
    for one in invoice:
        found["invoiced_on"] = one.issued_on.isoformat()
        if one.discount:
            found["discount"] = [one.discount.rate, one.discount.until.isoformat()]
    return found


class Orders:
    """The orders of all merchants; each method touches one merchant's rows only."""

    def load(self, merchant_id: str, order_id: str) -> Order | None:
        """Read an order with all its facts in one consistent query; None if there is none."""
        return self.load_with_head(merchant_id, order_id)[0]

    def load_with_head(self, merchant_id: str, order_id: str) -> tuple[Order | None, Head | None]:
        """Read an order and the head that the lists show at present."""
        found = self.find(merchant_id, order_id)
        return found.order, found.head

    def find(self, merchant_id: str, order_id: str) -> Found:
        """Read all that is kept under an order's name, in the one query that it takes."""
        rows = self._rows(key_of(merchant_id, order_id))
        heads = [row for row in rows if row.sk == "HEAD"]
        appends = [row for row in rows if row.sk.startswith("EVENT#")]
        deleted = [moment(row.deleted_at) for row in rows if row.sk == DELETED]
        return Found(
            order=order_of(merchant_id, order_id, appends) if appends else None,
            head=_head(heads[0]) if heads else None,
            wake_at=moment(heads[0].wake_at) if heads and heads[0].wake_at else None,
            deleted_at=deleted[0] if deleted else None,
        )

    def create(self, order: Order, facts: Sequence[events.Fact]) -> Order:
        """Write a new order's first row; Conflict if the order is already known."""
        created = order.plus(facts)
        self._put(event_row(created, created.facts, bought=order.bought))
        return created

    def bury(self, merchant_id: str, order_id: str, at: datetime) -> None:
        """Remember that the shop deleted an order we never had; the first word of it counts."""
        with suppress(Conflict):
            self._put(OrderRow(key_of(merchant_id, order_id), DELETED, deleted_at=stamp(at)))

    def append(
        self,
        order: Order,
        facts: Iterable[events.Fact],
        *,
        bought: Bought | None = None,
        reported: Bought | None = None,
    ) -> Order:
        """Add facts to the order as it was loaded; Conflict if anybody was faster.

        `bought` and `reported` are the versions of the shop that the facts tell of.
        """
        after = order.plus(facts, bought=bought, reported=reported)
        if after is order:
            return order
        new = after.facts[len(order.facts) :]
        self._put(event_row(after, new, bought=bought, reported=reported))
        return after

    def record(self, order: Order, facts: Iterable[events.Fact]) -> Order:
        """Add facts about what has happened already, whoever appended meanwhile."""
        facts = tuple(facts)
        for _ in range(TRIES):
            try:
                return self.append(order, facts)
            except Conflict:
                order = self.load(order.merchant_id, order.id) or order
        return self.append(order, facts)

    def project(self, order: Order, head: Head | None, now: datetime) -> Head | None:
        """Bring the order's head up to date; no write when the lists already show it so.

        Return what they show then; None where somebody who knew more was faster.
        """
        new = head_of(order, now)
        if head is not None and replace(new, version=head.version) == head:
            return head
        return new if self._write_head(order, new, wake_at=None, now=now) else None

    def postpone(self, order: Order, now: datetime) -> None:
        """After the sweeper's look, say when to look next: later and later, at most a day.

        Earlier, if the customer is to be reminded before that.
        """
        wake_at = now + min(max(now - order.received.at, FIRST_WAKE), LAST_WAKE)
        letter_at = dunning.next_at(order)
        if letter_at and letter_at > now:
            wake_at = min(wake_at, letter_at.astimezone(UTC))
        self._write_head(order, head_of(order, now), wake_at=wake_at, now=now)

    def _write_head(
        self, order: Order, head: Head, *, wake_at: datetime | None, now: datetime
    ) -> bool:
        row = OrderRow(key_of(order.merchant_id, order.id), "HEAD")
        fresh = OrderRow.version.does_not_exist() | (OrderRow.version <= head.version)
        with translated():
            try:
                row.update(_head_actions(order, head, wake_at=wake_at, now=now), condition=fresh)
            except Exception as error:
                if not _is_stale(error):
                    raise
                return False
        return True

    def _rows(self, pk: str) -> list[OrderRow]:
        with translated():
            return list(OrderRow.query(pk, consistent_read=True))

    def _put(self, row: OrderRow) -> None:
        with translated():
            row.save(condition=OrderRow.pk.does_not_exist())


def order_of(
    merchant_id: str, order_id: str, appends: Sequence[OrderRow], *, before: Order | None = None
) -> Order:
    """Return the order that these appends make, of what it was `before` them."""
    facts = tuple(fact for row in appends for fact in facts_in(row))
    bought = [codec.unpack(row.bought, Bought) for row in appends if row.bought]
    reported = [codec.unpack(row.reported, Bought) for row in appends if row.reported]
    return Order(
        merchant_id=merchant_id,
        id=order_id,
        bought=bought[-1] if bought or before is None else before.bought,
        reported=reported[-1] if reported else before.reported if before else None,
        facts=(*before.facts, *facts) if before else facts,
        version=int(appends[-1].sk.removeprefix("EVENT#")),
    )


def _head(row: OrderRow) -> Head:
    return Head(
        worklist=row.list.split("#", 1)[1],
        since=row.since,
        number=row.number,
        is_open=row.merchant_open is not None,
        summary=row.summary,
        version=int(row.version),
    )


def _head_actions(
    order: Order, head: Head, *, wake_at: datetime | None, now: datetime
) -> list[Action]:
    actions: list[Action] = [
        OrderRow.list.set(f"{order.merchant_id}#{head.worklist}"),
        OrderRow.since.set(head.since),
        OrderRow.merchant.set(order.merchant_id),
        OrderRow.number.set(head.number),
        OrderRow.summary.set(head.summary),
        OrderRow.version.set(head.version),
    ]
    if not head.is_open:
        return [*actions, OrderRow.merchant_open.remove(), OrderRow.wake_at.remove()]
    first = OrderRow.wake_at | stamp(now + FIRST_WAKE)
    return [
        *actions,
        OrderRow.merchant_open.set(order.merchant_id),
        OrderRow.wake_at.set(stamp(wake_at) if wake_at else first),
    ]


def _is_stale(error: Exception) -> bool:
    return getattr(error, "cause_response_code", "") == "ConditionalCheckFailedException"


__all__ = [
    "Found",
    "Head",
    "OrderRow",
    "Orders",
    "event_row",
    "head_of",
    "key_of",
    "moment",
    "order_of",
]

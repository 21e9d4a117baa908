"""The transactions of the bank: each once, with what was found out about it (table payments)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import msgspec
from pynamodb.transactions import TransactWrite

from chalicelib.domain.bank import BankTransaction
from chalicelib.domain.money import Money
from chalicelib.store.allocation import append_of
from chalicelib.store.order_rows import OrderRow, append_row, key_of
from chalicelib.store.payments import PaymentRow
from chalicelib.store.tables import connection, cursor_of, stamp, translated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from chalicelib.domain.events import Fact
    from chalicelib.domain.order import Order

PREFIX = "BANK#"
ACCOUNT = "IBAN#"
MOST_CUSTOMERS = 5  # of one account; one that pays for more says nothing


class State(StrEnum):
    """What became of a transaction."""

    BOOKED = "booked"
    SUGGESTED = "suggested"
    UNMATCHED = "unmatched"
    IGNORED = "ignored"
    PAYOUT = "payout"
    OUTGOING = "outgoing"
    SPLIT = "split"  # its payments are transactions of their own


class Kind(StrEnum):
    """What a transaction is for one of its orders."""

    PAID = "paid"
    RETURNED = "returned"  # a direct debit came back
    REFUND = "refund"  # money went to the customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one order has, or might have, of a transaction; `forgiven` need not be paid.

    `reference` is the refund or debit it is about, `fee` what the bank took for a return.
    """

    order_id: str
    number: str
    amount: Money
    forgiven: Money | None = None
    why: str = ""  # tolerance | discount, of what is forgiven
    kind: Kind = Kind.PAID
    reference: str = ""
    fee: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Where a transaction may belong, how sure that is, and why."""

    parts: tuple[Part, ...]
    score: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidOut:
    """Which payout of a provider a transaction is, and what the provider says it comes to."""

    source: str
    reference: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One transaction; `booked` is where it is booked, `times` how often that was undone.

    `job_id` is the job that brought it in, `version` counts its changes.
    """

    id: str
    state: State
    transaction: BankTransaction
    booked: Proposal | None = None
    suggestions: tuple[Proposal, ...] = ()
    note: str = ""
    by: str = ""
    times: int = 0
    job_id: str = ""
    paid_out: PaidOut | None = None
    version: int = 0

    @property
    def reference(self) -> str:
        """What its booking is called in the orders: after an undoing it is another one."""
        return f"{self.id}-{self.times + 1}" if self.times else self.id

    @property
    def booked_at(self) -> datetime:
        """Its day of booking as a moment."""
        return datetime.combine(self.transaction.booked_on, time(), UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Facts that are told of an order together with a transaction.

    `after` is how many appends the order had when that was decided; it must have no more by now.
    """

    order_id: str
    after: int
    facts: tuple[Fact, ...]


def told_of(order: Order, facts: Iterable[Fact]) -> list[Told]:
    """Return what is new of these facts to an order; nothing if it knows all of them."""
    append = append_of(order, facts)
    return [Told(order_id=order.id, after=order.version, facts=append.new)] if append else []


@dataclass(frozen=True, slots=True, kw_only=True)
class New:
    """A transaction to write with its facts; `customer` is who pays from its account."""

    entry: Entry
    told: tuple[Told, ...] = ()
    customer: str = ""

    @property
    def rows(self) -> int:
        """How many rows it writes at most."""
        return 2 + len(self.told)


class Bank:
    """The transactions of all merchants."""

    def add(self, merchant_id: str, new: Sequence[New]) -> None:
        """Write new transactions with their facts, all or none; Conflict if one is known already.

        Also if anybody appended to one of the orders; at most a hundred rows.
        """
        payers: dict[str, set[str]] = {}
        for one in new:
            if one.customer:
                payers.setdefault(one.entry.transaction.iban, set()).add(one.customer)
        with translated(), TransactWrite(connection=connection()) as transaction:
            for one in new:
                put_entry(transaction, merchant_id, one.entry, one.told)
            for iban, customers in payers.items():
                row = PaymentRow(merchant_id, f"{ACCOUNT}{iban}")
                transaction.update(row, [PaymentRow.customers.add(customers)])

    def change(self, merchant_id: str, entry: Entry, told: Sequence[Told] = ()) -> Entry:
        """Write what became of a transaction with its facts; Conflict if anybody was faster."""
        with translated(), TransactWrite(connection=connection()) as transaction:
            put_entry(transaction, merchant_id, entry, told)
        return replace(entry, version=entry.version + 1)

    def load(self, merchant_id: str, entry_id: str) -> Entry | None:
        """Read a transaction as it is now."""
        with translated():
            try:
                key = f"{PREFIX}{entry_id}"
                return _entry(PaymentRow.get(merchant_id, key, consistent_read=True))
            except PaymentRow.DoesNotExist:
                return None

    def known(self, merchant_id: str, entry_ids: Iterable[str]) -> dict[str, Entry]:
        """Return those of these transactions that are there already."""
        keys = [(merchant_id, f"{PREFIX}{one}") for one in entry_ids]
        with translated():
            rows = PaymentRow.batch_get(keys, consistent_read=True) if keys else ()
            return {one.id: one for one in map(_entry, rows)}

    def list(
        self,
        merchant_id: str,
        state: State,
        *,
        limit: int,
        start: dict[str, Any] | None = None,
        newest_first: bool = False,
    ) -> tuple[list[Entry], dict[str, Any] | None]:
        """List the transactions in a state, the oldest first or last, and the next page's key."""
        with translated():
            found = PaymentRow.parked.query(
                place_of(merchant_id, state), limit=limit, page_size=limit,
                last_evaluated_key=start, scan_index_forward=not newest_first,
            )  # fmt: skip
            return [_entry(row) for row in found], cursor_of(found)

    def payers(self, merchant_id: str, ibans: Iterable[str]) -> Mapping[str, frozenset[str]]:
        """Return by account the customers whose orders were paid from it."""
        keys = [(merchant_id, f"{ACCOUNT}{one}") for one in dict.fromkeys(ibans) if one]
        with translated():
            rows = list(PaymentRow.batch_get(keys)) if keys else []
        found = {row.sk.removeprefix(ACCOUNT): frozenset(row.customers or ()) for row in rows}
        return {iban: who for iban, who in found.items() if len(who) <= MOST_CUSTOMERS}


def booked_since(
    merchant_id: str,
    first: date,
    *,
    limit: int,
    start: dict[str, Any] | None,
    state: State = State.BOOKED,
) -> tuple[list[Entry], dict[str, Any] | None]:
    """Return a page of what the bank booked since a day, in a state, and the next's key."""
    with translated():
        found = PaymentRow.parked.query(
            place_of(merchant_id, state), PaymentRow.since >= first.isoformat(),
            limit=limit, page_size=limit, last_evaluated_key=start,
        )  # fmt: skip
        return [_entry(row) for row in found], cursor_of(found)


def place_of(merchant_id: str, state: State) -> str:
    """Return where the index lists the transactions in a state."""
    return f"{merchant_id}#{state}"


def put_entry(
    transaction: TransactWrite, merchant_id: str, entry: Entry, told: Sequence[Told] = ()
) -> None:
    """Write a transaction with its facts in one with other rows, as it was loaded or new."""
    same = PaymentRow.version == entry.version
    condition = same if entry.version else PaymentRow.pk.does_not_exist()
    transaction.save(_row(merchant_id, entry), condition=condition)
    for one in told:
        event = append_row(key_of(merchant_id, one.order_id), one.after + 1, one.facts)
        transaction.save(event, condition=OrderRow.pk.does_not_exist())


def _row(merchant_id: str, entry: Entry) -> PaymentRow:
    one = entry.transaction
    return PaymentRow(
        merchant_id,
        f"{PREFIX}{entry.id}",
        kind="bank",
        source="bank",
        reference=entry.id,
        amount=str(one.amount.minor),
        currency=one.amount.currency,
        booked_at=stamp(entry.booked_at),
        parked_of=place_of(merchant_id, entry.state),
        since=f"{one.booked_on.isoformat()}#{entry.id}",
        detail=msgspec.json.encode(entry).decode(),
        version=entry.version + 1,
    )


def _entry(row: PaymentRow) -> Entry:
    found = msgspec.json.decode(row.detail or "", type=Entry)
    return replace(found, version=int(row.version or 0))

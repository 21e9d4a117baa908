"""Payouts of providers as they are kept: what each is made of, and whether it arrived."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
from pynamodb.transactions import TransactWrite

from chalicelib.domain.errors import Conflict
from chalicelib.domain.money import Money
from chalicelib.domain.payouts import Breakdown, Payout, PayoutPart
from chalicelib.store.bank import PaidOut, State, put_entry
from chalicelib.store.payments import PaymentRow, booked_key
from chalicelib.store.tables import connection, cursor_of, translated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from chalicelib.store.bank import Entry

PREFIX = "PAYOUT#"
LINES = 200  # parts in one row, which is far from the 400 KB that a row may have
AT_ONCE = 500
MOST = 2000  # payouts that are looked at for a page of some of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One part of a payout and the order of its payment.

    `trouble` says why its fee is on no order (`unknown`, `currency`), or that the order knows the
    payment with another amount (`amount`, which is `expected`).
    """

    part: PayoutPart
    order_id: str = ""
    number: str = ""
    trouble: str = ""
    expected: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The bank's entry that a payout came with."""

    entry_id: str
    booked_on: date
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPayout:
    """A payout with its sums; `pages` rows hold its parts, of which `unknown` have no order yet."""

    payout: Payout
    sums: Breakdown
    pages: int
    unknown: int = 0
    arrived: Arrival | None = None
    version: int = 0

    @property
    def is_waiting(self) -> bool:
        """Tell whether it should come to the bank and has not yet; of nothing, nothing comes."""
        return self.arrived is None and bool(self.payout.amount)

    @property
    def has_doubts(self) -> bool:
        """Tell whether not all of it is explained: cents, a payment that nobody knows."""
        is_short = bool(self.sums.count and self.sums.unexplained)
        return is_short or bool(self.unknown) or bool(self.difference)

    @property
    def difference(self) -> Money | None:
        """How much more arrived than the provider has told; None while nothing arrived."""
        return self.arrived.amount - self.payout.amount if self.arrived else None


class Payouts:
    """The payouts of all merchants (table payments).

    Its parts are written first, `LINES` to a row at most; with the payout itself they count.
    """

    def add(self, merchant_id: str, kept: KeptPayout) -> None:
        """Keep a payout whose parts are written; one that is known already stays as it is."""
        with suppress(Conflict), translated():
            _row(merchant_id, kept).save(condition=PaymentRow.pk.does_not_exist())

    def load(self, merchant_id: str, source: str, reference: str) -> KeptPayout | None:
        """Read a payout as it is now."""
        with translated():
            try:
                key = _key(source, reference)
                return _kept(PaymentRow.get(merchant_id, key, consistent_read=True))
            except PaymentRow.DoesNotExist:
                return None

    def save(self, merchant_id: str, kept: KeptPayout) -> None:
        """Write a payout as it goes on; Conflict if somebody else did meanwhile."""
        with translated():
            _row(merchant_id, kept).save(condition=PaymentRow.version == kept.version)

    def page(
        self,
        merchant_id: str,
        since: date,
        *,
        limit: int,
        start: dict[str, Any] | None = None,
        fits: Callable[[KeptPayout], bool] | None = None,
    ) -> tuple[list[KeptPayout], dict[str, Any] | None]:
        """Return payouts that arrived since a day, the newest first, and the next page's key.

        Of those that fit there may be fewer than wanted and more behind: `MOST` are looked at.
        """
        most, found = MOST if fits else limit, list[KeptPayout]()
        with translated():
            rows = PaymentRow.parked.query(
                place_of(merchant_id), PaymentRow.since >= since.isoformat(),
                limit=most, page_size=limit, last_evaluated_key=start, scan_index_forward=False,
            )  # fmt: skip
            for row in rows:
                kept = _kept(row)
                found += [kept] if fits is None or fits(kept) else []
                if len(found) == limit:
                    break
            return found, cursor_of(rows)

    def since(self, merchant_id: str, first: date) -> Iterator[KeptPayout]:
        """Yield all payouts that arrived since a day, the newest first."""
        start = None
        while True:
            found, start = self.page(merchant_id, first, limit=AT_ONCE, start=start)
            yield from found
            if start is None:
                return

    def lines(self, merchant_id: str, payout: Payout, number: int) -> list[Line]:
        """Return a page of the parts; none behind the last one."""
        key = _lines_key(payout, number)
        with translated():
            try:
                row = PaymentRow.get(merchant_id, key, consistent_read=True)
            except PaymentRow.DoesNotExist:
                return []
        return msgspec.json.decode(row.detail or "[]", type=list[Line])

    def save_lines(
        self, merchant_id: str, payout: Payout, number: int, lines: Sequence[Line]
    ) -> None:
        """Write a page of the parts; doing so again changes nothing."""
        row = _plain(merchant_id, _lines_key(payout, number), "payout_parts", payout)
        row.detail = msgspec.json.encode(lines).decode()
        with translated():
            row.save()

    def arrive(self, merchant_id: str, kept: KeptPayout, entry: Entry) -> None:
        """Join a payout and the bank's entry it came with; Conflict if either has changed."""
        one = entry.transaction
        arrival = Arrival(entry_id=entry.id, booked_on=one.booked_on, amount=one.amount)
        ref = PaidOut(
            source=kept.payout.source,
            reference=kept.payout.reference,
            amount=kept.payout.amount,
        )
        # Whatever it was taken for, money that came in with it is a payout from now on.
        state = State.PAYOUT if one.amount.minor > 0 else entry.state
        joined = replace(entry, paid_out=ref, state=state, suggestions=())
        self._join(merchant_id, replace(kept, arrived=arrival), joined)

    def part(self, merchant_id: str, entry: Entry) -> None:
        """Take a payout and its entry apart, which waits as it is given here."""
        if entry.paid_out is None:
            return
        kept = self.load(merchant_id, entry.paid_out.source, entry.paid_out.reference)
        if kept:
            self._join(merchant_id, replace(kept, arrived=None), replace(entry, paid_out=None))

    def _join(self, merchant_id: str, kept: KeptPayout, entry: Entry) -> None:
        with translated(), TransactWrite(connection=connection()) as transaction:
            same = PaymentRow.version == kept.version
            transaction.save(_row(merchant_id, kept), condition=same)
            put_entry(transaction, merchant_id, entry)


def note_paid_out(merchant_id: str, payout: Payout, payment: str) -> None:
    """Note with a payment that is booked on an order in which payout it was."""
    row = PaymentRow(merchant_id, booked_key(payout.source, payment))
    # A conflict: it is booked on no order of ours.
    with suppress(Conflict), translated():
        row.update([PaymentRow.payout.set(payout.reference)], condition=PaymentRow.pk.exists())


def not_paid_out(merchant_id: str, source: str, payments: Iterable[str]) -> set[str]:
    """Return those of these payments that were in no payout yet."""
    wanted = {booked_key(source, name): name for name in payments}
    with translated():
        rows = PaymentRow.batch_get([(merchant_id, key) for key in wanted]) if wanted else ()
        known = {row.sk for row in rows if row.payout}
    return {name for key, name in wanted.items() if key not in known}


def place_of(merchant_id: str) -> str:
    """Return where the index lists the payouts."""
    return f"{merchant_id}#payouts"


def _key(source: str, reference: str) -> str:
    return f"{PREFIX}{source}#{reference}"


def _lines_key(payout: Payout, number: int) -> str:
    return f"{_key(payout.source, payout.reference)}#{number:05}"


def _plain(merchant_id: str, key: str, kind: str, payout: Payout) -> PaymentRow:
    return PaymentRow(
        merchant_id,
        key,
        kind=kind,
        source=payout.source,
        reference=payout.reference,
        amount=str(payout.amount.minor),
        currency=payout.amount.currency,
        booked_at=payout.arrived_on.isoformat(),
    )


def _row(merchant_id: str, kept: KeptPayout) -> PaymentRow:
    row = _plain(
        merchant_id, _key(kept.payout.source, kept.payout.reference), "payout", kept.payout
    )
    row.parked_of = place_of(merchant_id)
    row.since = f"{kept.payout.arrived_on.isoformat()}#{kept.payout.id}"
    row.detail = msgspec.json.encode(kept).decode()
    row.version = kept.version + 1
    return row


def _kept(row: PaymentRow) -> KeptPayout:
    found = msgspec.json.decode(row.detail or "", type=KeptPayout)
    return replace(found, version=int(row.version or 0))

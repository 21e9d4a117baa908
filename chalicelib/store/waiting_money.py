"""What the money comes to that waits for an order, at providers and at the bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain.money import Money
from chalicelib.domain.tally import Tally
from chalicelib.store.bank import State, place_of
from chalicelib.store.payments import PaymentRow
from chalicelib.store.tables import translated

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST = 5000  # beyond it a page says only that there are more
INCOMING = frozenset({"received", "bank"})
OUTGOING = frozenset({"refunded", "charged_back"})


def waiting_money(merchant_id: str) -> Tally:
    """Count what is matched to no order, suggestions among it; what went out counts against it."""
    tally = Tally()
    for row in _rows(merchant_id):
        if tally.count >= MOST:
            tally.is_more = True
            break
        sign = 1 if row.kind in INCOMING else -1 if row.kind in OUTGOING else 0
        tally.add(Money(minor=sign * int(row.amount or 0), currency=row.currency or "EUR"))
    return tally


def _rows(merchant_id: str) -> Iterator[PaymentRow]:
    waiting = (State.UNMATCHED, State.SUGGESTED)
    places = (merchant_id, *(place_of(merchant_id, state) for state in waiting))
    for place in places:
        with translated():
            yield from PaymentRow.parked.query(
                place, attributes_to_get=["pk", "sk", "kind", "amount", "currency"]
            )

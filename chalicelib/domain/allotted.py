"""Which invoice the money of an order belongs to, where each of its parcels has one.

Money pays the oldest invoice that is open, and what is left of it the next ones. What goes back
for goods leaves the invoice that is corrected by it, all else first what is paid too much, then the
newest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import balance, bills, events, states
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from chalicelib.domain.bills import Bill
    from chalicelib.domain.order import Order

# By what an invoice refers to: minor units of a movement. "" is what no invoice claims yet.
Shares = tuple[tuple[str, int], ...]
_IN = (
    events.PaymentReceived,
    events.VoucherRedeemed,
    events.WriteOffRecorded,
    events.ChargebackReversed,
    events.RefundFailed,
)
_OUT = (events.RefundRecorded, events.ChargebackRecorded)


def shares(order: Order, bill: Bill) -> Mapping[events.Movement, Shares]:
    """Return what each movement moves on the invoices of parcels; its shares add up to it."""
    walk = _Walk(order, bill)
    for fact in order.facts:
        walk.go(fact)
    return walk.found


class _Walk:
    """The order's money, fact by fact: what each invoice still claims, and what lies on it."""

    def __init__(self, order: Order, bill: Bill) -> None:
        self.found: dict[events.Movement, Shares] = {}
        self._order = order
        self._open = {x.refers_to: bills.claim(order, x).minor for x in bill.parcels}
        self._newest = bill.invoice.refers_to
        self._rest = self._newest if bills.is_all_billed(order) else ""
        self._lies = {"": 0, **dict.fromkeys(self._open, 0)}

    def go(self, fact: events.Fact) -> None:
        """Take the next fact."""
        if isinstance(fact, events.ReturnCredited):
            name = balance.correction_name(fact)
            if original := bills.of_cause(self._order, name):
                part = balance.corrections(self._order)[0][name]
                self._open[original.refers_to] -= part.minor
        elif isinstance(fact, events.MovementUndone):
            for one in self._named(fact.of_source, fact.of_reference):
                self._lay(one, self.found[one], is_back=True)
        elif isinstance(fact, events.Movement):
            self.found[fact] = found = self._shares(fact)
            self._lay(fact, found)

    def _shares(self, fact: events.Movement) -> Shares:
        if fact.amount.minor > 0 and isinstance(fact, _IN) and not _is_word(fact):
            return self._as_it_left(fact) or _together(self._coming(fact.amount.minor))
        if fact.amount.minor > 0 and isinstance(fact, _OUT):
            return _together(self._going(fact))
        return ((self._newest, fact.amount.minor),)

    def _coming(self, left: int) -> Iterator[tuple[str, int]]:
        for name, claimed in self._open.items():
            if part := min(max(claimed, 0), left):
                left -= part
                yield name, part
        if left:
            yield self._rest, left

    def _going(self, fact: events.Movement) -> Iterator[tuple[str, int]]:
        left = fact.amount.minor
        about, corrected = self._corrected(fact)
        if corrected:
            left -= corrected
            yield about, corrected
        over = [name for name, claimed in self._open.items() if claimed < 0]
        for name in dict.fromkeys(["", *over, *reversed(self._open)]):
            lies = self._lies[name] - (corrected if name == about else 0)
            if part := min(max(lies, 0), left):
                left -= part
                yield name, part
        if left:
            yield self._newest, left

    def _corrected(self, fact: events.Movement) -> tuple[str, int]:
        """Return the invoice that a refund has corrected, and by how much."""
        if not isinstance(fact, events.RefundRecorded):
            return "", 0
        name = balance.correction_name(fact)
        original = bills.of_cause(self._order, name)
        if original is None or not states.document(self._order, "credit_note", name):
            return "", 0
        part = balance.corrections(self._order)[0].get(name, Money.zero(fact.amount.currency))
        return original.refers_to, min(part.minor, fact.amount.minor)

    def _as_it_left(self, fact: events.Movement) -> Shares | None:
        """Return the shares of what comes back now: a dispute that was won, a failed refund."""
        if not isinstance(fact, events.ChargebackReversed | events.RefundFailed):
            return None
        gone = (x for x in self._named("", fact.reference) if isinstance(x, _OUT))
        return next((self.found[x] for x in gone if x.amount == fact.amount), None)

    def _named(self, source: str, reference: str) -> list[events.Movement]:
        return [x for x in self.found if x.reference == reference and source in {"", x.source}]

    def _lay(self, fact: events.Movement, found: Shares, *, is_back: bool = False) -> None:
        """Change what lies on invoices and what they claim; a correction claims less itself."""
        if _is_word(fact) or not isinstance(fact, (*_IN, *_OUT, events.DunningFeeCharged)):
            return
        about, corrected = self._corrected(fact)
        sign = (1 if isinstance(fact, _IN) else -1) * (-1 if is_back else 1)
        for name, part in found:
            is_money = not isinstance(fact, events.DunningFeeCharged)
            self._lies[name] += sign * part * is_money
            if name:
                self._open[name] -= sign * part
        if corrected and not is_back:
            self._open[about] -= corrected


def _together(parts: Iterator[tuple[str, int]]) -> Shares:
    """Return parts, those of one invoice added up."""
    found = dict[str, int]()
    for name, part in parts:
        found[name] = found.get(name, 0) + part
    return tuple(found.items())


def _is_word(fact: events.Movement) -> bool:
    """Tell whether it is only the shop's word, which repeats what a source shows."""
    return isinstance(fact, events.PaymentReceived) and fact.source == "shop"

"""What the bookings of payments name of an order: its customer, and the invoice they are for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chalicelib.domain import allotted, bills, by_delivery, events
from chalicelib.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.events import DocumentIssued
    from chalicelib.domain.order import Order

# The frozen facts of an order's invoices, by what they refer to.
Invoices = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """What a booking names of its order: customer, invoice (or order) and the invoice's facts."""

    customer: str
    number: str
    order_number: str
    facts: Mapping[str, Any]


def is_enough(invoices: Invoices) -> bool:
    """Tell whether invoices alone say which one money is for: there is one over all the order."""
    return len(invoices) == 1 and not any(x.startswith(by_delivery.PARCEL) for x in invoices)


class Papers:
    """What an order's movements name, as it was known at a moment."""

    def __init__(
        self, order_id: str, invoices: Invoices, order: Order | None, until: datetime
    ) -> None:
        """Read the order as it was then, so that a batch that is written again is the same."""
        self._id, self._invoices = order_id, invoices
        self._order = order and replace(
            order, facts=tuple(fact for fact in order.facts if fact.at <= until)
        )
        self._bill = bills.last(self._order) if self._order else None
        self._shares: Mapping[events.Movement, allotted.Shares] = {}
        if self._order and self._bill and self._bill.parcels:
            self._shares = allotted.shares(self._order, self._bill)

    def of(self, fact: events.Movement) -> Iterator[tuple[Paper, events.Movement]]:
        """Yield what a movement names, with the part of it that is for that invoice."""
        if fact not in self._shares:
            yield self.whole, fact
            return
        for name, minor in self._shares[fact]:
            part = replace(fact, amount=Money(minor=minor, currency=fact.amount.currency))
            yield self._of_parcel(name), part

    @property
    def whole(self) -> Paper:
        """What is named where nothing is split: the invoice that counts, or else the order."""
        if self._bill:
            return self._paper(self._bill.invoice)
        only = next(iter(self._invoices.values())) if len(self._invoices) == 1 else None
        return _frozen(only) if only else self._paper(None)

    def _of_parcel(self, name: str) -> Paper:
        parcels = self._bill.parcels if self._bill else ()
        return self._paper(next((x for x in parcels if x.refers_to == name), None))

    def _paper(self, invoice: DocumentIssued | None) -> Paper:
        if invoice and (facts := self._invoices.get(invoice.refers_to)):
            return _frozen(facts)
        if self._order is None:
            return Paper(customer="", number=self._id, order_number="", facts={})
        bought = self._order.bought
        return Paper(
            customer=bought.billing.company or bought.billing.name,
            number=invoice.number if invoice else bought.number,
            order_number=bought.number,
            facts={},
        )


def _frozen(facts: Mapping[str, Any]) -> Paper:
    """Return what an invoice says of itself."""
    party = facts.get("bill_to") or {}
    return Paper(
        customer=str(party.get("company") or party.get("name") or ""),
        number=str(facts["number"]),
        order_number=str(facts.get("order_number", "")),
        facts=facts,
    )

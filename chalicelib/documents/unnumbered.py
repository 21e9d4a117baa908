"""The papers of an order that have no number of a series: for parcels, returns and reminders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.documents import credit_letter, dunning_letter, parcel_papers
from chalicelib.documents.facts import freeze
from chalicelib.domain import credit, goods
from chalicelib.domain.commands import (
    Command,
    DrawLabel,
    IssueCreditLetter,
    IssueDeliveryNote,
    IssueDunningLetter,
    IssueReturnSlip,
)
from chalicelib.domain.events import CreditBalanceTold, DunningRaised, LineQuantity

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.domain.order import Order
    from chalicelib.store.merchants import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """A paper that is ready to be filed."""

    kind: str
    frozen: dict[str, Any]
    about: str
    lines: tuple[LineQuantity, ...] = ()


def paper(order: Order, settings: Settings, command: Command, now: datetime) -> Plain | None:
    """Return the paper that a command asks for; None if it asks for none of these."""
    match command:
        case IssueReturnSlip(return_id=about):
            slip = parcel_papers.return_slip(order, settings, about, now)
            return Plain(kind="return_slip", frozen=freeze(slip), about=about)
        case IssueDeliveryNote(shipment=shipment, lines=lines):
            number = f"{order.bought.number}-{shipment}"
            note = parcel_papers.delivery_note(order, settings, lines, number=number, now=now)
            about = str(shipment)
            return Plain(kind="delivery_note", frozen=freeze(note), about=about, lines=lines)
        case IssueDunningLetter(level=level):
            letter = {one.level: one for one in order.all(DunningRaised)}[level]
            frozen = freeze(dunning_letter.draft(order, settings, letter))
            return Plain(kind=dunning_letter.kind_of(letter), frozen=frozen, about=str(level))
        case IssueCreditLetter(number=count):
            told = {one.number: one for one in order.all(CreditBalanceTold)}[count]
            frozen = freeze(credit_letter.draft(order, settings, told))
            return Plain(kind=credit.LETTER, frozen=frozen, about=str(count))
        case DrawLabel(shipment=shipment):
            label = parcel_papers.label(order, settings, goods.shipments(order)[shipment])
            return Plain(kind="label", frozen=freeze(label), about=str(shipment))
    return None

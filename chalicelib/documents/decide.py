"""Which documents the order needs next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.domain import (
    billing,
    bills,
    by_delivery,
    credit,
    dunning,
    events,
    goods,
    states,
    waiting,
)
from chalicelib.domain.commands import (
    Command,
    DrawLabel,
    FinishCancellation,
    FinishInvoice,
    IssueCancellation,
    IssueCreditLetter,
    IssueCreditNote,
    IssueDeliveryNote,
    IssueDunningLetter,
    IssueInvoice,
    IssuePartialInvoice,
    IssueReturnSlip,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.domain.order import Order


def decide(order: Order, now: datetime) -> Iterator[Command]:
    """Say what to issue: the invoice, the next parcel's papers, corrections."""
    if billing.is_due(order):
        yield IssueInvoice()
    if parcel := by_delivery.due(order):
        yield IssuePartialInvoice(shipment=parcel)
    if waiting.is_ready_to_ship(order, now):
        # One at a time: the next note says what has gone with this one.
        number = len(goods.delivery_notes(order)) + 1
        yield IssueDeliveryNote(shipment=number, lines=goods.parcels(order)[0])
    yield from _labels(order)
    yield from _credit_notes(order)
    yield from _return_slips(order)
    letter = dunning.letter(order)
    if letter and not states.document(order, dunning.LETTERS[letter.level], str(letter.level)):
        yield IssueDunningLetter(level=letter.level)
    told = credit.letter(order)
    if told and not states.document(order, credit.LETTER, str(told.number)):
        yield IssueCreditLetter(number=told.number)


def decide_at_work(order: Order, now: datetime) -> Iterator[Command]:
    """Say what to issue, and to look for an invoice or a cancellation whose writer has died.

    Only its message, which comes back, has to look: orders do not wait for it.
    """
    # Who issues an invoice finds it anyway, if its number is drawn.
    if billing.may_be_drawn(order) and not billing.is_due(order):
        yield FinishInvoice()
    if bills.may_be_cancelled(order):
        yield FinishCancellation()
    yield from decide(order, now)


def _labels(order: Order) -> Iterator[Command]:
    for number, shipment in goods.shipments(order).items():
        if not shipment.has_label and not states.document(order, "label", str(number)):
            yield DrawLabel(shipment=number)


def _credit_notes(order: Order) -> Iterator[Command]:
    bill = bills.last(order)
    if bill is None:
        return
    for name in bills.to_correct(order, bill):
        yield IssueCreditNote(refund=name)
    if bills.uncorrected(order, bill).minor > 0:
        yield IssueCancellation()


def _return_slips(order: Order) -> Iterator[Command]:
    for back in order.all(events.ReturnAuthorized):
        is_on_its_way = states.return_of(order, back.return_id) is states.Return.AUTHORIZED
        if is_on_its_way and not states.document(order, "return_slip", back.return_id):
            yield IssueReturnSlip(return_id=back.return_id)

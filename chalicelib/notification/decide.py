"""Which mails a customer shall get next: read from the facts, never remembered elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.domain import (
    balance,
    billing,
    bills,
    by_delivery,
    credit,
    dunning,
    events,
    goods,
    states,
)
from chalicelib.domain.commands import Command, SendMail
from chalicelib.domain.order import Order

# How long a mail that carries the invoice waits for it; after that it goes out without.
PATIENCE = timedelta(minutes=10)
GONE = frozenset({states.Payment.REFUNDED, states.Payment.CHARGED_BACK})


def decide(order: Order, now: datetime) -> Iterator[Command]:
    """Yield every mail that is due: not sent yet, not under way, and still true."""
    if not order.bought.email:
        return
    sent = {(fact.kind, fact.refers_to) for fact in order.all(events.MessageSent)}
    for mail in _wanted(order, now):
        is_new = (mail.kind, mail.refers_to) not in sent
        if is_new and not order.is_held(mail.key) and order.is_due(mail.key, now):
            yield mail


def _wanted(order: Order, now: datetime) -> Iterator[SendMail]:
    if states.is_cancelled(order):
        yield from _cancelled(order, now)
    else:
        yield SendMail(kind="order_confirmation")
        yield from _changed(order)
        yield from _replaced(order)
        yield from _paid(order, now)
        yield from _shipped(order, now)
        yield from _returned(order, now)
        yield from _credited(order)
        yield from _reminded(order, now)
        yield from _told_of_credit(order, now)
    yield from _refunded(order)


def _changed(order: Order) -> Iterator[SendMail]:
    """Tell of the newest change of what was confirmed, and that a cancellation was taken back."""
    begun = {fact.effect for fact in order.all(events.EffectIntended)}
    backs = order.all(events.OrderReinstated)
    if backs and SendMail(kind="order_cancelled", refers_to=_which(len(backs) - 1)).key in begun:
        yield SendMail(kind="order_reinstated", refers_to=str(len(backs)))
    revisions = [fact for fact in order.all(events.OrderRevised) if fact.is_about_goods]
    is_apart = not revisions or _is_told_with_invoice(order, revisions[-1])
    if order.policy.mail_on_change and not is_apart and _is_confirmed(order, revisions[-1]):
        yield SendMail(kind="order_changed", refers_to=str(len(revisions)))


def _replaced(order: Order) -> Iterator[SendMail]:
    """Tell of a corrected invoice, once both documents are there."""
    bill, withdrawn = bills.last(order), bills.replaced(order)
    if withdrawn and bill and not bill.is_ended:
        yield SendMail(kind="invoice_corrected", refers_to=str(bill.number))


def _is_told_with_invoice(order: Order, revision: events.OrderRevised) -> bool:
    """Tell whether a revision came with the withdrawal of its invoice, which is told apart."""
    return any(fact.at == revision.at for fact in order.all(events.InvoiceWithdrawn))


def _is_confirmed(order: Order, revision: events.OrderRevised) -> bool:
    """Tell whether a confirmation may have gone out that says what was true before a revision."""
    before = order.facts[: order.facts.index(revision)]
    key = SendMail(kind="order_confirmation").key
    return any(isinstance(x, events.EffectIntended) and x.effect == key for x in before)


def _which(number: int) -> str:
    """Tell cancellations apart: the first has no number."""
    return str(number) if number else ""


def _cancelled(order: Order, now: datetime) -> Iterator[SendMail]:
    """Say so unless the order came in cancelled: then the customer knows from the shop."""
    fact = next(iter(states.cancellations(order)), None)
    if fact and fact.at != order.received.at and not _awaits_cancellation(order, fact.at, now):
        number = len(order.all(events.OrderReinstated))
        yield SendMail(kind="order_cancelled", refers_to=_which(number))


def _awaits_cancellation(order: Order, since: datetime, now: datetime) -> bool:
    """Give the documents step a moment to take the invoice back, in what travels with the mail."""
    bill = bills.last(order)
    is_coming = bill is not None and bills.uncorrected(order, bill).minor > 0
    return is_coming and now - since < PATIENCE


def _paid(order: Order, now: datetime) -> Iterator[SendMail]:
    if not balance.is_paid(order) or order.bought.total.minor <= 0:
        return
    if states.payment(order) in GONE or is_told_with_confirmation(order):
        return
    if _is_settled_by_return(order):
        return
    if order.bought.physical() or not _awaits_invoice(order, _settled_at(order), now):
        yield SendMail(kind="payment_received")


def _is_settled_by_return(order: Order) -> bool:
    """Tell whether no money came since goods came back: of them there is a mail of its own."""
    moves = (events.PaymentReceived, events.VoucherRedeemed, events.ReturnCredited)
    newest = next((fact for fact in reversed(order.facts) if isinstance(fact, moves)), None)
    return isinstance(newest, events.ReturnCredited)


def _shipped(order: Order, now: datetime) -> Iterator[SendMail]:
    for number, shipment in sorted(goods.shipments(order).items()):
        if not _awaits_invoice(order, shipment.at, now):
            yield SendMail(kind="shipping_confirmation", refers_to=str(number))


def _returned(order: Order, now: datetime) -> Iterator[SendMail]:
    """Tell of a return that was agreed to, with the slip for its parcel."""
    for fact in order.all(events.ReturnAuthorized):
        is_missing = states.document(order, "return_slip", fact.return_id) is None
        is_soon = is_missing and now - fact.at < PATIENCE
        is_agreed = states.return_of(order, fact.return_id) is states.Return.AUTHORIZED
        if is_agreed and not is_soon:
            yield SendMail(kind="return_authorized", refers_to=fact.return_id)


def _credited(order: Order) -> Iterator[SendMail]:
    """Tell what is left to pay after goods came back, with the corrected invoice."""
    parts, _ = balance.corrections(order)
    waiting = _uncorrected(order)
    for fact in order.all(events.ReturnCredited):
        name = balance.correction_name(fact)
        if parts[name] and name not in waiting:
            yield SendMail(kind="return_credited", refers_to=fact.return_id)


def _reminded(order: Order, now: datetime) -> Iterator[SendMail]:
    """Send the newest letter, with its document, as long as what it says is true."""
    letter = dunning.letter(order)
    if letter:
        kind = dunning.LETTERS[letter.level]
        is_missing = states.document(order, kind, str(letter.level)) is None
        if not is_missing or now - letter.at >= PATIENCE:
            yield SendMail(kind=kind)


def _told_of_credit(order: Order, now: datetime) -> Iterator[SendMail]:
    """Send the newest letter about money that is the customer's, as long as it is true."""
    told = credit.letter(order)
    if told:
        about = str(told.number)
        is_missing = states.document(order, credit.LETTER, about) is None
        if not is_missing or now - told.at >= PATIENCE:
            yield SendMail(kind=credit.LETTER, refers_to=about)


def _refunded(order: Order) -> Iterator[SendMail]:
    waiting = _uncorrected(order)
    for fact in balance.refunds(order):
        if balance.correction_name(fact) not in waiting:
            yield SendMail(kind="refund_confirmation", refers_to=fact.reference)


def _uncorrected(order: Order) -> set[str]:
    """Return the refunds and returns by which the invoice is still to be corrected."""
    bill = bills.last(order)
    return {*bills.to_correct(order, bill)} if bill else set()


def is_told_with_confirmation(order: Order) -> bool:
    """Tell whether the confirmation says "paid" too, because the order arrived paid in full."""
    on_arrival = order.received.at
    paid = sum(f.amount.minor for f in order.all(events.PaymentReceived) if f.at == on_arrival)
    return order.policy.merge_payment_mail and 0 < order.bought.total.minor <= paid


def _settled_at(order: Order) -> datetime:
    last = order.last(events.PaymentReceived)
    return last.at if last else order.received.at


def _awaits_invoice(order: Order, since: datetime, now: datetime) -> bool:
    """Give the documents step a moment to issue the invoice that travels with this mail."""
    bill = bills.last(order)
    is_ended = bill is not None and bill.is_ended
    is_coming = billing.is_due(order) or is_ended or by_delivery.due(order) > 0
    return is_coming and now - since < PATIENCE

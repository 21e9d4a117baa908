"""The invoices of an order, one after the other: which one counts, and what takes it back.

An invoice ends when a person withdraws it, or when a cancelled order comes back after a part of
its invoice was taken back. The rest of it is taken back then, and the next invoice is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.domain import balance, by_delivery, events, states
from chalicelib.domain.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.domain.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """The n-th invoice of an order, with the facts (from `begin` to `end`) that correct it.

    What is billed by delivery has one for each parcel (`parcels`), of which this is the newest.
    """

    number: int
    invoice: events.DocumentIssued
    parcels: tuple[events.DocumentIssued, ...] = ()
    begin: int = 0
    end: int
    is_ended: bool = False

    @property
    def cancelled(self) -> str:
        """What the document refers to that takes back all that is left of it."""
        return _cancelled(self.number)


def name_of(number: int) -> str:
    """Return what the n-th invoice of an order refers to; the first one to nothing."""
    return "" if number == 1 else str(number)


def _cancelled(number: int) -> str:
    return balance.CANCELLED if number == 1 else f"{balance.CANCELLED}:{number}"


def next_number(order: Order) -> int:
    """Return which invoice of the order is the one that counts, drawn or not."""
    return len(_ends(order)) + 1


def last(order: Order) -> Bill | None:
    """Return the newest invoice with what belongs to it; None if there is none."""
    return next(reversed(every(order)), None)


def every(order: Order) -> list[Bill]:
    """Return all invoices of an order, oldest first."""
    if parcels := by_delivery.invoices(order):
        until = len(order.facts)
        return [Bill(number=1, invoice=parcels[-1], parcels=parcels, end=until)]
    ends = _ends(order)
    bounds = [0, *(end + 1 for end in ends), len(order.facts)]
    found = []
    for number in range(1, len(ends) + 2):
        if invoice := states.document(order, "invoice", name_of(number)):
            begin, end = bounds[number - 1 : number + 1]
            is_ended = number <= len(ends)
            found.append(
                Bill(number=number, invoice=invoice, begin=begin, end=end, is_ended=is_ended)
            )
    return found


def standing(order: Order) -> events.DocumentIssued | None:
    """Return the invoice that binds us to what was bought; None if a new one may be drawn."""
    bill = last(order)
    return bill.invoice if bill and not bill.is_ended else None


def replaced(order: Order) -> events.InvoiceWithdrawn | None:
    """Return what withdrew the invoice before the one that counts; None if nothing did."""
    ends = _ends(order)
    end = order.facts[ends[-1]] if ends else None
    return end if isinstance(end, events.InvoiceWithdrawn) else None


def is_wanted(order: Order) -> bool:
    """Tell whether the invoice that counts may be drawn: what was before it is taken back."""
    bill = last(order)
    return bill is None or (bill.is_ended and is_taken_back(order, bill))


def is_taken_back(order: Order, bill: Bill) -> bool:
    """Tell whether corrections have taken back all of an invoice."""
    if _whole(order, bill):
        return True
    return bill.is_ended and not _left(order, bill) and not any(to_correct(order, bill))


def to_correct(order: Order, bill: Bill) -> Iterator[str]:
    """Yield the refunds and returns that an invoice is still to be corrected by, by their names.

    Not by what came after all of it was taken back, whichever was recorded first.
    """
    parts, whole, left = balance.corrections(order)[0], _whole(order, bill), _left(order, bill)
    is_bound = whole is not None or bool(bill.parcels)
    for name in _causes(order, bill):
        if _is_of_later_parcel(order, bill, name):
            continue
        part = parts[name]
        is_open = part.minor > 0 and states.document(order, "credit_note", name) is None
        if is_open and (not is_bound or part <= left):
            left -= part
            yield name


def uncorrected(order: Order, bill: Bill) -> Money:
    """Return what a correction is still to take back of an invoice that ended or is off.

    Nothing of a cancelled order while money is to go back: its refund corrects the invoice first.
    """
    nothing = Money.zero(order.bought.currency)
    is_off = states.is_cancelled(order) and not bill.is_ended
    is_over = bill.is_ended or (is_off and balance.kept(order).minor <= 0)
    if not is_over or _whole(order, bill):
        return nothing
    parts = balance.corrections(order)[0]
    waiting = total((parts[name] for name in to_correct(order, bill)), nothing.currency)
    return max(_left(order, bill) - waiting, nothing)


def may_be_cancelled(order: Order) -> Bill | None:
    """Return an invoice whose cancellation may be drawn and not recorded, for it was off once."""
    bill = last(order) if order.has(events.OrderCancelled) else None
    return bill if bill and _whole(order, bill) is None else None


def _is_of_later_parcel(order: Order, bill: Bill, name: str) -> bool:
    """Tell whether a refund may be of goods that no invoice claims yet."""
    if not bill.parcels or _claimed(order, bill) >= order.bought.total:
        return False
    return not balance.cause_of(order, name).return_id


def _claimed(order: Order, bill: Bill) -> Money:
    """Return what an invoice claims, or those of all parcels together."""
    claims = [claim(order, one) for one in bill.parcels or (bill.invoice,)]
    return total(claims, order.bought.currency)


def claim(order: Order, invoice: events.DocumentIssued) -> Money:
    """Return what an invoice claims; of an older one, what the order costs."""
    return invoice.amount or order.bought.total


def corrections_of(order: Order, bill: Bill) -> list[events.DocumentIssued]:
    """Return the documents that took back something of an invoice, oldest first."""
    names = {*_causes(order, bill), bill.cancelled}
    kinds = {"credit_note", "cancellation"}
    issued = order.all(events.DocumentIssued)
    return [x for x in issued if x.kind in kinds and x.refers_to in names]


def of_cause(order: Order, name: str) -> events.DocumentIssued | None:
    """Return the invoice that a refund or return corrects."""
    bill = last(order)
    if bill is None or name not in _causes(order, bill):
        return None
    if bill.parcels:
        return by_delivery.original(order, balance.cause_of(order, name).return_id)
    return bill.invoice


def is_all_billed(order: Order) -> bool:
    """Tell whether the invoices claim all that the order costs."""
    bill = last(order)
    return bill is not None and (not bill.parcels or _claimed(order, bill) >= order.bought.total)


def _whole(order: Order, bill: Bill) -> events.DocumentIssued | None:
    """Return the document that takes back all that was left of an invoice."""
    kinds = ("cancellation", "credit_note")
    found = (states.document(order, kind, bill.cancelled) for kind in kinds)
    return next(filter(None, found), None)


def _left(order: Order, bill: Bill) -> Money:
    """Return what no document has taken back of an invoice yet."""
    parts, nothing = balance.corrections(order)[0], Money.zero(order.bought.currency)
    taken = {
        name: issued.amount or parts[name]
        for name in _causes(order, bill)
        if (issued := states.document(order, "credit_note", name))
    }
    left = _claimed(order, bill) - total(taken.values(), nothing.currency)
    whole = _whole(order, bill)
    if whole is None:
        return max(left, nothing)
    if whole.amount:
        return max(left - whole.amount, nothing)
    # Of an older document only its place says what was to be corrected beside it.
    since = order.facts.index(whole)
    earlier = _causes(order, bill, until=since)
    waiting = (parts[name] for name in earlier if name not in taken)
    return total(waiting, nothing.currency)


def _causes(order: Order, bill: Bill, until: int | None = None) -> list[str]:
    """Return the names of the refunds and returns that concern an invoice, oldest first."""
    facts = order.facts[bill.begin : bill.end if until is None else min(bill.end, until)]
    refunds = [x for x in facts if isinstance(x, events.RefundRecorded)]
    credits_given = [x for x in facts if isinstance(x, events.ReturnCredited)]
    return [*map(balance.correction_name, refunds), *map(balance.correction_name, credits_given)]


def _ends(order: Order) -> list[int]:
    """Return where the order's invoices ended, oldest first."""
    if not (order.has(events.InvoiceWithdrawn) or order.has(events.OrderReinstated)):
        return []
    found, since = list[int](), -1
    for index, fact in enumerate(order.facts):
        number = len(found) + 1
        invoice = states.document(order, "invoice", name_of(number))
        if isinstance(fact, events.InvoiceWithdrawn):
            is_it = invoice is not None and invoice.number == fact.number
            found += [index] if is_it else []
        elif isinstance(fact, events.OrderCancelled) and since < 0:
            since = index
        elif isinstance(fact, events.OrderReinstated) and since >= 0:
            is_before = invoice is not None and order.facts.index(invoice) < index
            found += [index] if is_before and _is_touched(order, number, since, index) else []
            since = -1
    return found


def _is_touched(order: Order, number: int, since: int, until: int) -> bool:
    """Tell whether a part of an invoice was taken back while its order was off."""
    about = _cancelled(number)
    if any(x.refers_to == about for x in order.all(events.DocumentIssued)):
        return True
    parts, off = balance.corrections(order)[0], balance.given_back_while_off(order)
    refunds = (x for x in order.facts[since:until] if isinstance(x, events.RefundRecorded))
    names = (balance.correction_name(fact) for fact in refunds)
    return any(name in off and parts[name].minor > 0 for name in names)

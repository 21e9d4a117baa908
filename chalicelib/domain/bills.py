"""The invoices of an order, one after the other: which one counts, and what takes it back.

An invoice ends when a person withdraws it, or when a cancelled order comes back after a part of
its invoice was taken back. The rest of it is taken back then, and the next invoice is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chalicelib.domain import balance, events, states
from chalicelib.domain.money import Money, total

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.domain.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """The n-th invoice of an order, with the facts (from `begin` to `end`) that correct it."""

    number: int
    invoice: events.DocumentIssued
    begin: int
    end: int
    is_ended: bool

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
    ends = _ends(order)
    bounds = [0, *(end + 1 for end in ends), len(order.facts)]
    for number in range(len(ends) + 1, 0, -1):
        if invoice := states.document(order, "invoice", name_of(number)):
            return Bill(
                number=number,
                invoice=invoice,
                begin=bounds[number - 1],
                end=bounds[number],
                is_ended=number <= len(ends),
            )
    return None


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
    for name in _causes(order, bill):
        part = parts[name]
        is_open = part.minor > 0 and states.document(order, "credit_note", name) is None
        if is_open and (whole is None or part <= left):
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


def claim(order: Order, invoice: events.DocumentIssued) -> Money:
    """Return what an invoice claims; of an older one, what the order costs."""
    return invoice.amount or order.bought.total


def of_cause(order: Order, name: str) -> Bill | None:
    """Return the invoice that a refund or return corrects."""
    bill = last(order)
    return bill if bill and name in _causes(order, bill) else None


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
    left = claim(order, bill.invoice) - total(taken.values(), nothing.currency)
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

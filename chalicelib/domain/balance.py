"""What an order's ledger adds up to: what came in, went back, is owed or was let go."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from chalicelib.domain import events
from chalicelib.domain.money import Money, total

if TYPE_CHECKING:
    from chalicelib.domain.order import Order

M = TypeVar("M", bound=events.Movement)
# What corrections of an invoice are called that are about no refund, and those that seem so.
CANCELLED, RETURN, REFUND = "cancelled", "return:", "refund:"


class _Settled(NamedTuple):
    """What refunds and returns have done: parts of the sale by correction, surplus, fees back."""

    parts: dict[str, Money]
    surplus: Money
    fees: Money


def received_amount(order: Order) -> Money:
    """Return the money that came in; the shop's word counts only as far as no source shows it.

    The shop tells a sum so far, so its words do not add up: the highest counts. A voucher that was
    redeemed counts as money.
    """
    nothing, facts = Money.zero(order.bought.currency), standing(order, events.PaymentReceived)
    told = [fact.amount for fact in facts if fact.source == "shop"]
    seen = [fact.amount for fact in facts if fact.source != "shop"]
    seen += [fact.amount for fact in standing(order, events.VoucherRedeemed)]
    return max(*told, nothing, total(seen, nothing.currency))


def standing(order: Order, kind: type[M]) -> tuple[M, ...]:
    """Return the movements of a kind that nobody has undone."""
    undone = _undone(order.facts)
    return tuple(x for x in order.all(kind) if (x.source, x.reference) not in undone)


def _undone(facts: tuple[events.Fact, ...]) -> set[tuple[str, str]]:
    return {(x.of_source, x.of_reference) for x in facts if isinstance(x, events.MovementUndone)}


def forgiven(order: Order) -> Money:
    """Return what need not be paid any more."""
    amounts = (fact.amount for fact in standing(order, events.WriteOffRecorded))
    return total(amounts, order.bought.currency)


def owed(order: Order) -> Money:
    """Return what the order costs the customer in all, dunning fees among it."""
    return order.bought.total - credited(order) + dunning_fees(order)


def dunning_fees(order: Order) -> Money:
    """Return the dunning fees that nobody has waived and no refund has given back."""
    charged = (fact.amount for fact in standing(order, events.DunningFeeCharged))
    return total(charged, order.bought.currency) - fees_back(order)


def fees_back(order: Order) -> Money:
    """Return the dunning fees that were paid and that a refund has given back."""
    has_both = order.has(events.RefundRecorded) and order.has(events.DunningFeeCharged)
    return _settled(order).fees if has_both else Money.zero(order.bought.currency)


def correction_name(cause: events.RefundRecorded | events.ReturnCredited) -> str:
    """Return what the correction of an invoice refers to: a refund, or goods that came back."""
    if isinstance(cause, events.ReturnCredited):
        return f"{RETURN}{cause.return_id}"
    return refund_name(cause.reference)


def refund_name(reference: str) -> str:
    """Return what the correction by a refund is called, whatever reference a person has given it.

    A name of ours, of a return or the cancellation, is never that of a refund.
    """
    is_ours = reference == CANCELLED or reference.startswith((f"{CANCELLED}:", RETURN, REFUND))
    return f"{REFUND}{reference}" if is_ours else reference


def cause_of(order: Order, name: str) -> events.RefundRecorded | events.ReturnCredited:
    """Return the refund or return that a correction refers to."""
    credit = (x for x in order.all(events.ReturnCredited) if correction_name(x) == name)
    refund = (x for x in order.all(events.RefundRecorded) if correction_name(x) == name)
    return next(credit, None) or next(refund)


def credited(order: Order) -> Money:
    """Return what is not owed any more because unpaid goods came back."""
    credits_given = order.all(events.ReturnCredited)
    parts = corrections(order)[0] if credits_given else {}
    return total((parts[correction_name(x)] for x in credits_given), order.bought.currency)


def given_back_while_off(order: Order) -> frozenset[str]:
    """Return by name the refunds of an order that was off then and has come back since.

    They ended a sale that goes on: what they gave back is to be paid again.
    """
    off, found, has_left = list[str](), set[str](), False
    is_off = False
    for fact in order.facts:
        if isinstance(fact, events.ShipmentRegistered):
            has_left = True
        elif isinstance(fact, events.OrderCancelled):
            is_off = is_off or not has_left
        elif isinstance(fact, events.OrderReinstated):
            found.update(off)
            is_off, off = False, []
        elif isinstance(fact, events.RefundRecorded) and is_off:
            off.append(correction_name(fact))
    return frozenset(found)


def is_promised(order: Order) -> bool:
    """Tell whether a provider has promised money and has not taken that back."""
    voided = {(fact.source, fact.reference) for fact in order.all(events.AuthorizationVoided)}
    promises = order.all(events.PaymentAuthorized)
    return any((fact.source, fact.reference) not in voided for fact in promises)


def kept(order: Order) -> Money:
    """Return the money that came in and has not gone back."""
    gone = total((fact.amount for fact in refunds(order)), order.bought.currency)
    return received_amount(order) - gone - disputed(order)


def refunds(order: Order) -> tuple[events.RefundRecorded, ...]:
    """Return the refunds that reached the customer, as far as is known."""
    failed = _failed(order)
    return tuple(x for x in order.all(events.RefundRecorded) if x.reference not in failed)


def _failed(order: Order) -> set[str]:
    """Return the refunds that did not arrive, and those that were booked by mistake."""
    undone = _undone(order.facts)
    mistaken = {
        fact.reference
        for fact in order.all(events.RefundRecorded)
        if (fact.source, fact.reference) in undone
    }
    return mistaken | {fact.reference for fact in order.all(events.RefundFailed)}


def disputed(order: Order) -> Money:
    """Return what the customer's bank took back and has not returned."""
    return _taken_back(order.facts, order.bought.currency, _undone(order.facts))


def _taken_back(
    facts: tuple[events.Fact, ...], currency: str, undone: set[tuple[str, str]]
) -> Money:
    """Add up the disputes, each by its name: what comes back of one makes up for no other."""
    gone: dict[str, int] = {}
    for fact in facts:
        if not isinstance(fact, events.ChargebackRecorded | events.ChargebackReversed):
            continue
        if (fact.source, fact.reference) not in undone:
            sign = 1 if isinstance(fact, events.ChargebackRecorded) else -1
            gone[fact.reference] = gone.get(fact.reference, 0) + sign * fact.amount.minor
    return Money(minor=sum(max(minor, 0) for minor in gone.values()), currency=currency)


def corrections(order: Order) -> tuple[dict[str, Money], Money]:
    """Return by refund how much of it corrects the invoice, and what is still paid too much.

    A refund gives back first what came in beyond what was owed then; only the rest takes back a
    part of the sale, once the dunning fees are given back. What goes back for a return always does,
    unless the return was credited: that took its part of the sale back, paid or not.
    A refund that failed has corrected the invoice all the same: the money is still the customer's,
    and the next refund brings it.
    """
    return _settled(order)[:2]


def _settled(order: Order) -> _Settled:
    nothing = Money.zero(order.bought.currency)
    owed, gone, again, parts = order.bought.total, nothing, nothing, dict[str, Money]()
    failed, undone = _failed(order), _undone(order.facts)
    ended = given_back_while_off(order)
    charged, fees, given = standing(order, events.DunningFeeCharged), nothing, nothing
    off = nothing
    for index, fact in enumerate(order.facts):
        if isinstance(fact, events.DunningFeeCharged):
            fees += fact.amount if fact in charged else nothing
        elif isinstance(fact, events.ChargebackRecorded | events.ChargebackReversed):
            gone -= _taken_back(order.facts[:index], nothing.currency, undone)
            gone += _taken_back(order.facts[: index + 1], nothing.currency, undone)
        elif isinstance(fact, events.ReturnCredited):
            part = parts[correction_name(fact)] = max(
                min(_uncredited(order, fact, parts), owed), nothing
            )
            owed -= part
        elif isinstance(fact, events.OrderReinstated):
            owed, off = owed + off, nothing
        elif isinstance(fact, events.RefundRecorded):
            came = received_amount(replace(order, facts=order.facts[:index]))
            is_return = fact.return_id and f"{RETURN}{fact.return_id}" not in parts
            surplus = again if is_return else max(came - gone - owed - fees, nothing)
            part = max(fact.amount - surplus, nothing)
            waived = min(fees, max(part - owed, nothing) if is_return else part)
            part = parts[correction_name(fact)] = part - waived
            again = max(again - fact.amount, nothing)
            owed, fees, given = owed - part, fees - waived, given + waived
            off += part if correction_name(fact) in ended else nothing
            if fact.reference in failed:
                again += part
            else:
                gone += fact.amount
    left = max(received_amount(order) - gone - owed - fees, nothing)
    return _Settled(parts=parts, surplus=left, fees=given)


def _uncredited(order: Order, credit: events.ReturnCredited, parts: dict[str, Money]) -> Money:
    """Return how much of a return no refund has taken back before."""
    refunds = (x for x in order.all(events.RefundRecorded) if x.return_id == credit.return_id)
    names = (correction_name(x) for x in refunds)
    done = (parts[name] for name in names if name in parts)
    rest = credit.amount - total(done, order.bought.currency)
    return max(rest, Money.zero(order.bought.currency))


def due_back(order: Order, return_id: str) -> Money:
    """Return what the customer is still to get for a return that is in.

    If it was credited, only what is paid beyond the rest: a payment that was undone is none.
    """
    nothing = Money.zero(order.bought.currency)
    due = next((x for x in order.all(events.RefundDue) if x.return_id == return_id), None)
    if due is None or any(x.return_id == return_id for x in refunds(order)):
        return nothing
    is_credited = any(x.return_id == return_id for x in order.all(events.ReturnCredited))
    return min(due.amount, surplus(order)) if is_credited else due.amount


def is_void(order: Order) -> bool:
    """Tell whether all came back before anything was paid, so that nothing is left to settle."""
    is_back = order.has(events.ReturnCredited) and owed(order).minor <= 0
    return is_back and not received_amount(order)


def surplus(order: Order) -> Money:
    """Return what came in beyond what is owed and has not gone back."""
    return corrections(order)[1]


def outstanding(order: Order) -> Money:
    """Return what the customer still owes; negative when too much came in and did not go back."""
    return owed(order) - received_amount(order) - forgiven(order) + surplus_back(order)


def surplus_back(order: Order) -> Money:
    """Return what went back and took no part of the sale back: surplus, and dunning fees.

    It pays for nothing any more, should it turn out that it was no surplus. Nor does what went back
    for a cancellation that was taken back: that part of the sale goes on.
    """
    recorded = order.all(events.RefundRecorded)
    nothing = Money.zero(order.bought.currency)
    if not recorded:
        return nothing
    parts, ended = corrections(order)[0], given_back_while_off(order)
    gone = total((fact.amount for fact in refunds(order)), nothing.currency)
    names = [correction_name(fact) for fact in recorded]
    return gone - total((parts[x] for x in names if x not in ended), nothing.currency)


def wanted(order: Order) -> Money:
    """Return what the customer has to pay by now, with what their bank took back."""
    return max(outstanding(order) + disputed(order), Money.zero(order.bought.currency))


def is_taken_back(order: Order) -> bool:
    """Tell whether money is missing because the customer's bank took it back."""
    return disputed(order).minor > 0 and wanted(order).minor > 0


def is_settled(order: Order) -> bool:
    """Tell whether the books are even: paid in full or let go, whatever went back since."""
    return outstanding(order).minor <= 0


def granted(order: Order) -> Money:
    """Return what was let go as if it were paid: cents and cash discounts, but no loss."""
    off = standing(order, events.WriteOffRecorded)
    return total((x.amount for x in off if x.kind != "loss"), order.bought.currency)


def is_paid(order: Order) -> bool:
    """Tell whether enough was paid to deliver: a loss is no payment, a dunning fee no condition."""
    came = received_amount(order) + granted(order) - surplus_back(order)
    return came >= order.bought.total - credited(order)

"""What a person may do to an order: each action appends facts, and the steps do the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import wraps
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from chalicelib.api.problems import Problem, not_found
from chalicelib.domain import events, goods, refunding, revision, states, waiting
from chalicelib.domain.errors import Conflict
from chalicelib.domain.money import Money
from chalicelib.returns import perform
from chalicelib.runtime import clock
from chalicelib.store.orders import Orders

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chalicelib.domain.order import Order


P = ParamSpec("P")
R = TypeVar("R")
TRIES = 5
LONGEST_REASON = 200  # of a deduction, for it stands on the credit note


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnLine:
    """Pieces of a line that come back; `restock` says that they may be sold again."""

    line_id: str
    quantity: int
    restock: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Deduction:
    """What goods that come back have lost in value, and by what: the customer reads the reason."""

    amount: Money
    reason: str


def load(merchant_id: str, order_id: str) -> Order:
    """Read an order of this merchant; 404 for any other."""
    order = Orders().load(merchant_id, order_id)
    if order is None:
        raise not_found("order")
    return order


def add(order: Order, facts: Iterable[events.Fact]) -> Order:
    """Append what a person did."""
    return Orders().record(order, facts)


def append(order: Order, facts: Iterable[events.Fact]) -> Order:
    """Append what a person did to the order as it was looked at; Conflict if others were faster."""
    return Orders().append(order, facts)


def checked(
    action: Callable[Concatenate[Order, P], R],
) -> Callable[Concatenate[Order, P], R]:
    """Check an action again when others appended meanwhile: what was allowed may not be any more.

    The action appends to the order as it is given.
    """

    @wraps(action)
    def again(order: Order, /, *args: P.args, **kwargs: P.kwargs) -> R:
        for _ in range(TRIES):
            try:
                return action(order, *args, **kwargs)
            except Conflict:
                order = load(order.merchant_id, order.id)
        return action(order, *args, **kwargs)

    return again


@checked
def cancel(order: Order, by: str, reason: str) -> Order:
    """Cancel an order of which nothing has left the house."""
    if goods.shipments(order):
        raise Problem(422, "already_shipped", "A parcel has left already; make it a return.")
    return Orders().append(order, [events.OrderCancelled(at=clock.now(), by=by, reason=reason)])


def hold(order: Order, text: str) -> Order:
    """Stop the next parcel until somebody releases it."""
    if not text.strip():
        raise Problem(400, "bad_field", "text: say why.", field="text")
    return add(order, [events.HoldPlaced(at=clock.now(), code="manual", text=text.strip())])


# Problems of the order itself that a person may overrule; the others go away by being solved.
RELEASABLE = frozenset(
    {
        "total_mismatch",
        "no_lines",
        "missing_sku",
        "missing_address",
        "changed_in_shop",
        "shop_remark",
        "overpaid",
        "cancelled_late",
        "charged_back",
        "refunded",
        "refund_failed",
    }
)


# Releasing these lets an order begin that was not accepted by itself.
ACCEPTING = frozenset({"total_mismatch", "no_lines", "fulfilled_in_shop"})


def releasable(order: Order) -> set[str]:
    """Return the codes that a person may release now."""
    held = {one.code for one in order.holds()}
    return held | (RELEASABLE & {one.code for one in waiting.blockers(order, clock.now())})


def release(order: Order, by: str, code: str, effect: str = "") -> Order:
    """Go on in spite of a problem, by the code of its blocker and the effect that it stops.

    Without an effect all that the code stops go on, except refunds: each is money by itself.
    """
    now = clock.now()
    held = [one.effect for one in order.holds() if one.code == code]
    if code not in releasable(order) or (effect and effect not in held):
        raise Problem(422, "no_such_hold", f"There is nothing to release for {code!r}.")
    refunds = [name for name in held if name.startswith(refunding.effect(""))]
    if len(refunds) > 1 and not effect:
        text = f"effect: name the refund, one of {', '.join(refunds)}."
        raise Problem(422, "which_refund", text, field="effect")
    effects = [effect] if effect else held or [""]
    facts: list[events.Fact] = [
        events.HoldReleased(at=now, code=code, by=by, effect=effect) for effect in effects
    ]
    if code in ACCEPTING:
        facts.append(events.OrderAccepted(at=now, by=by))
    return add(order, facts)


# Why the shop's version can not be taken over by a button.
OBSTACLES = {
    "invoice_issued": "The invoice says otherwise: correct the invoice, release the order as it is,"
    " or cancel it.",
    "other_currency": "There is money in another currency: release the order as it is.",
    "already_packed": "Goods are in a parcel already: release the order as it is, or cancel it.",
}


@checked
def take_over(order: Order, by: str) -> Order:
    """Make the shop's newest version the order, if no invoice and no parcel stands against it."""
    if order.reported is None or revision.open_report(order) is None:
        raise Problem(422, "nothing_to_take_over", "There is no open change of the shop.")
    new, now = revision.kept(order, order.reported), clock.now()
    if why := revision.obstacle(order, new):
        raise Problem(422, why, OBSTACLES[why])
    fact = events.OrderRevised(
        at=now,
        modified_at=new.modified_at,
        changes=revision.changes(order.bought, new),
        is_about_goods=revision.is_about_goods(order.bought, new),
        by=by,
    )
    return Orders().append(order, [fact], bought=new)


@checked
def authorize_return(
    order: Order, lines: Iterable[ReturnLine], *, reason: str, by: str
) -> tuple[Order, str]:
    """Agree that pieces come back; returns the order and the return's id."""
    pieces = _fitting(lines, goods.sent(order), already=_coming_back(order))
    return_id = f"R{len(order.all(events.ReturnAuthorized)) + 1}"
    fact = events.ReturnAuthorized(
        at=clock.now(), return_id=return_id, lines=pieces, reason=reason, by=by
    )
    return Orders().append(order, [fact]), return_id


@checked
def receive_return(
    order: Order,
    return_id: str,
    lines: Iterable[ReturnLine],
    *,
    by: str,
    deduction: Deduction | None = None,
) -> Order:
    """Note what has come back, whether it may be sold again, and what is deducted for it."""
    authorized = [x for x in order.all(events.ReturnAuthorized) if x.return_id == return_id]
    if not authorized:
        raise not_found("return")
    if states.return_of(order, return_id) is not states.Return.AUTHORIZED:
        raise Problem(409, "already_received", "This return is in already.")
    pieces = _fitting(lines, _count(authorized[0].lines), already={})
    fact = events.ReturnReceived(at=clock.now(), return_id=return_id, lines=pieces, by=by)
    if deduction:
        fact = _deducted(order, fact, deduction)
    return Orders().append(order, [fact])


def _deducted(
    order: Order, fact: events.ReturnReceived, deduction: Deduction
) -> events.ReturnReceived:
    """Return what came back with its deduction: with a reason, and no more than its price."""
    most, reason = perform.price(order, fact), deduction.reason.strip()
    if deduction.amount.currency != most.currency:
        text = f"deduction: the order is in {most.currency}."
        raise Problem(422, "wrong_currency", text, field="deduction")
    if not 0 < deduction.amount.minor <= most.minor:
        text = f"deduction: must be above zero and at most {most}, the price of what came back."
        raise Problem(422, "bad_deduction", text, field="deduction")
    if not reason or len(reason) > LONGEST_REASON:
        text = f"deduction_reason: say in up to {LONGEST_REASON} characters what it is for."
        raise Problem(400, "no_deduction_reason", text, field="deduction_reason")
    return replace(fact, deduction=deduction.amount, deduction_reason=reason)


def _coming_back(order: Order) -> dict[str, int]:
    """Count the pieces that are back, or agreed to and still on their way."""
    received = {fact.return_id: fact.lines for fact in order.all(events.ReturnReceived)}
    agreed = order.all(events.ReturnAuthorized)
    return _count(line for x in agreed for line in received.get(x.return_id, x.lines))


def _count(lines: Iterable[events.LineQuantity]) -> dict[str, int]:
    count: dict[str, int] = {}
    for line in lines:
        count[line.line_id] = count.get(line.line_id, 0) + line.quantity
    return count


def _fitting(
    lines: Iterable[ReturnLine], most: dict[str, int], *, already: dict[str, int]
) -> tuple[events.LineQuantity, ...]:
    """Return the pieces named; 422 for more of a line, over all its entries, than there can be."""
    pieces: list[events.LineQuantity] = []
    for index, line in enumerate(lines):
        named = _count(pieces).get(line.line_id, 0)
        left = most.get(line.line_id, 0) - already.get(line.line_id, 0) - named
        if not 0 < line.quantity <= left:
            field = f"lines[{index}].quantity"
            raise Problem(
                422, "bad_quantity", f"{field}: must be between 1 and {left}.", field=field
            )
        pieces.append(
            events.LineQuantity(line_id=line.line_id, quantity=line.quantity, restock=line.restock)
        )
    if not pieces:
        raise Problem(400, "bad_field", "lines: name at least one.", field="lines")
    return tuple(pieces)

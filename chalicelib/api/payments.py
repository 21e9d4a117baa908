"""Movements of money that wait for their order, and their assignment by hand."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.api import actions, payment_search
from chalicelib.api.auth import merchant
from chalicelib.api.bank_views import entry_view, parked_view
from chalicelib.api.orders import STAFF, Amount
from chalicelib.api.paging import limit_of, read_cursor, read_key, write_cursor
from chalicelib.api.problems import Problem, answered, body_as, not_found
from chalicelib.api.view import order_view
from chalicelib.domain.errors import Conflict, Permanent
from chalicelib.payment import booking
from chalicelib.payment.captures import record
from chalicelib.payment.perform import explained, movement, notice_of, payment_of
from chalicelib.runtime import clock
from chalicelib.runtime.settings import public_url, settings_of
from chalicelib.store import put_aside as aside
from chalicelib.store.bank import Bank, Entry, State, place_of
from chalicelib.store.orders import Orders
from chalicelib.store.payments import Payments

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.domain.order import Order
    from chalicelib.store.payments import ParkedPayment

bp = Blueprint(__name__)
NAMES = ("pk", "sk", "parked_of", "since")
BEGINNING = "BANK#"
DONE_ALREADY = frozenset({"matched", "not_booked", "sent", "not_ready", "nothing_to_transfer"})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderShare:
    """What one order has of a payment; all of it if no amount is named."""

    order_id: str
    amount: Amount | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which order a payment belongs to, or which orders."""

    order_id: str = ""
    orders: tuple[OrderShare, ...] = ()
    by: str = STAFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why, and who says so."""

    reason: str = ""
    by: str = STAFF


@bp.route("/v1/payments", methods=["GET"])
@answered
def index() -> Any:  # noqa: ANN401 - JSON
    """List payments by their state, or the newest in it that a search finds."""
    merchant_id = merchant(bp.current_request)
    params = dict(bp.current_request.query_params or {})
    state = state_of(params.get("state", State.UNMATCHED))
    if text := params.get("search", "").strip():
        return found(merchant_id, state, text)
    items, cursor = listed(
        merchant_id,
        state,
        limit=limit_of(params),
        cursor=read_cursor(params),
    )
    return {"items": items, "next": write_cursor(cursor)}


def found(merchant_id: str, state: State, text: str) -> dict[str, Any]:
    """Return what a search finds in a state, and among how many of the newest it looked."""
    seen = payment_search.search(merchant_id, state, text)
    items = [entry_view(x) if isinstance(x, Entry) else parked_view(x) for x in seen.items]
    return {"items": items, "next": None, "searched": seen.searched, "is_all": seen.is_all}


def state_of(text: str) -> State:
    """Read a state; the problem names those that there are."""
    if text not in set(State):
        raise Problem(400, "bad_field", f"state: one of {', '.join(State)}.", field="state")
    return State(text)


def listed(
    merchant_id: str,
    state: State,
    *,
    limit: int,
    cursor: Any,  # noqa: ANN401
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Return a page of payments in a state; those of providers, if there may be any, come first."""
    here, items = place_of(merchant_id, state), []
    of_providers = {State.UNMATCHED: merchant_id, State.IGNORED: aside.aside_of(merchant_id)}
    place = of_providers.get(state, here)
    if place != here and _place(cursor) != here:
        start = read_key(cursor, NAMES, pk=merchant_id, parked_of=place)
        found, following = Payments().parked(merchant_id, limit=limit, start=start, place=place)
        items = [parked_view(payment) for payment in found]
        if following or len(items) == limit:
            return items, following or _beginning(merchant_id, here)
        cursor = None
    start = read_key(cursor, NAMES, pk=merchant_id, parked_of=here)
    start = None if start and start["sk"]["S"] == BEGINNING else start
    entries, following = Bank().list(merchant_id, state, limit=limit - len(items), start=start)
    return items + [entry_view(entry) for entry in entries], following


def _place(cursor: Any) -> str:  # noqa: ANN401
    at = cursor.get("parked_of") if isinstance(cursor, dict) else None
    return str(at.get("S", "")) if isinstance(at, dict) else ""


def _beginning(merchant_id: str, place: str) -> dict[str, Any]:
    """Return the cursor of the first of the bank's payments."""
    values = {"pk": merchant_id, "sk": BEGINNING, "parked_of": place, "since": BEGINNING}
    return {name: {"S": value} for name, value in values.items()}


@bp.route("/v1/payments/{payment_id}/match", methods=["POST"])
@answered
def match(payment_id: str) -> Any:  # noqa: ANN401 - JSON
    """Assign a payment to an order, one of the bank also to several; it is booked there once."""
    merchant_id = merchant(bp.current_request)
    wanted = body_as(bp.current_request.raw_body, Match)
    found = give(merchant_id, payment_id, wanted)
    if isinstance(found, Entry):
        return entry_view(found)
    return order_view(found, clock.now(), base_url=public_url())


def give(merchant_id: str, payment_id: str, wanted: Match) -> Entry | Order:
    """Book a payment of a provider on its order, or one of the bank as a person says."""
    if not wanted.order_id and not wanted.orders:
        raise Problem(400, "bad_field", "order_id: name an order.", field="order_id")
    payment = _of_provider(merchant_id, payment_id)
    if payment is None:
        return _matched(merchant_id, payment_id, wanted)
    if payment.aside is not None:
        raise Problem(409, "matched", "It was put aside: undo that first.")
    if payment.order_id and payment.order_id != wanted.order_id:
        raise Problem(409, "matched", f"It is assigned to order {payment.order_id} already.")
    order = actions.load(merchant_id, wanted.order_id)
    if order.bought.currency != payment.amount.currency:
        raise Problem(422, "wrong_currency", f"The order is in {order.bought.currency}.")
    order = _enter(merchant_id, payment, order)
    name = payment_of(notice_of(payment))
    for other in _of_the_same(merchant_id, payment, name):
        order = _enter(merchant_id, other, order)
    return order


def _enter(merchant_id: str, payment: ParkedPayment, order: Order) -> Order:
    # Claimed first: two people must not book the same money on two orders.
    Payments().claim(merchant_id, payment.id, order.id)
    notice = notice_of(payment)
    fact = explained(order, movement(notice, payment.source, clock.now()), notice)
    order = record(Orders(), order, fact, notice.earlier)
    Payments().remember(merchant_id, payment.source, payment_of(notice), order.id)
    Payments().settle(merchant_id, payment.id)
    return order


def _of_the_same(merchant_id: str, payment: ParkedPayment, name: str) -> Iterator[ParkedPayment]:
    """Yield what waits for a payment that a person has given to an order: refunds, fees."""
    store, reference = Payments(), payment.order_reference
    names = store.awaiting(merchant_id, source=payment.source, order=name)
    names += store.awaiting(merchant_id, order=reference) if reference else []
    for each in dict.fromkeys(names):
        found = store.load(merchant_id, each)
        is_same = found and (found.source, found.payment) == (payment.source, name)
        if found and is_same and found.amount.currency == payment.amount.currency:
            yield found


def _matched(merchant_id: str, payment_id: str, wanted: Match) -> Entry:
    shares = wanted.orders or (OrderShare(order_id=wanted.order_id),)
    with refusing():
        return booking.assign(
            merchant_id,
            payment_id,
            [(one.order_id, one.amount.money() if one.amount else None) for one in shares],
            by=wanted.by,
            tolerance=settings_of(merchant_id).match_tolerance,
            now=clock.now(),
        )


@bp.route("/v1/payments/{payment_id}/ignore", methods=["POST"])
@answered
def ignore(payment_id: str) -> Any:  # noqa: ANN401 - JSON
    """Say that a payment belongs to no order."""
    merchant_id = merchant(bp.current_request)
    said = body_as(bp.current_request.raw_body, Reason)
    return _shown(put_aside(merchant_id, payment_id, said))


def put_aside(merchant_id: str, payment_id: str, said: Reason) -> Entry | ParkedPayment:
    """Ignore a payment of the bank, or of a provider: it waits no more."""
    if payment := _of_provider(merchant_id, payment_id):
        with _waiting_only("It does not wait any more."):
            aside.put_aside(merchant_id, payment, said.reason)
        return replace(payment, aside=said.reason)
    with refusing():
        return booking.ignore(merchant_id, payment_id, by=said.by, reason=said.reason)


@bp.route("/v1/payments/{payment_id}/undo", methods=["POST"])
@answered
def undo(payment_id: str) -> Any:  # noqa: ANN401 - JSON
    """Take a booking of the bank back, in all its orders; what was ignored waits again."""
    merchant_id = merchant(bp.current_request)
    said = body_as(bp.current_request.raw_body, Reason)
    return _shown(take_back(merchant_id, payment_id, said))


def take_back(merchant_id: str, payment_id: str, said: Reason) -> Entry | ParkedPayment:
    """Undo the booking of a payment of the bank, or the ignoring of any."""
    if payment := _of_provider(merchant_id, payment_id):
        with _waiting_only("It was not put aside, so there is nothing to undo."):
            aside.take_back(merchant_id, payment)
        return replace(payment, aside=None)
    with refusing():
        return booking.undo(
            merchant_id, payment_id, by=said.by, reason=said.reason, now=clock.now()
        )


def _of_provider(merchant_id: str, payment_id: str) -> ParkedPayment | None:
    """Return a movement of a provider; the bank's have no colon in their names."""
    return Payments().load(merchant_id, payment_id) if ":" in payment_id else None


@contextmanager
def _waiting_only(text: str) -> Iterator[None]:
    try:
        yield
    except Conflict as error:
        raise Problem(409, "matched", text) from error


def _shown(found: Entry | ParkedPayment) -> dict[str, Any]:
    return entry_view(found) if isinstance(found, Entry) else parked_view(found)


@contextmanager
def refusing(what: str = "payment") -> Iterator[None]:
    """Answer 404 for what is not there and 409 for what is done already."""
    try:
        yield
    except Permanent as error:
        if error.code == "not_found":
            raise not_found(what) from error
        status = 409 if error.code in DONE_ALREADY else 422
        field, _, reason = error.text.partition(": ")
        named = {"field": field} if reason and field.islower() and " " not in field else {}
        raise Problem(status, error.code, error.text, **named) from error

"""Movements of money that wait for their order, and their assignment by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.api import actions
from chalicelib.api.auth import merchant
from chalicelib.api.paging import limit_of, read_cursor, read_key, write_cursor
from chalicelib.api.problems import Problem, answered, body_as, not_found
from chalicelib.api.view import money, order_view
from chalicelib.payment.perform import movement, payment_of
from chalicelib.payment.port import MovementKind, Notice
from chalicelib.runtime import clock
from chalicelib.runtime.settings import public_url
from chalicelib.store.payments import Payments
from chalicelib.store.tables import stamp

if TYPE_CHECKING:
    from chalicelib.store.payments import ParkedPayment

bp = Blueprint(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Which order a movement belongs to."""

    order_id: str


@bp.route("/v1/payments", methods=["GET"])
@answered
def index() -> Any:  # noqa: ANN401 - JSON
    """List the movements that no order explains yet (`state=unmatched`)."""
    merchant_id = merchant(bp.current_request)
    params = dict(bp.current_request.query_params or {})
    if params.get("state", "unmatched") != "unmatched":
        raise Problem(400, "bad_field", "state: must be unmatched.", field="state")
    names = ("pk", "sk", "parked_of", "since")
    start = read_key(read_cursor(params), names, pk=merchant_id, parked_of=merchant_id)
    found, cursor = Payments().parked(merchant_id, limit=limit_of(params), start=start)
    return {"items": [_view(payment) for payment in found], "next": write_cursor(cursor)}


@bp.route("/v1/payments/{payment_id}/match", methods=["POST"])
@answered
def match(payment_id: str) -> Any:  # noqa: ANN401 - JSON
    """Assign a movement to an order; it is booked there once."""
    merchant_id = merchant(bp.current_request)
    wanted = body_as(bp.current_request.raw_body, Match)
    payment = Payments().load(merchant_id, payment_id)
    if payment is None:
        raise not_found("payment")
    if payment.order_id and payment.order_id != wanted.order_id:
        raise Problem(409, "matched", f"It is assigned to order {payment.order_id} already.")
    order = actions.load(merchant_id, wanted.order_id)
    if order.bought.currency != payment.amount.currency:
        raise Problem(422, "wrong_currency", f"The order is in {order.bought.currency}.")
    # Claimed first: two people must not book the same money on two orders.
    Payments().claim(merchant_id, payment_id, order.id)
    notice = _notice(payment)
    order = actions.add(order, [movement(notice, payment.source, clock.now())])
    Payments().remember(merchant_id, payment.source, payment_of(notice), order.id)
    Payments().settle(merchant_id, payment_id)
    return order_view(order, clock.now(), base_url=public_url())


def _notice(payment: ParkedPayment) -> Notice:
    return Notice(
        kind=MovementKind(payment.kind),
        reference=payment.reference,
        order_reference=payment.order_reference,
        payment=payment.payment,
        amount=payment.amount,
        booked_at=payment.booked_at,
        payer=payment.payer,
    )


def _view(payment: ParkedPayment) -> dict[str, Any]:
    return {
        "id": payment.id,
        "kind": payment.kind,
        "source": payment.source,
        "reference": payment.reference,
        "amount": money(payment.amount),
        "booked_at": stamp(payment.booked_at),
        "payer": payment.payer,
        "remittance": payment.order_reference,
        "suggestions": [],
    }

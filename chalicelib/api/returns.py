"""Returns: authorized by staff, received with a look at the goods."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.api import actions
from chalicelib.api.actions import Deduction, ReturnLine
from chalicelib.api.auth import merchant
from chalicelib.api.orders import Amount
from chalicelib.api.problems import answered, body_as
from chalicelib.api.view import order_view
from chalicelib.runtime import clock
from chalicelib.runtime.settings import public_url

bp = Blueprint(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewReturn:
    """What may come back, and why."""

    order_id: str
    lines: tuple[ReturnLine, ...]
    reason: str = ""
    by: str = "staff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What came back; `deduction` is what it has lost in value (§ 357a BGB), with its reason."""

    order_id: str
    lines: tuple[ReturnLine, ...]
    by: str = "staff"
    deduction: Amount | None = None
    deduction_reason: str = ""


@bp.route("/v1/returns", methods=["POST"])
@answered
def authorize() -> Response:
    """Agree that pieces of an order come back."""
    merchant_id = merchant(bp.current_request)
    new = body_as(bp.current_request.raw_body, NewReturn)
    order = actions.load(merchant_id, new.order_id)
    order, return_id = actions.authorize_return(order, new.lines, reason=new.reason, by=new.by)
    shown = order_view(order, clock.now(), base_url=public_url())
    return Response({"id": return_id, "order": shown}, status_code=201)


@bp.route("/v1/returns/{return_id}/receive", methods=["POST"])
@answered
def receive(return_id: str) -> Any:  # noqa: ANN401 - JSON
    """Note what came back; each line says whether it may be sold again."""
    merchant_id = merchant(bp.current_request)
    new = body_as(bp.current_request.raw_body, Receipt)
    order = actions.load(merchant_id, new.order_id)
    lost, reason = new.deduction, new.deduction_reason
    off = Deduction(amount=lost.money("deduction"), reason=reason) if lost else None
    order = actions.receive_return(order, return_id, new.lines, by=new.by, deduction=off)
    return order_view(order, clock.now(), base_url=public_url())

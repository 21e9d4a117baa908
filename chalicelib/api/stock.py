"""Goods received, corrected, counted and taken back."""

from __future__ import annotations

from chalice.app import Blueprint, Response

from chalicelib.api import counting
from chalicelib.api.auth import merchant
from chalicelib.api.problems import answered, body_as
from chalicelib.api.product_views import view

bp = Blueprint(__name__)


@bp.route("/v1/stock/adjustments", methods=["POST"])
@answered
def adjust() -> Response:
    """Change a level by a difference or to a count, and say why."""
    merchant_id = merchant(bp.current_request)
    new = body_as(bp.current_request.raw_body, counting.Adjustment)
    return Response(view(merchant_id, counting.adjust(merchant_id, new)), status_code=201)

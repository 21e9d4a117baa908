"""What may still be sold: for the pages of shops, which ask often and from anywhere."""

from __future__ import annotations

from chalice.app import Blueprint, Response

from chalicelib.api.auth import merchant
from chalicelib.api.problems import Problem, answered
from chalicelib.store.stock import Shelf

bp = Blueprint(__name__)
MOST = 100


@bp.route("/v1/availability", methods=["GET"], cors=True)
@answered
def availability() -> Response:
    """Say what may still be sold of one SKU or several (`sku=A,B`)."""
    merchant_id = merchant(bp.current_request)
    text = dict(bp.current_request.query_params or {}).get("sku", "")
    skus = [sku for sku in text.split(",") if sku]
    if not 0 < len(skus) <= MOST:
        raise Problem(400, "bad_field", f"sku: name between 1 and {MOST}.", field="sku")
    found = Shelf().products(merchant_id, skus, ["main"])
    items = [
        {"sku": sku, "available": max(found[sku].available, 0) if sku in found else None}
        for sku in skus
    ]
    return Response({"items": items, "next": None}, headers={"Cache-Control": "max-age=5"})

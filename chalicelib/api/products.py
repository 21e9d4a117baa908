"""Products: found, described, changed and put away; their movements, and the audit of these."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.api import catalogue, history
from chalicelib.api.auth import merchant
from chalicelib.api.catalogue import NewProduct
from chalicelib.api.paging import limit_of, read_cursor, write_cursor
from chalicelib.api.problems import answered, body_as
from chalicelib.api.product_views import search, view, views

bp = Blueprint(__name__)


def _params() -> dict[str, str]:
    return dict(bp.current_request.query_params or {})


@bp.route("/v1/products", methods=["GET"])
@answered
def index() -> Any:  # noqa: ANN401 - JSON
    """List products by SKU, or find them."""
    merchant_id, params = merchant(bp.current_request), _params()
    limit, cursor = limit_of(params), read_cursor(params)
    found, after = search(merchant_id, params, limit=limit, cursor=cursor)
    return {"items": views(merchant_id, found), "next": write_cursor(after)}


@bp.route("/v1/products/{sku}", methods=["GET"])
@answered
def read(sku: str) -> Any:  # noqa: ANN401 - JSON
    """Return one product."""
    merchant_id = merchant(bp.current_request)
    return view(merchant_id, catalogue.existing(merchant_id, sku))


@bp.route("/v1/products/{sku}", methods=["PUT"])
@answered
def put(sku: str) -> Any:  # noqa: ANN401 - JSON
    """Create or change a product; without `on_hand` the stock stays as it is."""
    merchant_id = merchant(bp.current_request)
    new = body_as(bp.current_request.raw_body, NewProduct)
    return view(merchant_id, catalogue.save(merchant_id, sku, new))


@bp.route("/v1/products/{sku}", methods=["PATCH"])
@answered
def patch(sku: str) -> Any:  # noqa: ANN401 - JSON
    """Change the fields of a product that are named, and no others."""
    merchant_id = merchant(bp.current_request)
    return view(merchant_id, catalogue.change(merchant_id, sku, bp.current_request.raw_body))


@bp.route("/v1/products/{sku}", methods=["DELETE"])
@answered
def delete(sku: str) -> Any:  # noqa: ANN401 - JSON
    """Put a product away; its history stays."""
    merchant_id = merchant(bp.current_request)
    return view(merchant_id, catalogue.archive(merchant_id, sku))


@bp.route("/v1/products/{sku}/movements", methods=["GET"])
@answered
def movements(sku: str) -> Any:  # noqa: ANN401 - JSON
    """List what has moved, newest first: how many, why, by whom and for which order."""
    merchant_id, params = merchant(bp.current_request), _params()
    product = catalogue.existing(merchant_id, sku)
    found, after = history.page(
        merchant_id,
        product,
        location=params.get("location", ""),
        limit=limit_of(params),
        cursor=read_cursor(params),
    )
    items = [history.movement_view(one) for one in found]
    return {"items": items, "next": write_cursor(after)}


@bp.route("/v1/products/{sku}/audit", methods=["GET"])
@answered
def audit(sku: str) -> Any:  # noqa: ANN401 - JSON
    """Recompute the levels from all movements, and name what does not fit."""
    merchant_id = merchant(bp.current_request)
    product = catalogue.existing(merchant_id, sku)
    return history.audit_view(history.audits(merchant_id, product))

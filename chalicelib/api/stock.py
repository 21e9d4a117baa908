"""Products, stock and what may still be sold."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.api.auth import merchant
from chalicelib.api.paging import bad_cursor, limit_of, read_cursor, write_cursor
from chalicelib.api.problems import Problem, answered, body_as, not_found
from chalicelib.domain.errors import Conflict
from chalicelib.domain.levels import Cause, Level
from chalicelib.domain.product import Product
from chalicelib.runtime import clock
from chalicelib.store.products import Products
from chalicelib.store.stock import Shelf

bp = Blueprint(__name__)
SKU = re.compile(r"[^#\s][^#]{0,79}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProduct:
    """A product as its merchant describes it; `on_hand` is what lies on the shelf."""

    sku: str = ""
    name: str = ""
    ean: str = ""
    weight_g: int = 0
    on_hand: int | None = None
    location: str = "main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """A correction of what may be sold."""

    sku: str
    difference: int
    location: str = "main"
    reason: str = ""


@bp.route("/v1/products", methods=["GET"])
@answered
def index() -> Any:  # noqa: ANN401 - JSON
    """List products by SKU."""
    merchant_id = merchant(bp.current_request)
    params = dict(bp.current_request.query_params or {})
    limit = limit_of(params)
    after = read_cursor(params)
    if after is not None and not isinstance(after, str):
        raise bad_cursor()
    found = Products().page(merchant_id, limit=limit, after=after or "")
    cursor = write_cursor(found[-1].sku) if len(found) == limit else None
    return {"items": [_view(product) for product in found], "next": cursor}


@bp.route("/v1/products/{sku}", methods=["GET"])
@answered
def read(sku: str) -> Any:  # noqa: ANN401 - JSON
    """Return one product."""
    return _view(_existing(merchant(bp.current_request), sku, "main"))


@bp.route("/v1/products/{sku}", methods=["PUT"])
@answered
def put(sku: str) -> Any:  # noqa: ANN401 - JSON
    """Create or change a product; without `on_hand` the stock stays as it is."""
    merchant_id = merchant(bp.current_request)
    new = body_as(bp.current_request.raw_body, NewProduct)
    _check(sku, new)
    known = Shelf().products(merchant_id, [sku], [new.location]).get(sku)
    level = known.at(new.location) if known else Level(location=new.location)
    reserved = level.reserved
    if new.on_hand is not None and new.on_hand < reserved:
        raise Problem(
            422, "reserved", f"on_hand: {reserved} are set aside for orders.", field="on_hand"
        )
    Products().put(merchant_id, Product(sku=sku, name=new.name, ean=new.ean, weight_g=new.weight_g))
    if new.on_hand is not None and new.on_hand != level.on_hand:
        cause = Cause(kind="count", at=clock.now(), by="api")
        level = Shelf().count(merchant_id, sku, level, new.on_hand, cause)
    return _view(_existing(merchant_id, sku, new.location))


@bp.route("/v1/stock/adjustments", methods=["POST"])
@answered
def adjust() -> Response:
    """Correct what may be sold by a difference."""
    merchant_id = merchant(bp.current_request)
    new = body_as(bp.current_request.raw_body, Adjustment)
    _existing(merchant_id, new.sku, new.location)
    cause = Cause(kind="correction", at=clock.now(), reason=new.reason, by="api")
    try:
        Shelf().adjust(merchant_id, new.sku, new.location, new.difference, cause)
    except Conflict as error:
        raise Problem(
            422, "too_few", "difference: more than is available.", field="difference"
        ) from error
    return Response(_view(_existing(merchant_id, new.sku, new.location)), status_code=201)


def _existing(merchant_id: str, sku: str, location: str) -> Product:
    product = Shelf().products(merchant_id, [sku], [location]).get(sku)
    if product is None:
        raise not_found("product")
    return product


def _check(sku: str, new: NewProduct) -> None:
    if not SKU.fullmatch(sku):
        raise Problem(400, "bad_field", "sku: 1 to 80 characters, none of them #.", field="sku")
    if new.sku and new.sku != sku:
        raise Problem(400, "bad_field", f"sku: the address says {sku!r}.", field="sku")
    for name, value in (("weight_g", new.weight_g), ("on_hand", new.on_hand or 0)):
        if value < 0:
            raise Problem(400, "bad_field", f"{name}: must not be negative.", field=name)


def _view(product: Product) -> dict[str, Any]:
    return {
        "sku": product.sku,
        "name": product.name,
        "ean": product.ean,
        "weight_g": product.weight_g,
        "location": product.levels[0].location if product.levels else "main",
        "on_hand": product.on_hand,
        "reserved": product.reserved,
        "available": product.available,
    }

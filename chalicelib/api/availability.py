"""What may still be sold: for the pages of shops, which ask often and from anywhere."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, CORSConfig, MultiDict, Response

from chalicelib.api.auth import merchant, opened_by
from chalicelib.api.problems import Problem, answered
from chalicelib.runtime.settings import sold_from
from chalicelib.store.offers import Offers

if TYPE_CHECKING:
    from chalice.app import Request

    from chalicelib.domain.selling import Offer

bp = Blueprint(__name__)
MOST = 100
LONGEST = 255  # no product's is longer than 80
# Any page may ask; browsers ask for that once a day.
ANYWHERE = CORSConfig(
    allow_origin="*",
    allow_headers=["If-None-Match"],
    expose_headers=["ETag"],
    max_age=86400,
)
FRESH = "max-age=5, stale-while-revalidate=30"


@bp.route("/v1/availability", methods=["GET"], cors=ANYWHERE)
@answered
def availability() -> Response:
    """Say how much may still be sold of SKUs (`sku=A,B`), with a token or a merchant's public key.

    The answer with a key may lie in any cache; the one with a token names all there is.
    """
    request = bp.current_request
    params = request.query_params or MultiDict({})
    is_public = "key" in params
    merchant_id, cap = _opened(params["key"]) if is_public else (merchant(request), 0)
    skus = _skus(params.getlist("sku") if "sku" in params else [])
    offers = Offers(sold_from).of(merchant_id, skus)
    body = json.dumps({"items": [_view(sku, offers.get(sku), cap) for sku in skus], "next": None})
    tag = f'"{hashlib.sha256(body.encode()).hexdigest()[:20]}"'
    headers: dict[str, str | list[str]] = {
        "Content-Type": "application/json",
        "Cache-Control": f"{'public' if is_public else 'private'}, {FRESH}",
        "ETag": tag,
    }
    if _knows(request, tag):
        return Response("", status_code=304, headers=headers)
    return Response(body, headers=headers)


def _skus(texts: list[str]) -> list[str]:
    skus = [sku for text in texts for sku in text.split(",") if sku]
    if not 0 < len(skus) <= MOST:
        raise Problem(400, "bad_field", f"sku: name between 1 and {MOST}.", field="sku")
    if any(len(sku) > LONGEST for sku in skus):
        # Longer than a key of the database: nobody outside may have that run into an error.
        raise Problem(400, "bad_field", f"sku: at most {LONGEST} characters each.", field="sku")
    return list(dict.fromkeys(skus))


def _opened(key: str) -> tuple[str, int]:
    found = opened_by(key)
    if found is None:
        raise Problem(401, "bad_key", "This key is not known.")
    return found


def _knows(request: Request, tag: str) -> bool:
    known = str(request.headers.get("if-none-match", ""))
    return tag in {one.strip().removeprefix("W/") for one in known.split(",")}


def _view(sku: str, offer: Offer | None, cap: int) -> dict[str, Any]:
    """Show an offer; of more than `cap` pieces (0: no limit) only that there are more."""
    if offer is None:
        return {"sku": sku, "available": None}
    is_more = 0 < cap < offer.available
    return {
        "sku": sku,
        "available": cap if is_more else offer.available,
        "more": is_more,
        "backorder": offer.backorder,
        "preorder": offer.preorder,
        "expected_on": offer.expected_on.isoformat() if offer.expected_on else None,
    }

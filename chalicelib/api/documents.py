"""Documents: an address that lasts, answering with a link that does not."""

from __future__ import annotations

from chalice.app import Blueprint, Response

from chalicelib.api import actions
from chalicelib.api.auth import merchant
from chalicelib.api.problems import answered, not_found
from chalicelib.api.view import link_of
from chalicelib.domain import events
from chalicelib.domain.order import Order

bp = Blueprint(__name__)


@bp.route("/v1/documents/{document_id}", methods=["GET"])
@answered
def read(document_id: str) -> Response:
    """Send the caller to the file; the link opens for a quarter of an hour."""
    order_id, _, index = document_id.rpartition("-")
    order = actions.load(merchant(bp.current_request), order_id)
    return redirect(link(order, index))


def link(order: Order, index: str) -> str:
    """Return the short-lived link of an order's n-th document; 404 if there is none."""
    issued = order.all(events.DocumentIssued)
    if not index.isdecimal() or not 0 < int(index) <= len(issued):
        raise not_found("document")
    return link_of(issued[int(index) - 1])


def redirect(url: str) -> Response:
    """Answer 302 to an address."""
    return Response("", status_code=302, headers={"Location": url, "Cache-Control": "no-store"})

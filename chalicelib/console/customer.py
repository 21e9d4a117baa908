"""The customer's pages: how far an order is, its invoice, and where a parcel of ours is."""

from __future__ import annotations

import base64
import functools
import hmac
import re
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api.documents import redirect
from chalicelib.api.view import link_of
from chalicelib.console import session
from chalicelib.console.pages import answer, render
from chalicelib.console.status import THEIRS, status_view
from chalicelib.console.words import preferred
from chalicelib.domain import events, goods
from chalicelib.domain.errors import Retryable
from chalicelib.runtime import clock
from chalicelib.runtime.logging import log
from chalicelib.runtime.settings import settings_of
from chalicelib.shipping.local import is_tracking_number
from chalicelib.store.orders import Orders

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.domain.order import Order
    from chalicelib.store.merchants import Settings

bp = Blueprint(__name__)
# See `Order.customer_token` and, for parcels, `shipping.perform`.
TOKEN = re.compile(r"([a-z0-9]+)-([a-z0-9]+)-([A-Za-z0-9_-]+)")
PARCEL = re.compile(r"([a-z0-9]+)-([a-z0-9]+)-(\d{1,4})")


def for_customers(view: Callable[..., Response]) -> Callable[..., Response]:
    """Turn whatever goes wrong into a friendly page that says nothing of the reason."""

    @functools.wraps(view)
    def wrapper(**parts: str) -> Response:
        try:
            return view(**parts)
        except LookupError:
            return _sorry(404)
        except Retryable:
            log.exception("not available", step="customer")
            return _sorry(503)
        except Exception:  # noqa: BLE001 - the last door: people get a page, the log the trace
            log.exception("unexpected", step="customer")
            return _sorry(500)

    return wrapper


def opened(token: str) -> Order:
    """Return the order a token opens; LookupError for any other token."""
    found = TOKEN.fullmatch(token)
    order = Orders().load(found[1], found[2]) if found else None
    if order is None or not found:
        raise LookupError(token)
    if not hmac.compare_digest(order.received.access_token, found[3]):
        raise LookupError(token)
    return order


@bp.route("/s/{token}", methods=["GET"])
@for_customers
def status(token: str) -> Response:
    """Show how far the order is."""
    order = opened(token)
    settings = settings_of(order.merchant_id)
    shown = status_view(order, clock.now(), settings)
    return _page("status.html", order, settings, here=f"/s/{token}", **shown)


@bp.route("/s/{token}/documents/{index}", methods=["GET"])
@for_customers
def document(token: str, index: str) -> Response:
    """Send the customer to their invoice or credit note, and to nothing else."""
    order = opened(token)
    issued = order.all(events.DocumentIssued)
    if not index.isdecimal() or not 0 < int(index) <= len(issued):
        raise LookupError(index)
    wanted = issued[int(index) - 1]
    if wanted.kind not in THEIRS:
        raise LookupError(index)
    shop = settings_of(order.merchant_id).name
    return redirect(link_of(wanted, order.bought.language, shop))


@bp.route("/t/{reference}/{number}", methods=["GET"])
@for_customers
def parcel(reference: str, number: str) -> Response:
    """Show a parcel of our own delivery; its number is the secret that opens the page."""
    found = PARCEL.fullmatch(reference) if is_tracking_number(number) else None
    order = Orders().load(found[1], found[2]) if found else None
    if order is None or not found:
        raise LookupError(reference)
    sent = goods.shipments(order).get(int(found[3]))
    if sent is None or not hmac.compare_digest(sent.tracking_number.encode(), number.encode()):
        raise LookupError(number)
    return _page("parcel.html", order, settings_of(order.merchant_id), parcel=sent)


def _page(template: str, order: Order, settings: Settings, **context: Any) -> Response:  # noqa: ANN401
    return answer(
        render(
            template,
            language=order.bought.language,
            colour=settings.colour,
            base=session.base_path(bp.current_request),
            settings=settings,
            logo=logo(settings.logo),
            **context,
        )
    )


def _sorry(status: int) -> Response:
    language = preferred(str(bp.current_request.headers.get("accept-language", "")))
    return answer(render("sorry.html", language=language, code=status), status=status)


def logo(given: str) -> str:
    """Return the shop's logo as an address an <img> takes; SVG markup is wrapped."""
    if given.lstrip().startswith("<svg"):
        return "data:image/svg+xml;base64," + base64.b64encode(given.encode()).decode()
    return given if given.startswith("data:image/") else ""

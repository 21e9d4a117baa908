"""Documents: the register, and a lasting address of each that answers with a link of minutes."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api import actions
from chalicelib.api.auth import merchant
from chalicelib.api.money_views import money
from chalicelib.api.paging import bad_cursor, limit_of, read_cursor, write_cursor
from chalicelib.api.problems import Problem, answered, not_found
from chalicelib.api.view import document_id, link_of
from chalicelib.domain import events, states
from chalicelib.domain.money import Money
from chalicelib.domain.order import Order
from chalicelib.runtime.settings import settings_of
from chalicelib.store.orders import Orders
from chalicelib.store.register import Register, Span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.store.register import Correction, Entry

bp = Blueprint(__name__)
FIRST, LAST = "0001-01-01", "9999-12-31"
WRITING = "The document is being written."
CANCELLED = "The order was cancelled before the document was written."
KIND = re.compile(r"[a-z][a-z_]{0,39}")


@bp.route("/v1/documents", methods=["GET"])
@answered
def index() -> Any:  # noqa: ANN401 - JSON
    """List the register of numbered documents, newest first, or those whose number begins so."""
    merchant_id = merchant(bp.current_request)
    params = dict(bp.current_request.query_params or {})
    if number := params.get("number", "").strip():
        found, following = Register().find(merchant_id, number), ""
    else:
        after = read_cursor(params) or ""
        if not isinstance(after, str):
            raise bad_cursor()
        found, following = Register().page(
            merchant_id, span_of(params), after=after, limit=limit_of(params), newest=True
        )
    return {
        "items": entry_views(merchant_id, found),
        "next": write_cursor(following),
    }


def span_of(params: Mapping[str, str]) -> Span:
    """Read `from`, `to` and `kind`; 400 for days that are none."""
    since, until = params.get("from") or FIRST, params.get("to") or LAST
    for field, text in (("from", since), ("to", until)):
        try:
            is_day = date.fromisoformat(text).isoformat() == text
        except ValueError:
            is_day = False
        if not is_day:
            raise Problem(
                400, "bad_field", f"{field}: must be a day such as 2026-11-23.", field=field
            )
    if until < since:
        raise Problem(400, "bad_field", "to: must not be before from.", field="to")
    kind = params.get("kind", "")
    if kind and not KIND.fullmatch(kind):
        raise Problem(400, "bad_field", "kind: such as invoice or credit_note.", field="kind")
    return Span(since=since, until=until, kind=kind)


def entry_views(merchant_id: str, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Show entries, each with what has corrected or cancelled it since."""
    corrected = Register().corrected(merchant_id, entries)
    return [entry_view(merchant_id, x, corrected.get(x.number, ())) for x in entries]


def entry_view(merchant_id: str, entry: Entry, corrections: Sequence[Correction]) -> dict[str, Any]:
    """Show an entry; one whose document is not filed says what keeps it."""
    said, currency = entry.summary, str(entry.summary.get("currency") or "EUR")
    amounts = {
        name: money(Money(minor=int(said.get(name, 0)), currency=currency))
        for name in ("net", "tax", "gross")
    }
    found: dict[str, Any] = {
        "number": entry.number,
        "kind": entry.kind,
        "issued_on": entry.day,
        "order_id": entry.order_id,
        "order_number": said.get("order_number", ""),
        "customer": said.get("customer", ""),
        "country": said.get("country", ""),
        "refers_to": said.get("original", ""),
        "corrections": [{"number": one.number, "kind": one.kind} for one in corrections],
        **amounts,
        "state": "filed" if entry.filed else "open",
        "sha256": entry.filed.sha256 if entry.filed else None,
        "facts_sha256": entry.facts_sha256,
        "link": entry.link,
        "series": entry.series,
        "position": entry.seq,
    }
    order = None if entry.filed else Orders().load(merchant_id, entry.order_id)
    return found | ({} if entry.filed else {"reason": why_open(order)})


def why_open(order: Order | None) -> str:
    """Say why a number that is drawn has no document."""
    holds = [hold.text for hold in order.holds() if hold.effect or hold.code] if order else []
    if holds or order is None:
        return holds[-1] if holds else WRITING
    return CANCELLED if states.is_cancelled(order) else WRITING


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
    shop = settings_of(order.merchant_id).name
    return link_of(issued[int(index) - 1], order.bought.language, shop)


def place_of(order: Order, number: str) -> str | None:
    """Return the id of the document with a number; None if it is not issued."""
    issued = enumerate(order.all(events.DocumentIssued), 1)
    return next((document_id(order, at) for at, x in issued if x.number == number), None)


def redirect(url: str) -> Response:
    """Answer 302 to an address."""
    return Response("", status_code=302, headers={"Location": url, "Cache-Control": "no-store"})

"""The pages of payouts: what each provider has sent, whether it arrived, and what it is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalice.app import Blueprint

from chalicelib.api import payouts
from chalicelib.api.paging import write_cursor
from chalicelib.console.staff import at_the_console, page

if TYPE_CHECKING:
    from chalice.app import Response

    from chalicelib.console.session import Session

bp = Blueprint(__name__)
PER_PAGE = 25


@bp.route("/console/payouts", methods=["GET"])
@at_the_console
def index(who: Session) -> Response:
    """Show the payouts, the newest first, and what is in none."""
    params = dict(bp.current_request.query_params or {})
    items, following = payouts.page(who.merchant_id, params, limit=PER_PAGE)
    return page(
        "payouts.html",
        who=who,
        items=items,
        next=write_cursor(following),
        is_first="cursor" not in params,
        providers=[payouts.provider_view(*one) for one in payouts.jobs(who.merchant_id)],
    )


@bp.route("/console/payouts/{payout_id}", methods=["GET"])
@at_the_console
def read(who: Session, payout_id: str) -> Response:
    """Show one payout with its payments, orders and fees."""
    cursor = dict(bp.current_request.query_params or {}).get("cursor", "")
    found = payouts.shown(who.merchant_id, payout_id, cursor)
    return page("payout.html", who=who, payout=found, is_first=not cursor)

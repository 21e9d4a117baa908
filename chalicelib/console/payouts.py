"""The pages of payouts: what each provider has sent, whether it arrived, and what it is made of."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalice.app import Blueprint

from chalicelib.api import payouts
from chalicelib.api.paging import write_cursor
from chalicelib.console.staff import at_the_console, page
from chalicelib.providers.settling.port import PAYERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalice.app import Response

    from chalicelib.console.session import Session

bp = Blueprint(__name__)
PER_PAGE = 25
FILTERS = ("source", "state", "since")
# The sums that make a payout; those that are nothing are left out, but for the first two.
MADE_OF = ("received", "fees", "back", "carried", "other", "unexplained")


@bp.route("/console/payouts", methods=["GET"])
@at_the_console
def index(who: Session) -> Response:
    """Show the payouts, the newest first, and what is in none."""
    params = dict(bp.current_request.query_params or {})
    items, following = payouts.page(who.merchant_id, params, limit=PER_PAGE)
    wanted = {name: params.get(name, "") for name in FILTERS}
    return page(
        "payouts.html",
        who=who,
        items=items,
        next=write_cursor(following),
        is_first="cursor" not in params,
        wanted=wanted | {"since": payouts.since_of(params).isoformat()},
        filter=urlencode({name: value for name, value in wanted.items() if value}),
        sources=sorted(PAYERS),
        states=payouts.STATES,
        providers=[payouts.provider_view(*one) for one in payouts.jobs(who.merchant_id)],
    )


@bp.route("/console/payouts/{payout_id}", methods=["GET"])
@at_the_console
def read(who: Session, payout_id: str) -> Response:
    """Show one payout with its payments, orders and fees."""
    cursor = dict(bp.current_request.query_params or {}).get("cursor", "")
    found = payouts.shown(who.merchant_id, payout_id, cursor)
    return page("payout.html", who=who, payout=found, is_first=not cursor, sums=[*_sums(found)])


def _sums(payout: dict[str, Any]) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what adds up to the payout, with its sign."""
    for name in MADE_OF:
        told = payout[name]
        amount = Decimal(told["amount"])
        if amount or name in MADE_OF[:2]:
            yield name, told | {"amount": str(-amount if name == "fees" else amount)}

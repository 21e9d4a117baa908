"""Payouts of the providers: what each is made of, whether it arrived, and what is in none."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from chalice.app import Blueprint

from chalicelib.api.auth import merchant
from chalicelib.api.money_views import money
from chalicelib.api.paging import limit_of, read_cursor, read_key, write_cursor
from chalicelib.api.payments import NAMES
from chalicelib.api.problems import Problem, answered, not_found
from chalicelib.domain.money import Money
from chalicelib.payment.payouts import KIND
from chalicelib.providers.settling.port import PAYERS
from chalicelib.runtime import clock
from chalicelib.runtime.settings import connections_of
from chalicelib.store.bank import Bank
from chalicelib.store.jobs import Jobs, standing
from chalicelib.store.payouts import Payouts, place_of
from chalicelib.store.tables import stamp

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from chalicelib.store.jobs import Job
    from chalicelib.store.payouts import KeptPayout, Line

bp = Blueprint(__name__)
USUAL = timedelta(days=35)
SUMS = ("received", "back", "other", "fees", "unexplained")
STATES = ("waiting", "differs")


@bp.route("/v1/reports/payouts", methods=["GET"])
@answered
def report() -> Any:  # noqa: ANN401 - JSON
    """Report the payouts since a day: sums, fees, whether each arrived, and what is in none."""
    merchant_id, params = merchant(bp.current_request), dict(bp.current_request.query_params or {})
    items, following = page(merchant_id, params, limit=limit_of(params))
    return {
        "items": items,
        "next": write_cursor(following),
        "providers": [provider_view(kind, job) for kind, job in jobs(merchant_id)],
    }


@bp.route("/v1/payouts/{payout_id}", methods=["GET"])
@answered
def read(payout_id: str) -> Any:  # noqa: ANN401 - JSON
    """Return one payout with a page of its parts: payment, order, gross, fee and net."""
    merchant_id, params = merchant(bp.current_request), dict(bp.current_request.query_params or {})
    return shown(merchant_id, payout_id, params.get("cursor", ""))


def page(
    merchant_id: str, params: Mapping[str, str], *, limit: int
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """Return a page of payouts, the newest first; of one `source`, or in one `state`, if asked."""
    cursor = read_cursor(dict(params))
    start = read_key(cursor, NAMES, pk=merchant_id, parked_of=place_of(merchant_id))
    source, state = _one_of(params, "source", PAYERS), _one_of(params, "state", STATES)

    def fits(kept: KeptPayout) -> bool:
        is_wanted = {"waiting": kept.is_waiting, "differs": kept.has_doubts}.get(state, True)
        return is_wanted and kept.payout.source == (source or kept.payout.source)

    found, following = Payouts().page(
        merchant_id, since_of(params), limit=limit, start=start,
        fits=fits if source or state else None,
    )  # fmt: skip
    return [payout_view(one) for one in found], following


def _one_of(params: Mapping[str, str], name: str, known: Collection[str]) -> str:
    """Read a filter; none is all."""
    given = params.get(name, "")
    if given and given not in known:
        text = f"{name}: must be one of {', '.join(sorted(known))}."
        raise Problem(400, "bad_field", text, field=name)
    return given


def since_of(params: Mapping[str, str]) -> date:
    """Read `since`, a day; five weeks ago if not given."""
    text = params.get("since", "")
    try:
        return date.fromisoformat(text) if text else (clock.now() - USUAL).date()
    except ValueError as error:
        text = "since: must be a day such as 2026-11-23."
        raise Problem(400, "bad_field", text, field="since") from error


def shown(merchant_id: str, payout_id: str, cursor: str) -> dict[str, Any]:
    """Show a payout with the page of its parts that a cursor names, which is its number."""
    source, _, reference = unquote(payout_id).partition(":")
    kept = Payouts().load(merchant_id, source, reference) if reference else None
    if kept is None:
        raise not_found("payout")
    number = (
        int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < len("12345") else 0
    )
    lines = Payouts().lines(merchant_id, kept.payout, number)
    following = str(number + 1) if number + 1 < kept.pages else None
    return {
        **payout_view(kept),
        "entry": _entry_view(merchant_id, kept),
        "parts": {"items": [line_view(line) for line in lines], "next": following},
    }


def payout_view(kept: KeptPayout) -> dict[str, Any]:
    """Show what a payout comes to, and how it arrived."""
    one, arrived = kept.payout, kept.arrived
    return {
        "id": one.id,
        "source": one.source,
        "reference": one.reference,
        "amount": money(one.amount),
        "arrives_on": one.arrived_on.isoformat(),
        "parts_count": kept.sums.count,
        **{name: money(getattr(kept.sums, name)) for name in SUMS},
        "carried": money(kept.sums.carried or Money.zero(one.amount.currency)),
        "unknown": kept.unknown,
        "arrived": {
            "payment_id": arrived.entry_id,
            "booked_on": arrived.booked_on.isoformat(),
            "amount": money(arrived.amount),
        }
        if arrived
        else None,
        "difference": money(kept.difference) if kept.difference is not None else None,
        "is_waiting": kept.is_waiting,
    }


def _entry_view(merchant_id: str, kept: KeptPayout) -> dict[str, Any] | None:
    """Show the bank's entry that a payout came with, in the bank's own words."""
    entry = Bank().load(merchant_id, kept.arrived.entry_id) if kept.arrived else None
    if entry is None:
        return None
    one = entry.transaction
    return {
        "payer": one.name or one.ultimate_name,
        "remittance": one.remittance,
        "account": one.account,
        "state": entry.state,
    }


def line_view(line: Line) -> dict[str, Any]:
    """Show one part, the order of its payment, and what is not right about it."""
    part = line.part
    is_plain = part.gross.currency == part.fee.currency
    return {
        "payment": part.payment,
        "reference": part.reference,
        "kind": part.kind,
        "type": part.type,
        "order_id": line.order_id,
        "number": line.number,
        "gross": money(part.gross),
        "fee": money(part.fee),
        "net": money(part.net) if is_plain else None,
        "booked_at": stamp(part.booked_at) if part.booked_at else None,
        "trouble": line.trouble,
        "expected": money(line.expected) if line.expected else None,
    }


def jobs(merchant_id: str) -> list[tuple[str, Job]]:
    """Return the jobs that ask providers for their payouts, each with its kind of provider."""
    found = (
        (one.kind, Jobs().load(merchant_id, standing(KIND, one.id)))
        for one in connections_of(merchant_id)
        if one.kind in PAYERS
    )
    return [(kind, job) for kind, job in found if job]


def provider_view(kind: str, job: Job) -> dict[str, Any]:
    """Show when a provider was asked last, and which payments are in no payout of it."""
    missing = job.result.get("missing", {"count": 0, "sums": {}, "items": []})
    return {
        "connection_id": job.subject,
        "source": kind,
        "state": job.state,
        "reason": job.reason,
        "asked_at": job.memory.get("until"),
        "missing": {
            "count": missing["count"],
            "sums": [
                money(Money(minor=minor, currency=currency))
                for currency, minor in sorted(missing["sums"].items())
            ],
            "items": [
                {
                    "payment": one["payment"],
                    "order_id": one["order_id"],
                    "amount": money(Money(minor=one["minor"], currency=one["currency"])),
                    "booked_at": one["booked_at"],
                }
                for one in missing["items"]
            ],
        },
    }

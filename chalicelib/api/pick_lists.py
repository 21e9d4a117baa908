"""Pick lists: one for an order, or one for many, sorted by bin."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalice.app import Blueprint, Response

from chalicelib.api import lists
from chalicelib.api.auth import merchant
from chalicelib.api.jobs import started
from chalicelib.api.problems import Problem, answered, body_as
from chalicelib.runtime import clock
from chalicelib.runtime.settings import settings_of
from chalicelib.store.jobs import Job, Jobs, new_job

bp = Blueprint(__name__)
MOST = 200
LISTS = frozenset({"to_ship", "shipped", "open"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPickList:
    """Which orders: by id, or the first of a work list; empty `location`: wherever things lie."""

    order_ids: tuple[str, ...] = ()
    worklist: str = ""
    location: str = ""


@bp.route("/v1/pick-lists", methods=["POST"])
@answered
def create() -> Response:
    """Start the job that makes a pick list; its `url` leads to the PDF when it is done."""
    merchant_id = merchant(bp.current_request)
    return started(start(merchant_id, body_as(bp.current_request.raw_body, NewPickList)))


def start(merchant_id: str, new: NewPickList) -> Job:
    """Start a pick list; Problem for no orders, too many, or a place that there is not."""
    if bool(new.order_ids) == bool(new.worklist):
        raise _bad("order_ids", "name orders, or a worklist")
    if new.worklist and new.worklist not in LISTS:
        raise _bad("worklist", f"one of {', '.join(sorted(LISTS))}")
    places = {one.id for one in settings_of(merchant_id).locations}
    if new.location and new.location not in places:
        raise _bad("location", f"one of {', '.join(sorted(places))}")
    ids = list(dict.fromkeys(new.order_ids)) or _listed(merchant_id, new.worklist)
    if not ids:
        raise _bad("worklist", "there is no order on it")
    if len(ids) > MOST:
        raise _bad("order_ids", f"at most {MOST} at once, these are {len(ids)}")
    job = new_job(merchant_id, "pick_list", clock.now())
    cursor = {"order_ids": ids, "location": new.location}
    return Jobs().start(replace(job, cursor=cursor, total=len(ids)))


def _listed(merchant_id: str, worklist: str) -> list[str]:
    found, _ = lists.page(merchant_id, worklist, limit=MOST, cursor=None)
    return [one.order_id for one in found]


def _bad(field: str, reason: str) -> Problem:
    return Problem(400, "bad_field", f"{field}: {reason}.", field=field)

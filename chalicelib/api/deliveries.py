"""What a connection sent: listed, shown as it came, processed again; and a test of the way."""

from __future__ import annotations

import base64
import json
import secrets as random
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api.asking import ask
from chalicelib.api.auth import merchant
from chalicelib.api.connections import own
from chalicelib.api.health import address
from chalicelib.api.jobs import job_view
from chalicelib.api.paging import bad_cursor, limit_of, read_cursor, write_cursor
from chalicelib.api.problems import Problem, answered, body_as, not_found
from chalicelib.domain.commands import WakeUp
from chalicelib.domain.deliveries import TEST, Delivery
from chalicelib.domain.errors import Retryable
from chalicelib.flow.queues import StepQueues
from chalicelib.runtime import clock, secrets
from chalicelib.shops.port import can
from chalicelib.shops.reach import reach
from chalicelib.store.arrivals import Arrivals
from chalicelib.store.inbox import KEEP, TESTED, Inbox, delivery_id
from chalicelib.store.jobs import Jobs, new_job
from chalicelib.store.tables import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.store.connections import Connection
    from chalicelib.store.inbox import Problem as InboxProblem
    from chalicelib.store.jobs import Job

bp = Blueprint(__name__)
AHEAD = timedelta(milliseconds=1)
PROBLEMS = 200  # of a page; a flood of forged ones must not fill it
TESTS = "test-"  # how the key of a test of ours begins
SECONDS = 15.0  # for sending what failed; API Gateway gives up after 29
AT_ONCE = 10  # as many as the queue takes in one call
LONGEST = 1024 * 1024  # bytes of a body in one answer, which Lambda limits to 6 MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What to process again: one delivery, all since a moment, or (neither) all that failed."""

    delivery_id: str = ""
    since: str = ""


@bp.route("/v1/connections/{connection_id}/deliveries", methods=["GET"])
@answered
def index(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """List what a connection sent, newest first; a page of a quiet one may be short, or empty."""
    connection = own(merchant(bp.current_request), connection_id)
    params = dict(bp.current_request.query_params or {})
    items, following = listed(connection, limit=limit_of(params), cursor=read_cursor(params))
    return {"items": items, "next": write_cursor(following)}


def listed(
    connection: Connection, *, limit: int, cursor: object = None
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of deliveries with their states, and where the next begins."""
    now = clock.now()
    try:
        before = moment(str(cursor)) if cursor else now + AHEAD
    except ValueError as error:
        raise bad_cursor() from error
    if before.tzinfo is None:
        raise bad_cursor()
    since = max(connection.created_at, now - KEEP)
    found, following = Arrivals().page(
        connection.merchant_id, connection.id, limit=limit, before=before, since=since
    )
    wrong = {
        one.delivery.id: one
        for one in Inbox().problems_between(
            connection.merchant_id, following or since, before - AHEAD, limit=PROBLEMS
        )
        if one.delivery.connection_id == connection.id
    }
    items = {one.id: _item(one.id, one.received_at, wrong.get(one.id)) for one in found}
    items |= {
        name: _item(name, one.delivery.received_at, one)
        for name, one in wrong.items()
        if name not in items
    }
    ordered = sorted(items.values(), key=lambda one: str(one["received_at"]), reverse=True)
    return ordered, stamp(following) if following else None


def _item(name: str, at: datetime, problem: InboxProblem | None) -> dict[str, Any]:
    return {
        "delivery_id": name,
        "received_at": stamp(at),
        "state": "test" if name.partition("/")[2].startswith(TESTS) else state_of(problem),
        "problem": {"code": problem.code, "text": problem.text} if problem else None,
    }


def state_of(problem: InboxProblem | None) -> str:
    """Return `taken`, `problem`, or `forged`; of a test `sent`, then `arrived`."""
    if problem and problem.delivery.is_test:
        return "arrived" if problem.code == TESTED else "sent"
    if problem is None or not problem.code:
        return "taken"
    return "problem" if problem.step and problem.code != "bad_signature" else "forged"


@bp.route("/v1/connections/{connection_id}/deliveries/{delivery}", methods=["GET"])
@answered
def read(connection_id: str, delivery: str) -> Any:  # noqa: ANN401 - JSON
    """Return one delivery as it came: its headers and its body, raw."""
    connection = own(merchant(bp.current_request), connection_id)
    return shown(find(connection, delivery))


def find(connection: Connection, name: str) -> InboxProblem:
    """Return a delivery of a connection, by its id or by what follows the slash in it."""
    whole = name if name.startswith(f"{connection.id}/") else delivery_id(connection.id, name)
    found = Inbox().look(connection.merchant_id, whole)
    if found is None:
        raise not_found("delivery")
    return found


def shown(found: InboxProblem) -> dict[str, Any]:
    """Show a delivery; a body that is no text comes in base64 too."""
    one = found.delivery
    body = one.body[:LONGEST]
    text = body.decode(errors="replace")
    is_text = text.encode() == body
    is_wrong = found.code and found.code != TESTED
    return {
        "delivery_id": one.id,
        "received_at": stamp(one.received_at),
        "state": state_of(found),
        "problem": {"code": found.code, "text": found.text} if is_wrong else None,
        "headers": dict(one.headers),
        "body": text,
        "body_base64": None if is_text else base64.b64encode(body).decode(),
        "body_bytes": len(one.body),
    }


@bp.route("/v1/connections/{connection_id}/replay", methods=["POST"])
@answered
def replay(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Process deliveries again: one, all since a moment (a job), or all that failed; no forged."""
    connection = own(merchant(bp.current_request), connection_id)
    wanted = body_as(bp.current_request.raw_body, Replay)
    if wanted.delivery_id and wanted.since:
        text = "since: name either a delivery or a moment."
        raise Problem(400, "bad_field", text, field="since")
    if wanted.since:
        return Response(job_view(replay_since(connection, wanted.since)), status_code=202)
    if wanted.delivery_id:
        return {"replayed": replay_these(connection, [find(connection, wanted.delivery_id)])}
    return {"replayed": replay_failed(connection)}


def replay_failed(connection: Connection, tick: Callable[[], float] = time.monotonic) -> int:
    """Process what failed of a connection once more, as much as there is time for.

    A few at a time are taken off the list and sent: a call that is cut off loses none of the rest,
    and the next one goes on with them.
    """
    failed = Inbox().failed(connection.merchant_id)
    mine = (one for one in failed if one.delivery.connection_id == connection.id)
    until, sent = tick() + SECONDS, 0
    while tick() < until and (few := list(islice(mine, AT_ONCE))):
        sent += replay_these(connection, few)
    return sent


def replay_these(connection: Connection, waiting: list[InboxProblem]) -> int:
    """Process deliveries once more; what nobody vouched for is refused."""
    if any(state_of(one) == "forged" for one in waiting):
        raise Problem(422, "forged", "Nobody vouched for this delivery: it is never processed.")
    wrong = [one for one in waiting if state_of(one) == "problem"]
    # Taken off the list first: one that fails again at once must stay on it.
    for problem in wrong:
        Inbox().solve(connection.merchant_id, problem.delivery.id)
    try:
        StepQueues().send(
            WakeUp(step=p.step, merchant_id=connection.merchant_id, delivery_id=p.delivery.id)
            for p in waiting
        )
    except Retryable:
        for p in wrong:
            Inbox().fail(connection.merchant_id, p.delivery.id, p.code, p.text)
        raise
    return len(waiting)


def replay_since(connection: Connection, text: str) -> Job:
    """Start the job that processes all of a connection's deliveries since a moment again."""
    now = clock.now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        says = "since: must be a day or a moment of ISO 8601, like 2026-11-23."
        raise Problem(400, "bad_field", says, field="since") from error
    since = at if at.tzinfo else at.replace(tzinfo=UTC)
    if since > now:
        raise Problem(400, "bad_field", "since: must not be in the future.", field="since")
    job = new_job(connection.merchant_id, "replay", now, subject=connection.id)
    cursor = {"at": stamp(max(since, now - KEEP)), "until": stamp(now)}
    return Jobs().start(replace(job, cursor=cursor))


@bp.route("/v1/connections/{connection_id}/test", methods=["POST"])
@answered
def test(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Send a marked test the way of a delivery, and ask the shop for its name; makes no order."""
    connection = own(merchant(bp.current_request), connection_id)
    sent, job = tried(connection)
    body = {
        "delivery_id": sent,
        "job": job_view(job) if job else None,
        "webhook_url": address(connection),
    }
    return Response(body, status_code=202)


def tried(connection: Connection) -> tuple[str | None, Job | None]:
    """Start what there is to try: the way from the inbox to its step, and the call of the shop."""
    job = None
    if can(connection.kind, "check") and reach(connection, secrets.fetch):
        job = ask(connection, "check")
    sent = _send_test(connection) if connection.reader == "intake" else None
    if sent is None and job is None:
        text = f"A connection of the kind {connection.kind} has nothing to try from here."
        raise Problem(422, "not_offered", text)
    return sent, job


def _send_test(connection: Connection) -> str:
    now = clock.now()
    name = delivery_id(connection.id, f"{TESTS}{now:%Y%m%d%H%M%S}-{random.token_hex(4)}")
    body = {"test": True, "text": "A test by the merchant. It makes no order."}
    delivery = Delivery(
        merchant_id=connection.merchant_id,
        connection_id=connection.id,
        kind=connection.kind,
        id=name,
        received_at=now,
        headers={TEST: "1", "content-type": "application/json"},
        body=json.dumps(body).encode(),
    )
    Inbox().save(delivery, step=connection.reader)
    return name

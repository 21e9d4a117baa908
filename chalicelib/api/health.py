"""How a connection is: when it was last heard of, what went wrong, and whether it fell silent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from chalicelib.flow.steps import READERS
from chalicelib.flow.sweeper import EVERY
from chalicelib.runtime import clock
from chalicelib.runtime.settings import public_url
from chalicelib.shops.reach import is_polled
from chalicelib.store.arrivals import Arrivals, Pulse
from chalicelib.store.inbox import Inbox
from chalicelib.store.jobs import Jobs, standing
from chalicelib.store.tables import moment, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from chalicelib.store.connections import Connection, LevelTrouble
    from chalicelib.store.inbox import Problem
    from chalicelib.store.jobs import Job

SHOWN = 8 * 1024  # bytes of a body in a list: a hundred of them must fit into one answer
# A connection that neither sent nor answered for so long is silent.
SILENT = timedelta(days=3)
NOTHING = Pulse()


def views(connections: Sequence[Connection], merchant_id: str) -> list[dict[str, Any]]:
    """Show connections with their health: some bounded reads for all of them together."""
    now, problems = clock.now(), Inbox().problems(merchant_id)
    polls = {
        one.id: Jobs().load(merchant_id, standing("poll", one.id))
        for one in connections
        if is_polled(one)
    }
    # Whoever answers our polls is not silent, so nobody looks for days for its deliveries.
    wanted = [one.id for one in connections if one.reader and not _polled_at(polls.get(one.id))]
    heard = any(one.reader for one in connections)
    pulse = Arrivals().pulse(merchant_id, wanted, now, SILENT) if heard else NOTHING
    return [
        _view(one, [p for p in problems if p.delivery.connection_id == one.id],
              pulse, polls.get(one.id), now)
        for one in connections
    ]  # fmt: skip


def new_view(connection: Connection) -> dict[str, Any]:
    """Show a connection that was made or changed this moment."""
    return _view(connection, [], NOTHING, None, clock.now())


def address(connection: Connection) -> str | None:
    """Return where a shop or provider sends to."""
    is_called = connection.kind in READERS
    return f"{public_url()}/webhooks/{connection.id}" if is_called else None


def _view(
    connection: Connection,
    problems: list[Problem],
    pulse: Pulse,
    poll: Job | None,
    now: datetime,
) -> dict[str, Any]:
    return {
        "id": connection.id,
        "kind": connection.kind,
        "name": connection.name,
        "settings": connection.settings,
        "created_at": stamp(connection.created_at),
        "webhook_url": address(connection),
        "health": _health(connection, problems, pulse, poll, now),
    }


def _health(
    connection: Connection,
    problems: list[Problem],
    pulse: Pulse,
    poll: Job | None,
    now: datetime,
) -> dict[str, Any]:
    delivery_at, polled_at = pulse.last.get(connection.id), _polled_at(poll)
    last = _last_problem(problems, connection.levels, poll)
    heard_at = max(filter(None, (delivery_at, polled_at, connection.created_at)))
    is_silent = bool(connection.reader) and now - heard_at > SILENT
    next_at = max(poll.began_at + EVERY, now) if poll and is_polled(connection) else None
    return {
        "state": "problems" if last else "silent" if is_silent else "ok",
        "last_delivery_at": _stamp(delivery_at),
        "last_poll_at": _stamp(polled_at),
        "next_poll_at": _stamp(next_at),
        "last_problem": last,
        "deliveries_24h": pulse.day[connection.id],
        "deliveries_24h_cut": pulse.is_cut,
        "problems": [_problem(problem) for problem in problems],
        "levels": _levels(connection.levels) if connection.levels else None,
    }


def _polled_at(poll: Job | None) -> datetime | None:
    """Return until when the shop's orders are known by asking."""
    since = poll.memory.get("since") if poll else None
    return moment(str(since)) if since else None


def _last_problem(
    problems: list[Problem], levels: LevelTrouble | None, poll: Job | None
) -> dict[str, Any] | None:
    """Return the newest of all that is wrong: a delivery, the stock told, or the poll."""
    found = [(one.delivery.received_at, one.code, one.text) for one in problems[:1]]
    if levels:
        text = levels.text or "; ".join(f"{sku}: {why}" for sku, why in levels.refused.items())
        found.append((levels.at, levels.code or "levels_refused", text))
    if poll and poll.code:
        found.append((poll.updated_at, poll.code, poll.reason))
    if not found:
        return None
    at, code, text = max(found)
    return {"at": stamp(at), "code": code, "text": text}


def _stamp(at: datetime | None) -> str | None:
    return stamp(at) if at else None


def _levels(trouble: LevelTrouble) -> dict[str, Any]:
    return {
        "at": stamp(trouble.at),
        "code": trouble.code,
        "text": trouble.text,
        "refused": trouble.refused,
    }


def _problem(problem: Problem) -> dict[str, Any]:
    return {
        "delivery_id": problem.delivery.id,
        "received_at": stamp(problem.delivery.received_at),
        "code": problem.code,
        "text": problem.text,
        "body": problem.delivery.body[:SHOWN].decode(errors="replace"),
        "body_bytes": len(problem.delivery.body),
    }

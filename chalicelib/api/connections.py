"""Connections: shops, payment providers, the bank and carriers; secrets go in and never out."""

from __future__ import annotations

import base64
import re
import secrets as random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api.asking import keep_asking, stop_asking
from chalicelib.api.auth import merchant
from chalicelib.api.problems import Problem, answered, body_as, not_found
from chalicelib.domain.commands import WakeUp
from chalicelib.domain.errors import Retryable
from chalicelib.flow.queues import StepQueues
from chalicelib.flow.steps import READERS
from chalicelib.runtime import clock, secrets
from chalicelib.runtime.kept import kept_name
from chalicelib.runtime.settings import connections_of, public_url
from chalicelib.shipping.port import PROVIDERS as CARRIERS
from chalicelib.shops.port import PROVIDERS as SHOPS
from chalicelib.shops.port import takes_our_secret
from chalicelib.shops.reach import reach
from chalicelib.store.connections import Connection, Connections
from chalicelib.store.inbox import Inbox
from chalicelib.store.tables import stamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.store.connections import LevelTrouble
    from chalicelib.store.inbox import Problem as InboxProblem

bp = Blueprint(__name__)
KINDS = {*READERS, *CARRIERS, *SHOPS, "bank"}
SHORTEST = 8
SIGNED = frozenset(READERS)
HANDSHAKE = frozenset({"shopware"})  # their secret is made when our app is installed
SHOWN = 8 * 1024  # bytes of a body in a list: a hundred of them must fit into one answer
SECRET = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConnection:
    """What a merchant sends to join something to us."""

    kind: str
    name: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecrets:
    """A rotation: the webhook secret of before stays valid beside the new one."""

    secrets: dict[str, str]


@bp.route("/v1/connections", methods=["GET"])
@answered
def index() -> Any:  # noqa: ANN401 - JSON
    """List the merchant's connections with their health."""
    merchant_id = merchant(bp.current_request)
    problems = Inbox().problems(merchant_id)
    return {
        "items": [_view(one, problems) for one in Connections().list(merchant_id)],
        "next": None,
    }


@bp.route("/v1/connections", methods=["POST"])
@answered
def create() -> Response:
    """Join a shop, payment provider, bank or carrier; answers with its webhook address."""
    merchant_id = merchant(bp.current_request)
    new = body_as(bp.current_request.raw_body, NewConnection)
    if new.kind not in KINDS:
        choice = ", ".join(sorted(KINDS))
        raise Problem(400, "bad_field", f"kind: one of {choice}.", field="kind")
    connection = Connection(
        merchant_id=merchant_id,
        id=f"{merchant_id}-{base64.b32encode(random.token_bytes(10)).decode().lower()}",
        kind=new.kind,
        name=new.name or new.kind,
        created_at=clock.now(),
        reader=READERS.get(new.kind, ""),
        settings=new.settings,
    )
    known = _with_our_own(connection, new.secrets)
    if known:
        secrets.write(merchant_id, connection.id, known)
    Connections().create(connection)
    keep_asking(connection)
    connections_of.forget()
    return Response(_view(connection, []), status_code=201)


@bp.route("/v1/connections/{connection_id}", methods=["GET"])
@answered
def read(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Return one connection with its health."""
    connection = _own(merchant(bp.current_request), connection_id)
    return _view(connection, Inbox().problems(connection.merchant_id))


@bp.route("/v1/connections/{connection_id}/secrets", methods=["PUT"])
@answered
def rotate(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Replace secrets; the webhook secret of before is accepted until the next rotation."""
    connection = _own(merchant(bp.current_request), connection_id)
    new = body_as(bp.current_request.raw_body, NewSecrets)
    known = dict(secrets.fetch(connection.merchant_id, connection.id))
    given, current = new.secrets.get("webhook_secret"), known.get("webhook_secret", "")
    # Sent twice, the new secret must not push out the one of before.
    if given is not None and given != current:
        _check_secret(given)
        known["previous_webhook_secret"] = current
    secrets.write(connection.merchant_id, connection.id, known | new.secrets)
    keep_asking(connection)
    return _view(connection, [])


@bp.route("/v1/connections/{connection_id}", methods=["DELETE"])
@answered
def remove(connection_id: str) -> Response:
    """Cut a connection; its orders stay."""
    connection = _own(merchant(bp.current_request), connection_id)
    stop_asking(connection)
    Connections().delete(connection.merchant_id, connection.id)
    for name in (connection.id, kept_name(connection.id)):
        secrets.delete(connection.merchant_id, name)
    connections_of.forget()
    return Response("", status_code=204)


@bp.route("/v1/connections/{connection_id}/replay", methods=["POST"])
@answered
def replay(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Process this connection's failed deliveries again; forged ones never."""
    connection = _own(merchant(bp.current_request), connection_id)
    waiting = _problems_of(connection, Inbox().failed(connection.merchant_id))
    # Taken off the list first: one that fails again at once must stay on it.
    for problem in waiting:
        Inbox().solve(connection.merchant_id, problem.delivery.id)
    try:
        StepQueues().send(
            WakeUp(step=p.step, merchant_id=connection.merchant_id, delivery_id=p.delivery.id)
            for p in waiting
        )
    except Retryable:
        for p in waiting:
            Inbox().fail(connection.merchant_id, p.delivery.id, p.code, p.text)
        raise
    return {"replayed": len(waiting)}


def _own(merchant_id: str, connection_id: str) -> Connection:
    connection = Connections().load(connection_id)
    if connection is None or connection.merchant_id != merchant_id:
        raise not_found("connection")
    return connection


def _with_our_own(connection: Connection, given: dict[str, str]) -> dict[str, str]:
    """Return the secrets of a new connection, with those that we think of ourselves.

    A shop that we can call may be asked for its orders, and told the secret of its webhooks by us.
    """
    known = dict(given)
    if connection.kind == "local":
        known.setdefault("tracking_key", random.token_hex(16))
    is_reached = reach(connection, lambda *_: known) is not None
    if is_reached and "webhook_secret" not in known and takes_our_secret(connection.kind):
        known["webhook_secret"] = random.token_hex(20)
    is_told = is_reached or connection.kind in HANDSHAKE
    if connection.kind in SIGNED and ("webhook_secret" in known or not is_told):
        _check_secret(known.get("webhook_secret", ""))
    return known


def _check_secret(secret: str) -> None:
    if len(secret) < SHORTEST or not SECRET.fullmatch(secret):
        raise Problem(
            400,
            "bad_field",
            f"secrets.webhook_secret: at least {SHORTEST} characters, no blanks.",
            field="secrets.webhook_secret",
        )


def _view(connection: Connection, problems: list[InboxProblem]) -> dict[str, Any]:
    own = _problems_of(connection, problems)
    address = f"{public_url()}/webhooks/{connection.id}" if connection.kind in SIGNED else None
    return {
        "id": connection.id,
        "kind": connection.kind,
        "name": connection.name,
        "settings": connection.settings,
        "created_at": stamp(connection.created_at),
        "webhook_url": address,
        "health": {
            "state": "problems" if own or connection.levels else "ok",
            "problems": [_problem(problem) for problem in own],
            "levels": _levels(connection.levels) if connection.levels else None,
        },
    }


def _levels(trouble: LevelTrouble) -> dict[str, Any]:
    return {
        "at": stamp(trouble.at),
        "code": trouble.code,
        "text": trouble.text,
        "refused": trouble.refused,
    }


def _problems_of(connection: Connection, problems: Iterable[InboxProblem]) -> list[InboxProblem]:
    return [p for p in problems if p.delivery.connection_id == connection.id]


def _problem(problem: InboxProblem) -> dict[str, Any]:
    return {
        "delivery_id": problem.delivery.id,
        "received_at": stamp(problem.delivery.received_at),
        "code": problem.code,
        "text": problem.text,
        "body": problem.delivery.body[:SHOWN].decode(errors="replace"),
        "body_bytes": len(problem.delivery.body),
    }

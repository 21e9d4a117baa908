"""What can be asked of a connection: orders, webhooks, payouts, whether it answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api.auth import merchant
from chalicelib.api.jobs import job_view
from chalicelib.api.problems import Problem, answered, not_found
from chalicelib.providers.reach import tells_payouts
from chalicelib.providers.settling.port import PAYERS
from chalicelib.runtime import clock, secrets
from chalicelib.shops.port import can
from chalicelib.shops.reach import standing
from chalicelib.store.connections import Connections
from chalicelib.store.jobs import Jobs
from chalicelib.store.merchants import Merchants

if TYPE_CHECKING:
    from chalicelib.store.connections import Connection
    from chalicelib.store.jobs import Job

bp = Blueprint(__name__)

# Each kind of job, and what the shop must have a call for.
NEEDS = {
    "poll": "orders",
    "import_open": "open_orders",
    "register": "register",
    "check": "check",
    "push_levels": "set_levels",
}


@bp.route("/v1/connections/{connection_id}/poll", methods=["POST"])
@answered
def poll(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Ask the shop for the orders that were changed since the last time; answers with the job."""
    return _asked(connection_id, "poll")


@bp.route("/v1/connections/{connection_id}/import", methods=["POST"])
@answered
def import_open(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Take over the shop's orders that are not finished; answers with the job."""
    return _asked(connection_id, "import_open")


@bp.route("/v1/connections/{connection_id}/register", methods=["POST"])
@answered
def register(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Have the shop call our webhook; answers with the job."""
    return _asked(connection_id, "register")


@bp.route("/v1/connections/{connection_id}/check", methods=["POST"])
@answered
def check(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Ask the shop for its name with the credentials given; answers with the job."""
    return _asked(connection_id, "check")


@bp.route("/v1/connections/{connection_id}/levels", methods=["POST"])
@answered
def push_levels(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Tell the shop again what may be sold of every product; answers with the job."""
    return _asked(connection_id, "push_levels")


@bp.route("/v1/connections/{connection_id}/payouts", methods=["POST"])
@answered
def payouts(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Ask the provider what it has sent to the bank since the last time; answers with the job."""
    return _asked(connection_id, "payouts")


def _asked(connection_id: str, kind: str) -> Response:
    merchant_id = merchant(bp.current_request)
    connection = Connections().load(connection_id)
    if connection is None or connection.merchant_id != merchant_id:
        raise not_found("connection")
    return Response(job_view(ask(connection, kind)), status_code=202)


def ask(connection: Connection, kind: str) -> Job:
    """Start a job for a connection, if its shop has a call for it."""
    if not is_offered(connection, kind):
        text = f"A connection of the kind {connection.kind} has no call or no keys for this."
        raise Problem(422, "not_offered", text)
    return Jobs().ask(connection.merchant_id, kind, connection.id, clock.now())


def is_offered(connection: Connection, kind: str) -> bool:
    """Tell whether there is a call for a kind of job, and keys with which it may be made."""
    if kind == "payouts":
        return connection.kind in PAYERS and tells_payouts(
            connection, secrets.fetch(connection.merchant_id, connection.id)
        )
    return can(connection.kind, NEEDS[kind])


def keep_asking(connection: Connection) -> None:
    """Note what the sweeper shall start for a connection, after its settings or secrets changed.

    A shop that is to be told levels is told all of them now, not only at night.
    """
    kinds = standing(connection, secrets.fetch)
    kinds["payouts"] = is_offered(connection, "payouts")
    Merchants().note_standing(connection.merchant_id, connection.id, kinds)
    if kinds["push_levels"]:
        ask(connection, "push_levels")


def stop_asking(connection: Connection) -> None:
    """Note that nothing shall be started for a connection any more."""
    kinds = dict.fromkeys((*standing(connection, lambda *_: {}), "payouts"), False)
    Merchants().note_standing(connection.merchant_id, connection.id, kinds)

"""Connections: shops, payment providers, the bank and carriers; secrets go in and never out."""

from __future__ import annotations

import base64
import re
import secrets as random
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api.asking import keep_asking, stop_asking
from chalicelib.api.auth import merchant
from chalicelib.api.health import new_view, views
from chalicelib.api.problems import Problem, answered, body_as, not_found
from chalicelib.domain.errors import Permanent
from chalicelib.flow.steps import READERS
from chalicelib.payment.port import PROVIDERS as PAYMENT_PROVIDERS
from chalicelib.payment.port import provider
from chalicelib.providers.reach import is_opened
from chalicelib.runtime import clock, secrets
from chalicelib.runtime.kept import kept_name
from chalicelib.runtime.outside import is_inside
from chalicelib.runtime.settings import connection_of, connections_of
from chalicelib.shipping.port import PROVIDERS as CARRIERS
from chalicelib.shops.port import PROVIDERS as SHOPS
from chalicelib.shops.port import takes_our_secret
from chalicelib.shops.reach import enter
from chalicelib.store.connections import Connection, Connections

if TYPE_CHECKING:
    from collections.abc import Mapping

bp = Blueprint(__name__)
KINDS = {*READERS, *CARRIERS, *SHOPS, "bank"}
SHORTEST = 8
SIGNED = frozenset(READERS)
HANDSHAKE = frozenset({"shopware"})  # their secret is made when our app is installed
# Secrets with which we call a shop: whoever gives one of them wants that.
CREDENTIALS = frozenset(
    {"consumer_key", "consumer_secret", "access_token", "app_token", "client_id", "client_secret",
     "refresh_token", "keystring", "shared_secret"}
)  # fmt: skip
SWITCH = re.compile(r"on|off")
SWITCHES = {
    **dict.fromkeys(("poll", "writeback", "push_stock"), SWITCH),
    "reserve_units": re.compile(r"[0-9]{1,9}"),
}
SECRET = re.compile(r"\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewConnection:
    """What a merchant sends to join something to us."""

    kind: str
    name: str = ""
    settings: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionChanges:
    """What of a connection becomes another: its name, and the settings named."""

    name: str = ""
    settings: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecrets:
    """A rotation: the webhook secret of before stays valid beside the new one."""

    secrets: dict[str, str]


@bp.route("/v1/connections", methods=["GET"])
@answered
def index() -> Any:  # noqa: ANN401 - JSON
    """List the merchant's connections with their health."""
    merchant_id = merchant(bp.current_request)
    return {"items": views(Connections().list(merchant_id), merchant_id), "next": None}


@bp.route("/v1/connections", methods=["POST"])
@answered
def create() -> Response:
    """Join a shop, payment provider, bank or carrier; answers with its webhook address."""
    merchant_id = merchant(bp.current_request)
    connection = join(merchant_id, body_as(bp.current_request.raw_body, NewConnection))
    return Response(new_view(connection), status_code=201)


def join(merchant_id: str, new: NewConnection) -> Connection:
    """Make a connection; the problem names the field that is missing or wrong."""
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
    check_settings(connection)
    known = _with_our_own(connection, new.secrets)
    if known:
        secrets.write(merchant_id, connection.id, known)
    Connections().create(connection)
    keep_asking(connection)
    connections_of.forget()
    return connection


@bp.route("/v1/connections/{connection_id}", methods=["GET"])
@answered
def read(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Return one connection with its health."""
    merchant_id = merchant(bp.current_request)
    return views([own(merchant_id, connection_id)], merchant_id)[0]


@bp.route("/v1/connections/{connection_id}", methods=["PATCH"])
@answered
def change(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Rename a connection or change some of its settings; an empty one is taken out."""
    connection = own(merchant(bp.current_request), connection_id)
    changes = body_as(bp.current_request.raw_body, ConnectionChanges)
    return new_view(alter(connection, changes))


def alter(connection: Connection, changes: ConnectionChanges) -> Connection:
    """Change a connection as told; what is not named stays."""
    given = {**connection.settings, **changes.settings}
    altered = replace(
        connection,
        name=changes.name.strip() or connection.name,
        settings={name: value for name, value in given.items() if value.strip()},
    )
    check_settings(altered)
    known = secrets.fetch(connection.merchant_id, connection.id)
    check_reach(altered, known)
    check_provider(altered, known)
    Connections().change(altered)
    keep_asking(altered)
    connections_of.forget()
    connection_of.forget()
    return altered


@bp.route("/v1/connections/{connection_id}/secrets", methods=["PUT"])
@answered
def rotate(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Replace secrets; the webhook secret of before is accepted until the next rotation."""
    connection = own(merchant(bp.current_request), connection_id)
    renew(connection, body_as(bp.current_request.raw_body, NewSecrets).secrets)
    return new_view(connection)


def renew(connection: Connection, new: dict[str, str]) -> None:
    """Replace some of a connection's secrets."""
    known = dict(secrets.fetch(connection.merchant_id, connection.id))
    given, current = new.get("webhook_secret"), known.get("webhook_secret", "")
    # Sent twice, the new secret must not push out the one of before.
    if given is not None and given != current:
        _check_secret(given)
        known["previous_webhook_secret"] = current
    check_provider(connection, known | new)
    secrets.write(connection.merchant_id, connection.id, known | new)
    keep_asking(connection)


@bp.route("/v1/connections/{connection_id}", methods=["DELETE"])
@answered
def remove(connection_id: str) -> Response:
    """Cut a connection; its orders stay."""
    cut(own(merchant(bp.current_request), connection_id))
    return Response("", status_code=204)


def cut(connection: Connection) -> None:
    """Remove a connection with its secrets."""
    stop_asking(connection)
    Connections().delete(connection.merchant_id, connection.id)
    for name in (connection.id, kept_name(connection.id)):
        secrets.delete(connection.merchant_id, name)
    connections_of.forget()


def own(merchant_id: str, connection_id: str) -> Connection:
    """Return one of the merchant's connections; 404 for any other."""
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
    is_reached = check_reach(connection, known)
    if is_reached and "webhook_secret" not in known and takes_our_secret(connection.kind):
        known["webhook_secret"] = random.token_hex(20)
    check_provider(connection, known)
    if _is_checked_by_its_own(connection, known):
        return known
    is_told = is_reached or connection.kind in HANDSHAKE
    if connection.kind in SIGNED and ("webhook_secret" in known or not is_told):
        _check_secret(known.get("webhook_secret", ""))
    return known


def check_reach(connection: Connection, known: Mapping[str, str]) -> bool:
    """Tell whether we can call the shop; some of its keys without the others are refused by name.

    None at all is fine: then the shop calls us, and that is all.
    """
    if connection.kind not in SHOPS:
        return False
    try:
        enter(connection, lambda *_: known)
    except Permanent as error:
        field = error.text.partition(":")[0]
        if error.code == "not_set_up" and not known.keys() & CREDENTIALS:
            return False
        if error.code == "bad_address":
            raise Problem(
                400, "bad_address", f"settings.base_url: {error.text}", field="settings.base_url"
            ) from error
        if error.code != "not_set_up":
            raise
        raise Problem(400, "bad_field", f"{error.text}.", field=field) from error
    return True


def check_settings(connection: Connection) -> None:
    """Refuse switches and numbers that would be read as something else."""
    for name, text in connection.settings.items():
        wanted = SWITCHES.get(name)
        if wanted and text and not wanted.fullmatch(text):
            says = "must be on or off" if wanted is SWITCH else "must be a whole number, 0 or more"
            field = f"settings.{name}"
            raise Problem(400, "bad_field", f"{field}: {says}.", field=field)
    if is_inside(connection.settings.get("base_url", "")):
        text = "settings.base_url: must be an address on the internet."
        raise Problem(400, "bad_address", text, field="settings.base_url")


def check_provider(connection: Connection, known: Mapping[str, str]) -> None:
    """Refuse keys with which a payment provider could not be called, by the field that is wrong."""
    try:
        is_opened(connection, known)
    except Permanent as error:
        field = error.text.partition(":")[0]
        raise Problem(400, "bad_field", f"{error.text}.", field=field) from None


def _is_checked_by_its_own(connection: Connection, known: dict[str, str]) -> bool:
    """Tell whether the connector itself has looked at settings and secrets; 400 if it refuses."""
    if connection.kind not in PAYMENT_PROVIDERS:
        return False
    connector: Any = provider(connection.kind)
    if not hasattr(connector, "check"):
        return False
    try:
        connector.check(connection.settings, known)
    except Permanent as error:
        field = error.text.partition(":")[0]
        raise Problem(400, "bad_field", f"{error.text}.", field=field) from None
    return True


def _check_secret(secret: str) -> None:
    if len(secret) < SHORTEST or not SECRET.fullmatch(secret):
        raise Problem(
            400,
            "bad_field",
            f"secrets.webhook_secret: at least {SHORTEST} characters, no blanks.",
            field="secrets.webhook_secret",
        )

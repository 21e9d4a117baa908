"""The app of a Shopware shop: the manifest to install, and the two calls of its handshake."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint, Response

from chalicelib.api.asking import ask, keep_asking
from chalicelib.api.auth import merchant
from chalicelib.api.problems import Problem, answered, not_found
from chalicelib.domain.errors import Permanent
from chalicelib.runtime import clock, secrets
from chalicelib.runtime.settings import public_url
from chalicelib.shops import shopware_app
from chalicelib.store.connections import Connection, Connections

bp = Blueprint(__name__)
KIND = "shopware"


@bp.route("/v1/connections/{connection_id}/manifest.xml", methods=["GET"])
@answered
def manifest(connection_id: str) -> Response:
    """Return the app's manifest, which a merchant puts into a folder `Kontor` and installs."""
    merchant_id = merchant(bp.current_request)
    connection = _found(connection_id)
    if connection.merchant_id != merchant_id:
        raise not_found("connection")
    return manifest_of(connection)


def manifest_of(connection: Connection) -> Response:
    """Hand out the manifest with the connection's own secret, which is made when first asked."""
    merchant_id, connection_id = connection.merchant_id, connection.id
    known = dict(secrets.fetch(merchant_id, connection_id))
    if not known.get("app_secret"):
        known["app_secret"] = shopware_app.new_secret()
        secrets.write(merchant_id, connection_id, known)
    text = shopware_app.manifest(
        known,
        address=f"{public_url()}/webhooks/{connection_id}",
        register_address=f"{public_url()}/shopware/{connection_id}/register",
    )
    named = f'attachment; filename="{shopware_app.NAME}-manifest.xml"'
    return Response(
        text,
        headers={
            # Not `application/xml`: as a type of bank statements it is for bytes.
            "Content-Type": "application/vnd.shopware.manifest+xml",
            "Content-Disposition": named,
            "Cache-Control": "no-store",
        },
    )


@bp.route("/shopware/{connection_id}/register", methods=["GET"])
@answered
def register(connection_id: str) -> Any:  # noqa: ANN401 - JSON
    """Answer a shop that installs our app: with the proof, and a secret that it has to confirm."""
    connection, request = _found(connection_id), bp.current_request
    known = secrets.fetch(connection.merchant_id, connection.id)
    query = {name: str(text) for name, text in (request.query_params or {}).items()}
    try:
        answer, kept = shopware_app.registered(
            query, request.headers, known, connection.settings, clock.now()
        )
    except Permanent as error:
        raise _refused(error) from error
    secrets.write(connection.merchant_id, connection.id, {**known, **kept})
    return {**answer, "confirmation_url": f"{public_url()}/shopware/{connection_id}/confirm"}


@bp.route("/shopware/{connection_id}/confirm", methods=["POST"])
@answered
def confirm(connection_id: str) -> Response:
    """Take the credentials of a shop that has accepted our proof, and read its orders at once."""
    connection, request = _found(connection_id), bp.current_request
    known = secrets.fetch(connection.merchant_id, connection.id)
    raw = request.raw_body
    body = raw.encode() if isinstance(raw, str) else raw
    try:
        kept = shopware_app.confirmed(body, request.headers, known, connection.settings)
    except Permanent as error:
        raise _refused(error) from error
    secrets.write(connection.merchant_id, connection.id, kept)
    keep_asking(connection)
    ask(connection, "poll")
    return Response("", status_code=204)


def _found(connection_id: str) -> Connection:
    connection = Connections().load(connection_id)
    if connection is None or connection.kind != KIND:
        raise not_found("connection")
    return connection


def _refused(error: Permanent) -> Problem:
    """Return the problem with `error` too: the shop shows that word to whoever installs."""
    status = 401 if error.code == "bad_signature" else 422
    return Problem(status, error.code, error.text, error=error.text)

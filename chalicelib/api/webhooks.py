"""The webhook: check the signature over the raw bytes, save them, answer 2xx. Nothing else."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from http import HTTPStatus
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from chalice.app import Blueprint

from chalicelib.domain.deliveries import VERDICT, Delivery, Verdict, webhook_secrets
from chalicelib.domain.errors import Retryable
from chalicelib.intake.port import PROVIDERS as SHOPS
from chalicelib.payment.port import PROVIDERS as PAYMENT_PROVIDERS
from chalicelib.runtime import clock, secrets
from chalicelib.runtime.logging import count_bad_signature, log
from chalicelib.runtime.settings import connection_of, public_url
from chalicelib.store.inbox import Inbox, delivery_id, short

if TYPE_CHECKING:
    from chalicelib.intake.port import Shop
    from chalicelib.store.connections import Connection

bp = Blueprint(__name__)

CONNECTORS = {**SHOPS, **PAYMENT_PROVIDERS}
LARGEST = 4 * 1024 * 1024  # bytes; what Lambda takes in a request, base64 included, is 6 MB
UNTRUSTED = 64 * 1024  # bytes kept of what nobody has vouched for
NEWS = 5.0  # seconds after which secrets that did not fit are read again
# What is worth keeping of a request: the rest may hold credentials.
KEPT_HEADERS = (
    "x-wc-",
    "x-ebay-",
    "x-shopware-",
    "shopware-",
    "x-shopify-",
    "shopify-",
    "saleor-",
    "webhook-",
    "x-saleor-",
    "stripe-",
    "paypal-",
    "x-mollie-",
    "x-sumup-",
    "content-type",
    "user-agent",
)


@bp.lambda_function(name="webhook")
def webhook(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001
    """Answer one call of API Gateway (REST proxy format)."""
    name = str((event.get("pathParameters") or {}).get("connection_id", ""))
    if event.get("httpMethod") == "GET":
        return challenged(name, dict(event.get("queryStringParameters") or {}))
    try:
        status, code, detail = receive(name, _headers(event), _raw(event))
    except Retryable:
        log.exception("not saved", step="webhook", connection=name)
        status, code, detail = 503, "unavailable", "Not saved. Send it again."
    return _answer(status, code, detail)


def challenged(name: str, query: dict[str, str]) -> dict[str, Any]:
    """Prove to a shop that asks before its first delivery that this address is ours."""
    connection = connection_of(name)
    connector: Any = import_module(CONNECTORS[connection.kind]) if connection else None
    if connection is None or not hasattr(connector, "challenge_answer"):
        return _answer(404, "not_found", "Nothing is asked for here; deliveries are posted.")
    known = secrets.read(connection.merchant_id, connection.id, seconds=NEWS)
    answer = connector.challenge_answer(query, known, f"{public_url()}/webhooks/{name}")
    if not answer:
        return _answer(400, "bad_field", "challenge_code: must be given.")
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(answer),
    }


def _answer(status: int, code: str, detail: str) -> dict[str, Any]:
    body: dict[str, Any] = {"status": status, "code": code, "detail": detail}
    kind = "application/json"
    if status >= HTTPStatus.BAD_REQUEST:
        body |= {"type": f"urn:kontor:problem:{code}", "title": HTTPStatus(status).phrase}
        kind = "application/problem+json"
    return {"statusCode": status, "headers": {"Content-Type": kind}, "body": json.dumps(body)}


def receive(name: str, headers: dict[str, str], raw: bytes) -> tuple[int, str, str]:
    """Take one delivery for a connection; returns (HTTP status, code, sentence)."""
    connection = connection_of(name)
    if connection is None or not connection.reader:
        return 404, "unknown_connection", "There is no such connection."
    if len(raw) > LARGEST:
        _keep_problem(connection, headers, raw, "too_large", f"{len(raw)} bytes")
        return 413, "too_large", f"At most {LARGEST} bytes."
    connector: Shop = import_module(CONNECTORS[connection.kind])
    known = secrets.read(connection.merchant_id, connection.id)
    # Some shops sign with a key of their own, which the worker fetches from the shop.
    is_later = hasattr(connector, "verify_later") or hasattr(connector, "confirm")
    if not webhook_secrets(known) and not is_later:
        _keep_problem(connection, headers, raw, "no_secret", "The connection has no secret.")
        return 401, "bad_signature", "The connection has no secret to check signatures with."
    verdict = connector.verify(raw, headers, known, clock.now())
    if verdict is Verdict.FORGED:  # or signed with a secret that was set a moment ago
        known = secrets.read(connection.merchant_id, connection.id, seconds=NEWS)
        verdict = connector.verify(raw, headers, known, clock.now())
    if verdict is Verdict.PING:
        return 200, "pong", "The connection is set up."
    if verdict is not Verdict.GENUINE and not (is_later and verdict is Verdict.UNVERIFIED):
        count_bad_signature(connection.merchant_id, connection.id, step="webhook")
        _keep_problem(connection, headers, raw, "bad_signature", f"The signature is {verdict}.")
        return 401, "bad_signature", "The signature does not match."
    key = short(connector.delivery_key(raw, headers))
    delivery = _delivery(connection, headers, raw, key)
    if verdict is Verdict.UNVERIFIED:
        delivery = replace(delivery, headers={**delivery.headers, VERDICT: verdict})
    is_new = Inbox().save(delivery, step=connection.reader)
    return 202, "saved" if is_new else "known", "Saved." if is_new else "Known already."


def _delivery(connection: Connection, headers: dict[str, str], raw: bytes, key: str) -> Delivery:
    return Delivery(
        merchant_id=connection.merchant_id,
        connection_id=connection.id,
        kind=connection.kind,
        id=delivery_id(connection.id, key),
        received_at=clock.now(),
        headers={k: v for k, v in headers.items() if k.startswith(KEPT_HEADERS)},
        body=raw,
    )


def _keep_problem(
    connection: Connection, headers: dict[str, str], raw: bytes, code: str, text: str
) -> None:
    key = f"{code}-{hashlib.sha256(raw).hexdigest()[:32]}"
    delivery = _delivery(connection, headers, raw[:UNTRUSTED], key)
    Inbox().save_problem(delivery, code, text)


def _headers(event: dict[str, Any]) -> dict[str, str]:
    return {str(k).lower(): str(v) for k, v in (event.get("headers") or {}).items()}


def _raw(event: dict[str, Any]) -> bytes:
    body = event.get("body") or ""
    raw = base64.b64decode(body) if event.get("isBase64Encoded") else body.encode()
    # Some call without a body: what they are about stands in the address.
    return raw or urlencode(event.get("queryStringParameters") or {}).encode()

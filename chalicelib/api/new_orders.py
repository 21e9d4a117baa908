"""Orders that are handed to us: over the API, by phone; kept in the inbox like any delivery."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint, Response

from chalicelib.api.auth import merchant
from chalicelib.api.problems import Problem, answered, not_found
from chalicelib.api.view import order_view
from chalicelib.domain.deliveries import Delivery
from chalicelib.domain.errors import Permanent
from chalicelib.intake.perform import take_in
from chalicelib.intake.port import Snapshot, shop
from chalicelib.intake.reading import Field, read
from chalicelib.intake.schema import order_schema
from chalicelib.runtime import clock
from chalicelib.runtime.settings import connection_of, connections_of, public_url, settings_of
from chalicelib.store.connections import Connection, Connections
from chalicelib.store.inbox import Inbox, delivery_id
from chalicelib.store.orders import Orders

if TYPE_CHECKING:
    from chalicelib.domain.events import Policy
    from chalicelib.domain.order import Order

bp = Blueprint(__name__)
KIND = "generic"
LARGEST = 4 * 1024 * 1024  # bytes, as at the webhook
LONGEST_KEY = 255


@bp.route("/schemas/order.json", methods=["GET"], cors=True)
def schema() -> Any:  # noqa: ANN401 - JSON
    """Describe an order as JSON Schema 2020-12."""
    return Response(
        order_schema(f"{public_url()}/schemas/order.json"),
        headers={"Content-Type": "application/schema+json", "Cache-Control": "max-age=3600"},
    )


@bp.route("/v1/orders", methods=["POST"])
@answered
def create() -> Response:
    """Hand in an order; the same one again is the same order."""
    merchant_id, request = merchant(bp.current_request), bp.current_request
    raw = _bytes(request.raw_body)
    body = _read(raw)
    named = dict(request.query_params or {}).get("connection_id") or _text(body, "connection_id")
    key = str(request.headers.get("idempotency-key", "")).strip()
    order, is_new = place(source(merchant_id, named), raw, key)
    address = f"{public_url()}/v1/orders/{order.id}"
    return Response(
        order_view(order, clock.now(), base_url=public_url()) | {"url": address},
        status_code=201 if is_new else 200,
        headers={"Content-Type": "application/json", "Location": address},
    )


def source(merchant_id: str, named: str = "") -> Connection:
    """Return the generic connection named, or the one that every merchant has for its API."""
    wanted = named or f"{merchant_id}-api"
    found = connection_of(wanted)
    if found is not None and found.merchant_id == merchant_id and found.kind == KIND:
        return found
    if named and named != f"{merchant_id}-api":
        raise not_found("connection")
    made = Connection(
        merchant_id=merchant_id,
        id=wanted,
        kind=KIND,
        name="API",
        created_at=clock.now(),
        reader="intake",
    )
    Connections().ensure(made)
    connections_of.forget()
    return made


def place(connection: Connection, raw: bytes, key: str = "") -> tuple[Order, bool]:
    """Take in an order once per key; returns it, and whether this call has made it.

    The key is the caller's, else the order's own id. Problem 422 if it was used for another body.
    """
    body = _read(raw)
    if len(key) > LONGEST_KEY:
        raise Problem(400, "bad_field", f"Idempotency-Key: at most {LONGEST_KEY} characters.")
    key = key or f"order {_text(body, 'external_id')}"
    delivery = _delivery(connection, raw, key)
    snapshot = understood(delivery)
    is_first = Inbox().save(delivery, step="intake")
    if not is_first:
        delivery = _same(delivery, body)
        snapshot = understood(delivery)
    order = take_in(
        connection.merchant_id,
        snapshot,
        clock.now(),
        delivery_id=delivery.id,
        orders=Orders(),
        policy_of=_policy,
    )
    if order is None:
        raise Problem(404, "not_found", "There is no such order to cancel; it is noted.")
    return order, is_first and order.received.delivery_id == delivery.id


def understood(delivery: Delivery) -> Snapshot:
    """Translate an order, or answer with the field and the reason (422)."""
    try:
        found = shop(KIND).translate(delivery)
    except Permanent as error:
        field = error.text.partition(":")[0]
        raise Problem(422, error.code, f"{error.text}.", field=field) from error
    if not isinstance(found, Snapshot):
        raise Problem(422, "ignored", found.reason)
    return found


def _delivery(connection: Connection, raw: bytes, key: str) -> Delivery:
    name = hashlib.sha256(key.encode()).hexdigest()
    return Delivery(
        merchant_id=connection.merchant_id,
        connection_id=connection.id,
        kind=KIND,
        id=delivery_id(connection.id, f"key-{name}"),
        received_at=clock.now(),
        headers={"content-type": "application/json"},
        body=raw,
    )


def _same(delivery: Delivery, body: Field) -> Delivery:
    """Return the delivery that came first with this key; 422 if it was another order."""
    first = Inbox().load(delivery.merchant_id, delivery.id)
    if first is None or _content(read(first.body)) != _content(body):
        text = "This key came with another body. A change needs a key of its own."
        raise Problem(422, "idempotency_mismatch", text)
    return first


def _content(body: Field) -> dict[str, Any]:
    """Return what an order says; where it is sent to is no part of it."""
    whole = body.value if isinstance(body.value, dict) else {}
    return {name: value for name, value in whole.items() if name != "connection_id"}


def _policy(merchant_id: str) -> Policy:
    return settings_of(merchant_id).policy


def _bytes(body: str | bytes) -> bytes:
    return body if isinstance(body, bytes) else body.encode()


def _read(raw: bytes) -> Field:
    if len(raw) > LARGEST:
        raise Problem(413, "too_large", f"At most {LARGEST} bytes.")
    try:
        return read(raw)
    except Permanent as error:
        raise Problem(400, "not_json", f"{error.text}.") from error


def _text(body: Field, name: str) -> str:
    value = body.at(name).value
    return str(value) if isinstance(value, str | int) else ""

"""Our app in a Shopware shop: its manifest, and the handshake in which secrets are exchanged.

The shop proves with the manifest's secret that it was installed by somebody who has the manifest,
and we prove that we have it too. Each installation gets a secret of its own, which counts from the
shop's confirmation on; until then a running one goes on as it is.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets as random
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from xml.sax.saxutils import escape, quoteattr

from chalicelib.domain.errors import Permanent
from chalicelib.shops.port import needed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets

NAME = "Kontor"
VERSION = "1.0.0"
FRESH = timedelta(hours=1)  # the clocks of small shops are not always right
READS = (
    "order", "order_address", "order_customer", "order_delivery", "order_line_item",
    "order_transaction", "country", "country_state", "currency", "customer", "language", "locale",
    "payment_method", "product", "sales_channel", "shipping_method", "state_machine",
    "state_machine_history", "state_machine_state", "webhook",
)  # fmt: skip
WRITES = ("order", "order_delivery", "order_transaction", "product", "webhook")
STATES = {
    "order": ("in_progress", "completed", "cancelled"),
    "order_transaction": (
        "authorized", "paid", "paid_partially", "refunded", "refunded_partially", "cancelled",
        "failed", "chargeback",
    ),
    "order_delivery": ("shipped", "shipped_partially", "returned", "cancelled"),
}  # fmt: skip


def new_secret() -> str:
    """Return a secret of 64 characters, the fewest that a shop takes."""
    return random.token_hex(32)


def manifest(secrets: Secrets, *, address: str, register_address: str) -> str:
    """Return the manifest that a merchant installs; it holds the secret of this connection."""
    hooks = [
        f"<webhook name={quoteattr(event.replace('.', '-'))} url={quoteattr(address)}"
        f' event={quoteattr(event)} onlyLiveVersion="true"/>'
        for event in _events()
    ]
    permissions = [
        *(f"<read>{entity}</read>" for entity in READS),
        *(f"<update>{entity}</update>" for entity in WRITES),
        "<create>state_machine_history</create>",
    ]
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<manifest>",
        "  <meta>",
        f"    <name>{NAME}</name>",
        f"    <label>{NAME}</label>",
        "    <description>Brings orders to Kontor and takes parcels and stock back.</description>",
        f"    <author>{NAME}</author>",
        f"    <copyright>{NAME}</copyright>",
        f"    <version>{VERSION}</version>",
        "    <license>Apache-2.0</license>",
        "  </meta>",
        "  <setup>",
        f"    <registrationUrl>{escape(register_address)}</registrationUrl>",
        f"    <secret>{escape(needed(secrets, 'secrets.app_secret'))}</secret>",
        "  </setup>",
        "  <permissions>",
        *(f"    {line}" for line in permissions),
        "  </permissions>",
        "  <webhooks>",
        *(f"    {line}" for line in hooks),
        "  </webhooks>",
        "</manifest>",
    ]
    return "\n".join(lines) + "\n"


def _events() -> Iterator[str]:
    yield "checkout.order.placed"
    for machine, states in STATES.items():
        yield from (f"state_enter.{machine}.state.{state}" for state in states)
    yield from ("order.written", "order.deleted", "app.deleted")


def registered(
    query: Mapping[str, str],
    headers: Mapping[str, str],
    secrets: Secrets,
    settings: Mapping[str, str],
    now: datetime,
) -> tuple[dict[str, str], dict[str, str]]:
    """Answer a shop that installs the app; returns our proof, and the secrets to keep.

    A shop that is registered already signs with the secret of before as well, if its version does
    so; the manifest's secret is this connection's alone and has to be right in any case.
    """
    signed = "&".join(
        f"{name}={query.get(name, '')}" for name in ("shop-id", "shop-url", "timestamp")
    )
    app_secret = needed(secrets, "secrets.app_secret")
    _check(signed.encode(), headers.get("shopware-app-signature", ""), app_secret)
    if (second := headers.get("shopware-shop-signature")) is not None:
        _check(signed.encode(), second, secrets.get("webhook_secret", ""))
    _check_time(query.get("timestamp", ""), now)
    _check_host(query.get("shop-url", ""), settings)
    pending = new_secret()
    own = f"{query['shop-id']}{query['shop-url']}{NAME}"
    answer = {"proof": _signature(own.encode(), app_secret), "secret": pending}
    return answer, {"pending_secret": pending, "pending_shop": query["shop-id"]}


def confirmed(
    raw: bytes, headers: Mapping[str, str], secrets: Secrets, settings: Mapping[str, str]
) -> dict[str, str]:
    """Return the secrets of a connection after the shop's confirmation, the old one beside them.

    A confirmation that comes a second time changes nothing.
    """
    pending, current = secrets.get("pending_secret", ""), secrets.get("webhook_secret", "")
    given = headers.get("shopware-shop-signature", "")
    _check(raw, given, pending or current)
    if pending and (previous := headers.get("shopware-shop-signature-previous")) is not None:
        _check(raw, previous, current)
    body = _read(raw)
    if pending and body.get("shopId") != secrets.get("pending_shop"):
        raise Permanent("wrong_shop", "The confirmation is about another shop than was registered.")
    _check_host(str(body.get("shopUrl", "")), settings)
    kept = {name: text for name, text in secrets.items() if not name.startswith("pending_")}
    kept["client_id"] = needed(_texts(body), "secrets.apiKey")
    kept["client_secret"] = needed(_texts(body), "secrets.secretKey")
    kept["shop_id"] = str(body.get("shopId", ""))
    if pending:
        kept["webhook_secret"] = pending
        if current:
            kept["previous_webhook_secret"] = current
    return kept


def _read(raw: bytes) -> dict[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise Permanent("bad_payload", "body: must be an object of JSON")
    return found


def _texts(body: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in body.items() if isinstance(value, str)}


def _signature(message: bytes, secret: str) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _check(message: bytes, given: str, secret: str) -> None:
    right = _signature(message, secret)
    if not secret or not hmac.compare_digest(right.encode(), given.strip().encode()):
        raise Permanent("bad_signature", "The signature does not match.")


def _check_time(stamp: str, now: datetime) -> None:
    is_stamp = stamp.isascii() and stamp.isdigit() and len(stamp) < len(str(10**15))
    if not is_stamp or abs(now.timestamp() - int(stamp)) > FRESH.total_seconds():
        raise Permanent("bad_signature", "The call was signed at another time than now.")


def _check_host(shop_url: str, settings: Mapping[str, str]) -> None:
    wanted, given = _host(needed(settings, "settings.base_url")), _host(shop_url)
    if not wanted or given != wanted:
        text = f"This connection is for {wanted or 'no shop'}, the call came for {given or '-'}."
        raise Permanent("wrong_shop", text)


def _host(address: str) -> str:
    """Return host and port of an address; empty for what is none."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    return f"{parts.hostname}:{port}" if port else parts.hostname or ""

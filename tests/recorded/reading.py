"""Recorded bodies, written by us in the real shape, and the deliveries that bring them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from hypothesis import strategies as st

from chalicelib.domain.deliveries import Delivery
from chalicelib.intake.port import Snapshot, shop
from chalicelib.shops.port import Page

# What a field may hold when somebody else wrote it.
rubbish = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["1e999", "-0", "Infinity", "1_000", "9" * 400, "\ud83d", "2026-13-45", ""]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)

HERE = Path(__file__).parent
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
SECRET = "whsec-of-the-tests"
TOPIC_HEADER = {"woocommerce": "x-wc-webhook-topic", "shopify": "x-shopify-topic"}
FIRST_TOPIC = {"woocommerce": "order.created", "shopify": "orders/create"}
# Under which name the signature of a body is sent, with the time or without.
IN_BASE64 = {"woocommerce": "x-wc-webhook-signature", "shopify": "x-shopify-hmac-sha256"}
IN_HEX = {"saleor": "saleor-signature", "shopware": "shopware-shop-signature"}
STAMPED = {"stripe": "stripe-signature", "generic": "kontor-signature"}


def names(kind: str) -> list[str]:
    """Return what is recorded of one provider."""
    return sorted(path.stem for path in (HERE / kind).glob("*.json"))


def recorded(kind: str, name: str) -> dict[str, Any]:
    """Read one recorded body."""
    found: dict[str, Any] = json.loads((HERE / kind / f"{name}.json").read_text(encoding="utf-8"))
    return found


def raw(body: object) -> bytes:
    """Write a body as bytes; Decimal as the number it is."""
    return json.dumps(body, default=_number, ensure_ascii=False).encode("utf-8", "surrogatepass")


def delivery(kind: str, body: object, topic: str | None = None) -> Delivery:
    """Return a genuine delivery of a body; an empty topic leaves the header away."""
    topic = FIRST_TOPIC.get(kind, "") if topic is None else topic
    return Delivery(
        merchant_id="demo",
        connection_id=f"demo-{kind}",
        kind=kind,
        id="delivery-1",
        received_at=NOW,
        headers={TOPIC_HEADER[kind]: topic} if topic and kind in TOPIC_HEADER else {},
        body=body if isinstance(body, bytes) else raw(body),
    )


def read_all(kind: str, page: Page) -> list[Snapshot]:
    """Translate a page of polled orders, all of which must be orders."""
    found = [
        shop(kind).translate(replace(delivery(kind, body), headers=page.headers))
        for body in page.bodies
    ]
    assert all(isinstance(each, Snapshot) for each in found)
    return cast("list[Snapshot]", found)


def signed(kind: str, body: bytes, secret: str = SECRET, at: datetime = NOW) -> dict[str, str]:
    """Return the headers a provider signs a body with."""
    stamp = str(int(at.timestamp()))
    if kind in STAMPED:
        digest = _digest(secret, f"{stamp}.".encode() + body).hex()
        return {STAMPED[kind]: f"t={stamp},v1={digest}"}
    if kind == "etsy":
        digest = base64.b64encode(_digest(secret, f"msg_1.{stamp}.".encode() + body)).decode()
        named = {"webhook-id": "msg_1", "webhook-timestamp": stamp}
        return {"webhook-signature": f"v1,{digest}", **named}
    if kind == "mollie":
        digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return {"x-mollie-signature": f"sha256={digest}"}
    if kind == "amazon":
        return {"x-api-key": secret}
    if kind in IN_HEX:
        return {IN_HEX[kind]: _digest(secret, body).hex()}
    return {IN_BASE64[kind]: base64.b64encode(_digest(secret, body)).decode()}


def _digest(secret: str, message: bytes) -> bytes:
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


def key_of(kind: str, secret: str = SECRET) -> str:
    """Return a secret as a provider hands it out: Adyen's are written in hexadecimal."""
    is_hex = kind == "adyen" and bool(secret.strip())
    return hashlib.sha256(secret.encode()).hexdigest() if is_hex else secret


def sealed(kind: str, body: bytes, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    """Return a body and its headers as a provider signs them; Adyen signs inside the body."""
    if kind != "adyen":
        return body, signed(kind, body, secret)
    read = json.loads(body)
    for each in read["notificationItems"]:
        item = each["NotificationRequestItem"]
        names = ("pspReference", "originalReference", "merchantAccountCode", "merchantReference")
        fields = [*(item.get(name, "") for name in names), item["amount"]["value"]]
        fields += [item["amount"]["currency"], item["eventCode"], item["success"]]
        key = bytes.fromhex(key_of(kind, secret).strip())
        digest = hmac.new(key, ":".join(map(str, fields)).encode(), hashlib.sha256).digest()
        item["additionalData"] = {"hmacSignature": base64.b64encode(digest).decode()}
    return raw(read), {}


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to every value in a body."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    found: list[tuple[Any, ...]] = []
    for key, inner in pairs:
        found.append((*path, key))
        if isinstance(inner, dict | list):
            found += places(inner, (*path, key))
    return found


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError

"""Signs a webhook as its shop or payment provider would, over the very bytes that are sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Callable


def _mac(secret: str, message: bytes) -> bytes:
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


def woocommerce(raw: bytes, secret: str) -> dict[str, str]:
    """Return the header of a WooCommerce webhook."""
    return {"x-wc-webhook-signature": base64.b64encode(_mac(secret, raw)).decode()}


def shopify(raw: bytes, secret: str) -> dict[str, str]:
    """Return the header of a Shopify webhook."""
    return {"x-shopify-hmac-sha256": base64.b64encode(_mac(secret, raw)).decode()}


def stripe(raw: bytes, secret: str) -> dict[str, str]:
    """Return the header of a Stripe event, with the moment it is sent."""
    moment = int(time.time())
    signature = _mac(secret, f"{moment}.".encode() + raw).hex()
    return {"stripe-signature": f"t={moment},v1={signature}"}


SIGNERS: dict[str, Callable[[bytes, str], dict[str, str]]] = {
    "woocommerce": woocommerce,
    "shopify": shopify,
    "stripe": stripe,
}

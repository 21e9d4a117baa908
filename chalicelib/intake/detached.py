"""Signatures with public keys: JWS over a body that is sent beside it (RFC 7515 F, RFC 7797)."""

from __future__ import annotations

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

SMALLEST = 2048  # bits of an RSA key that is still safe


def is_signed(given: str, body: bytes, keys: Mapping[str, Any]) -> bool:
    """Check a detached RS256 signature (`header..signature`, b64=false) with a set of JWKs.

    Only this one algorithm counts, whatever the header says: it is the sender's word.
    """
    head, payload, signature = given.split(".")
    header = _object(head)
    if payload or header.get("alg") != "RS256" or header.get("b64") is not False:
        return False
    if header.get("crit") != ["b64"]:  # an extension that we do not know must not be passed over
        return False
    message = head.encode() + b"." + body
    return any(
        _is_signed(_bytes(signature), message, key)
        for key in keys.get("keys") or []
        if key.get("kty") == "RSA" and header.get("kid") in {key.get("kid"), None}
    )


def _is_signed(signature: bytes, message: bytes, key: Mapping[str, Any]) -> bool:
    # Heavy, and needed by nobody who has no such shop.
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415

    modulus = int.from_bytes(_bytes(str(key.get("n", ""))))
    exponent = int.from_bytes(_bytes(str(key.get("e", ""))))
    if modulus.bit_length() < SMALLEST:
        return False
    try:
        public = RSAPublicNumbers(exponent, modulus).public_key()
        public.verify(signature, message, PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError):
        return False
    return True


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(_bytes(part))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _bytes(part: str) -> bytes:
    """Decode base64 with the two signs of addresses and without its padding."""
    try:
        return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return b""

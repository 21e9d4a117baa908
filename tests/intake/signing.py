"""Signs as Saleor does: with a key of its own, over a body that is sent beside the signature."""

from __future__ import annotations

import base64
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

HEADER = {"alg": "RS256", "typ": "JWT", "kid": "1", "b64": False, "crit": ["b64"]}


@cache
def key(name: str = "1", bits: int = 2048) -> RSAPrivateKey:
    """Return a private key; each name has its own."""
    del name
    return generate_private_key(65537, bits)


def jwk(private: RSAPrivateKey, kid: str = "1") -> dict[str, Any]:
    """Return the public half as a shop publishes it."""
    public = private.public_key().public_numbers()
    return {"kty": "RSA", "use": "sig", "kid": kid, "n": _number(public.n), "e": _number(public.e)}


def sign(body: bytes, private: RSAPrivateKey, header: Any = HEADER) -> str:
    """Return `header..signature`."""
    head = _text(json.dumps(header).encode())
    message = head.encode() + b"." + body
    return f"{head}..{_text(private.sign(message, PKCS1v15(), SHA256()))}"


def _number(number: int) -> str:
    return _text(number.to_bytes((number.bit_length() + 7) // 8))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")

"""The carrier that needs no contract: the merchant's own delivery, or a courier without an API.

The number is `LX`, twelve characters of Crockford's base 32 of an HMAC over the reference, and a
check character modulo 37, so that the same parcel always has the same number and nobody guesses
another's. It cannot be confused with the number ranges of real carriers.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from chalicelib.domain.errors import Permanent
from chalicelib.shipping.port import Parcel, Registered

if TYPE_CHECKING:
    from chalicelib.domain.deliveries import Secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHECK = ALPHABET + "*~$=U"
LENGTH = 12


def register(parcel: Parcel, secrets: Secrets, tracking_page: str) -> Registered:
    """Give the parcel its number; Permanent if the connection has no key to derive it from."""
    key = secrets.get("tracking_key", "")
    if not key:
        raise Permanent("carrier_key", "The local carrier's connection has no tracking_key.")
    number = tracking_number(key, parcel.reference)
    return Registered(tracking_number=number, tracking_url=f"{tracking_page}/{number}")


def tracking_number(key: str, reference: str) -> str:
    """Derive the number of a reference."""
    digest = hmac.new(key.encode(), reference.encode(), hashlib.sha256).digest()
    value = int.from_bytes(digest, "big") % (32**LENGTH)
    body = "".join(ALPHABET[(value >> (5 * place)) & 31] for place in reversed(range(LENGTH)))
    return f"LX{body}{CHECK[value % 37]}"


def is_tracking_number(text: str) -> bool:
    """Tell whether a number has our form and its check character agrees."""
    body = text[2:-1]
    if len(text) != LENGTH + 3 or text[:2] != "LX" or any(sign not in ALPHABET for sign in body):
        return False
    value = 0
    for sign in body:
        value = value * 32 + ALPHABET.index(sign)
    return CHECK[value % 37] == text[-1]

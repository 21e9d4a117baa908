"""What the outside sends us: one webhook delivery, and what we think of its signature."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# Where a delivery carries what we think of its signature, if that is not settled yet. Nobody
# outside can write it: of the headers of a request only a shop's own are kept.
VERDICT = "x-kontor-verdict"
# What marks a test that the merchant asked for: its step says that it came, and makes nothing.
TEST = "x-kontor-test"
# Where a polled order carries the seller's own VAT in per cent, which marketplaces do not tell.
OWN_RATE = "x-kontor-tax-rate"

# A connection's secrets by name, e.g. `webhook_secret` and, for a day, `previous_webhook_secret`.
Secrets = Mapping[str, str]


class Verdict(StrEnum):
    """What the signature check found."""

    GENUINE = "genuine"
    FORGED = "forged"
    STALE = "stale"
    UNVERIFIED = "unverified"  # only the worker can check it, with a key it has to fetch
    PING = "ping"  # a test call that carries nothing and is not signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One delivery as it came in; `body` are the raw bytes, header names are lower case."""

    merchant_id: str
    connection_id: str
    kind: str
    id: str
    received_at: datetime
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_unverified(self) -> bool:
        """Tell whether nobody has checked the signature yet."""
        return self.headers.get(VERDICT) == Verdict.UNVERIFIED

    @property
    def is_test(self) -> bool:
        """Tell whether it is a test of ours, which must never become an order."""
        return TEST in self.headers


def webhook_secrets(secrets: Secrets) -> list[bytes]:
    """Return the current and, during a rotation, the previous secret; never an empty one."""
    names = ("webhook_secret", "previous_webhook_secret")
    return [secrets[name].encode() for name in names if secrets.get(name, "").strip()]


def is_signed(given: str, message: bytes, secrets: Secrets, *, encoding: str) -> bool:
    """Compare HMAC-SHA256 (`encoding` base64 or hex) in constant time against every secret."""
    found = False
    for secret in webhook_secrets(secrets):
        digest = hmac.new(secret, message, hashlib.sha256).digest()
        text = base64.b64encode(digest).decode() if encoding == "base64" else digest.hex()
        found |= hmac.compare_digest(text.encode(), given.strip().encode())
    return found

"""The newest token of a sign-in that hands out another each time, kept beside the secrets.

It is a parameter of its own, so that nobody who keeps one can overwrite what the merchant set.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.runtime import secrets
from chalicelib.runtime.logging import log


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptToken:
    """The newest token of one connection."""

    merchant_id: str
    connection_id: str

    def load(self, agreed: str) -> str:
        """Return the newest that came of this agreement; after a new one, that itself."""
        found = secrets.fetch(self.merchant_id, self._name)
        return found.get("token", agreed) if found.get("agreed") == _digest(agreed) else agreed

    def save(self, agreed: str, token: str) -> None:
        """Keep the newest; the token at hand is good for now even if that fails."""
        try:
            kept = {"agreed": _digest(agreed), "token": token}
            secrets.write(self.merchant_id, self._name, kept)
        except (ClientError, BotoCoreError):
            log.exception("token not kept", connection=self.connection_id)

    @property
    def _name(self) -> str:
        return kept_name(self.connection_id)


def kept_name(connection_id: str) -> str:
    """Return the name among the secrets under which a connection's newest token lies."""
    return f"tokens/{connection_id}"


def _digest(agreed: str) -> str:
    return hashlib.sha256(agreed.encode()).hexdigest()

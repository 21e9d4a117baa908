"""Sign-in by OAuth: a token is asked for once, used until shortly before its end, then anew."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from chalicelib.domain.errors import Permanent
from chalicelib.runtime.http import HttpApi, fixed

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalicelib.runtime.http import Sign

EARLY = 60.0  # seconds before its end at which a token is renewed
USUAL = 600.0  # seconds a token lives if nobody says
SECRET = ("client_secret", "refresh_token")
_tokens: dict[str, tuple[float, str]] = {}


class Kept(Protocol):
    """Where the newest token to sign in with is kept, if the outside hands out one each time."""

    def load(self, agreed: str) -> str:
        """Return the newest that came of what was agreed to; that itself if none did."""
        ...

    def save(self, agreed: str, token: str) -> None:
        """Keep the newest."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a token is asked for with: the full address, the fields, and headers of a sign-in."""

    address: str
    fields: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    is_json: bool = False
    kept: Kept | None = None

    @property
    def name(self) -> str:
        """Name the token by its credentials, so that no two connections share one."""
        parts = [self.address, sorted(self.fields.items()), sorted(self.headers.items())]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def client_credentials(
    address: str, client_id: str, client_secret: str, *, scope: str = "", is_json: bool = False
) -> Grant:
    """Sign in as the application itself."""
    fields = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret,
    }
    return Grant(address=address, fields=fields | _scoped(scope), is_json=is_json)


def refresh_token(
    address: str,
    token: str,
    *,
    client_id: str = "",
    client_secret: str = "",
    scope: str = "",
    headers: Mapping[str, str] | None = None,
    kept: Kept | None = None,
) -> Grant:
    """Sign in as whoever agreed once; without client fields these belong into `headers`.

    With `kept` the newest token that came of the agreement is used, and kept in its turn.
    """
    fields = {"grant_type": "refresh_token", "refresh_token": token}
    client = {"client_id": client_id, "client_secret": client_secret}
    fields |= {name: value for name, value in client.items() if value}
    return Grant(address=address, fields=fields | _scoped(scope), headers=headers or {}, kept=kept)


def bearer(grant: Grant, *, header: str = "authorization", scheme: str = "Bearer ") -> Sign:
    """Sign calls with the grant's token, e.g. `header="x-amz-access-token", scheme=""`."""

    def sign(is_refused: bool) -> dict[str, str]:  # noqa: FBT001 - the one argument of a hook
        until, token = _tokens.get(grant.name, (0.0, ""))
        if is_refused or time.monotonic() >= until:
            until, token = _fetch(grant)
            _tokens[grant.name] = until, token
        return {header: f"{scheme}{token}"}

    return sign


def _fetch(grant: Grant) -> tuple[float, str]:
    """Ask for a token; returns until when it is good, and the token."""
    answer = _asked(grant, grant.fields) if grant.kept is None else _rotated(grant, grant.kept)
    lives = float(answer.get("expires_in") or USUAL)
    return time.monotonic() + max(lives - EARLY, EARLY), str(answer["access_token"])


def _rotated(grant: Grant, kept: Kept) -> Any:  # noqa: ANN401 - JSON
    """Sign in with the newest token; where another was faster, with the one that it got."""
    agreed = grant.fields["refresh_token"]
    token = kept.load(agreed)
    try:
        answer = _asked(grant, {**grant.fields, "refresh_token": token})
    except Permanent:
        newest = kept.load(agreed)
        if newest == token:
            raise
        token = newest
        answer = _asked(grant, {**grant.fields, "refresh_token": token})
    fresh = str(answer.get("refresh_token") or token)
    if fresh != token:
        kept.save(agreed, fresh)
    return answer


def _asked(grant: Grant, fields: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    """Return the answer to a sign-in, which has a token."""
    parts = urlsplit(grant.address)
    secret = [fields[name] for name in SECRET if name in fields]
    api = HttpApi(f"{parts.scheme}://{parts.netloc}", fixed(**grant.headers), hide=secret)
    try:
        reply = api.call(
            "POST",
            parts.path,
            data=fields if grant.is_json else None,
            form=None if grant.is_json else fields,
        )
    except Permanent as error:
        raise Permanent(error.code, f"The sign-in was refused: {error.text}") from None
    answer = reply.json()
    if not isinstance(answer, dict) or not answer.get("access_token"):
        raise Permanent("outside_answer", "The sign-in was answered without a token.")
    return answer


def _scoped(scope: str) -> dict[str, str]:
    return {"scope": scope} if scope else {}

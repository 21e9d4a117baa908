"""Who is calling: a merchant's token, or the installation's root token."""

from __future__ import annotations

import hmac
import os
from typing import TYPE_CHECKING

from chalicelib.api.problems import Problem
from chalicelib.runtime.settings import Cached
from chalicelib.store.merchants import NAME, Merchants, fingerprint

if TYPE_CHECKING:
    from chalice.app import Request


def _known(token: str) -> str | None:
    merchant_id, _, _ = token.partition(".")
    is_known = bool(NAME.fullmatch(merchant_id)) and Merchants().knows_token(merchant_id, token)
    return merchant_id if is_known else None


known_merchant: Cached[str | None] = Cached(_known)


def _opened(key: str) -> tuple[str, int] | None:
    merchant_id, _, _ = key.partition(".")
    if not NAME.fullmatch(merchant_id):
        return None
    settings = Merchants().settings(merchant_id)
    wanted = settings.availability_key
    is_it = bool(wanted) and hmac.compare_digest(wanted.encode(), key.encode())
    return (merchant_id, settings.availability_cap) if is_it else None


# The merchant whose availability a key opens to everybody, and up to how many pieces.
opened_by: Cached[tuple[str, int] | None] = Cached(_opened)


def bearer(request: Request) -> str:
    """Return the bearer token of a request; 401 without one."""
    scheme, _, token = str(request.headers.get("authorization", "")).partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Problem(401, "no_token", "Send `Authorization: Bearer <token>`.")
    return token.strip()


def merchant(request: Request) -> str:
    """Return the merchant whose token the request carries; 401 for an unknown one."""
    merchant_id = known_merchant(bearer(request))
    if merchant_id is None:
        raise Problem(401, "bad_token", "This token is not known.")
    return merchant_id


def require_root(request: Request) -> None:
    """Let only the installation's root token pass."""
    wanted = os.environ.get("ROOT_TOKEN_SHA256", "")
    given = fingerprint(bearer(request))
    if not wanted or not hmac.compare_digest(wanted, given):
        raise Problem(401, "bad_token", "Only the installation's root token may do this.")

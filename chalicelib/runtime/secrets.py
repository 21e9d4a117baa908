"""Secrets of connections: SSM SecureString parameters, cached for a minute, never logged."""

from __future__ import annotations

import json
import os
import time
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.domain.errors import Retryable
from chalicelib.store import session

if TYPE_CHECKING:
    from chalicelib.domain.deliveries import Secrets

SECONDS = 60.0
_cached: dict[str, tuple[float, Secrets]] = {}


@cache
def _client() -> Any:  # noqa: ANN401 - botocore's clients are untyped
    return session.client("ssm")


def _name(merchant_id: str, connection_id: str) -> str:
    return f"/kontor/{os.environ['STAGE']}/{merchant_id}/{connection_id}"


def read(merchant_id: str, connection_id: str, *, seconds: float = SECONDS) -> Secrets:
    """Return a connection's secrets, at most so many seconds old; none at all if there are none."""
    name = _name(merchant_id, connection_id)
    at, secrets = _cached.get(name, (float("-inf"), {}))
    if time.monotonic() - at < seconds:
        return secrets
    secrets = fetch(merchant_id, connection_id)
    _cached[name] = (time.monotonic(), secrets)
    return secrets


def fetch(merchant_id: str, connection_id: str) -> Secrets:
    """Return a connection's secrets as they are now, for whoever changes them."""
    try:
        answer = _client().get_parameter(
            Name=_name(merchant_id, connection_id), WithDecryption=True
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == "ParameterNotFound":
            return {}
        raise Retryable("secrets", f"SSM: {error}") from error
    except BotoCoreError as error:
        raise Retryable("secrets", f"SSM: {error}") from error
    secrets: Secrets = json.loads(answer["Parameter"]["Value"])
    return secrets


def write(merchant_id: str, connection_id: str, secrets: Secrets) -> None:
    """Keep a connection's secrets, replacing what was there."""
    name = _name(merchant_id, connection_id)
    _client().put_parameter(
        Name=name, Value=json.dumps(dict(secrets)), Type="SecureString", Overwrite=True
    )
    _cached.pop(name, None)


def delete(merchant_id: str, connection_id: str) -> None:
    """Forget a connection's secrets."""
    name = _name(merchant_id, connection_id)
    with suppress(_client().exceptions.ParameterNotFound):
        _client().delete_parameter(Name=name)
    _cached.pop(name, None)

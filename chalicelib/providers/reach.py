"""The way to the payment provider of a connection, as far as the merchant has opened it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Permanent
from chalicelib.providers.port import PROVIDERS, provider
from chalicelib.providers.settling.port import PAYERS, may_ask, payer, way_to
from chalicelib.runtime.http import Api, HttpApi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.store.connections import Connection

# Secrets with which we call a provider: whoever gives one of them wants that.
CREDENTIALS = frozenset({"api_key", "client_id", "client_secret", "username", "password"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A provider, and the way to it with the merchant's own credentials."""

    kind: str
    connection_id: str
    provider: Any
    api: Api


def enter(
    connection: Connection,
    secrets_of: Callable[[str, str], Secrets],
    call: Callable[..., Api] = HttpApi,
) -> Reached:
    """Return the way to a connection's provider; Permanent(`not_set_up`) names what is missing."""
    found = provider(connection.kind)
    secrets = secrets_of(connection.merchant_id, connection.id)
    return Reached(
        kind=connection.kind,
        connection_id=connection.id,
        provider=found,
        api=found.connect(connection.settings, secrets, call),
    )


def is_opened(connection: Connection, secrets: Secrets) -> bool:
    """Tell whether a provider may be called; some of its keys without the others are refused.

    Permanent(`not_set_up`) names what is missing. None at all is fine: then it calls us.
    """
    if connection.kind not in PROVIDERS or not secrets.keys() & CREDENTIALS:
        return False
    enter(connection, lambda *_: secrets)
    return True


def reach(
    connections: Iterable[Connection],
    secrets_of: Callable[[str, str], Secrets],
    call: Callable[..., Api] = HttpApi,
) -> list[Reached]:
    """Return the way to each provider among them whose credentials we were given."""
    found = []
    for connection in connections:
        if connection.kind not in PROVIDERS:
            continue
        try:
            found.append(enter(connection, secrets_of, call))
        except Permanent as error:
            if error.code != "not_set_up":
                raise
    return found


def enter_payouts(
    connection: Connection,
    secrets_of: Callable[[str, str], Secrets],
    call: Callable[..., Api] = HttpApi,
) -> Reached:
    """Return the way to where a connection's provider tells its payouts, as `enter` does."""
    secrets = secrets_of(connection.merchant_id, connection.id)
    connect = way_to(connection.kind, provider(connection.kind).connect)
    return Reached(
        kind=connection.kind,
        connection_id=connection.id,
        provider=payer(connection.kind),
        api=connect(connection.settings, secrets, call),
    )


def tells_payouts(connection: Connection, secrets: Secrets) -> bool:
    """Tell whether a connection's provider can be asked what it has sent to the bank."""
    if connection.kind not in PAYERS or not may_ask(connection.kind, secrets):
        return False
    try:
        enter_payouts(connection, lambda *_: secrets)
    except Permanent as error:
        if error.code != "not_set_up":
            raise
        return False
    return True

"""The way to the shop of a connection, as far as the merchant has opened it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Permanent
from chalicelib.runtime.kept import KeptToken
from chalicelib.shops.port import PROVIDERS, can, shop

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.runtime.http import Api
    from chalicelib.store.connections import Connection

# What a shop may hear of an order.
TELLS = ("ship", "cancel")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """A shop, and the way to it with the merchant's own credentials."""

    shop: Any
    api: Api


def enter(connection: Connection, secrets_of: Callable[[str, str], Secrets]) -> Reached:
    """Return the way to a connection's shop; Permanent(`not_set_up`) names what is missing."""
    found = shop(connection.kind)
    secrets = secrets_of(connection.merchant_id, connection.id)
    if not getattr(found, "ROTATES", False):
        return Reached(shop=found, api=found.connect(connection.settings, secrets))
    kept = KeptToken(merchant_id=connection.merchant_id, connection_id=connection.id)
    return Reached(shop=found, api=found.connect(connection.settings, secrets, kept))


def reach(
    connection: Connection | None, secrets_of: Callable[[str, str], Secrets]
) -> Reached | None:
    """Return the way to a connection's shop; None where it has no interface or no credentials."""
    if connection is None or connection.kind not in PROVIDERS:
        return None
    try:
        return enter(connection, secrets_of)
    except Permanent as error:
        if error.code != "not_set_up":
            raise
        return None


def takes_levels(connection: Connection) -> bool:
    """Tell whether the merchant wants this shop told what may be sold, and it has a call for it."""
    return connection.settings.get("push_stock") == "on" and can(connection.kind, "set_levels")


def is_polled(connection: Connection) -> bool:
    """Tell whether the merchant lets us ask this shop for its orders, and it has a call for it."""
    return connection.settings.get("poll", "on") != "off" and can(connection.kind, "orders")


def standing(connection: Connection, secrets_of: Callable[[str, str], Secrets]) -> dict[str, bool]:
    """Return which jobs go on by themselves for a connection: with credentials, and as wished."""
    try:
        reached = reach(connection, secrets_of) is not None
    except Permanent:
        reached = False  # an address that is none; whoever tests the connection reads why
    return {
        "poll": reached and is_polled(connection),
        "push_levels": reached and takes_levels(connection),
    }


def is_told(connection: Connection) -> bool:
    """Tell whether the merchant lets us tell this shop what becomes of its orders."""
    return connection.settings.get("writeback", "on") != "off"


def tells(
    connection: Connection | None, secrets_of: Callable[[str, str], Secrets]
) -> tuple[str, ...]:
    """Return what the shop of a connection is to hear of its orders; it is frozen into each."""
    if connection is None or not is_told(connection):
        return ()
    offered = tuple(what for what in TELLS if can(connection.kind, what))
    try:
        return offered if offered and reach(connection, secrets_of) else ()
    except Permanent:
        return ()  # an address that is none must not keep an order from coming in

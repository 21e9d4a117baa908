"""A merchant's settings and connections, cached for a minute in a warm Lambda."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from chalicelib.store.connections import Connection, Connections
from chalicelib.store.merchants import Merchants, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS = 60.0
T = TypeVar("T")


class Cached(Generic[T]):
    """Remembers what a look-up found for a minute; nothing found is not remembered."""

    def __init__(self, look_up: Callable[[str], T]) -> None:
        """Take the look-up whose answers to remember."""
        self._look_up = look_up
        self._known: dict[str, tuple[float, T]] = {}

    def __call__(self, key: str) -> T:
        """Return what is known, asking again after a minute."""
        until, value = self._known.get(key, (0.0, None))
        if value is None or time.monotonic() >= until:
            value = self._look_up(key)
            if value is not None:
                self._known[key] = (time.monotonic() + SECONDS, value)
        return value

    def forget(self) -> None:
        """Ask anew next time."""
        self._known.clear()


def _settings(merchant_id: str) -> Settings:
    return Merchants().settings(merchant_id)


def _connection(connection_id: str) -> Connection | None:
    return Connections().load(connection_id)


def _connections(merchant_id: str) -> list[Connection]:
    return Connections().list(merchant_id)


settings_of: Cached[Settings] = Cached(_settings)
connection_of: Cached[Connection | None] = Cached(_connection)
connections_of: Cached[list[Connection]] = Cached(_connections)


def sold_from(merchant_id: str) -> tuple[str, ...]:
    """Return the locations whose units a merchant sells."""
    return tuple(location.id for location in settings_of(merchant_id).locations)


def public_url() -> str:
    """Return the address under which the outside reaches this installation, without a slash."""
    return os.environ.get("PUBLIC_URL", "").rstrip("/")

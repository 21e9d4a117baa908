"""What a shop must do for this step, and the way to it; the shops are in `chalicelib.shops`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from chalicelib.shops.reach import is_told, reach

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.shops.port import Parcel
    from chalicelib.shops.reach import Reached
    from chalicelib.store.connections import Connection


class Counterpart(Protocol):
    """A shop that is told; telling it again what it knows must change nothing there.

    Raises Retryable where the shop is away, Permanent where it refuses, in its own words.
    """

    def ship(self, parcel: Parcel) -> str:
        """Tell of a parcel and return the shop's own name of it."""
        ...

    def cancel(self, order_id: str, reason: str) -> str:
        """Have the order cancelled and return the shop's own name of it."""
        ...


class Line:
    """A shop at the other end of its own interface."""

    def __init__(self, reached: Reached) -> None:
        """Take the shop and the way to it."""
        self._shop, self._api = reached.shop, reached.api

    def ship(self, parcel: Parcel) -> str:
        """Tell of a parcel."""
        return str(self._shop.ship(self._api, parcel))

    def cancel(self, order_id: str, reason: str) -> str:
        """Have the order cancelled."""
        return str(self._shop.cancel(self._api, order_id, reason))


def counterpart(
    connection: Connection | None, secrets_of: Callable[[str, str], Secrets]
) -> Counterpart | None:
    """Return the shop of a connection; None where it cannot be told, or no longer shall be."""
    if connection is None or not is_told(connection):
        return None
    reached = reach(connection, secrets_of)
    return Line(reached) if reached else None

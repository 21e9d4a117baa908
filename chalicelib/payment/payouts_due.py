"""Has payouts asked for of connections whose keys were given before there was a job for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.payment.payouts import KIND
from chalicelib.providers.reach import tells_payouts
from chalicelib.providers.settling.port import PAYERS
from chalicelib.runtime import secrets
from chalicelib.store.connections import Connections
from chalicelib.store.jobs import wake_standing
from chalicelib.store.merchants import Merchants

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from datetime import datetime

    from chalicelib.domain.deliveries import Secrets
    from chalicelib.store.connections import Connection


def wake_payouts(merchant_id: str, now: datetime) -> None:
    """Start the job of each connection that the sweeper does not start itself."""
    connections = [x for x in Connections().list(merchant_id) if x.kind in PAYERS]
    if connections:
        started = Merchants().standing(merchant_id)
        for name in unasked(connections, started, secrets.read):
            wake_standing(merchant_id, KIND, name, now)


def unasked(
    connections: Iterable[Connection],
    started: Collection[tuple[str, str]],
    secrets_of: Callable[[str, str], Secrets],
) -> Iterator[str]:
    """Yield the connections that may tell payouts and whose job nobody starts."""
    for one in connections:
        is_started = (KIND, one.id) in started
        if not is_started and tells_payouts(one, secrets_of(one.merchant_id, one.id)):
            yield one.id

"""Whether a delivery may be read, and with what: the webhook may have left that to the worker.

Nothing unverified changes an order.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from chalicelib.domain.errors import Permanent
from chalicelib.payment.port import SETTING, Way, provider
from chalicelib.runtime.logging import count_bad_signature

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.domain.deliveries import Delivery, Secrets
    from chalicelib.runtime.http import Api
    from chalicelib.store.connections import Connection


def trust(
    delivery: Delivery,
    connection: Connection | None,
    secrets_of: Callable[[str, str], Secrets],
    call: Callable[..., Api],
) -> Delivery:
    """Return what may be read: the delivery as it is, or what its provider says when asked.

    Permanent(`bad_signature`) for one that is not its connection's own.
    """
    connector: Any = provider(delivery.kind)
    settings = connection.settings if connection else {}
    names = getattr(connector, "SETTINGS", ())
    told = {f"{SETTING}{name}": settings[name] for name in names if name in settings}
    if told:
        delivery = replace(delivery, headers={**delivery.headers, **told})
    lacks = getattr(connector, "lacks", None)
    if not delivery.is_unverified and not (lacks and lacks(delivery)):
        return delivery
    if connection is None or not hasattr(connector, "confirm"):
        raise Permanent("bad_signature", "The connection that could check the signature is gone.")
    secrets = secrets_of(connection.merchant_id, connection.id)
    try:
        found: Delivery = connector.confirm(
            delivery, Way(settings=settings, secrets=secrets, call=call)
        )
    except Permanent as error:
        if error.code == "bad_signature":
            count_bad_signature(delivery.merchant_id, delivery.connection_id, step="payment")
        raise
    return found

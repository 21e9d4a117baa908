"""Whether a delivery may be read: what the webhook could not check is checked here, first of all.

Nothing unverified changes an order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalicelib.domain.deliveries import Verdict
from chalicelib.domain.errors import Permanent
from chalicelib.intake.port import shop
from chalicelib.runtime.logging import count_bad_signature
from chalicelib.shops.reach import enter

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.domain.deliveries import Delivery, Secrets
    from chalicelib.store.connections import Connection


def trust(
    delivery: Delivery,
    connection: Connection | None,
    secrets_of: Callable[[str, str], Secrets],
) -> None:
    """Raise Permanent (`bad_signature`, `wrong_shop`) unless a delivery is its connection's own."""
    connector: Any = shop(delivery.kind)
    if connection is not None and hasattr(connector, "stranger"):
        stranger = connector.stranger(delivery, connection.settings)
        if stranger:
            text = f"The delivery is from {stranger}, and this connection is for another shop."
            raise Permanent("wrong_shop", text)
    if not delivery.is_unverified:
        return
    if connection is None or not hasattr(connector, "verify_later"):
        raise Permanent("bad_signature", "The connection that could check the signature is gone.")
    verdict = connector.verify_later(delivery, enter(connection, secrets_of).api)
    if verdict is not Verdict.GENUINE:
        count_bad_signature(delivery.merchant_id, delivery.connection_id, step="intake")
        raise Permanent("bad_signature", f"The signature is {verdict}.")

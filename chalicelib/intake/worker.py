"""The Lambda function of step 1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.intake.perform import perform
from chalicelib.intake.trust import trust
from chalicelib.runtime import clock, secrets
from chalicelib.runtime.batch import delivery_in, each, wake_up
from chalicelib.runtime.settings import connection_of, settings_of
from chalicelib.shops.reach import tells
from chalicelib.store.inbox import Inbox
from chalicelib.store.jobs import wake_standing
from chalicelib.store.orders import Orders

if TYPE_CHECKING:
    from chalicelib.domain.deliveries import Delivery
    from chalicelib.domain.events import Policy

bp = Blueprint(__name__)


def policy_of(merchant_id: str) -> Policy:
    """Return the merchant's rules of today."""
    return settings_of(merchant_id).policy


def tells_of(connection_id: str) -> tuple[str, ...]:
    """Return what the shop of a connection is to hear of its orders from now on."""
    return tells(connection_of(connection_id), secrets.read)


def read_now(merchant_id: str, connection_id: str) -> None:
    """Have the orders of a connection read, now and not at the next poll."""
    wake_standing(merchant_id, "poll", connection_id, clock.now())


def trust_own(delivery: Delivery) -> None:
    """Raise Permanent unless a delivery is its connection's own."""
    trust(delivery, connection_of(delivery.connection_id), secrets.read)


@bp.on_sqs_message(queue_arn="arn:placeholder:intake", name="intake", batch_size=10)
def intake(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Take in the deliveries named."""
    inbox, orders = Inbox(), Orders()

    def one(body: dict[str, Any]) -> None:
        wake = wake_up(body)
        perform(
            wake.merchant_id,
            wake.delivery_id,
            clock.now(),
            inbox=inbox,
            orders=orders,
            policy_of=policy_of,
            read_now=read_now,
            tells_of=tells_of,
            trust=trust_own,
            known=delivery_in(wake),
        )

    return each(event, "intake", one)

"""The Lambda function of step 3."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from chalice.app import Blueprint

from chalicelib.payment.asking import asking
from chalicelib.payment.decide import decide
from chalicelib.payment.dunning import AsLoaded, Collector
from chalicelib.payment.perform import Ledger
from chalicelib.payment.refunds import Payer
from chalicelib.payment.trust import trust
from chalicelib.runtime import clock, secrets
from chalicelib.runtime.batch import delivery_in, each, wake_up
from chalicelib.runtime.http import HttpApi
from chalicelib.runtime.settings import connection_of, connections_of
from chalicelib.runtime.step import Step, run
from chalicelib.store.inbox import Inbox
from chalicelib.store.orders import Orders
from chalicelib.store.payments import Payments
from chalicelib.store.reports import announce
from chalicelib.store.transfers import Transfers
from chalicelib.store.worklists import Worklists

if TYPE_CHECKING:
    from collections.abc import Iterable

    from chalicelib.domain.deliveries import Delivery

bp = Blueprint(__name__)
numbered = Worklists().numbered
ask = asking(
    connections_of, secrets.read, Payments().order_of, numbered, remember=Payments().remember
)
payer = Payer(
    connections_of=connections_of,
    secrets_of=secrets.read,
    transfers=Transfers(),
    otherwise=Collector(ask).perform,
)
step = Step(name="payment", decide=decide, perform=payer.perform, orders=AsLoaded(Orders()))


def shops_of(merchant_id: str) -> Iterable[str]:
    """Return the shops, whose orders a payment may name."""
    return [one.id for one in connections_of(merchant_id) if one.reader == "intake"]


def trusted(delivery: Delivery) -> Delivery:
    """Return what may be read of a delivery; Permanent unless it is its connection's own."""
    return trust(delivery, connection_of(delivery.connection_id), secrets.read, HttpApi)


@bp.on_sqs_message(queue_arn="arn:placeholder:payment", name="payment", batch_size=10)
def payment(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Book the deliveries named, and look at the orders named."""
    ledger = Ledger(
        inbox=Inbox(),
        orders=Orders(),
        parking=Payments(),
        shops_of=shops_of,
        numbered=numbered,
        trust=trusted,
        announce=announce,
    )

    def one(body: dict[str, Any]) -> None:
        wake = wake_up(body)
        if wake.delivery_id:
            ledger.take(wake.merchant_id, wake.delivery_id, clock.now(), delivery_in(wake))
        elif wake.payment_id:
            ledger.retry(wake.merchant_id, wake.payment_id, clock.now())
        else:
            run(step, wake.merchant_id, wake.order_id)

    return each(event, "payment", one)

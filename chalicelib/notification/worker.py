"""The Lambda function of step 6."""

from __future__ import annotations

from typing import Any

from chalice.app import Blueprint

from chalicelib.notification.decide import decide
from chalicelib.notification.perform import Post, reported
from chalicelib.notification.ses import Ses
from chalicelib.notification.ses_reports import SesReports
from chalicelib.runtime.batch import each, order_in, wake_up
from chalicelib.runtime.settings import public_url, settings_of
from chalicelib.runtime.step import Step, run
from chalicelib.store.bucket import Bucket
from chalicelib.store.orders import Orders

bp = Blueprint(__name__)
post = Post(
    mailer=Ses(),
    reports=SesReports(),
    archive=Bucket(),
    sender_of=settings_of,
    base_url=public_url,
)
step = Step(name="notification", decide=decide, perform=post.perform, orders=Orders())


def handle(body: dict[str, Any]) -> None:
    """Send the mails an order asks for, or book what SES could not deliver."""
    if "mail_event" in body:
        report = body["mail_event"]
        tags = report["mail"]["tags"]
        order = step.orders.load(tags["merchant_id"][0], tags["order_id"][0])
        if order is not None:
            step.orders.record(order, reported(order, report, step.now()))
    else:
        wake = wake_up(body)
        run(step, wake.merchant_id, wake.order_id, order_in(wake))


@bp.on_sqs_message(queue_arn="arn:placeholder:notification", name="notification", batch_size=10)
def notification(event: Any) -> Any:  # noqa: ANN401 - Chalice is untyped
    """Write to the customers of the orders named."""
    return each(event, step.name, handle)

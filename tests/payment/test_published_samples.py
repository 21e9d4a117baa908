"""What the providers themselves publish: each file is a movement, or says why it is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chalicelib.payment.port import Ignored, MovementKind, Notice, Read, read
from tests.recorded.reading import delivery

BESIDE = Path(__file__).parents[3] / "shared" / "samples"
FILES = sorted(
    path for kind in ("stripe", "paypal", "mollie", "adyen") for path in (BESIDE / kind).glob("*")
)
# Stripe publishes most things without the event that tells of them.
EVENT_OF = {
    "charge": "charge.succeeded",
    "checkout.session": "checkout.session.completed",
    "dispute": "charge.dispute.funds_withdrawn",
    "payment_intent": "payment_intent.succeeded",
    "refund": "refund.created",
    "balance_transaction": "balance.available",
}
MOVING = {
    "stripe/dispute.json": MovementKind.CHARGED_BACK,
    "stripe/djstripe-dispute-dp.json": MovementKind.CHARGED_BACK,
    "stripe/refund.json": MovementKind.REFUNDED,
    "paypal/verify-webhook-signature-request.json": MovementKind.AUTHORIZED,
    "adyen/authorisation.json": MovementKind.AUTHORIZED,
    "adyen/capture.json": MovementKind.RECEIVED,
    "adyen/capture-failed.json": MovementKind.CHARGED_BACK,
    "adyen/cancellation.json": MovementKind.AUTHORIZATION_VOIDED,
    "adyen/expire.json": MovementKind.AUTHORIZATION_VOIDED,
    "adyen/chargeback.json": MovementKind.CHARGED_BACK,
    "adyen/refund.json": MovementKind.REFUND_FAILED,  # refused at once
    "adyen/refund-failed.json": MovementKind.REFUND_FAILED,
    "adyen/hmac-vector-backslash.json": MovementKind.AUTHORIZED,
    "adyen/hmac-vector-forwardslash.json": MovementKind.AUTHORIZED,
    "mollie/balance_transactions_list.json": MovementKind.FEE,
}


def bodies(path: Path) -> list[Any]:
    """Return a sample as the provider would send it."""
    kind, body = path.parent.name, json.loads(path.read_bytes())
    if kind == "stripe" and body["object"] != "event":
        body = {"id": "evt_1", "type": EVENT_OF[body["object"]], "data": {"object": body}}
    elif kind == "paypal":
        body = body["webhook_event"]
    elif kind == "mollie" and "count" in body:
        [listed] = body["_embedded"].values()
        return list(listed)
    elif kind == "adyen" and "notificationItems" not in body:
        body = {"notificationItems": [{"NotificationRequestItem": body}]}
    return [body]


@pytest.mark.skipif(not FILES, reason="no samples beside the project")
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_published_sample_is_read(path: Path) -> None:
    """Those that move money do, the others give a reason."""
    found: list[Read] = []
    for body in bodies(path):
        found += read(delivery(path.parent.name, body))
    assert found
    assert all(each.reason for each in found if isinstance(each, Ignored))
    kinds = {each.kind for each in found if isinstance(each, Notice)}
    wanted = MOVING.get(f"{path.parent.name}/{path.name}")
    assert kinds == ({wanted} if wanted else set())

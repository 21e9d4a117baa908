"""A shop and a payment provider that knock at the webhook, signed as they sign."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from typing import Any

from chalicelib.api.webhooks import webhook
from chalicelib.intake.worker import intake
from chalicelib.payment.worker import payment
from tests.api.conftest import Answer, Caller

SECRET = "a secret of the shop".replace(" ", "-")
WORKERS = {"intake": intake, "payment": payment}


@dataclass
class Shop:
    """A connection of a merchant, and what sends to it."""

    call: Caller
    id: str
    kind: str

    def send(self, body: bytes, *, secret: str = SECRET, **headers: str) -> Answer:
        """Send a signed body."""
        return knock(self.id, body, self.signed(body, secret) | headers)

    def signed(self, body: bytes, secret: str = SECRET) -> dict[str, str]:
        """Return the headers of a genuine delivery."""
        if self.kind == "stripe":
            stamp = str(int(time.time()))
            digest = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
            return {"Stripe-Signature": f"t={stamp},v1={digest.hexdigest()}"}
        digest = hmac.new(secret.encode(), body, hashlib.sha256)
        return {
            "Content-Type": "application/json",
            "X-WC-Webhook-Topic": "order.created",
            "X-WC-Webhook-Signature": base64.b64encode(digest.digest()).decode(),
        }

    def health(self) -> list[dict[str, Any]]:
        """Return the problems that the connection shows."""
        health = self.call.get(f"/v1/connections/{self.id}")["health"]
        assert health["state"] == ("problems" if health["problems"] else "ok")
        problems: list[dict[str, Any]] = health["problems"]
        return problems


def connect(call: Caller, kind: str = "woocommerce", **more: dict[str, str]) -> Shop:
    """Join a shop or provider to the merchant."""
    new = {"kind": kind, "name": "Blattwerk", "secrets": {"webhook_secret": SECRET}, **more}
    answer = call("POST", "/v1/connections", new)
    assert answer.status == 201, answer.body
    return Shop(call, answer.json["id"], kind)


def knock(connection: str, raw: bytes, sent: dict[str, str], **more: Any) -> Answer:
    """Call the webhook function as API Gateway does."""
    event = {
        "pathParameters": {"connection_id": connection},
        "headers": sent,
        "body": base64.b64encode(raw).decode(),
        "isBase64Encoded": True,
    }
    told = webhook(event | more, None)
    return Answer(told["statusCode"], told["headers"], told["body"].encode())


def work(engine: Any, step: str) -> list[str]:
    """Let a step take what lies in its queue; returns the deliveries it was woken for."""
    sqs = engine.client("sqs")
    url = sqs.get_queue_url(QueueName=step)["QueueUrl"]
    woken = []
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            woken.append(json.loads(message["Body"])["delivery_id"])
            run(step, message["Body"])
    return woken


def run(step: str, body: str) -> None:
    """Call a step's function with one message."""
    record = {"messageId": "m1", "body": body, "eventSource": "aws:sqs", "eventSourceARN": "arn"}
    answer = WORKERS[step]({"Records": [record]}, None)
    assert answer == {"batchItemFailures": []}


def process(shop: Shop, delivery_id: str) -> None:
    """Bring a delivery to its step twice, as router and sweeper do: the lists follow with it."""
    step = "payment" if shop.kind == "stripe" else "intake"
    wake = {"step": step, "merchant_id": shop.call.merchant, "delivery_id": delivery_id}
    for _ in range(2):
        run(step, json.dumps(wake))

"""A mail whose answer was lost, on the real engine: the log of what SES took is asked."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.notification.perform import mark
from tests.e2e.conftest import Merchant, until
from tests.e2e.test_journey import CREATED
from tests.events import woocommerce_order

pytestmark = pytest.mark.e2e

EFFECT = "mail:order_confirmation:"


def messages(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the mails of an order that were sent."""
    return [one for one in order["messages"] if one["state"] == "sent"]


def test_a_mail_whose_answer_was_lost_is_found_and_not_sent_again(merchant: Merchant) -> None:
    """The worker finds it with its own rights, in the log that the template's rule writes."""
    merchant.stock("TEE-1", 10)
    merchant.send("woocommerce", woocommerce_order(status="pending"), CREATED)
    order = merchant.order_when("727", messages)
    [before], [mail] = messages(order), merchant.mails()
    _lose_the_answer(merchant, order["id"])
    assert not messages(merchant.order("727"))
    _wake(merchant, order["id"])
    [after] = messages(merchant.order_when("727", messages))
    assert after == before | {"sent_at": after["sent_at"]}
    assert merchant.mails() == [mail]


def _lose_the_answer(merchant: Merchant, order_id: str) -> None:
    """Leave the order as if the function had died ten minutes ago, after its call."""
    engine = merchant.house.engine
    logs, tables = engine.client("logs"), engine.client("dynamodb")
    [group] = logs.describe_log_groups(logGroupNamePrefix="/aws/events/")["logGroups"]
    wanted = {"logGroupName": group["logGroupName"], "filterPattern": f'"{mark(EFFECT)}"'}
    line = f"{order_id} {mark(EFFECT)} "
    until(
        lambda: any(
            event["message"].startswith(line)
            for event in logs.filter_log_events(**wanted)["events"]
        )
    )
    [table] = [name for name in tables.list_tables()["TableNames"] if "Orders" in name]
    pk = {"pk": {"S": f"{merchant.id}#{order_id}"}}
    for row in tables.query(
        TableName=table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :event)",
        ExpressionAttributeValues={":pk": pk["pk"], ":event": {"S": "EVENT#"}},
    )["Items"]:
        facts = json.loads(row.get("facts", {"S": "[]"})["S"])
        kinds = {fact["fact"] for fact in facts}
        if "MessageSent" in kinds:
            tables.delete_item(TableName=table, Key={**pk, "sk": row["sk"]})
        elif "EffectIntended" in kinds:
            facts[0]["at"] = (datetime.now(UTC) - timedelta(minutes=10)).isoformat()
            row["facts"] = {"S": json.dumps(facts)}
            tables.put_item(TableName=table, Item=row)


def _wake(merchant: Merchant, order_id: str) -> None:
    sqs = merchant.house.engine.client("sqs")
    [queue] = [url for url in sqs.list_queues()["QueueUrls"] if url.endswith("notification")]
    body = {"step": "notification", "merchant_id": merchant.id, "order_id": order_id}
    sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(body))

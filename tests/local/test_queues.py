"""The local engine hands out a queue's messages in batches as large as on AWS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalicelib.runtime import putting_off
from chalicelib.runtime.putting_off import put_off
from tests.local.conftest import Lab, until

pytestmark = pytest.mark.engine
CODE = "def handler(event, context):\n    tell([one['body'] for one in event['Records']])\n"


def test_thirty_waiting_messages_are_one_batch_of_a_function_that_takes_fifty(
    lab: Lab, tmp_path: Path
) -> None:
    """Not three batches of ten."""
    url, arn = lab.queue()
    sqs = lab.engine.client("sqs")
    for ten in range(3):
        entries = [{"Id": str(n), "MessageBody": f"{ten}{n}"} for n in range(10)]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)
    told = tmp_path / "told"
    lab.engine.client("lambda").create_event_source_mapping(
        EventSourceArn=arn, FunctionName=lab.function(CODE, told), BatchSize=50,
        MaximumBatchingWindowInSeconds=1,
    )  # fmt: skip
    [line] = until(lambda: told.exists() and told.read_text().splitlines())
    assert sorted(json.loads(line)) == [f"{n:02}" for n in range(30)]


def test_a_message_that_is_put_off_stays_away_longer_than_its_queue_says(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its neighbour comes back as any other that failed."""
    sqs, (url, _) = lab.engine.client("sqs"), lab.queue()
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "0"})
    for name in ("busy", "broken"):
        sqs.send_message(QueueUrl=url, MessageBody=name)
    wanted = {"QueueUrl": url, "MaxNumberOfMessages": 10}
    given = {one["Body"]: one for one in sqs.receive_message(**wanted)["Messages"]}
    monkeypatch.setattr(putting_off, "_client", lambda: sqs)
    monkeypatch.setenv("PAYMENT_QUEUE", url)
    put_off({"receiptHandle": given["busy"]["ReceiptHandle"]}, "payment", 0.0)
    assert [one["Body"] for one in sqs.receive_message(**wanted)["Messages"]] == ["broken"]

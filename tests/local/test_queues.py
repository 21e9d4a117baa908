"""The local engine hands out a queue's messages in batches as large as on AWS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

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

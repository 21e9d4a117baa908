"""Stream mappings on the local engine do what AWS does when records fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.local.conftest import Lab, told, until

pytestmark = pytest.mark.engine

ONE_BY_ONE = """
def handler(event, context):
    failures = []
    for record in event["Records"]:
        name = record["dynamodb"]["Keys"]["pk"]["S"]
        tell(name)
        if name in BROKEN:
            failures.append({"itemIdentifier": record["dynamodb"]["SequenceNumber"]})
            break
    return {"batchItemFailures": failures}
"""
ALL_OR_NONE = """
def handler(event, context):
    names = [record["dynamodb"]["Keys"]["pk"]["S"] for record in event["Records"]]
    tell(names)
    if "poison" in names:
        raise RuntimeError("poison")
"""


def _mapping(lab: Lab, stream: str, function: str, **settings: Any) -> None:
    lab.engine.client("lambda").create_event_source_mapping(
        EventSourceArn=stream,
        FunctionName=function,
        StartingPosition="TRIM_HORIZON",
        **{"BatchSize": 10, **settings},
    )


def test_records_after_a_reported_failure_are_given_again(lab: Lab, tmp_path: Path) -> None:
    """A reported failure is the checkpoint: what came after it is not lost."""
    log = tmp_path / "told"
    code = "import os\nseen = []\nBROKEN = ()\n" + ONE_BY_ONE.replace(
        "if name in BROKEN:", 'if name == "b" and told_once("b"):'
    )
    code += """
def told_once(name):
    seen.append(name)
    return seen.count(name) == 1
"""
    table, stream = lab.table()
    lab.put(table, "a", "b", "c")
    _mapping(
        lab,
        stream,
        lab.function(code, log),
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    until(lambda: "c" in told(log))
    assert told(log) == ["a", "b", "b", "c"]


def test_a_record_that_never_works_goes_to_the_failure_destination(
    lab: Lab, tmp_path: Path
) -> None:
    """After its retries a record is given up, told of, and does not hold up the next ones."""
    log = tmp_path / "told"
    table, stream = lab.table()
    lab.put(table, "a", "poison", "c")
    queue, queue_arn = lab.queue()
    _mapping(
        lab,
        stream,
        lab.function("BROKEN = ('poison',)\n" + ONE_BY_ONE, log),
        FunctionResponseTypes=["ReportBatchItemFailures"],
        MaximumRetryAttempts=2,
        BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Destination": queue_arn}},
    )
    until(lambda: "c" in told(log))
    failed = until(lambda: lab.read(queue))
    assert [entry["requestContext"]["condition"] for entry in failed] == ["RetryAttemptsExhausted"]
    assert failed[0]["DDBStreamBatchInfo"]["batchSize"] == 1
    assert told(log).count("c") == 1


def test_a_failing_batch_is_cut_until_the_poison_is_alone(lab: Lab, tmp_path: Path) -> None:
    """With bisection every good record is processed, whatever lies beside it."""
    log = tmp_path / "told"
    table, stream = lab.table()
    lab.put(table, "a", "b", "poison", "d", "e")
    queue, queue_arn = lab.queue()
    _mapping(
        lab,
        stream,
        lab.function(ALL_OR_NONE, log),
        MaximumRetryAttempts=1,
        BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Destination": queue_arn}},
    )
    until(lambda: lab.read(queue))
    done = until(lambda: _good(told(log)) == {"a", "b", "d", "e"} and _good(told(log)))
    assert done == {"a", "b", "d", "e"}
    assert told(log).count(["poison"]) == 2


def _good(calls: list[list[str]]) -> set[str]:
    return {name for names in calls if "poison" not in names for name in names}


def test_a_slow_stream_function_does_not_hold_up_the_queues(lab: Lab, tmp_path: Path) -> None:
    """Streams and queues are read side by side."""
    slow, quick = tmp_path / "slow", tmp_path / "quick"
    table, stream = lab.table()
    sleeper = "import time\ndef handler(event, context):\n    tell(1)\n    time.sleep(8)\n"
    _mapping(lab, stream, lab.function(sleeper, slow))
    queue, queue_arn = lab.queue()
    reader = lab.function("def handler(event, context):\n    tell(2)\n", quick)
    lab.engine.client("lambda").create_event_source_mapping(
        EventSourceArn=queue_arn, FunctionName=reader
    )
    lab.put(table, "a")
    until(lambda: told(slow))
    lab.engine.client("sqs").send_message(QueueUrl=queue, MessageBody="{}")
    until(lambda: told(quick), patience=5)


def test_a_filter_leaves_only_what_was_asked_for(lab: Lab, tmp_path: Path) -> None:
    """Records that do not match are passed over and never block the stream."""
    log = tmp_path / "told"
    table, stream = lab.table()
    lab.put(table, "no", "yes", "no again")
    pattern = '{"dynamodb":{"Keys":{"pk":{"S":["yes"]}}}}'
    _mapping(
        lab,
        stream,
        lab.function(ALL_OR_NONE, log),
        FilterCriteria={"Filters": [{"Pattern": pattern}]},
    )
    until(lambda: told(log))
    assert told(log) == [["yes"]]


def test_what_comes_within_the_window_is_one_batch(lab: Lab, tmp_path: Path) -> None:
    """As on AWS: the window opens with the first record."""
    log = tmp_path / "told"
    table, stream = lab.table()
    counts = "def handler(event, context):\n    tell(len(event['Records']))\n"
    _mapping(lab, stream, lab.function(counts, log), MaximumBatchingWindowInSeconds=2)
    for name in "abcde":
        lab.put(table, name)
    until(lambda: sum(told(log)) == 5)
    assert told(log) == [5]

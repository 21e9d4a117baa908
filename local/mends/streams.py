"""Stream mappings as on AWS: partial failures, retry limit, bisection, failure destination.

The engine counts a batch with reported failures as done, tries a failing batch for ever, and
lets a slow stream function hold up every queue. Here each mapping has its own thread and a
line of batches in hand; a batch that fails is retried, cut in two, or given up as configured, and
one that is not full waits for more while its window is open.
"""

# ruff: noqa: ANN401, PLC0415, SLF001 -- the engine is mended where it is, and is not typed
from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

FIRST_PAUSE = 0.05
LONGEST_PAUSE = 5.0

Record = dict[str, Any]
Mapping = dict[str, Any]


@dataclass(slots=True)
class Batch:
    """Records that are handed to the function together, each with its place in the stream."""

    records: list[tuple[int, Record]]
    attempts: int = 0
    not_before: float = 0.0


@dataclass(slots=True)
class Line:
    """The batches of one mapping that were read and are not done, in order."""

    batches: deque[Batch] = field(default_factory=deque)
    end: int = 0
    # When the first record of the next batch was seen; nothing waits at 0.
    seen_at: float = 0.0


_lines: dict[str, Line] = {}


def apply() -> None:
    """Replace the engine's reader of DynamoDB streams."""
    from ministack.services import lambda_svc

    lambda_svc._poll_dynamodb_streams = poll


def poll() -> bool:
    """Hand the next batch of every mapping that is not busy to its function."""
    from ministack.services import lambda_svc as svc

    busy = False
    for account, region, mapping in svc._iter_all_esms():
        if mapping.get("Enabled", True) and ":dynamodb:" in mapping.get("EventSourceArn", ""):
            with _acting_as(account, region):
                busy = _start(mapping) or busy
    return busy


@contextmanager
def _acting_as(account: str, region: str) -> Iterator[None]:
    from ministack.services import lambda_svc as svc

    accounts, regions = svc._request_account_id, svc._request_region
    tokens = accounts.set(account), regions.set(region)
    try:
        yield
    finally:
        accounts.reset(tokens[0])
        regions.reset(tokens[1])


def _start(mapping: Mapping) -> bool:
    """Start a thread for the mapping's next batch, if there is one and none is running."""
    from ministack.services import lambda_svc as svc

    name = mapping["UUID"]
    function, _ = svc._get_func_record_for_qualifier(
        mapping["FunctionName"], mapping.get("Qualifier")
    )
    if function is None or svc._esm_inflight.get(name):
        return False
    line = _lines.setdefault(name, Line())
    if not line.batches and not _read(mapping, line):
        return False
    if not line.batches or line.batches[0].not_before > time.time():
        return not line.batches
    svc._dispatch_esm_batch(name, _run, mapping, function, line)
    return True


def _is_early(mapping: Mapping, line: Line, count: int) -> bool:
    """Tell whether a batch that is not full waits for more: so long as its window is open."""
    line.seen_at = line.seen_at or time.time()
    is_open = time.time() - line.seen_at < mapping.get("MaximumBatchingWindowInSeconds", 0)
    if is_open and count < mapping.get("BatchSize", 100):
        return True
    line.seen_at = 0.0
    return False


def _read(mapping: Mapping, line: Line) -> bool:
    """Read on from the mapping's position; whether anything was there, wanted or not."""
    from ministack.services import dynamodb
    from ministack.services import lambda_svc as svc

    arn = mapping["EventSourceArn"]
    table_name = arn.split("/stream/")[0].split("/")[-1]
    table = dynamodb._tables.get(table_name)
    if not table or table.get("LatestStreamArn") != arn:
        return False
    start = max(_position(mapping, table_name), dynamodb.stream_start_position(table_name))
    records = dynamodb.stream_records_since(table_name, start, mapping.get("BatchSize", 100))
    if not records:
        return False
    places = {id(record): start + place for place, record in enumerate(records)}
    wanted = svc._apply_filter_criteria(records, mapping)
    if wanted and _is_early(mapping, line, len(records)):
        return False
    line.end = start + len(records)
    if wanted:
        line.batches.append(Batch([(places[id(record)], record) for record in wanted]))
    else:
        advance(mapping, line.end)
    return True


def _position(mapping: Mapping, table_name: str) -> int:
    from ministack.services import dynamodb
    from ministack.services import lambda_svc as svc

    with svc._dynamodb_stream_positions_lock:
        positions = svc._dynamodb_stream_positions
        if mapping["UUID"] not in positions:
            oldest = mapping.get("StartingPosition") == "TRIM_HORIZON"
            edge = dynamodb.stream_start_position if oldest else dynamodb.stream_end_position
            positions[mapping["UUID"]] = edge(table_name)
        return int(positions[mapping["UUID"]])


def advance(mapping: Mapping, position: int) -> None:
    """Everything before `position` is done."""
    from ministack.services import lambda_svc as svc

    with svc._dynamodb_stream_positions_lock:
        svc._dynamodb_stream_positions[mapping["UUID"]] = position


def _run(mapping: Mapping, function: Any, line: Line) -> None:
    """Call the function with the batch in front and act on its answer."""
    from ministack.services import lambda_svc as svc

    batch = line.batches.popleft()
    records = [record for _, record in batch.records]
    result = svc._execute_function(function, {"Records": records})
    failed = first_failure(mapping, records, result)
    if failed is None:
        mapping["LastProcessingResult"] = f"OK - {len(records)} records"
    else:
        mapping["LastProcessingResult"] = "FAILED"
        left = after_failure(mapping, batch, failed, throttled=bool(result.get("throttle")))
        line.batches.extendleft(reversed(left))
        if not left:
            reason = (
                "MaxRecordAgeExceeded" if _too_old(mapping, batch) else "RetryAttemptsExhausted"
            )
            _give_up(mapping, function, records[failed:], result, reason)
    advance(mapping, line.batches[0].records[0][0] if line.batches else line.end)
    if line.batches:
        _wake_at(line.batches[0].not_before)


def first_failure(mapping: Mapping, records: list[Record], result: dict[str, Any]) -> int | None:
    """Return the place of the first record that is not done, or None when all are."""
    if result.get("error"):
        return 0
    if "ReportBatchItemFailures" not in (mapping.get("FunctionResponseTypes") or []):
        return None
    body = result.get("body")
    answer = json.loads(body) if isinstance(body, str) and body else body
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    if not failures:
        return None
    places = {record["dynamodb"]["SequenceNumber"]: place for place, record in enumerate(records)}
    # A failure that names no record of the batch fails the whole batch, as on AWS.
    return min(places.get(str(failure.get("itemIdentifier")), 0) for failure in failures)


def after_failure(mapping: Mapping, batch: Batch, failed: int, *, throttled: bool) -> list[Batch]:
    """Return what is tried next: nothing when the batch is given up."""
    left = batch.records[failed:]
    if throttled:
        return [Batch(left, batch.attempts, time.time() + FIRST_PAUSE)]
    if mapping.get("BisectBatchOnFunctionError") and len(left) > 1:
        if failed:
            return [Batch(left, batch.attempts)]
        middle = len(left) // 2
        return [Batch(left[:middle], batch.attempts), Batch(left[middle:], batch.attempts)]
    attempts = 1 if failed else batch.attempts + 1
    limit = mapping.get("MaximumRetryAttempts")
    if _too_old(mapping, batch) or (limit is not None and 0 <= int(limit) < attempts):
        return []
    pause = min(FIRST_PAUSE * 2**attempts, LONGEST_PAUSE)
    return [Batch(left, attempts, time.time() + pause)]


def _too_old(mapping: Mapping, batch: Batch) -> bool:
    limit = int(mapping.get("MaximumRecordAgeInSeconds") or -1)
    oldest = float(batch.records[0][1]["dynamodb"]["ApproximateCreationDateTime"])
    return 0 < limit < time.time() - oldest


def _give_up(
    mapping: Mapping, function: Any, records: list[Record], result: dict[str, Any], reason: str
) -> None:
    from ministack.services import lambda_svc as svc

    svc._send_ddb_stream_failure_record(
        mapping, function, records, mapping["EventSourceArn"], result, reason
    )


def _wake_at(moment: float) -> None:
    from ministack.services import lambda_svc as svc

    timer = threading.Timer(max(0.0, moment - time.time()), svc._esm_wake.set)
    timer.daemon = True
    timer.start()

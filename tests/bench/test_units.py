"""Metering: request units by the sizes DynamoDB counts, one line for each invocation."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chalicelib.runtime import metering


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({"pk": {"S": "ab"}}, 4),
        ({"ü": {"S": "ü"}}, 4),
        ({"n": {"N": "1234"}}, 4),
        ({"n": {"N": "-0.5"}}, 3),
        ({"b": {"B": b"\0" * 10}}, 11),
        ({"t": {"BOOL": True}}, 2),
        ({"m": {"M": {"a": {"S": "x"}}}}, 7),
        ({"l": {"L": [{"S": "x"}, {"N": "1"}]}}, 9),
        ({"s": {"SS": ["ab", "c"]}}, 4),
    ],
)
def test_an_item_is_as_large_as_its_names_and_values(item: dict, size: int) -> None:
    """Names and text count in UTF-8, numbers by two digits, lists and maps with an overhead."""
    assert metering.item_bytes(item) == size


def row(size: int) -> dict:
    """Return an item of so many bytes."""
    return {"b": {"B": b"\0" * (size - 1)}}


@pytest.mark.parametrize(
    ("sizes", "consistent", "units"),
    [
        ([], True, 1),
        ([4096], True, 1),
        ([4097], True, 2),
        ([1000] * 12, False, 1.5),
        ([3000, 3000], True, 2),
        ([], False, 0.5),
    ],
)
def test_a_page_of_a_query_rounds_up_once(sizes: list, consistent: int, units: float) -> None:
    """Four kilobytes are a unit, half of one if the read need not be consistent."""
    answer = {"Items": [row(size) for size in sizes]}
    parameters = {"TableName": "orders", "ConsistentRead": consistent}
    assert metering.read_units("Query", parameters, answer) == units


def test_each_item_of_a_batch_rounds_up_for_itself() -> None:
    """A missing item costs as much as a small one."""
    asked = {"RequestItems": {"stock": {"Keys": [{}, {}, {}], "ConsistentRead": True}}}
    answer = {"Responses": {"stock": [row(100), row(5000)]}}
    assert metering.read_units("BatchGetItem", asked, answer) == 4


def test_an_invocation_is_one_line_with_its_calls(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The function answers as it would alone, and the line says what it took."""
    monkeypatch.setenv("KONTOR_METERED", "tests.bench.test_units.metered_function")
    monkeypatch.setenv("KONTOR_METERING", str(tmp_path / "lines"))
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "kontor-test-stock")
    monkeypatch.setattr(metering.BaseClient, "_make_api_call", metering.BaseClient._make_api_call)
    metering._metered.cache_clear()
    try:
        answers = [metering.handler({"Records": [1, 2]}, None) for _ in range(2)]
    finally:
        metering._metered.cache_clear()
    lines = [json.loads(line) for line in (tmp_path / "lines").read_text().splitlines()]
    assert answers == [{"seen": 2}] * 2
    assert [line["is_cold"] for line in lines] == [True, False]
    assert {(line["function"], line["records"]) for line in lines} == {("kontor-test-stock", 2)}
    assert lines[1]["cpu_until_now_ms"] > lines[0]["cpu_until_now_ms"]


def metered_function(event: dict, context: object) -> dict:
    """Stand for a function that is metered."""
    return {"seen": len(event["Records"])}


def test_a_call_is_written_down_with_its_units_and_its_failure() -> None:
    """What is refused has cost as much as what is done."""
    metering._calls.clear()
    watched = metering._watched(answering)
    watched(client("dynamodb"), "PutItem", {"TableName": "orders", "Item": row(1500)})
    watched(client("sqs"), "SendMessageBatch", {"QueueUrl": "http://engine/0/stock"})
    with pytest.raises(Refused):
        watched(client("dynamodb"), "PutItem", {"TableName": "refused", "Item": row(1500)})
    transaction = {"TransactItems": [{"Put": {"TableName": "refused", "Item": row(2000)}}]}
    with pytest.raises(Refused):
        watched(client("dynamodb"), "TransactWriteItems", transaction)
    seen = [(x["target"], x.get("write"), x["requests"], "failed" in x) for x in metering._calls]
    assert seen == [
        ("orders", 3.0, 2, False),
        ("stock", None, 1, False),
        ("refused", 2, 1, True),
        ("refused", 4, 1, True),
    ]


class Refused(Exception):  # noqa: N818
    """A condition was not met."""


class client:  # noqa: N801
    """Stands for a client of botocore: it knows its service."""

    def __init__(self, service: str) -> None:
        """Take the service's name."""
        self.meta = self.service_model = self
        self.service_name = service


def answering(client: object, operation: str, parameters: dict) -> dict:
    """Answer as the engine does, after one repetition; refuse the table `refused`."""
    if "refused" in json.dumps(parameters, default=str):
        raise Refused
    metadata = {"RetryAttempts": int(operation == "PutItem")}
    if "ReturnConsumedCapacity" not in parameters:
        return {"ResponseMetadata": metadata}
    return {"ConsumedCapacity": {"CapacityUnits": 3.0}, "ResponseMetadata": metadata}

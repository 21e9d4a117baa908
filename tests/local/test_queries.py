"""A page of a long list is found by the partition alone, and is the right one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from local.mends import queries
from tests.local.conftest import Lab

pytestmark = pytest.mark.engine


@pytest.fixture
def lists(lab: Lab) -> Iterator[Any]:
    """Return a client of an engine with two lists, of three rows and of one."""
    client = lab.engine.client("dynamodb")
    client.create_table(
        TableName="lists",
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk")
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for pk, sk in (("a", "1"), ("a", "2"), ("a", "3"), ("b", "1")):
        client.put_item(TableName="lists", Item={"pk": {"S": pk}, "sk": {"S": sk}})
    yield client
    client.delete_table(TableName="lists")


def found(client: Any, condition: str, names: dict[str, str], **values: str) -> list[str]:
    """Return the sort keys that a query finds."""
    answer = client.query(
        TableName="lists",
        KeyConditionExpression=condition,
        ExpressionAttributeValues={f":{name}": {"S": value} for name, value in values.items()},
        **({"ExpressionAttributeNames": names} if names else {}),
    )
    return [item["sk"]["S"] for item in answer["Items"]]


def test_queries_find_what_they_did(lists: Any) -> None:
    """By the partition alone, whatever it is called, and with a range as before."""
    assert found(lists, "pk = :p", {}, p="a") == ["1", "2", "3"]
    assert found(lists, "#0 = :p", {"#0": "pk"}, p="b") == ["1"]
    assert found(lists, "pk = :p AND sk > :s", {}, p="a", s="1") == ["2", "3"]
    assert found(lists, "pk = :p", {}, p="c") == []


def test_only_the_partition_alone_is_compared() -> None:
    """A range, a function or another operator is the engine's own affair."""
    is_alone = queries.PARTITION_ALONE.fullmatch
    assert is_alone("pk = :p")
    assert is_alone("#0 = :0")
    for other in ("pk = :p AND sk = :s", "begins_with(sk, :s)", "pk > :p", "a.b = :p", ""):
        assert not is_alone(other)

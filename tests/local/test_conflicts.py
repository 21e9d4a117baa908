"""Where transactions take their time, the engine refuses who comes in between, as AWS does."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local import stack

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return a client of an engine whose transactions keep their rows for 0.3 s."""
    home: Path = tmp_path_factory.mktemp("conflicts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KONTOR_TRANSACTION_MS", "300")
        engine = stack.start_engine(home, forget=True)
    client = engine.client("dynamodb")
    client.create_table(
        TableName="counts",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield client
    stack.stop_engine(engine)


def add(client: Any, *keys: str) -> list[str]:
    """Add one to each row in a transaction; return the codes of its reasons if it is refused."""
    updates = [{"Update": one(key)} for key in keys]
    try:
        client.transact_write_items(TransactItems=updates)
    except ClientError as error:
        return [reason["Code"] for reason in error.response["CancellationReasons"]]
    return []


def one(key: str) -> dict[str, Any]:
    """Return the update of one row."""
    return {
        "TableName": "counts", "Key": {"pk": {"S": key}},
        "UpdateExpression": "ADD n :one", "ExpressionAttributeValues": {":one": {"N": "1"}},
    }  # fmt: skip


def count(client: Any, key: str) -> int:
    """Return how often a row was added to."""
    found = client.get_item(TableName="counts", Key={"pk": {"S": key}})
    return int(found.get("Item", {}).get("n", {"N": "0"})["N"])


def test_of_two_transactions_on_one_row_at_once_one_is_refused(table: Any) -> None:
    """With a reason for each row; the other takes effect, and a later one is not in its way."""
    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(lambda other: add(table, "a", other), ("b", "c")))
    assert answers == [[], ["TransactionConflict", "None"]]
    assert (count(table, "a"), count(table, "b") + count(table, "c")) == (1, 1)
    assert add(table, "a", "b", "c") == []


def test_transactions_on_different_rows_do_not_meet(table: Any) -> None:
    """Both take effect."""
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda key: add(table, key), ("x", "y"))) == [[], []]


def test_a_single_write_into_a_transaction_is_refused(table: Any) -> None:
    """It may come a moment later."""
    with ThreadPoolExecutor(2) as pool:
        under_way = pool.submit(add, table, "s")
        refused: list[str] = []
        while not under_way.done():
            try:
                table.update_item(**one("other"))
                table.update_item(**one("s"))
            except ClientError as error:
                refused.append(error.response["Error"]["Code"])
    assert {*refused} == {"TransactionConflictException"}
    table.update_item(**one("s"))
    assert count(table, "s") >= 2

"""The local engine loses nothing when it is killed, and goes on where it was."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from local import stack
from tests.local.conftest import Lab, told, until

pytestmark = pytest.mark.engine

NAMING = """
def handler(event, context):
    for record in event["Records"]:
        tell(record["dynamodb"]["Keys"]["pk"]["S"])
"""
HOLDING = """
import time
def handler(event, context):
    tell(event["Records"][0]["body"])
    if len(open(os.environ["TOLD"]).readlines()) == 1:
        time.sleep(9)
"""


def _kill(engine: stack.Engine) -> None:
    engine.process.kill()
    engine.process.wait()


def _names(lab: Lab, table: str) -> set[str]:
    found = lab.engine.client("dynamodb").scan(TableName=table)["Items"]
    return {item["pk"]["S"] for item in found}


def test_a_killed_engine_has_every_write_it_answered(home: Path) -> None:
    """No item is lost and no deleted one is back, however short before the kill."""
    with stack.engine(home) as engine:
        lab = Lab(engine)
        table, _ = lab.table()
        until((home / "state" / "dynamodb.json").exists)
        lab.put(table, *(f"item {number}" for number in range(50)))
        engine.client("dynamodb").delete_item(TableName=table, Key={"pk": {"S": "item 7"}})
        _kill(engine)
    with stack.engine(home) as engine:
        assert _names(Lab(engine), table) == {f"item {n}" for n in range(50)} - {"item 7"}


def test_a_transaction_is_there_whole_or_not_at_all(home: Path) -> None:
    """A kill in the middle of many transactions leaves no half of one."""
    with stack.engine(home) as engine:
        lab = Lab(engine)
        table, _ = lab.table()
        until((home / "state" / "dynamodb.json").exists)
        client = engine.client("dynamodb")

        def write() -> None:
            for number in range(1000):
                rows = [{"pk": {"S": f"{number} {half}"}} for half in ("left", "right")]
                puts = [{"Put": {"TableName": table, "Item": row}} for row in rows]
                try:
                    client.transact_write_items(TransactItems=puts)
                except client.exceptions.ClientError:
                    raise
                except Exception:  # noqa: BLE001 - the engine is dead
                    return

        writer = threading.Thread(target=write)
        writer.start()
        until(lambda: len(_names(lab, table)) > 40)
        _kill(engine)
        writer.join()
    with stack.engine(home) as engine:
        halves = [name.split() for name in _names(Lab(engine), table)]
    left = {number for number, half in halves if half == "left"}
    right = {number for number, half in halves if half == "right"}
    assert left == right


@pytest.mark.parametrize("is_killed", [True, False], ids=["killed", "stopped"])
def test_records_nobody_has_seen_are_given_after_a_restart(
    home: Path, tmp_path: Path, *, is_killed: bool
) -> None:
    """Stream records are kept, and so is how far each mapping has come."""
    log = tmp_path / "told"
    with stack.engine(home) as engine:
        lab = Lab(engine)
        table, stream = lab.table()
        mapping = engine.client("lambda").create_event_source_mapping(
            EventSourceArn=stream,
            FunctionName=lab.function(NAMING, log),
            StartingPosition="TRIM_HORIZON",
        )["UUID"]
        lab.put(table, "seen")
        until(lambda: told(log))
        engine.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
        until(lambda: '"Enabled": false' in _text(home / "state" / "lambda.json"))
        lab.put(table, "missed", "missed too")
        if is_killed:
            _kill(engine)
    with stack.engine(home) as engine:
        engine.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
        Lab(engine).put(table, "new")
        until(lambda: "new" in told(log))
    assert told(log) == ["seen", "missed", "missed too", "new"]


def test_a_message_that_a_kill_left_at_work_is_given_again_at_once(
    home: Path, tmp_path: Path
) -> None:
    """Nobody waits for the visibility timeout of a function that is gone."""
    log = tmp_path / "told"
    with stack.engine(home) as engine:
        lab = Lab(engine)
        queue, queue_arn = lab.queue()
        engine.client("sqs").set_queue_attributes(
            QueueUrl=queue, Attributes={"VisibilityTimeout": "600"}
        )
        engine.client("lambda").create_event_source_mapping(
            EventSourceArn=queue_arn, FunctionName=lab.function(HOLDING, log)
        )
        engine.client("sqs").send_message(QueueUrl=queue, MessageBody="work")
        until(lambda: told(log))
        until(lambda: '"work"' in _text(home / "state" / "sqs.json"))
        _kill(engine)
    port = int(engine.url.rsplit(":", 1)[1])
    with stack.engine(home, port=port):
        until(lambda: told(log) == ["work", "work"])


def test_objects_and_their_locks_survive_a_kill(home: Path) -> None:
    """A document is there after a kill, with its version."""
    with stack.engine(home) as engine:
        s3 = engine.client("s3")
        place = {"LocationConstraint": stack.REGION}
        s3.create_bucket(Bucket="papers", CreateBucketConfiguration=place)
        s3.put_bucket_versioning(Bucket="papers", VersioningConfiguration={"Status": "Enabled"})
        s3.put_object(Bucket="papers", Key="demo/invoice.pdf", Body=b"one")
        s3.put_object(Bucket="papers", Key="demo/invoice.pdf", Body=b"two")
        until(lambda: "papers" in _text(home / "state" / "s3.json"))
        _kill(engine)
    with stack.engine(home) as engine:
        found = engine.client("s3").get_object(Bucket="papers", Key="demo/invoice.pdf")
        assert found["Body"].read() == b"two"


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


def test_an_engine_whose_parent_died_saves_and_goes(home: Path) -> None:
    """No engine is left behind: its standard input closes with the parent."""
    with stack.engine(home) as engine:
        table, _ = Lab(engine).table()
        assert engine.process.stdin
        engine.process.stdin.close()
        engine.process.wait(10)
    with stack.engine(home) as engine:
        assert engine.client("dynamodb").list_tables()["TableNames"] == [table]

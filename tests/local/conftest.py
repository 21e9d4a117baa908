"""One local engine for all tests of its mends, and what a test needs to run a function in it."""

from __future__ import annotations

import io
import json
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from local import stack

PATIENCE = 20.0
TELLING = """
import json, os

def tell(what):
    with open(os.environ["TOLD"], "a") as out:
        out.write(json.dumps(what) + "\\n")

"""


def until(ask: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Ask again until the answer is true, and return it."""
    end = time.monotonic() + patience
    while not (answer := ask()):
        if time.monotonic() > end:
            pytest.fail(f"not so after {patience} s: the last answer was {answer!r}")
        time.sleep(0.02)
    return answer


@dataclass(frozen=True, slots=True)
class Lab:
    """An engine with functions that tell what they were given."""

    engine: stack.Engine

    def role(self) -> str:
        """Make a role that may do anything; what these tests are about is not access."""
        iam, name = self.engine.client("iam"), f"role-{uuid.uuid4().hex[:8]}"
        trust = {"Version": "2012-10-17", "Statement": []}
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
        iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=document)
        arn: str = role["Role"]["Arn"]
        return arn

    def queue(self) -> tuple[str, str]:
        """Make a queue; return its address and its name at AWS."""
        sqs = self.engine.client("sqs")
        url = sqs.create_queue(QueueName=f"queue-{uuid.uuid4().hex[:8]}")["QueueUrl"]
        answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return url, answer["Attributes"]["QueueArn"]

    def function(self, code: str, told: Path, **settings: Any) -> str:
        """Deploy a function from its source, which may `tell` things; return its name."""
        name = f"function-{uuid.uuid4().hex[:8]}"
        self.engine.client("lambda").create_function(
            FunctionName=name,
            Runtime="python3.11",
            Role=self.role(),
            Handler="function.handler",
            Code={"ZipFile": packed({"function.py": TELLING + code})},
            Environment={"Variables": {"TOLD": str(told)}},
            **{"Timeout": 10, **settings},
        )
        return name

    def table(self) -> tuple[str, str]:
        """Make a table with a stream; return the names of both."""
        name = f"table-{uuid.uuid4().hex[:8]}"
        made = self.engine.client("dynamodb").create_table(
            TableName=name,
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
        return name, made["TableDescription"]["LatestStreamArn"]

    def put(self, table: str, *names: str) -> None:
        """Write one item for each name."""
        client = self.engine.client("dynamodb")
        for name in names:
            client.put_item(TableName=table, Item={"pk": {"S": name}})

    def read(self, url: str) -> list[Any]:
        """Take what lies in a queue."""
        sqs = self.engine.client("sqs")
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in found]


def told(path: Path) -> list[Any]:
    """Return what functions have told in this file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return [json.loads(line) for line in lines]


def packed(files: dict[str, str]) -> bytes:
    """Return a zip of these files."""
    place = io.BytesIO()
    with zipfile.ZipFile(place, "w") as archive:
        for name, text in files.items():
            # The same files are the same package, whenever they are packed.
            archive.writestr(zipfile.ZipInfo(name), text)
    return place.getvalue()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """An engine that forgets everything at the end."""
    with stack.engine(tmp_path_factory.mktemp("engine"), forget=True) as engine:
        yield Lab(engine)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A place for an engine that is started again."""
    return tmp_path / "home"

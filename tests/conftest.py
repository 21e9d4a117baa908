"""What all tests share: quick properties, and one local engine for whoever needs AWS."""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from local.stack import Engine

# `quick` tries the same examples on every machine; `HYPOTHESIS_PROFILE=deep` looks for new ones.
_COMMON: dict[str, Any] = {
    "deadline": None,
    "database": None,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
}
settings.register_profile("quick", max_examples=50, derandomize=True, **_COMMON)
settings.register_profile("deep", max_examples=2000, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

ROOT_TOKEN = "root-token-of-the-tests"
BUCKET = "kontor-documents"
QUEUES = (
    "intake", "stock", "payment", "documents", "shipping", "notification", "returns", "writeback",
    "jobs",
)  # fmt: skip
IN_ORDER = ("availability",)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Run the local engine once, with our tables, queues and bucket, on a free port."""
    from local import stack

    with stack.engine(tmp_path_factory.mktemp("engine"), forget=True) as running:
        with pytest.MonkeyPatch.context() as patch:
            _point_to(running, patch)
            _make_tables()
        running.client("s3").create_bucket(
            Bucket=BUCKET,
            CreateBucketConfiguration={"LocationConstraint": stack.REGION},
        )
        for name in QUEUES:
            running.client("sqs").create_queue(QueueName=name)
        for name in IN_ORDER:
            running.client("sqs").create_queue(
                QueueName=f"{name}.fifo", Attributes={"FifoQueue": "true"}
            )
        yield running


def _point_to(engine: Engine, patch: pytest.MonkeyPatch) -> None:
    environment = {
        "AWS_ENDPOINT_URL": engine.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "AWS_ACCOUNT_ID_ENDPOINT_MODE": "disabled",
        "DOCUMENTS_BUCKET": BUCKET,
        "STAGE": "test",
        "PUBLIC_URL": "https://kontor.example",
        "ROOT_TOKEN_SHA256": hashlib.sha256(ROOT_TOKEN.encode()).hexdigest(),
    }
    queues = {f"{name.upper()}_QUEUE": f"{engine.url}/000000000000/{name}" for name in QUEUES}
    queues |= {
        f"{name.upper()}_QUEUE": f"{engine.url}/000000000000/{name}.fifo" for name in IN_ORDER
    }
    for name, value in (environment | queues).items():
        patch.setenv(name, value)


def _make_tables() -> None:
    """Make the tables as PynamoDB describes them; the template's own are tested end to end."""
    from chalicelib.store.connections import ConnectionRow
    from chalicelib.store.documents import DocumentRow
    from chalicelib.store.inbox import InboxRow
    from chalicelib.store.jobs import JobRow
    from chalicelib.store.merchants import MerchantRow
    from chalicelib.store.orders import OrderRow
    from chalicelib.store.payments import PaymentRow
    from chalicelib.store.stock import StockRow

    rows = (
        OrderRow, InboxRow, StockRow, DocumentRow, PaymentRow, ConnectionRow, MerchantRow,
        JobRow,
    )  # fmt: skip
    for row in rows:
        row.create_table(billing_mode="PAY_PER_REQUEST", wait=True)


@pytest.fixture
def aws(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Let the code under test talk to the local engine."""
    _point_to(engine, monkeypatch)
    return engine


@pytest.fixture
def merchant(aws: Engine) -> str:
    """Return a merchant that no other test knows, so that tests never meet."""
    return f"m{uuid.uuid4().hex[:10]}"

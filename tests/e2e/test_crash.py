"""A sample of the crash test on the real engine: processes that die at an AWS call."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from local import stack
from tests.e2e.conftest import Merchant, new_merchant, until
from tests.e2e.test_journey import CREATED, shipped
from tests.e2e.test_repeats import assert_once
from tests.events import woocommerce_order

pytestmark = pytest.mark.e2e

# Effects whose lost answer is asked for after minutes: `tests/faults` and `test_lost_answers.py`.
CRASHES = [
    ("intake", "PutItem", False),
    ("intake", "PutItem", True),
    ("router", "SendMessageBatch", False),
    ("router", "SendMessageBatch", True),
    ("stock", "TransactWriteItems", False),
    ("stock", "TransactWriteItems", True),
    ("notification", "PutItem", False),
    ("documents", "TransactWriteItems", True),
    ("documents", "PutObject", True),
]


@pytest.fixture(scope="module")
def hasty(house: stack.Stack) -> Iterator[stack.Stack]:
    """The house with queues that bring a message back after seconds instead of minutes."""
    sqs = house.engine.client("sqs")
    queues = sqs.list_queues().get("QueueUrls", [])
    before = {
        url: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
        for url in queues
    }
    for url in queues:
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "4"})
    yield house
    for url, answer in before.items():
        sqs.set_queue_attributes(QueueUrl=url, Attributes=answer["Attributes"])


@pytest.mark.parametrize(
    ("function", "operation", "after"),
    CRASHES,
    ids=[f"{name} {what} {'after' if after else 'before'}" for name, what, after in CRASHES],
)
def test_a_function_that_dies_at_a_call_leaves_nothing_undone_or_done_twice(
    hasty: stack.Stack, function: str, operation: str, *, after: bool
) -> None:
    """One order, one reservation, one invoice number, one label, one of each mail."""
    merchant: Merchant = new_merchant(hasty)
    merchant.stock("TEE-1", 10)
    fuse = hasty.engine.home / "fuse.json"
    half = fuse.with_suffix(".new")
    half.write_text(json.dumps({"function": function, "operation": operation, "after": after}))
    half.rename(fuse)
    merchant.send("woocommerce", woocommerce_order(status="processing"), CREATED)
    until(lambda: not fuse.exists())
    order = merchant.order_when("727", shipped)
    assert_once(merchant, order)
    assert len(merchant.mails()) == len(order["messages"]) == 2

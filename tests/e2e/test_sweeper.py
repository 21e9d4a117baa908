"""The sweeper as deployed, with its own rights: it runs to its end for every merchant."""

from __future__ import annotations

import json

import pytest

from tests.e2e.conftest import Merchant, until
from tests.e2e.test_journey import CREATED
from tests.events import woocommerce_order

pytestmark = pytest.mark.e2e


def sweep_now(merchant: Merchant) -> None:
    """Let the sweeper run as its schedule does every five minutes."""
    engine = merchant.house.engine
    functions = engine.client("lambda").list_functions()["Functions"]
    name = next(one["FunctionName"] for one in functions if one["FunctionName"].endswith("sweeper"))
    event = dict.fromkeys(("version", "id", "account", "time", "region", "source"), "-") | {
        "detail-type": "Scheduled Event",
        "resources": [],
        "detail": {},
    }
    answer = engine.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event).encode())
    assert "FunctionError" not in answer, answer["Payload"].read()


def test_a_sweep_ends_well_and_is_noted(merchant: Merchant) -> None:
    """What it may not read would leave the note of the last good sweep where it was."""
    merchant.send("woocommerce", woocommerce_order(status="pending"), CREATED)
    merchant.order("727")
    sweep_now(merchant)
    engine = merchant.house.engine
    table = next(t for t in engine.client("dynamodb").list_tables()["TableNames"] if "Merch" in t)
    key = {"pk": {"S": "_merchants"}, "sk": {"S": merchant.id}}

    def is_noted() -> bool:
        row = engine.client("dynamodb").get_item(TableName=table, Key=key).get("Item", {})
        return "swept_at" in row

    until(is_noted)

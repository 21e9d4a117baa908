"""A transaction takes its time, and refuses whoever writes to one of its rows meanwhile.

The engine works on one request at a time, so that no two transactions ever meet. With
KONTOR_TRANSACTION_MS each keeps its rows for so long before it takes effect, as on AWS; without
it nothing changes.
"""

# ruff: noqa: ANN401, SLF001, PLC0415 -- the engine is mended where it is, and is not typed
from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

SINGLE = frozenset({"PutItem", "UpdateItem", "DeleteItem"})
HEADERS = {"Content-Type": "application/x-amz-json-1.0"}


def apply() -> None:
    """Watch the writes of items, if transactions shall take their time."""
    from ministack import app

    if seconds := float(os.environ.get("KONTOR_TRANSACTION_MS", "0")) / 1000:
        app.SERVICE_HANDLERS["dynamodb"] = watch(app.SERVICE_HANDLERS["dynamodb"], seconds)


def watch(handle: Callable[..., Any], seconds: float) -> Callable[..., Any]:
    """Return a handler of requests that keeps the rows of transactions under way."""
    busy: set[str] = set()

    async def watched(
        method: str, path: str, headers: dict[str, str], body: bytes, query: Any
    ) -> Any:
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        request = method, path, headers, body, query
        if action in SINGLE:
            if busy.intersection(_rows([json.loads(body)])):
                return _refused("TransactionConflictException", {})
            return await handle(*request)
        if action != "TransactWriteItems":
            return await handle(*request)
        mine = list(_rows(next(iter(one.values())) for one in json.loads(body)["TransactItems"]))
        if busy.intersection(mine):
            met = [{"Code": "TransactionConflict" if x in busy else "None"} for x in mine]
            return _refused("TransactionCanceledException", {"CancellationReasons": met})
        busy.update(mine)
        try:
            await asyncio.sleep(seconds)
            return await handle(*request)
        finally:
            busy.difference_update(mine)

    return watched


def _rows(writes: Any) -> Iterator[str]:
    """Yield a name for the row of each write: its table and its key."""
    from ministack.services import dynamodb

    for write in writes:
        name = dynamodb._normalize_table_name(write["TableName"])
        table = dynamodb._tables.get(name) or {}
        held = write.get("Key") or write.get("Item") or {}
        parts = [held.get(table.get(part) or "") for part in ("pk_name", "sk_name")]
        yield json.dumps([name, *parts], sort_keys=True)


def _refused(code: str, more: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    told = {"__type": code, "message": "Transaction is ongoing for the item", **more}
    return 400, {**HEADERS, "x-amzn-errortype": code}, json.dumps(told).encode()

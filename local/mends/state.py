"""State survives a kill: what changed is saved every second, and DynamoDB writes a journal.

The engine saves when it stops cleanly and not otherwise, and after a restart it skips stream
records that no function has seen. Here each service's file is replaced whole whenever its state
changed, stream records and positions are kept, and messages that a stop left in the hands of a
function are visible again at once, for nobody holds them any more.
"""

# ruff: noqa: ANN401, PLC0415, SLF001 -- the engine is mended where it is, and is not typed
from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from local.mends.journal import Journal, record, replay

EVERY = 1.0
SHARE = 20  # at most a twentieth of the time is spent on saving
JOURNAL_LIMIT = 16_000_000
STREAMS = "kontor_streams"
ITEM_CALLS = [
    "PutItem",
    "UpdateItem",
    "DeleteItem",
    "GetItem",
    "Query",
    "Scan",
    "BatchGetItem",
    "BatchWriteItem",
    "TransactWriteItems",
    "TransactGetItems",
    "DescribeTable",
]
AFTER_A_STOP_ONLY = {"cloudwatch", "cloudwatch_logs"}  # they change with every call, and are much

log = logging.getLogger(__name__)

Handler = Callable[..., Awaitable[Any]]


def apply(folder: Path) -> None:
    """Save to `folder` from now on, and read from there at the start."""
    from ministack import app

    keeper = Keeper(folder)
    record(keeper.journal)
    for service, handler in app.SERVICE_HANDLERS.items():
        app.SERVICE_HANDLERS[service] = keeper.watch(service, handler)
    load = app._load_persisted_state

    def load_and_keep() -> None:
        load()
        keeper.restore()
        keeper.task = asyncio.get_running_loop().create_task(keeper.keep())

    app._load_persisted_state = load_and_keep
    app.save_all = lambda _services: keeper.save(keeper.states())


class Keeper:
    """Knows what changed, and writes it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.journal = Journal(folder / "journal")
        self.changed: set[str] = set()
        self.written: dict[str, str] = {}
        self.stacks_until = 0.0
        self.task: asyncio.Task[None] | None = None

    def watch(self, service: str, handler: Handler) -> Handler:
        """Return the handler of a service that also notes what its calls may have changed."""
        from ministack import app

        entry = app.SERVICE_REGISTRY[service]
        names = {entry.get("state_key", entry["module"]), *entry.get("sub_modules", ())}

        async def handle(method: str, path: str, headers: dict[str, str], *rest: Any) -> Any:
            try:
                return await handler(method, path, headers, *rest)
            finally:
                self.note(service, names, path, headers)

        return handle

    def note(self, service: str, names: set[str], path: str, headers: dict[str, str]) -> None:
        """Remember which states a call may have changed, now that it is answered."""
        if service == "dynamodb":
            self.journal.release()
            if headers.get("x-amz-target", "").rpartition(".")[2] in ITEM_CALLS:
                return
        if service == "cloudformation":
            self.stacks_until = time.monotonic() + 5
        if not path.endswith("/invocations"):
            self.changed |= names

    async def keep(self) -> None:
        """Save what changed, for ever."""
        pause = EVERY
        while True:
            await asyncio.sleep(pause)
            began = time.monotonic()
            try:
                self.save(self._wanted())
            except Exception:
                log.exception("the state could not be saved; it is tried again")
            pause = max(EVERY, SHARE * (time.monotonic() - began))

    def _wanted(self) -> dict[str, Callable[[], Any]]:
        """Return the states that may have changed since they were saved."""
        states = self.states()
        stacks_change = time.monotonic() < self.stacks_until
        wanted = set(states) if stacks_change else self.changed | {"sqs"}
        if self.journal.size() > max(JOURNAL_LIMIT, _size(self.folder / "dynamodb.json")):
            wanted.add("dynamodb")
        self.changed = set()
        return {name: states[name] for name in wanted - AFTER_A_STOP_ONLY if name in states}

    def states(self) -> dict[str, Callable[[], Any]]:
        """Return what can be asked for its state."""
        from ministack import app

        states: dict[str, Callable[[], Any]] = app._build_persistence_save_dict()
        return states

    def save(self, states: dict[str, Callable[[], Any]]) -> None:
        """Replace the files of these states, where they differ from what is written."""
        old = self.journal.turn() if "dynamodb" in states else []
        texts = {name: _text(name, state()) for name, state in states.items()}
        if "dynamodb" in states:
            texts[STREAMS] = _text(STREAMS, _streams(self.journal))
        for name, text in texts.items():
            if self.written.get(name) != text:
                _replace(self.folder / f"{name}.json", text)
            self.written[name] = "" if name == "dynamodb" else text
        for path in old:
            path.unlink()

    def restore(self) -> None:
        """Read what the engine itself does not, and give every message back."""
        from ministack.core import persistence
        from ministack.services import dynamodb, lambda_svc, sqs

        saved = persistence.load_state(STREAMS) or {}
        if saved:
            dynamodb._stream_records.update(saved["records"])
            dynamodb._stream_trimmed.update(saved["trimmed"])
            lambda_svc._dynamodb_stream_positions.clear()
            lambda_svc._dynamodb_stream_positions.update(saved["positions"])
            self.journal.told_until = {
                (account, region, name): sequence
                for account, region, name, sequence in saved["told_until"]
            }
        replay(self.journal)
        for queue in sqs._queues.all_values():
            for message in queue["messages"]:
                if message.get("receipt_handle"):
                    message["visible_at"] = min(message["visible_at"], time.time())


def _streams(journal: Journal) -> dict[str, Any]:
    """Return the stream records that some mapping still has to see, and where each mapping is."""
    from ministack.services import dynamodb, lambda_svc

    for (account, region, name), records in dynamodb._stream_records.all_items():
        trimmed = dynamodb._stream_trimmed.get_scoped(account, region, name, 0)
        seen = min(_positions(account, region, name), default=trimmed)
        done = max(0, min(seen - trimmed, len(records)))
        del records[:done]
        dynamodb._stream_trimmed.set_scoped(account, region, name, trimmed + done)
    return {
        "records": dynamodb._stream_records,
        "trimmed": dynamodb._stream_trimmed,
        "positions": lambda_svc._dynamodb_stream_positions,
        "told_until": [[*address, last] for address, last in journal.told_until.items()],
    }


def _positions(account: str, region: str, table: str) -> list[int]:
    """Return how far each mapping on a table's stream has come."""
    from ministack.services import lambda_svc

    return [
        lambda_svc._dynamodb_stream_positions.get_scoped(account, region, mapping["UUID"], 0)
        for owner, place, mapping in lambda_svc._iter_all_esms()
        if (owner, place) == (account, region)
        and f":table/{table}/stream/" in mapping.get("EventSourceArn", "")
    ]


def _text(name: str, state: Any) -> str:
    from ministack.core import persistence

    wrapped = {"__ministack_format__": persistence._state_format_version(name), "payload": state}
    return json.dumps(wrapped, default=persistence._json_default)


def _replace(path: Path, text: str) -> None:
    half = path.with_suffix(".half")
    half.write_text(text, encoding="utf-8")
    half.replace(path)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0

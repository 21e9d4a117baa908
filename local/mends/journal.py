"""A journal of what DynamoDB holds, so that a killed engine loses no write it has answered.

The engine saves its tables only when it stops cleanly, and never its stream records. Here each
request's changes of items, with the stream records they made, and each step of a stream mapping
are lines written before the caller has its answer; tables are saved whole only once in a while.
"""

# ruff: noqa: ANN401, PLC0415, SLF001 -- the engine is mended where it is, and is not typed
from __future__ import annotations

import json
import os
import threading
from pathlib import Path
from typing import Any

Address = tuple[str, str, str]  # account, region and name, as the engine keys what it holds


class Journal:
    """The numbered journal files of one engine; the newest is open for writing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.held: list[bytes] = []
        self.told_until: dict[Address, str] = {}  # the newest stream record of each table
        self.lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        self.number = max((_number(path) for path in self.files()), default=0)
        self.out = self._open()

    def files(self) -> list[Path]:
        """Return all journals, oldest first."""
        return sorted(self.folder.glob("*.journal"), key=_number)

    def size(self) -> int:
        """Return the bytes a restart would have to read."""
        return sum(path.stat().st_size for path in self.files())

    def hold(self, line: dict[str, Any]) -> None:
        """Keep a line until its request is done."""
        self.held.append(_encoded(line))

    def release(self) -> None:
        """Write what is held in one piece: a transaction is there whole or not at all."""
        if self.held:
            piece, self.held = b"".join(self.held), []
            self._write(piece)

    def write(self, line: dict[str, Any]) -> None:
        """Write one line at once."""
        self._write(_encoded(line))

    def turn(self) -> list[Path]:
        """Go on in a new file; return the old ones, to be dropped once all is saved."""
        with self.lock:
            old = self.files()
            os.close(self.out)
            self.number += 1
            self.out = self._open()
            return old

    def lines(self) -> list[dict[str, Any]]:
        """Return every whole line; a killed writer may have left half a one."""
        found = []
        for path in self.files():
            for text in path.read_bytes().split(b"\n"):
                try:
                    found.append(json.loads(text))
                except ValueError:
                    continue
        return found

    def _write(self, piece: bytes) -> None:
        with self.lock:
            os.write(self.out, piece)

    def _open(self) -> int:
        path = self.folder / f"{self.number}.journal"
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _number(path: Path) -> int:
    return int(path.stem)


def _encoded(line: dict[str, Any]) -> bytes:
    return json.dumps(line, separators=(",", ":")).encode() + b"\n"


def record(journal: Journal) -> None:
    """Hold a line for every change of an item, and write one for every step of a mapping."""
    from ministack.services import dynamodb

    from local.mends import streams

    emit, advance = dynamodb._emit_stream_event, streams.advance

    def emit_and_hold(name: str, event: str, old: Any, new: Any, **rest: Any) -> None:
        before = dynamodb._stream_seq_counter
        emit(name, event, old, new, **rest)
        table = dynamodb._tables.get(name)
        if table:
            made = dynamodb._stream_seq_counter > before
            told = dynamodb._stream_records[name][-1] if made else None
            address, keys = _address(table), _keys(table, new or old)
            journal.hold({"t": address, "k": keys, "v": new, "s": told})
            if told:
                journal.told_until[address] = told["dynamodb"]["SequenceNumber"]

    def advance_and_write(mapping: dict[str, Any], position: int) -> None:
        advance(mapping, position)
        parts = mapping["FunctionArn"].split(":")
        journal.write({"p": [parts[4], parts[3], mapping["UUID"]], "n": position})

    dynamodb._emit_stream_event = emit_and_hold
    streams.advance = advance_and_write


def replay(journal: Journal) -> None:
    """Do again what was written since the tables were saved; doing it twice changes nothing."""
    from ministack.services import dynamodb, lambda_svc

    positions = lambda_svc._dynamodb_stream_positions
    for line in journal.lines():
        if "p" in line:
            place = tuple(line["p"])
            positions.set_scoped(*place, max(line["n"], positions.get_scoped(*place, 0)))
            continue
        address: Address = tuple(line["t"])
        table = dynamodb._tables.get_scoped(*address)
        if table is None:
            continue
        if line["v"] is None:
            dynamodb._remove_item(table, *line["k"])
        else:
            dynamodb._set_item(table, *line["k"], line["v"])
        told = line["s"]
        if told and told["dynamodb"]["SequenceNumber"] > journal.told_until.get(address, ""):
            journal.told_until[address] = told["dynamodb"]["SequenceNumber"]
            records = dynamodb._stream_records.get_scoped(*address) or []
            dynamodb._stream_records.set_scoped(*address, [*records, told])


def _address(table: dict[str, Any]) -> Address:
    parts = table["TableArn"].split(":")
    return parts[4], parts[3], table["TableName"]


def _keys(table: dict[str, Any], item: dict[str, Any]) -> list[str]:
    from ministack.services import dynamodb

    value = dynamodb._extract_key_val
    sort = value(item[table["sk_name"]]) if table["sk_name"] else "__no_sort__"
    return [value(item[table["pk_name"]]), sort]

"""Measures a function from outside it: its calls to AWS, their request units, its CPU time.

Off unless somebody makes `chalicelib.runtime.metering.handler` the handler of a function and names
its own handler in KONTOR_METERED. KONTOR_METERING is the file that gets a line of JSON for each
invocation, or `-` for the log. Only request units are counted here; money is for `bench` to say.
"""

from __future__ import annotations

import json
import os
import re
import time
from functools import cache
from importlib import import_module
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from botocore.client import BaseClient

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

KB = 1024
READ_KB = 4 * KB
SETS = frozenset({"SS", "NS", "BS"})
READS = frozenset({"GetItem", "Query", "Scan", "BatchGetItem"})
WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})

_calls: list[dict[str, Any]] = []


def handler(event: Any, context: Any) -> Any:  # noqa: ANN401 - whatever the function takes
    """Call the function's own handler and write down what it took."""
    is_cold = not _metered.cache_info().currsize
    _calls.clear()
    wall, cpu = time.perf_counter(), time.process_time()
    try:
        return _metered()(event, context)
    finally:
        _tell(
            {
                "function": os.environ.get("AWS_LAMBDA_FUNCTION_NAME", ""),
                "process": os.getpid(),
                "is_cold": is_cold,
                "at": time.time(),
                "ms": (time.perf_counter() - wall) * 1000,
                "cpu_ms": (time.process_time() - cpu) * 1000,
                "cpu_until_now_ms": time.process_time() * 1000,
                "most_mb": _most_mb(),
                "records": len(event.get("Records", ())) if isinstance(event, dict) else 0,
                "calls": _calls,
            }
        )


def _most_mb() -> float:
    """Return the most memory this process has had; `getrusage` counts what it was forked from."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found.group(1)) / KB if found else 0.0


@cache
def _metered() -> Callable[[Any, Any], Any]:
    """Load the function as Lambda does, after its calls to AWS are watched."""
    # No other place sees the calls of PynamoDB and of botocore's own clients alike.
    BaseClient._make_api_call = _watched(BaseClient._make_api_call)  # noqa: SLF001
    module, _, name = os.environ["KONTOR_METERED"].rpartition(".")
    found: Callable[[Any, Any], Any] = getattr(import_module(module), name)
    return found


def _watched(call: Callable[..., Any]) -> Callable[..., Any]:
    def watched(client: Any, operation: str, parameters: dict[str, Any]) -> Any:  # noqa: ANN401
        service = client.meta.service_model.service_name
        if service == "dynamodb" and operation in READS | WRITES:
            parameters = {**parameters, "ReturnConsumedCapacity": "INDEXES"}
        entry = {"service": service, "operation": operation, "target": _target(parameters)}
        _calls.append(entry)
        began = time.perf_counter()
        try:
            answer = call(client, operation, parameters)
        except Exception as error:
            entry |= {"failed": type(error).__name__, **_failed_units(operation, parameters)}
            entry |= _attempts(getattr(error, "response", None) or {})
            raise
        else:
            entry |= {**_units(operation, parameters, answer), **_attempts(answer)}
            return answer
        finally:
            entry["ms"] = (time.perf_counter() - began) * 1000

    return watched


def _target(parameters: Mapping[str, Any]) -> str:
    """Return the table or queue a call is about, for people who read the lines."""
    tables = parameters.get("TableName") or " ".join(parameters.get("RequestItems", ()))
    if transacted := parameters.get("TransactItems"):
        tables = " ".join(sorted({_only(item)["TableName"] for item in transacted}))
    return str(tables or parameters.get("QueueUrl", "")).rsplit("/", 1)[-1]


def _attempts(answer: Mapping[str, Any]) -> dict[str, int]:
    """Count the requests behind one call: each repetition is one more."""
    return {"requests": 1 + answer.get("ResponseMetadata", {}).get("RetryAttempts", 0)}


def _units(
    operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]
) -> dict[str, Any]:
    if operation in READS:
        return {"read": read_units(operation, parameters, answer)}
    if operation in WRITES:
        return {"write": sum(written["CapacityUnits"] for written in _consumed(answer))}
    return {}


def _consumed(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = answer.get("ConsumedCapacity") or []
    return found if isinstance(found, list) else [found]


def read_units(operation: str, parameters: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """Return the read units of a call by the sizes of what it returned.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
    A page of a query rounds up once, each item of a batch for itself; half if not consistent.
    """
    if operation == "BatchGetItem":
        return sum(
            _read_batch(asked, answer["Responses"].get(table, []))
            for table, asked in parameters["RequestItems"].items()
        )
    rate = 1.0 if parameters.get("ConsistentRead") else 0.5
    items = [answer["Item"]] if "Item" in answer else answer.get("Items", [])
    return rate * max(1, ceil(sum(map(item_bytes, items)) / READ_KB))


def _read_batch(asked: Mapping[str, Any], items: list[Mapping[str, Any]]) -> float:
    rate = 1.0 if asked.get("ConsistentRead") else 0.5
    missing = len(asked["Keys"]) - len(items)
    return rate * (missing + sum(max(1, ceil(item_bytes(item) / READ_KB)) for item in items))


def _failed_units(operation: str, parameters: Mapping[str, Any]) -> dict[str, float]:
    """Return what a refused write costs: as much as if it had been done, as far as we know it."""
    if operation == "TransactWriteItems":
        return {"write": 2 * sum(_write_units(_only(x)) for x in parameters["TransactItems"])}
    return {"write": _write_units(parameters)} if operation in WRITES else {}


def _write_units(write: Mapping[str, Any]) -> float:
    return max(1, ceil(item_bytes(write.get("Item", {})) / KB))


def _only(action: Mapping[str, Any]) -> Any:  # noqa: ANN401 - DynamoDB's own JSON
    return next(iter(action.values()))


def item_bytes(item: Mapping[str, Any]) -> int:
    """Return the size of an item as DynamoDB counts it: names and values."""
    return sum(len(name.encode()) + _value_bytes(value) for name, value in item.items())


def _value_bytes(value: Mapping[str, Any]) -> int:
    kind, held = next(iter(value.items()))
    match kind:
        case "S":
            return len(held.encode())
        case "N":
            return _number_bytes(held)
        case "B":
            return len(held)
        case "M":
            return 3 + len(held) + item_bytes(held)
        case "L":
            return 3 + len(held) + sum(map(_value_bytes, held))
    # Sets are lists of one kind, without the overhead; what is left is true, false and null.
    return sum(_value_bytes({kind[0]: one}) for one in held) if kind in SETS else 1


def _number_bytes(text: str) -> int:
    """Return a byte for each two digits, and one for sign and exponent."""
    digits = text.lstrip("-").replace(".", "").strip("0")
    return ceil(len(digits) / 2) + 1


def _tell(line: dict[str, Any]) -> None:
    text = json.dumps(line, separators=(",", ":")) + "\n"
    place = os.environ.get("KONTOR_METERING", "-")
    if place == "-":
        print(text, end="", flush=True)  # noqa: T201 - CloudWatch keeps what a function prints
        return
    # One write to a file open for appending: lines of several processes never mix.
    out = os.open(place, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(out, text.encode())
    finally:
        os.close(out)

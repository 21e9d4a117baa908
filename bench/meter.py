"""Reads what the metered functions wrote: one line of JSON for each invocation."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

QUIET = 0.6  # seconds without a new line after which nothing is under way any more
PATIENCE = 120.0
NOT_OF_THE_ORDER = frozenset({"api_handler", "sweeper", "dead_letters"})  # polled, or on a clock


class UnfinishedError(RuntimeError):
    """Something did not come to its end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """One invocation of one function; times in milliseconds.

    `own_cpu_ms` is all its process has used since its last invocation, whatever for. Of a cold
    one it is what the process has used since it began, imports and all.
    """

    function: str
    process: int
    is_cold: bool
    records: int
    own_cpu_ms: float
    at: float = 0.0  # when it ended, in seconds
    ms: float = 0.0
    most_mb: float = 0.0  # of memory that its process has ever had
    calls: list[dict[str, Any]] = field(default_factory=list)


class Meter:
    """The lines of one house from some moment on."""

    def __init__(self, lines: Path) -> None:
        """Take the file; what is in it already does not count."""
        self._lines = lines
        self._from = 0
        self._cpu: dict[int, float] = {}
        self.restart()

    def restart(self) -> None:
        """Forget what was written so far."""
        found = self._new()
        self._cpu |= {line["process"]: line["cpu_until_now_ms"] for line in found}
        self._from = self._lines.stat().st_size

    def read(self) -> list[Invocation]:
        """Return the invocations of the order's functions since the (re)start."""
        used, found = dict(self._cpu), []
        for line in self._new():
            own = line["cpu_until_now_ms"] - used.get(line["process"], 0.0)
            used[line["process"]] = line["cpu_until_now_ms"]
            found.append(_invocation(line, own))
        return [one for one in found if one.function not in NOT_OF_THE_ORDER]

    def _new(self) -> list[dict[str, Any]]:
        with self._lines.open("rb") as lines:
            lines.seek(self._from)
            return [json.loads(line) for line in lines if line.endswith(b"\n")]

    def await_quiet(self) -> None:
        """Wait until no function of the order has ended for a moment."""
        seen, since, patience = -1, time.monotonic(), time.monotonic() + PATIENCE
        while time.monotonic() - since < QUIET:
            if time.monotonic() > patience:
                raise UnfinishedError("still", "at work")
            if (count := len(self.read())) != seen:
                seen, since = count, time.monotonic()
            time.sleep(0.05)

    def await_calls(self, service: str, count: int) -> None:
        """Wait until a service was called this often, and answered."""
        patience = time.monotonic() + PATIENCE
        while (found := self._count(service)) < count:
            if time.monotonic() > patience:
                raise UnfinishedError("calls", service, f"{found} of {count}")
            time.sleep(0.05)

    def _count(self, service: str) -> int:
        calls = (call for one in self.read() for call in one.calls)
        return sum(call["service"] == service and "failed" not in call for call in calls)


def _invocation(line: dict[str, Any], own_cpu_ms: float) -> Invocation:
    return Invocation(
        function=line["function"].rsplit("-", 1)[-1],
        process=line["process"],
        is_cold=line["is_cold"],
        records=line["records"],
        own_cpu_ms=own_cpu_ms,
        at=line["at"],
        ms=line["ms"],
        most_mb=line.get("most_mb", 0.0),
        calls=line["calls"],
    )

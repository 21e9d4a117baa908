"""Which machine a figure comes from, so that two runs can be compared."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path

LOOPS = 2_000_000


def describe() -> str:
    """Return the processor, its cores, their load, Python, and the pace of a plain loop."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"{_processor()}, {cores} cores, load {load} at the start; Python "
        f"{platform.python_version()} on {platform.system()} {platform.machine()}; yardstick: "
        f"{yardstick():.0f} ns for one turn of a plain loop"
    )


def yardstick() -> float:
    """Return the nanoseconds of one turn of a loop that only counts, the best of five."""
    return min(_loop() for _ in range(5))


def _loop() -> float:
    began, count = time.process_time(), 0
    while count < LOOPS:
        count += 1
    return (time.process_time() - began) / LOOPS * 1e9


def _processor() -> str:
    known = Path("/proc/cpuinfo")
    if known.exists():
        for line in known.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()

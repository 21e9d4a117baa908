"""What a cold start costs before the first request: import CPU of each function, package sizes."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.pricing import ASSUMED, Shape
from chalicelib.api import front
from local.package import Package

TIMES = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    """A function as the template deploys it."""

    name: str
    handler: str
    shape: Shape
    has_layer: bool
    environment: dict[str, str]


def deployed(package: Package) -> list[Deployed]:
    """Return the functions of the packaged template."""
    template = json.loads(package.template.read_text(encoding="utf-8"))
    return [
        _deployed(resource["Properties"])
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Lambda::Function"
    ]


def _deployed(properties: dict[str, Any]) -> Deployed:
    name = properties["FunctionName"]
    name = name["Fn::Sub"] if isinstance(name, dict) else name
    return Deployed(
        name=name.rsplit("-", 1)[-1],
        handler=properties["Handler"],
        shape=Shape(memory_mb=properties["MemorySize"], log_bytes=_log_bytes(properties)),
        has_layer=bool(properties.get("Layers")),
        environment=dict.fromkeys(properties["Environment"]["Variables"], "x"),
    )


def _log_bytes(properties: dict[str, Any]) -> int:
    """Return what Lambda itself logs for each invocation: START, END and REPORT, or nothing."""
    is_quiet = properties.get("LoggingConfig", {}).get("SystemLogLevel") == "WARN"
    return 0 if is_quiet else int(ASSUMED["log_bytes_per_invocation"])


def import_cpu(package: Package) -> dict[str, tuple[float, float]]:
    """Return (median, best) CPU milliseconds to start Python and import each function's module.

    Each time a fresh process without our virtual environment imports from the unpacked zip, as
    Lambda does it; the compiled files are those of the package. The API's function counts with
    the heaviest of the parts that a first request may ask for.
    """
    with tempfile.TemporaryDirectory() as place:
        code, layer = Path(place, "code"), Path(place, "layer")
        for archive, folder in ((package.functions, code), (package.layer, layer)):
            with zipfile.ZipFile(archive) as content:
                content.extractall(folder)
        return {one.name: _measure(one, code, layer / "python") for one in deployed(package)}


def _measure(function: Deployed, code: Path, layer: Path) -> tuple[float, float]:
    path = [str(code), *([str(layer)] if function.has_layer else [])]
    module = function.handler.rpartition(".")[0]
    programs = [f"import sys; sys.path[:0] = {path!r}; import {module}"]
    if module == front.__name__:  # what its first request loads is part of its cold start
        programs = [f"{programs[0]} as x; x.load({place!r})" for place in front.PLACES]
    environment = {
        **function.environment,
        "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1",
        "PATH": os.defpath,
    }

    def once(program: str) -> float:
        return _cpu([sys.executable, "-I", "-B", "-S", "-c", program], environment)

    heaviest = max(programs, key=once) if len(programs) > 1 else programs[0]
    times = [once(heaviest) for _ in range(TIMES)]
    return statistics.median(times), min(times)


def _cpu(command: list[str], environment: dict[str, str]) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return used * 1000


def megabytes(path: Path) -> float:
    """Return a file's size in MB of 10^6 bytes."""
    return path.stat().st_size / 1e6

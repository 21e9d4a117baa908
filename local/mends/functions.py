"""How functions run: warm calls without a wait, code unzipped once, packages as on AWS.

The engine waits 50 ms after each silent call for a first log line; here the function's
process marks the end of its log itself. It unzips the code for every process anew,
lets functions import what the engine itself has installed, and starts more of them side by side
than this machine has processors; none of that happens here.
"""

# ruff: noqa: ANN401, PLC0415, SLF001 -- the engine is mended where it is, and is not typed
from __future__ import annotations

import hashlib
import os
import queue
import shutil
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

END_OF_LOG = "\x1eend of log"
LOG_PATIENCE = 0.25

_unzipping = threading.Lock()


def apply(shelf: Path, log: Path) -> None:
    """Give the engine our function process, our log reader and our unzipped code."""
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    process = Path(__file__).with_name("function_process.py").read_text(encoding="utf-8")
    lambda_runtime._PYTHON_WORKER_SCRIPT = process
    lambda_runtime.Worker._drain_stderr_bounded = _log_reader(log)
    lambda_runtime.zipfile = _Zips(shelf)
    allowed = lambda_svc._sqs_esm_concurrency

    def side_by_side(*mapping: Any) -> Any:
        return min(allowed(*mapping), max(2, os.cpu_count() or 1))

    lambda_svc._sqs_esm_concurrency = side_by_side


def _log_reader(log: Path) -> Callable[[Any], str]:
    """Return what reads a call's log to its end, and also adds it to the file `log`."""

    def read(worker: Any) -> str:
        lines = list(_lines(worker))
        if lines:
            with log.open("a", encoding="utf-8") as out:
                out.writelines(f"{worker.func_name}  {line}\n" for line in lines)
        return "\n".join(lines)

    return read


def _lines(worker: Any) -> Iterator[str]:
    """Yield what the call wrote, up to the mark that ends its log."""
    patience = time.monotonic() + LOG_PATIENCE
    while True:
        try:
            line = worker._stderr_queue.get(timeout=max(0.0, patience - time.monotonic()))
        except queue.Empty:
            return
        if line == END_OF_LOG:
            return
        if line:
            yield line


class _Zips:
    """Stands for the module `zipfile` in the engine: the same archive is unzipped once."""

    BadZipFile = zipfile.BadZipFile
    LargeFileError = zipfile.LargeZipFile

    def __init__(self, shelf: Path) -> None:
        self.shelf = shelf

    def ZipFile(self, path: str) -> _SharedZip:  # noqa: N802
        return _SharedZip(Path(path), self.shelf)


class _SharedZip(zipfile.ZipFile):
    """An archive whose extraction is a link to the one copy on the shelf."""

    def __init__(self, path: Path, shelf: Path) -> None:
        super().__init__(path)
        self.shelf = shelf

    def extractall(self, path: Any = None, members: Any = None, pwd: Any = None) -> None:
        """Put a link at `path`, which the engine has made as an empty folder."""
        del members, pwd
        copy = self._copy()
        Path(path).rmdir()
        Path(path).symlink_to(copy, target_is_directory=True)

    def _copy(self) -> Path:
        name = hashlib.sha256(Path(str(self.filename)).read_bytes()).hexdigest()[:24]
        copy = self.shelf / name
        with _unzipping:
            if not copy.exists():
                half = self.shelf / f"{name}.{os.getpid()}"
                shutil.rmtree(half, ignore_errors=True)
                half.mkdir(parents=True)
                super().extractall(half)
                half.rename(copy)
        return copy

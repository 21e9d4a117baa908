"""The local engine as a library: start it, deploy the packaged template, serve its API.

    with stack.engine(home) as engine:            # AWS only, for tests of the store
    with stack.deployed(home, template) as house: # everything, for tests from end to end
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
ENGINE_PYTHON = ROOT / ".local" / "engine-venv" / "bin" / "python"
REGION = "eu-central-1"
START_PATIENCE = 40.0
STOP_PATIENCE = 15.0


class EngineError(RuntimeError):
    """The local engine did not start, or died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """A running local engine."""

    url: str
    mails_url: str
    home: Path
    process: subprocess.Popen[bytes]

    def client(self, service: str) -> Any:  # noqa: ANN401
        """Return a boto3 client of the engine's own root user, which makes no retries."""
        import boto3
        from botocore.config import Config

        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",  # noqa: S106
            config=Config(
                retries={"total_max_attempts": 1},
                account_id_endpoint_mode="disabled",
                s3={"addressing_style": "path"},
            ),
        )

    def log(self) -> str:
        """Return what the engine and its functions have said."""
        return (self.home / "engine.log").read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def engine(
    home: Path, *, port: int = 0, mails_port: int = 0, forget: bool = False
) -> Iterator[Engine]:
    """Run the engine with its files in `home`; with `forget` it saves nothing."""
    running = start(home, port=port, mails_port=mails_port, forget=forget)
    try:
        yield running
    finally:
        stop(running)


def start(home: Path, *, port: int = 0, mails_port: int = 0, forget: bool = False) -> Engine:
    """Start the engine and wait until it answers."""
    port, mails_port = port or free_port(), mails_port or free_port()
    home.mkdir(parents=True, exist_ok=True)
    command = [str(ENGINE_PYTHON), "-m", "local.engine", f"--home={home}"]
    command += [f"--port={port}", f"--mails-port={mails_port}", *(["--forget"] if forget else [])]
    with (home / "engine.log").open("ab") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log, env=_environment()
        )
    running = Engine(
        url=f"http://127.0.0.1:{port}",
        mails_url=f"http://localhost:{mails_port}",
        home=home,
        process=process,
    )
    _wait(running)
    return running


def stop(running: Engine) -> None:
    """Let the engine save and go; it is killed when it does not."""
    running.process.terminate()
    try:
        running.process.wait(STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        running.process.kill()
        running.process.wait()


def _environment() -> dict[str, str]:
    """Return what the engine, and so the functions, may know of this machine."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "LOG_LEVEL", "SYSTEMROOT")
    own = {name: os.environ[name] for name in kept if name in os.environ}
    return own | {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _wait(running: Engine) -> None:
    patience = time.monotonic() + START_PATIENCE
    while time.monotonic() < patience:
        if running.process.poll() is not None:
            tail = running.log().strip().splitlines()[-3:]
            raise EngineError("the local engine did not start: " + " / ".join(tail))
        try:
            with urlopen(f"{running.url}/_ministack/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.05)
    stop(running)
    raise EngineError("the local engine did not answer in time; see " + str(running.home))

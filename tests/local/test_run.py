"""`make run`: a newcomer's first minute, a kill, and the second start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from local.stack import ROOT, free_port
from tests.local.conftest import until

pytestmark = pytest.mark.e2e


class Runner:
    """Starts the run again and again on one home."""

    def __init__(self, home: Path) -> None:
        self.home, self.log = home, home.parent / "run.log"
        names = ("PORT", "ENGINE_PORT", "MAILS_PORT")
        self.ports = {name: str(free_port()) for name in names}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *options: str) -> subprocess.Popen[bytes]:
        """Start the run; what it says goes to the log."""
        command = [sys.executable, "-m", "local.run", f"--home={self.home}", *options]
        environment = {**os.environ, **self.ports, "PYTHONUNBUFFERED": "1"}
        environment.pop("MAKELEVEL", None)
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=out, stderr=out
            )
        return self.process

    def said(self) -> str:
        """Return what the last start has said."""
        return self.log.read_text(encoding="utf-8")

    def call(self, method: str, path: str, body: object = None) -> Any:
        """Call the API with the addresses the run wrote down."""
        endpoint = json.loads((self.home.parent / "endpoint.json").read_text())
        headers = {"Authorization": f"Bearer {endpoint['token']}"}
        headers["Content-Type"] = "application/json"
        raw = json.dumps(body).encode() if body else None
        request = Request(endpoint["url"] + path, data=raw, headers=headers, method=method)
        with urlopen(request) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    """A run whose home is kept from test to test."""
    runner = Runner(tmp_path_factory.mktemp("run") / "house")
    yield runner
    if runner.process and runner.process.poll() is None:
        runner.process.terminate()
        runner.process.wait(20)


def test_the_first_run_plays_the_day_and_finds_it_right(runner: Runner) -> None:
    """Everything the recorded day should come to is checked, and the run ends with success."""
    assert runner.start("--once").wait(180) == 0, runner.said()
    assert "everything is as it should be" in runner.said()
    assert not (runner.home.parent / "endpoint.json").exists()


def test_a_killed_run_has_lost_nothing(runner: Runner) -> None:
    """What was answered is there after kill -9, and the second start is quick."""
    process = runner.start()
    until(lambda: "serving" in runner.said(), patience=40)
    runner.call("PUT", "/v1/products/LAST-1", {"sku": "LAST-1", "name": "last", "on_hand": 3})
    before = len(runner.call("GET", "/v1/orders?worklist=all&limit=100")["items"])
    process.kill()
    process.wait()
    runner.start()
    until(lambda: "serving" in runner.said(), patience=40)
    assert runner.call("GET", "/v1/products/LAST-1")["on_hand"] == 3
    assert len(runner.call("GET", "/v1/orders?worklist=all&limit=100")["items"]) == before


def test_ctrl_c_stops_it_cleanly(runner: Runner) -> None:
    """The run says so, ends with success, and leaves no engine behind."""
    assert runner.process
    runner.process.send_signal(signal.SIGINT)
    assert runner.process.wait(20) == 0
    assert "stopped" in runner.said()
    port = int(runner.ports["ENGINE_PORT"])
    with pytest.raises(OSError, match="refused"):
        urlopen(f"http://127.0.0.1:{port}/_ministack/health")


def test_a_taken_port_is_named_and_the_run_fails(runner: Runner) -> None:
    """Two houses at one port are a mistake with a way out."""
    import http.server

    server = http.server.HTTPServer(
        ("127.0.0.1", int(runner.ports["PORT"])), http.server.BaseHTTPRequestHandler
    )
    try:
        assert runner.start("--once").wait(60) == 1
    finally:
        server.server_close()
    assert f"port {runner.ports['PORT']} is taken" in runner.said()

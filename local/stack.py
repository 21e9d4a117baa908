"""The local engine as a library: start it, deploy the packaged template, serve its API.

with stack.engine(home) as engine:  # AWS only, for tests of the store
with stack.running(home) as house:  # everything, for tests from end to end
"""

# ruff: noqa: PLC0415 -- tests that only look at addresses need no boto3
from __future__ import annotations

import hashlib
import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from local import cloud, gateway
from local.package import Package, build, sizes

ROOT = Path(__file__).resolve().parent.parent
ENGINE_PYTHON = ROOT / ".local" / "engine-venv" / "bin" / "python"
REGION = "eu-central-1"
START_PATIENCE = 40.0
STOP_PATIENCE = 15.0
STACK = "kontor-local"
BUCKET = "kontor-artefacts"
SENDER = "teekontor-nord.example"


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
    started = start_engine(home, port=port, mails_port=mails_port, forget=forget)
    try:
        yield started
    finally:
        stop_engine(started)


def start_engine(home: Path, *, port: int = 0, mails_port: int = 0, forget: bool = False) -> Engine:
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


def stop_engine(running: Engine) -> None:
    """Let the engine save and go; it is killed when it does not."""
    running.process.terminate()
    try:
        running.process.wait(STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        running.process.kill()
        running.process.wait()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where a house is reached; 0 takes any free port."""

    api: int = 0
    engine: int = 0
    mails: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The whole house: the engine, the deployed template, and the API at a port of its own."""

    url: str
    engine: Engine
    root_token: str
    outputs: dict[str, str]
    gateway: ThreadingHTTPServer

    @property
    def engine_url(self) -> str:
        """Where AWS is played."""
        return self.engine.url

    @property
    def mails_url(self) -> str:
        """Where sent mails can be read."""
        return self.engine.mails_url

    def stop(self) -> None:
        """Close the API, then let the engine save and go."""
        self.gateway.shutdown()
        self.gateway.server_close()
        stop_engine(self.engine)


@contextmanager
def running(home: Path, ports: Ports = Ports(), *, forget: bool = False) -> Iterator[Stack]:
    """Run the whole house with its files in `home`."""
    house = start(home, ports, forget=forget)
    try:
        yield house
    finally:
        house.stop()


def start(
    home: Path,
    ports: Ports = Ports(),
    *,
    forget: bool = False,
    tell: Callable[[str], None] = lambda _: None,
) -> Stack:
    """Package, start the engine, deploy what has changed, and serve the API."""
    package = build("local")
    tell(f"packaged: {sizes(package)}")
    api = ports.api or free_port()
    started = start_engine(home, port=ports.engine, mails_port=ports.mails, forget=forget)
    try:
        token = _root_token(home)
        outputs = _deploy(started, package, f"http://localhost:{api}", token)
        tell(f"engine up, {len(package.keys)} packages and the template deployed")
        path = f"/restapis/{outputs['RestAPIId']}/live/_user_request_"
        server = gateway.serve(api, started.url + path)
    except BaseException:
        stop_engine(started)
        raise
    return Stack(
        url=f"http://localhost:{api}",
        engine=started,
        root_token=token,
        outputs=outputs,
        gateway=server,
    )


def _deploy(started: Engine, package: Package, url: str, token: str) -> dict[str, str]:
    """Deploy the package, unless the very same is deployed already."""
    parameters = {
        "ArtefactBucket": BUCKET,
        "Stage": "local",
        "PublicUrl": url,
        "RootTokenSha256": hashlib.sha256(token.encode()).hexdigest(),
        "SenderIdentity": SENDER,
        "AllowLocalHosts": "1",
    }
    wanted = json.dumps([package.keys, package.template.stat().st_mtime_ns, parameters])
    note = started.home / "deployed.json"
    if note.exists() and note.read_text(encoding="utf-8") == wanted:
        return cloud.outputs(started, STACK)
    s3 = started.client("s3")
    if BUCKET not in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}:
        place = {"LocationConstraint": REGION}
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
    started.client("ses").verify_domain_identity(Domain=SENDER)
    template = cloud.upload(started, BUCKET, package)
    outputs = cloud.apply(started, STACK, template, parameters)
    note.write_text(wanted, encoding="utf-8")
    return outputs


def _root_token(home: Path) -> str:
    """Return the token that may create merchants, made once for each home."""
    path = home / "root-token"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(32), encoding="ascii")
    return path.read_text(encoding="ascii")


def _environment() -> dict[str, str]:
    """Return what the engine, and so the functions, may know of this machine."""
    kept = (
        "PATH", "HOME", "LANG", "LC_ALL", "TZ", "LOG_LEVEL", "SYSTEMROOT", "KONTOR_TRANSACTION_MS",
    )  # fmt: skip
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
    stop_engine(running)
    raise EngineError("the local engine did not answer in time; see " + str(running.home))

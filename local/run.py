"""`make run`: the whole house on this machine, with a demo merchant and one recorded day."""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import sys
import threading
import time
from pathlib import Path
from types import FrameType

from local import demo, report
from local.caller import Caller, RefusedError
from local.cloud import DeployError
from local.gateway import PortTakenError
from local.package import PackageError
from local.stack import ROOT, EngineError, Ports, Stack, start

HOME = ROOT / ".local" / "house"
began = time.monotonic()


class StopAskedError(Exception):
    """Somebody pressed Ctrl-C, or asked the process to go."""


def main() -> None:
    """Run until Ctrl-C; with `--once` check what the day came to, and stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--once", action="store_true")
    parser.add_argument("--home", type=Path, default=HOME, help="where the state is kept")
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _stop)
    try:
        failures = _run(options.home.resolve(), once=options.once)
    except StopAskedError:
        failures = []
        say("stopped; the state is kept in .local, `make clean` forgets it")
    except (PackageError, EngineError, DeployError, PortTakenError, RefusedError) as problem:
        failures = [str(problem)]
    for failure in failures:
        print(f"✗ {failure}", file=sys.stderr)
    # What the threads of the gateway still hold need not be waited for.
    sys.stdout.flush()
    os._exit(1 if failures else 0)


def say(text: str) -> None:
    """Print a line of progress."""
    print(f"{time.monotonic() - began:6.1f} s  {text}", flush=True)


def _run(home: Path, *, once: bool) -> list[str]:
    house = start(home, _ports(home), tell=say)
    try:
        return _live(house, once=once)
    finally:
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        _endpoint(home).unlink(missing_ok=True)
        house.stop()


def _live(house: Stack, *, once: bool) -> list[str]:
    """Show the day, then serve; return what is wrong if asked to check."""
    note = house.engine.home / "demo.json"
    was_played = demo.is_seeded(note)
    if was_played:
        caller = Caller(house.url, json.loads(note.read_text(encoding="utf-8"))["token"])
        orders = {
            item["number"]: caller.get(f"/v1/orders/{item['id']}")
            for item in caller.get("/v1/orders?worklist=all&limit=100")["items"]
        }
        say(f"{len(orders)} orders are there from before")
    else:
        caller = demo.seed(house, note)
        say(f"merchant {demo.MERCHANT}, its stock and its connections are there")
        orders = demo.play(house, note, say)
        print(f"\nWhat became of the day:\n\n{report.table(orders)}\n", flush=True)
    _tell_addresses(house, caller.token)
    if once:
        mails = Caller(house.mails_url).get("/mails.json")["items"]
        wrong = report.problems(orders, caller.token, mails)
        if not wrong:
            say("everything is as it should be")
        return wrong
    say("serving; Ctrl-C stops")
    _follow_make()
    threading.Event().wait()
    return []


def _tell_addresses(house: Stack, token: str) -> None:
    """Print where everything is, and write it down for programs."""
    addresses = {
        "url": house.url,
        "console": f"{house.url}/console",
        "mails": house.mails_url,
        "merchant_id": demo.MERCHANT,
        "token": token,
    }
    endpoint = _endpoint(house.engine.home)
    endpoint.touch(mode=0o600)
    endpoint.write_text(json.dumps(addresses, indent=1), encoding="utf-8")
    names = {"url": "API", "console": "console", "mails": "mails", "token": "token"}
    for key, name in names.items():
        print(f"  {name:10}{addresses[key]}")
    print(flush=True)


def _endpoint(home: Path) -> Path:
    """Return where programs find the addresses: `.local/endpoint.json`."""
    return home.parent / "endpoint.json"


def _ports(home: Path) -> Ports:
    """Return the ports: those of this home's first start, and PORT for the API."""
    home.mkdir(parents=True, exist_ok=True)
    kept = home / "ports.json"
    if not kept.exists():
        own = {"engine": int(os.environ.get("ENGINE_PORT", "4566"))}
        own["mails"] = int(os.environ.get("MAILS_PORT", "8025"))
        kept.write_text(json.dumps(own), encoding="utf-8")
    # Addresses of queues hold the engine's port, so it stays what it was.
    own = json.loads(kept.read_text(encoding="utf-8"))
    ports = Ports(api=int(os.environ.get("PORT", "8000")), **own)
    for port, name in (
        (ports.api, "PORT"),
        (ports.engine, "ENGINE_PORT"),
        (ports.mails, "MAILS_PORT"),
    ):
        _require_free(port, name, kept)
    return ports


def _require_free(port: int, name: str, kept: Path) -> None:
    """Wait a moment for an engine that is still saving, then say who is in the way."""
    patience = time.monotonic() + 10
    while not _is_free(port):
        if time.monotonic() > patience:
            if name != "PORT":
                kept.unlink()
            msg = f"port {port} is taken: stop what listens there, or choose another with {name}=…"
            raise PortTakenError(msg)
        time.sleep(0.2)


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _follow_make() -> None:
    """Stop when `make` is gone, even if it was killed."""
    if "MAKELEVEL" in os.environ:
        threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise StopAskedError


if __name__ == "__main__":
    main()

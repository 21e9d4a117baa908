"""Starts the local AWS engine with Kontor's mends; runs in the engine's own environment.

The parent process holds the other end of standard input: when that closes, however the
parent died, the engine saves its state and goes, so that no orphan keeps a port.
"""

# ruff: noqa: PLC0415, SLF001 -- the engine is imported once its settings are made
from __future__ import annotations

import argparse
import asyncio
import fcntl
import logging
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import IO

REGION = "eu-central-1"
LOCK_PATIENCE = 15.0


def main() -> None:
    """Run the engine until a signal, or until standard input closes."""
    options = _options()
    home: Path = options.home
    home.mkdir(parents=True, exist_ok=True)
    lock = _lock(home)
    _environment(options)
    from ministack import app

    from local import mailbox, mends

    # It misses a library for signing with KMS, which Kontor does not use.
    logging.getLogger("kms").setLevel(logging.ERROR)
    mends.apply_all(home, persist=not options.forget)
    mailbox.serve(mailbox.Mailbox(home / "mails"), options.mails_port)
    asyncio.run(_serve(app.app, options.port))
    _end_functions()
    lock.close()
    # Threads of the engine may still wait for functions; there is nothing left to wait for.
    os._exit(0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=lambda text: Path(text).resolve(), required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--mails-port", type=int, required=True)
    parser.add_argument("--forget", action="store_true", help="keep nothing for a next start")
    return parser.parse_args()


def _lock(home: Path) -> IO[str]:
    """Hold the engine's home alone: an engine that is still saving is waited for."""
    handle = (home / "lock").open("w")
    patience = time.monotonic() + LOCK_PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > patience:
                sys.exit(f"another local engine is running on {home}")
            time.sleep(0.1)
        else:
            return handle


def _environment(options: argparse.Namespace) -> None:
    """Set what the engine reads while it is imported."""
    home: Path = options.home
    scratch = home / "scratch"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    keep = "0" if options.forget else "1"
    os.environ.update(
        GATEWAY_PORT=str(options.port),
        BIND_HOST="127.0.0.1",
        AUTH="true",
        MINISTACK_REGION=REGION,
        AWS_DEFAULT_REGION=REGION,
        PERSIST_STATE=keep,
        STATE_DIR=str(home / "state"),
        S3_PERSIST=keep,
        S3_DATA_DIR=str(home / "objects"),
        TMPDIR=str(scratch),
        SFTP_ENABLED="0",
        IOT_MTLS_ENABLED="0",
        KONTOR_FUSE=str(home / "fuse.json"),
        LOG_LEVEL=os.environ.get("LOG_LEVEL", "WARNING"),
    )


async def _serve(application: object, port: int) -> None:
    """Serve until told to stop."""
    from hypercorn.asyncio import serve  # type: ignore[import-not-found]
    from hypercorn.config import Config  # type: ignore[import-not-found]

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    threading.Thread(target=_follow_parent, args=(loop, stop), daemon=True).start()
    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 1
    config.loglevel = os.environ["LOG_LEVEL"]
    await serve(application, config, shutdown_trigger=stop.wait)


def _end_functions() -> None:
    """Kill the processes of all functions; what they had in hand is given out again."""
    from ministack.core import lambda_runtime

    for workers in lambda_runtime._workers.values():
        for worker in workers:
            if worker._proc is not None:
                worker._proc.kill()


def _follow_parent(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while sys.stdin.buffer.read(1024):
        pass
    loop.call_soon_threadsafe(stop.set)


if __name__ == "__main__":
    main()

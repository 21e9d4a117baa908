"""How long a catalogue takes to come in: a CSV file through upload, job and stock of a house."""

from __future__ import annotations

import json
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.merchant import NAME
from local import stack
from local.caller import Caller, RefusedError

ROWS = 20_000
GIVE_UP = 900.0  # seconds
PAUSE = 0.5
ACCEPTED = 202


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """An import: from the call that starts it to the last row, and how often it told of itself."""

    seconds: float
    looks: int


def measure(home: Path) -> Catalogue:
    """Import so many new products into a house of its own."""
    with stack.running(home, forget=True) as house:
        root = Caller(house.url, house.root_token)
        caller = Caller(house.url, root.put(f"/v1/merchants/{NAME}")["token"])
        place = caller.post("/v1/uploads", {"bytes": len(table())})
        put = urllib.request.Request(
            place["url"], data=table(), method="PUT", headers=place["headers"]
        )
        urllib.request.urlopen(put, timeout=60).close()
        began = time.monotonic()
        looks = _finish(caller, _start(caller, place["upload_id"]), began + GIVE_UP)
        return Catalogue(seconds=time.monotonic() - began, looks=looks)


def table() -> bytes:
    """Return products with a name, an EAN, a weight, a minimum and units."""
    rows = (
        f"SKU-{n:05};Article number {n};{4_000_000_000_000 + n};{100 + n % 900};{n % 90};{n % 7}\n"
        for n in range(ROWS)
    )
    return ("sku;name;ean;weight_g;on_hand;min_stock\n" + "".join(rows)).encode()


def _start(caller: Caller, upload_id: str) -> str:
    headers = {"Authorization": f"Bearer {caller.token}", "Content-Type": "text/csv"}
    path = f"/v1/products/import?upload_id={upload_id}"
    status, answer = caller.send("POST", path, b"", headers)
    if status != ACCEPTED:
        raise RefusedError(path, status, answer.decode())
    return str(json.loads(answer)["id"])


def _finish(caller: Caller, job_id: str, until: float) -> int:
    """Wait for the job; returns how many different counts of done rows were seen."""
    seen: set[int] = set()
    job: dict[str, Any] = {"state": "waiting"}
    while job["state"] not in {"done", "failed"} and time.monotonic() < until:
        job = caller.get(f"/v1/jobs/{job_id}")
        seen.add(job["done"])
        time.sleep(PAUSE)
    if job["state"] != "done" or job["result"]["new"] != ROWS:
        raise RefusedError(job_id, job["state"], str(job.get("reason")))
    return len(seen)

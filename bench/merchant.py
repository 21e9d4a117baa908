"""The merchant whose orders are measured, made over HTTP like any other."""

from __future__ import annotations

import base64
import secrets
import struct
import zlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bench.house import House
from local.caller import Caller, RefusedError
from local.demo import CONNECTIONS, PRODUCTS, SETTINGS
from local.signing import SIGNERS

NAME = "bench"
ON_HAND = 1_000_000
LOGO = (360, 96)  # pixels; a PNG, because it is in the mails too


@dataclass(frozen=True, slots=True, kw_only=True)
class Merchant:
    """A caller with the merchant's token, and path and secret of each connection by kind."""

    caller: Caller
    connections: dict[str, tuple[str, str]]

    def deliver(self, kind: str, raw: bytes, headers: dict[str, str]) -> None:
        """Send a webhook as the shop or payment provider does; it must be saved."""
        path, secret = self.connections[kind]
        signed = {"Content-Type": "application/json", **headers, **SIGNERS[kind](raw, secret)}
        status, answer = self.caller.send("POST", path, raw, signed)
        if status != 202:
            raise RefusedError(kind, status, answer.decode())

    def read(self, path: str) -> tuple[int, bytes]:
        """Return status and body of what lies at a path."""
        headers = {"Authorization": f"Bearer {self.caller.token}"}
        return self.caller.send("GET", path, None, headers)


def make(house: House) -> Merchant:
    """Make the merchant with settings, stock and the connections of the demo."""
    root = Caller(house.stack.url, house.stack.root_token)
    caller = Caller(house.stack.url, root.put(f"/v1/merchants/{NAME}")["token"])
    picture = base64.b64encode(logo()).decode()
    caller.put("/v1/settings", SETTINGS | {"logo": f"data:image/png;base64,{picture}"})
    for product in PRODUCTS:
        caller.put(f"/v1/products/{product['sku']}", product | {"on_hand": ON_HAND})
    return Merchant(
        caller=caller,
        connections={one["kind"]: _connect(caller, one) for one in CONNECTIONS},
    )


def _connect(caller: Caller, wanted: dict[str, Any]) -> tuple[str, str]:
    secret = secrets.token_hex(24)
    own = {"webhook_secret": secret} if wanted["kind"] in SIGNERS else {}
    made = caller.post("/v1/connections", {"name": wanted["kind"], **wanted, "secrets": own})
    return urlsplit(made.get("webhook_url") or "").path, secret


def logo() -> bytes:
    """Return a PNG of a usual logo's size: rings on white."""
    width, height = LOGO
    rows = (b"\0" + b"".join(_pixel(x, y) for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", head), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in chunks)


def _pixel(x: int, y: int) -> bytes:
    distance = ((x - 48) ** 2 + (y - 48) ** 2) // 240 % 4
    return b"\x1f\x4e\x5f" if distance == 0 else b"\xff\xff\xff"


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

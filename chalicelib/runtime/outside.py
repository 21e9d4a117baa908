"""The line to one host: names are looked up once and checked, and only what was checked is called.

Who may enter the address of a shop could enter that of our own network, or of the machine that
hands out our credentials, or let a name point there after we have looked.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.domain.errors import Permanent, Retryable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from urllib.parse import SplitResult

CONNECT_SECONDS = 5.0
READ_SECONDS = 20.0  # between two pieces of an answer
ALL_SECONDS = 60.0  # for the whole of it
LARGEST = 10 * 1024 * 1024
PIECE = 64 * 1024
NEWS = 300.0  # seconds after which a name is looked up again
IPV4 = 4
PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it came; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_local_allowed() -> bool:
    """Tell whether this very machine may be called, as in the local run and in tests."""
    return os.environ.get("ALLOW_LOCAL_HOSTS") == "1"


def look_up(host: str, port: int) -> list[str]:
    """Return the addresses of a name. Version 4 only: functions have no way to version 6."""
    found = socket.getaddrinfo(host, port, socket.AF_INET, socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def is_outside(address: str) -> bool:
    """Tell whether an address is somebody else's on the internet, and no part of any network."""
    parsed = ipaddress.ip_address(address)
    return parsed.version == IPV4 and parsed.is_global and not parsed.is_multicast


def is_inside(address: str) -> bool:
    """Tell whether an address plainly names a machine of ours, so that nobody has to call to see.

    A name that only leads to one is found out, and refused, when it is called.
    """
    host = (parted(address.strip()).hostname or "").removesuffix(".")
    if is_local_allowed():
        return False
    try:
        return not is_outside(host)
    except ValueError:
        return host == "localhost"


def parted(address: str) -> SplitResult:
    """Take an address apart; Permanent(`bad_address`) where it can not be: Python only says so."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        raise Permanent("bad_address", "This is no address like https://shop.example.") from None
    return parts


class Line:
    """Sends to one host; the connection is kept as long as its address is news."""

    def __init__(
        self, base: SplitResult, look_up: Callable[[str, int], list[str]] = look_up
    ) -> None:
        """Take the address of the host; nothing is looked up before the first call."""
        self._scheme, self._host = base.scheme, str(base.hostname)
        self._port = base.port or PORTS[base.scheme]
        self._look_up = look_up
        self._pool: Any = None
        self._until = 0.0

    def check(self, target: str) -> None:
        """Raise Permanent(`outside_host`) for an address at any other host than this line's."""
        parts = urlsplit(target)
        port = parts.port or PORTS.get(parts.scheme)
        if (parts.scheme, parts.hostname, port) != (self._scheme, self._host, self._port):
            text = (
                f"We call {self._scheme}://{self._host} only, and are sent to "
                f"{parts.scheme}://{parts.hostname}. Is the connection's address the right one?"
            )
            raise Permanent("outside_host", text)

    def send(
        self, method: str, target: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answer:
        """Send one request and read its whole answer; Retryable if there is none in time."""
        from urllib3.exceptions import HTTPError  # noqa: PLC0415 - only who calls pays for it

        parts = urlsplit(target)
        path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
        host = self._host if self._port == PORTS[self._scheme] else f"{self._host}:{self._port}"
        sent = {"accept-encoding": "gzip", "user-agent": "Kontor/1", **headers, "host": host}
        try:
            response = self._ready().urlopen(
                method, path, body=body, headers=sent,
                redirect=False, retries=False, preload_content=False,
            )  # fmt: skip
            return Answer(
                status=int(response.status),
                headers={name.lower(): value for name, value in response.headers.items()},
                body=_whole(response),
            )
        except HTTPError as error:
            self._until = 0.0  # it may have moved
            # The name of the error only: its text may hold the address with all it carries.
            text = f"{self._host} does not answer ({type(error).__name__})."
            raise Retryable("outside_down", text) from None

    def _ready(self) -> Any:  # noqa: ANN401 - urllib3's pools, imported only by who calls
        """Return the connections to the address that was checked."""
        if time.monotonic() < self._until:
            return self._pool
        from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, Timeout  # noqa: PLC0415

        address, wait = self._address(), Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS)
        if self._scheme == "https":
            # The certificate is the host's, wherever its name has led us.
            self._pool = HTTPSConnectionPool(
                address, self._port, timeout=wait, maxsize=2,
                server_hostname=self._host, assert_hostname=self._host,
            )  # fmt: skip
        else:
            self._pool = HTTPConnectionPool(address, self._port, timeout=wait, maxsize=2)
        self._until = time.monotonic() + NEWS
        return self._pool

    def _address(self) -> str:
        try:
            found = self._look_up(self._host, self._port)
        except (OSError, UnicodeError):
            text = f"There is no host named {self._host}, or its name can not be looked up now."
            raise Retryable("outside_down", text) from None
        if not is_local_allowed() and not all(is_outside(address) for address in found):
            text = f"{self._host} is no host on the internet."
            raise Permanent("outside_host", text)
        return found[0]


def _whole(response: Any) -> bytes:  # noqa: ANN401 - urllib3's response
    """Read an answer to its end, or give up on one that is too large or too slow."""
    pieces, size, until = [], 0, time.monotonic() + ALL_SECONDS
    for piece in response.stream(PIECE, decode_content=True):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST:
            response.close()
            raise Permanent("outside_too_large", f"The answer is larger than {LARGEST} bytes.")
        if time.monotonic() > until:
            response.close()
            raise Retryable("outside_down", f"The answer took longer than {ALL_SECONDS:.0f} s.")
    response.release_conn()
    return b"".join(pieces)

"""Serves the deployed API at http://localhost:8000 with the paths it has behind a domain on AWS.

The engine has it below `/restapis/{id}/{stage}/_user_request_`; bytes, headers and status codes
go through unchanged.
"""

from __future__ import annotations

import errno
import http.client
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

LARGEST_BODY = 10 * 1024 * 1024  # of API Gateway
LONGEST_CALL = 40.0  # seconds; API Gateway gives up after 29
OF_ONE_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "content-length", "te"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class PortTakenError(RuntimeError):
    """Somebody else listens on the port."""


def serve(port: int, target: str) -> ThreadingHTTPServer:
    """Pass what comes to `port` on to the API at `target`, from threads of this process."""
    api = urlsplit(target)
    passing = type("Passing", (_Passing,), {"engine": api.netloc, "prefix": api.path.rstrip("/")})
    try:
        server = _Server(("127.0.0.1", port), passing)
    except OSError as problem:
        if problem.errno in {errno.EADDRINUSE, errno.EACCES}:
            msg = f"port {port} is taken or not allowed; choose another: make run PORT=8080"
            raise PortTakenError(msg) from problem
        raise
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


class _Passing(BaseHTTPRequestHandler):
    """Passes one request on, and its answer back."""

    engine: str
    prefix: str
    protocol_version = "HTTP/1.1"

    def pass_on(self) -> None:
        """Answer as the API does, or say what the gateway itself refuses."""
        body = self._body()
        if body is None:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", "The body is too large.")
            return
        try:
            status, headers, content = self._ask(body)
        except OSError:
            self._refuse(HTTPStatus.BAD_GATEWAY, "unavailable", "The local engine does not answer.")
            return
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in OF_ONE_CONNECTION:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _ask(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        link = http.client.HTTPConnection(self.engine, timeout=LONGEST_CALL)
        try:
            link.putrequest(self.command, self.prefix + self.path, skip_accept_encoding=True)
            for name, value in self.headers.items():
                if name.lower() not in OF_ONE_CONNECTION | {"host"}:
                    link.putheader(name, value)
            link.putheader("X-Forwarded-For", str(self.client_address[0]))
            link.putheader("X-Forwarded-Proto", "http")
            link.putheader("Content-Length", str(len(body)))
            link.endheaders(body)
            answer = link.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            link.close()

    def _body(self) -> bytes | None:
        """Read the body, or return None when it is larger than API Gateway takes."""
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunks()
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            # A sender reads no answer while it is still sending.
            while length > 0 and (piece := self.rfile.read(min(length, 1 << 20))):
                length -= len(piece)
            return None
        return self.rfile.read(length)

    def _chunks(self) -> bytes | None:
        body, is_too_large = b"", False
        while size := int(self.rfile.readline().split(b";")[0].strip() or b"0", 16):
            piece = self.rfile.read(size)
            self.rfile.readline()
            is_too_large = is_too_large or len(body) + size > LARGEST_BODY
            body = b"" if is_too_large else body + piece
        while self.rfile.readline().strip():
            pass
        return None if is_too_large else body

    def _refuse(self, status: HTTPStatus, code: str, detail: str) -> None:
        content = (
            f'{{"type":"about:blank","title":"{status.phrase}","status":{status.value},'
            f'"code":"{code}","detail":"{detail}"}}'
        ).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/problem+json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:  # noqa: ANN401
        """Say nothing; the functions write the log."""


for _method in METHODS:
    setattr(_Passing, f"do_{_method}", _Passing.pass_on)

"""Speaks HTTP and JSON with the running house, as any caller would."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

REFUSED = 400


class RefusedError(RuntimeError):
    """The house refused a call."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Calls the API with one token."""

    url: str
    token: str = ""

    def get(self, path: str) -> Any:  # noqa: ANN401
        """Return what lies at a path."""
        return self.call("GET", path)

    def put(self, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Put JSON at a path."""
        return self.call("PUT", path, body)

    def post(self, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Post JSON to a path."""
        return self.call("POST", path, body)

    def call(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401
        """Send JSON and return the answer, or raise what the house says about it."""
        raw = json.dumps(body if body is not None else {}).encode() if method != "GET" else None
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        status, answer = self.send(method, path, raw, headers)
        if status >= REFUSED:
            msg = f"{method} {path} was answered with {status}: {answer.decode()}"
            raise RefusedError(msg)
        return json.loads(answer or b"null")

    def send(
        self, method: str, path: str, raw: bytes | None, headers: dict[str, str]
    ) -> tuple[int, bytes]:
        """Send these very bytes; return status and body."""
        request = Request(self.url + path, data=raw, headers=headers, method=method)
        try:
            with urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except HTTPError as refusal:
            return refusal.code, refusal.read()

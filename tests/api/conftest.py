"""The API as callers see it: Chalice's own router, our views, and stores on the local engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from chalice.test import Client

from chalicelib.domain.events import Fact
from chalicelib.domain.order import Order
from chalicelib.store.orders import Orders
from tests.conftest import ROOT_TOKEN
from tests.events import NOW, order


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read as JSON."""
        return json.loads(self.body)

    def problem(self) -> tuple[int, str]:
        """Return status and code of a problem document, whose form is checked."""
        assert self.headers["Content-Type"] == "application/problem+json"
        told = self.json
        assert told["status"] == self.status
        assert told["type"] == f"urn:kontor:problem:{told['code']}"
        assert told["title"]
        assert told["detail"]
        return self.status, told["code"]


@dataclass
class Caller:
    """Somebody who calls the API with a token."""

    client: Client
    merchant: str
    token: str

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """Call a route; a body that is not bytes is sent as JSON."""
        sent = {"Content-Type": "application/json"} | headers
        if self.token:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        raw = (
            body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        )
        answer = self.client.http.request(method, path, headers=sent, body=raw)
        return Answer(answer.status_code, dict(answer.headers), answer.body)

    def get(self, path: str) -> Any:
        """Read something that must be there."""
        answer = self("GET", path)
        assert answer.status == 200, answer.body
        return answer.json

    def place(self, *facts: Fact, name: str = "o1", **more: Any) -> Order:
        """Write an order of this merchant with further facts, and its head."""
        one = order(*facts, **more)
        empty = replace(one, merchant_id=self.merchant, id=name, facts=(), version=0)
        created = Orders().create(empty, one.facts)
        Orders().project(created, None, NOW)
        return created

    def other(self) -> Caller:
        """Return another merchant of the same installation."""
        return register(self.client, f"{self.merchant}x")


@pytest.fixture(scope="session")
def client() -> Iterator[Client]:
    """Load the application once."""
    from app import app

    with Client(app) as loaded:
        yield loaded


def register(client: Client, merchant: str) -> Caller:
    """Register a merchant as the installation's owner does."""
    answer = Caller(client, merchant, ROOT_TOKEN)("PUT", f"/v1/merchants/{merchant}")
    assert answer.status == 201, answer.body
    return Caller(client, merchant, answer.json["token"])


@pytest.fixture
def call(client: Client, merchant: str) -> Caller:
    """Return a new merchant that calls with its own token."""
    return register(client, merchant)

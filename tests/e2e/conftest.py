"""One house for all tests from end to end: the packaged template, deployed, driven over HTTP."""

from __future__ import annotations

import json
import secrets
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from local import stack
from local.caller import Caller
from local.demo import SETTINGS
from local.signing import SIGNERS

PATIENCE = 60.0


@dataclass
class Merchant:
    """A merchant of its own for one test, with its shops, and ways to look at what happened."""

    house: stack.Stack
    id: str
    token: str
    connections: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def api(self) -> Caller:
        return Caller(self.house.url, self.token)

    def connect(self, kind: str) -> None:
        secret = secrets.token_hex(24)
        known = {"webhook_secret": secret} if kind in SIGNERS else {}
        made = self.api.post("/v1/connections", {"kind": kind, "name": kind, "secrets": known})
        self.connections[kind] = {"id": made["id"], "secret": secret}

    def stock(self, sku: str, on_hand: int) -> dict[str, Any]:
        product = {"sku": sku, "name": sku, "weight_g": 250, "on_hand": on_hand}
        answer: dict[str, Any] = self.api.put(f"/v1/products/{sku}", product)
        return answer

    def level(self, sku: str) -> tuple[int, int, int]:
        """Return on hand, reserved, available."""
        product = self.api.get(f"/v1/products/{sku}")
        return product["on_hand"], product["reserved"], product["available"]

    def send(
        self, kind: str, body: bytes, headers: dict[str, str] | None = None, **signed: str
    ) -> tuple[int, dict[str, Any]]:
        """Send a webhook as the shop signs it; returns status and body."""
        connection = self.connections[kind]
        secret = signed.get("secret", connection["secret"])
        all_headers = {"Content-Type": "application/json", **(headers or {})}
        all_headers |= SIGNERS.get(kind, SIGNERS["woocommerce"])(body, secret)
        path = f"/webhooks/{connection['id']}"
        status, raw = self.api.send("POST", path, body, all_headers)
        return status, json.loads(raw)

    def orders(self, worklist: str = "all") -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = self.api.get(f"/v1/orders?worklist={worklist}")["items"]
        return items

    def order(self, number: str) -> dict[str, Any]:
        """Return an order by its number, waiting for it to come in."""
        found = until(lambda: self.api.get(f"/v1/orders?number={number}")["items"])
        answer: dict[str, Any] = self.api.get(f"/v1/orders/{found[0]['id']}")
        return answer

    def order_when(self, number: str, so: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Return an order as soon as something is true of it."""
        return until(lambda: (order := self.order(number)) and so(order) and order)  # type: ignore[no-any-return]

    def mails(self) -> list[dict[str, Any]]:
        """Return the mails that this merchant's customers got."""
        with urllib.request.urlopen(f"{self.house.mails_url}/mails.json") as answer:
            every = json.load(answer)["items"]
        return [mail for mail in every if self.id in json.dumps(mail)]

    def deliveries_problems(self, kind: str) -> list[dict[str, Any]]:
        answer = self.api.get(f"/v1/connections/{self.connections[kind]['id']}")
        problems: list[dict[str, Any]] = answer["health"]["problems"]
        return problems


def until(ask: Callable[[], Any], patience: float = PATIENCE) -> Any:
    """Ask again until the answer is true, and return it."""
    end = time.monotonic() + patience
    while not (answer := ask()):
        if time.monotonic() > end:
            pytest.fail(f"not so after {patience} s: the last answer was {answer!r}")
        time.sleep(0.1)
    return answer


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stack.Stack]:
    """The whole house on free ports, forgotten at the end."""
    with stack.running(tmp_path_factory.mktemp("house"), forget=True) as running:
        yield running


@pytest.fixture
def merchant(house: stack.Stack) -> Merchant:
    """A merchant of its own for each test."""
    return new_merchant(house)


@pytest.fixture
def other(house: stack.Stack) -> Merchant:
    """Another merchant beside the first."""
    return new_merchant(house)


def new_merchant(house: stack.Stack) -> Merchant:
    """Make a merchant with settings, two shops, Stripe and the local carrier."""
    name = f"m{secrets.token_hex(4)}"
    root = Caller(house.url, house.root_token)
    new = Merchant(house, name, root.put(f"/v1/merchants/{name}")["token"])
    new.api.put("/v1/settings", SETTINGS | {"name": name})
    for kind in ("woocommerce", "shopify", "stripe", "local"):
        new.connect(kind)
    return new

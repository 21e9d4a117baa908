"""What every shop in memory has: the manners of `Api`, and a record of the calls."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from chalicelib.domain.errors import Permanent, Retryable
from chalicelib.runtime.http import Reply
from chalicelib.shops.port import Parcel, ParcelLine

START = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
ADDRESS = "https://kontor.example/webhooks/demo-abc"


def reply(document: object, status: int = 200, **headers: str) -> Reply:
    """Answer with JSON."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status=status, headers=named, body=json.dumps(document).encode())


@dataclass
class Outside:
    """A shop behind `Api`: `answer` is what the shop says, refusals are raised as in reality."""

    calls: list[tuple[str, str, Any]] = field(default_factory=list)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        data: object | None = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        allow: Collection[int] = (),
    ) -> Reply:
        """Take a call."""
        self.calls.append((method, path, data))
        found = self.answer(method, path, dict(query or {}), json.loads(json.dumps(data)))
        if found.status in allow or found.status < 400:
            return found
        kind = Retryable if found.status >= 500 or found.status == 429 else Permanent
        raise kind("outside_refused", f"{method} {path}: {found.status} {found.body.decode()}")

    def answer(self, method: str, path: str, query: dict[str, str], data: Any) -> Reply:
        """Say what the shop says."""
        raise NotImplementedError

    def writes(self) -> list[tuple[str, str, Any]]:
        """Return the calls that may have changed something."""
        return [call for call in self.calls if call[0] != "GET"]


class FakeShop(Protocol):
    """What the contract asks of a shop in memory, beside being an `Api`."""

    settings: dict[str, str]
    secrets: dict[str, str]

    def add(self, number: int, changed: datetime, *, is_open: bool = True) -> str:
        """Have an order; returns the shop's id of it."""
        ...

    def touch(self, order_id: str, changed: datetime) -> None:
        """Change an order."""
        ...

    def state(self, order_id: str) -> str:
        """Return open, shipped or cancelled."""
        ...

    def parcels(self, order_id: str) -> list[str]:
        """Return the tracking numbers that the shop shows."""
        ...

    def stock(self, sku: str, available: int | None = None) -> int:
        """Return what the shop sells of a product, after having it if a number is given."""
        ...


def parcel(order_id: str, number: int = 1, *, is_last: bool = True, pieces: int = 1) -> Parcel:
    """Return a parcel of an order of two pieces."""
    return Parcel(
        order_id=order_id,
        order_number="1001",
        number=number,
        carrier="DHL",
        tracking_number=f"0034043399999{number}",
        tracking_url=f"https://tracking.example/{number}",
        shipped_at=START,
        lines=(ParcelLine(line_id="1", sku="BECHER-B", quantity=pieces),),
        is_last=is_last,
    )

"""Calls to the outside: only to the host a connection names, and never into our own network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the outside answered; header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 - JSON is any
        """Parse the body; numbers with a point become Decimal."""
        return json.loads(self.body, parse_float=Decimal)


class Api(Protocol):
    """One outside interface: its address, its credentials and its manners."""

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
        """Call `path` (or a full address on the same host); `data` goes as JSON.

        Raises Retryable for time-outs, 408, 425, 429 and 5xx, Permanent(`outside_refused`) with the
        outside's own words for any other 4xx, unless its status is in `allow`.
        """
        ...

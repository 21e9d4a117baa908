"""Stripe in memory: it pays once per key, and knows what it has paid."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.errors import Permanent
from chalicelib.runtime.http import Reply
from tests.fakes import Fuse


@dataclass
class StripeInMemory:
    """What Stripe does with refunds; `limit` is what can be given back in all.

    Who `forgets` keys would pay twice, as Stripe does after a day, were it not asked before.
    """

    fuse: Fuse
    limit: int = 10**9
    forgets: bool = True
    refunds: list[dict[str, Any]] = field(default_factory=list)
    by_key: dict[str, dict[str, Any]] = field(default_factory=dict)
    intents: list[dict[str, Any]] = field(default_factory=list)

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
        assert data is None, "Stripe reads forms"
        with self.fuse.touch(f"stripe.{method} {path}"):
            if method == "POST":
                answer = self._refund(dict(form or {}), dict(headers or {})["Idempotency-Key"])
            elif path == "/v1/refunds":
                name = dict(query or {})["payment_intent"]
                found = [one for one in self.refunds if one["payment_intent"] == name]
                answer = {"object": "list", "data": found, "has_more": False}
            else:
                wanted = dict(query or {}).get("query", "")
                found = [x for x in self.intents if str(x["metadata"]["order_id"]) in wanted]
                answer = {"object": "search_result", "data": found, "has_more": False}
        return Reply(status=200, headers={}, body=json.dumps(answer).encode())

    def _refund(self, form: dict[str, str], key: str) -> dict[str, Any]:
        if self.forgets or key not in self.by_key:
            if sum(one["amount"] for one in self.refunds) + int(form["amount"]) > self.limit:
                text = "POST /v1/refunds was answered with 400: greater than the unrefunded amount"
                raise Permanent("outside_refused", text)
            self.by_key[key] = {
                "id": f"re_{len(self.refunds) + 1}",
                "object": "refund",
                "amount": int(form["amount"]),
                "currency": "eur",
                "payment_intent": form["payment_intent"],
                "status": "succeeded",
                "created": 1_795_000_000,
                "metadata": {
                    name[9:-1]: text for name, text in form.items() if name.startswith("metadata[")
                },
            }
            self.refunds.append(self.by_key[key])
        return self.by_key[key]

"""Recorded answers about payouts, written by us in the real shape, and what is read of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib.domain.errors import Permanent
from chalicelib.domain.payouts import Breakdown, Payout, PayoutPart, added, unexplained
from chalicelib.providers.port import provider
from chalicelib.providers.settling.port import Asked, payer, way_to
from chalicelib.runtime.http import Api, Reply

HERE = Path(__file__).parent
ASKED = Asked(
    since=datetime(2026, 11, 1, tzinfo=UTC),
    now=datetime(2026, 11, 24, 2, tzinfo=UTC),
    reports=("settlement_detail_report_batch_7.csv", "settlement_detail_report_batch_8.csv"),
)
SUMS = ("received", "back", "other", "carried", "fees", "unexplained")


@dataclass
class Recording:
    """A provider that answers by path and query; `before` may fail a call."""

    kind: str
    answers: list[dict[str, Any]]
    before: Callable[[str], None] = lambda _: None
    addresses: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def call(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        allow: Collection[int] = (),
        **_: Any,
    ) -> Reply:
        """Answer with what is recorded for exactly this path and these parts of the query."""
        assert method == "GET"
        given = dict(query or {})
        self.asked.append(f"{path}?{'&'.join(f'{k}={v}' for k, v in given.items())}")
        self.before(self.asked[-1])
        for one in self.answers:
            if one["path"] == path and one.get("query", {}).items() <= given.items():
                status = one.get("status", 200)
                if status >= 400 and status not in allow:
                    raise Permanent("outside_refused", f"{path} was answered with {status}: no")
                return Reply(status=status, headers={}, body=_body(self.kind, one))
        raise AssertionError(self.asked[-1])

    def connect(self, address: str, *_: Any, **__: Any) -> Api:
        """Stand for the host that a connection names."""
        self.addresses.append(address)
        return self


def _body(kind: str, answer: dict[str, Any]) -> bytes:
    if "file" in answer:
        return (HERE / kind / "payouts" / answer["file"]).read_bytes()
    return json.dumps(answer["body"]).encode()


def told(kind: str) -> dict[str, Any]:
    """Read what is recorded of a provider's payouts."""
    path = HERE / kind / "payouts" / "answers.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def recording(kind: str) -> tuple[Recording, Api]:
    """Return what stands for a provider, and our way to it."""
    found = told(kind)
    one = Recording(kind=kind, answers=found["answers"])
    connect = way_to(kind, provider(kind).connect)
    return one, connect(found["settings"], found["secrets"], one.connect)


def listed(kind: str, api: Api) -> list[Payout]:
    """Read all pages of payouts, the oldest first."""
    found, place = list[Payout](), ""
    while True:
        page = payer(kind).payouts(api, ASKED, place)
        found += page.payouts
        place = page.following
        if not place:
            return sorted(found, key=lambda one: (one.arrived_on, str(one.sent_at)))


def parted(
    kind: str, api: Api, payout: Payout, before: Payout | None
) -> tuple[list[PayoutPart], Breakdown, int]:
    """Read all pages of the parts of a payout, their sums, and how many pages it were."""
    parts, sums, place, pages = list[PayoutPart](), unexplained(payout), "", 0
    while True:
        page = payer(kind).parts(api, payout, before, place)
        parts += page.parts
        sums, place, pages = added(sums, page.parts), page.following, pages + 1
        if not place:
            return parts, sums, pages


def everything(kind: str) -> tuple[dict[str, Any], int]:
    """Read all that is recorded in short, as it is expected, and the most pages of one payout."""
    _, api = recording(kind)
    result, latest, most = dict[str, Any](), dict[str, Payout](), 0
    for payout in listed(kind, api):
        currency = payout.amount.currency
        parts, sums, pages = parted(kind, api, payout, latest.get(currency))
        latest[currency] = payout
        most = max(most, pages)
        result[payout.reference] = _shown(payout, sums, parts)
    return result, most


def _shown(payout: Payout, sums: Breakdown, parts: list[PayoutPart]) -> dict[str, Any]:
    return {
        "amount": str(payout.amount),
        "arrived_on": payout.arrived_on.isoformat(),
        "traces": list(payout.traces),
        **{name: str(getattr(sums, name).amount) for name in SUMS if getattr(sums, name)},
        "parts": [
            f"{one.kind} {one.payment or '-'} {one.gross} {one.fee.amount}"
            f" {one.reference or '-'} {one.type}".rstrip()
            for one in parts
        ],
    }
